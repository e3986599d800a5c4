"""The plain words of findings and of differences between lanes."""

import pytest

from conformance.assets import PACKAGE
from conformance.report.sections import PASSED_MEANS
from conformance.report.wording import OBSERVED_MEANS, SOURCES, deviation, got_words


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (("errors.request-id", "'64BA'", "nothing"), "no request id"),
        (("program.output", "nothing", "'Warning: x'"), "output: 'Warning: x'"),
        (("naming.target", "'..'", "''"), "object key in the request '' instead of '..'"),
        (("transport.user-agent", "'a'", "'b'"), "user agent 'b' instead of 'a'"),
    ],
)
def test_a_finding_is_said_in_a_few_words(finding: tuple[str, str, str], words: str) -> None:
    assert deviation(*finding) == words


@pytest.mark.parametrize(
    ("got", "words"),
    [
        (
            "sent no request; answer error; origin client; code nothing; requests 0",
            "refused before sending; no code",
        ),
        ("call 2 origin service; call 2 request_id absent",
         "call 2 an error response; call 2 no request id"),
        ("call 2 parallel call 3 origin service", "call 2 parallel call 3 an error response"),
        ("answer content; requests 2", "content; 2 requests"),
        ("document {\"a\":\"b; c\"}", "document {\"a\":\"b; c\"}"),
    ],
)  # fmt: skip
def test_what_distinguishes_lanes_is_said_in_plain_words(got: str, words: str) -> None:
    assert got_words(got) == words


def test_the_page_on_reports_has_the_sentences_of_the_reports() -> None:
    text = " ".join((PACKAGE.parent / "docs" / "reports.md").read_text("utf-8").split())
    text = text.replace("`", "").replace("*", "")
    for kind, sentence in SOURCES.items():
        assert f"| {kind.value} | {sentence} |" in text
    for sentence in (OBSERVED_MEANS, PASSED_MEANS):
        assert sentence.partition(": ")[2] in text
