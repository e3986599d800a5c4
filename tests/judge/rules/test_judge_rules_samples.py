"""What a program from the documentation has to print."""

import json

import pytest
from judge.notation import Json, case, transcript
from judge.rule_examples import ONE, ended, exchange, lane

from conformance.judge import judge
from conformance.model.verdict import Verdict


def judged(answer: Json, *prints: str) -> Verdict:
    given = {"about": "a case", "expect": {"required": {"answer": "ended", "prints": [*prints]}}}
    return judge(case(given), transcript(lane(exchange(), answer=answer)))


@pytest.mark.parametrize("output", [f"data: {ONE}", json.dumps(json.loads(ONE), indent=2)])
def test_the_content_may_be_printed_as_text_or_as_an_equal_document(output: str) -> None:
    assert judged(ended(0, output), "{content}").findings == ()


def test_a_document_with_another_value_is_not_the_content() -> None:
    (finding,) = judged(ended(0, ONE.replace("0.733", "0.73")), "{content}").findings
    assert finding.rule == "samples.output"
    assert finding.expected.startswith("the content that was sent, ")


def test_a_text_may_be_printed_to_stderr() -> None:
    assert judged({**ended(1, ""), "stderr": "AccessDenied"}, "AccessDenied").findings == ()


def test_the_content_may_be_part_of_a_text() -> None:
    assert judged(ended(0, f"data:{ONE}"), "data:{content}").findings == ()
    assert len(judged(ended(0, f"data: {ONE}"), "data:{content}").findings) == 1


def test_a_long_output_is_quoted_where_it_differs_from_the_content() -> None:
    output = "a line\n" * 40 + ONE.replace('"Width":63', '"Width":64')
    (finding,) = judged(ended(0, output), "{content}").findings
    assert "\"Width\":6' then b'4}}]}'" in finding.got
