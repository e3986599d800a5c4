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


def rules(answer: Json, expect: Json, *exchanges: Json) -> dict[str, str]:
    """What is found, by rule."""
    judged = judge(
        case({"about": "x", "expect": expect}), transcript(lane(*exchanges, answer=answer))
    )
    return {finding.rule: finding.got for finding in judged.findings}


SOUND: Json = {
    "required": {"requests": 1, "process": "image/bodies,sen_50", "answer": "ended", "exit": "zero"}
}


def test_all_that_follows_from_a_program_that_does_not_compile_is_one_finding() -> None:
    answer = {**ended(1, "A.java:3: error: illegal character\n1 error\n"), "compiled": False}
    expect = {"required": {**SOUND["required"], "compiles": ["line 3: U+201C"], "handled": True}}
    found = rules(answer, expect)
    assert list(found) == ["samples.compile"]
    assert "illegal character" in found["samples.compile"]
    assert found["samples.compile"].endswith("line 3: U+201C")


@pytest.mark.parametrize(
    ("code", "output"),
    [
        (1, '  File "/opt/a.py", line 3\nSyntaxError: invalid character\n'),
        (1, "TabError: inconsistent use of tabs and spaces in indentation\n"),
        (255, "PHP Parse error:  syntax error, unexpected token in /opt/a.php on line 3\n"),
    ],
)
def test_a_language_without_a_compiler_reports_before_it_runs_anything(
    code: int, output: str
) -> None:
    expect = {"required": {**SOUND["required"], "compiles": []}}
    assert list(rules(ended(code, output), expect)) == ["samples.compile"]
    later = rules(ended(code, output), expect, exchange())
    assert "samples.compile" not in later


@pytest.mark.parametrize(
    ("code", "output", "line"),
    [
        (1, "Traceback (most recent call last):\n  File\nOssError: no\n", "OssError: no"),
        (1, 'Exception in thread "main" OSSException: no\n\tat A\n', "OSSException: no"),
        (2, "panic: no\n\ngoroutine 1 [running]:\n", "panic: no"),
        (255, "PHP Fatal error:  Uncaught OssException: no in a.php:3\n", "OssException: no"),
    ],
)
def test_each_runtime_reports_an_error_that_nothing_caught(
    code: int, output: str, line: str
) -> None:
    expect = {"required": {"handled": True, "answer": "ended"}}
    assert line in rules(ended(code, output), expect, exchange())["samples.handled"]


@pytest.mark.parametrize(
    ("code", "output"),
    [(0, "Traceback (most recent call last):\n"), (1, "OssError: no\n"), (3, "panic: no\n")],
)
def test_a_program_that_prints_an_error_and_ends_itself_has_caught_it(
    code: int, output: str
) -> None:
    assert rules(ended(code, output), {"required": {"handled": True, "answer": "ended"}}) == {}
