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


@pytest.mark.parametrize(("count", "more"), [(16, ""), (300, "; 284 more are malformed")])
def test_of_many_malformed_requests_some_are_listed_and_the_others_counted(
    count: int, more: str
) -> None:
    broken = exchange([*request(), "X Client: reference"], refusal="BadRequest")
    told = judge(case({"about": "a case"}), transcript(lane(*[broken] * count))).findings
    (finding,) = [finding for finding in told if finding.rule == "transport.malformed"]
    assert finding.where.endswith(" 14, 15, 16: request")
    assert finding.got.endswith(more)
    assert ("more are malformed" in finding.got) is bool(more)


def test_times_are_left_out_of_the_head_of_a_malformed_request_and_kept_behind_it() -> None:
    def got(day: str, body: str) -> str:
        lines = [*request(), f"x-oss-date: {day}T073418Z", "X Client: a", "X-Long: " + "a" * 70_000]
        return found(lane(exchange([*lines, body], refusal="BadRequest"))).got

    assert got("20261123", "x") == got("20261124", "x") != got("20261123", "20261123T073418Z")
    assert got("20261123", "20261123T073418Z") != got("20261123", "20261124T073418Z")
