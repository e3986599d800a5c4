"""What findings about requests say."""

import pytest
from judge.notation import Json, case, transcript
from judge.rule_examples import exchange, lane, request

from conformance.judge import judge
from conformance.model.verdict import Finding


def found(data: Json, **expect: object) -> Finding:
    (finding,) = judge(case({"about": "a case", "expect": expect}), transcript(data)).findings
    return finding


@pytest.mark.parametrize(
    ("data", "billed"), [(lane(exchange(), exchange()), True), (lane(), False)], ids=["2", "0"]
)
def test_only_a_request_too_many_is_billed(data: Json, billed: bool) -> None:
    finding = found(data, required={"requests": 1})
    assert ("billed" in finding.why) is billed


def test_a_malformed_request_is_quoted_around_the_line_that_is_malformed() -> None:
    lines = [*request(), "X-Long: " + "a" * 300, "X Client: reference", "X-More: b"]
    data = lane(exchange(lines, refusal="BadRequest"))
    assert "then b'X Client: reference" in found(data).got
