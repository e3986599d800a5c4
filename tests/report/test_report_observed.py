"""Observed values: side by side for all lanes, whatever the outcome."""

from report.run_shown import GO, PHP, REST, finished, shown

from conformance.model.verdict import Outcome
from conformance.report.summary import summary
from conformance.report.terminal import terminal_text
from conformance.report.text_layout import Layout

SEEN = {GO: "error, service", PHP: "error, service", REST: "content: b'a|b'"}


def verdicts(case: str) -> list[object]:
    return [
        finished(case, lane, Outcome.PASS, profile=(("observed-answer", value), ("requests", "1")))
        for lane, value in SEEN.items()
    ]


def test_the_page_shows_each_value_with_its_lanes() -> None:
    page = summary(shown(*verdicts("a/b")))  # type: ignore[arg-type]
    assert f"  - answer: `error, service` ({GO}, {PHP}); `content: b'a|b'` ({REST})" in page
    assert "requests" not in page.partition("## Observed")[2]


def test_a_value_of_a_later_call_is_named_by_the_number_of_the_call() -> None:
    later = finished("a/b", GO, profile=(("turn-2-observed-answer", "content"),))
    assert "  - call 2 answer: `content`" in summary(shown(later))


def test_the_terminal_shows_them_for_few_cases_only() -> None:
    few = terminal_text(shown(*verdicts("a/b")), Layout(width=200))  # type: ignore[arg-type]
    assert f"  answer: error, service ({GO}, {PHP}); content: b'a|b' ({REST})" in few
    many = [verdict for number in range(9) for verdict in verdicts(f"a/{number}")]
    assert "observed" not in terminal_text(shown(*many), Layout())  # type: ignore[arg-type]


def test_a_run_that_observes_nothing_has_no_such_part() -> None:
    assert "Observed" not in summary(shown(finished("a/b", GO)))


def test_a_value_of_all_lanes_does_not_name_them() -> None:
    same = [
        finished("a/b", lane, Outcome.PASS, profile=(("observed-requests", "1"),))
        for lane in (GO, PHP)
    ]
    assert "  - requests: `1` (all lanes)" in summary(shown(*same))
