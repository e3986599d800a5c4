"""summary.md: the same content in Markdown that no value can break."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from report.run_shown import GO, NAMES, PHP, REPORT, RETRY, STRING, finished, shown

from conformance.documents.escape import visible
from conformance.model.case import Level
from conformance.model.verdict import Finding, Outcome, Verdict
from conformance.report.sized_page import Section, sized
from conformance.report.summary import summary

PAGE = summary(REPORT)


def page_of(finding: Finding) -> str:
    return summary(shown(finished("process/sen/50", GO, Outcome.FAIL, findings=(finding,))))


def test_the_first_lines_carry_the_result() -> None:
    top = PAGE.splitlines()[:3]
    assert top[0] == "# OSS image/bodies conformance: findings; 1 known: php 1"
    assert "55 trials: 49 pass, 3 fail (1 known), 1 error, 2 skip; 14 not run" in top[2]


def test_a_lane_shows_the_libraries_under_its_sdk_and_the_defaults_of_the_sdk() -> None:
    lane = replace(
        REPORT.lanes[1], dependencies=(("urllib3", "2.2.1"),), defaults=(("connect timeout", "60"),)
    )
    page = summary(replace(REPORT, lanes=(lane,)))
    assert "<br>with urllib3 2.2.1<br>defaults: connect timeout 60 |" in page


def test_every_row_of_a_table_has_as_many_cells_as_its_head() -> None:
    tables: list[list[int]] = [[]]
    for line in PAGE.splitlines():
        if line.startswith("|"):
            tables[-1].append(line.replace("\\|", "").count("|"))
        elif tables[-1]:
            tables.append([])
    assert [len(set(table)) for table in tables if table] == [1, 1, 1]


def test_a_failure_has_its_values_its_source_and_its_command() -> None:
    for part in (
        f"### FAIL `process/sen/50` on {GO}, {PHP}",
        "expected: `'image/bodies,sen_50'`",
        "got: `'image/bodies%2Csen_50'`",
        "source: documentation:",
        "`oss-bodies run --lane go@3.0.2 --lane php@2.7.0 --case process/sen/50 --in host"
        " --out oss-bodies-repeat`",
    ):
        assert part in PAGE


def test_a_lane_that_did_not_run_is_there_with_the_remedy() -> None:
    assert "**not run**: javac is not on this machine<br>`fix: apt-get install" in PAGE


def test_a_backtick_in_a_value_does_not_end_its_code_span() -> None:
    odd = Finding(
        rule=STRING.rule, where=STRING.where, expected="a`b", got="`", why="x", claim=STRING.claim
    )
    page = page_of(odd)
    assert "expected: ``a`b``" in page
    assert "got: `` ` ``" in page


def test_a_value_of_several_lines_stays_on_one() -> None:
    odd = Finding(
        rule=STRING.rule,
        where=STRING.where,
        expected="a\n# heading",
        got="b",
        why="x",
        claim=STRING.claim,
    )
    assert "expected: `a # heading`" in page_of(odd)


def test_a_case_that_every_lane_fails_alike_is_named_as_the_suspect() -> None:
    line = "- `errors/xml/ec`: every lane fails it in the same way, so check the case first"
    assert line in PAGE.splitlines()


def test_a_run_without_verdicts_says_so() -> None:
    assert "No case was judged." in summary(shown())


def many(count: int, text: str) -> Iterator[Verdict]:
    """Failures on all lanes, each with another place and text, and a note for each."""
    for number in range(count):
        for lane in NAMES:
            one = replace(STRING, where=f"request {number}", got=f"{number} {lane} {text}")
            yield finished(f"process/many/{number}", lane, Outcome.FAIL, findings=(one,))
            note = replace(RETRY, got=text)
            yield finished(f"transport/many/{number}", lane, findings=(note,))


@pytest.mark.parametrize("text", ["short", "long " * 2000, "\x1b[31m\u202e" * 50, "`|<b>" * 3000])
@pytest.mark.parametrize("count", [1, 300])
def test_a_summary_fits_into_a_comment_whatever_the_run(count: int, text: str) -> None:
    page = visible(summary(shown(*many(count, text))))
    assert len(page) < 60_000
    assert "## Findings" in page
    assert ("The rest is in `report.html`" in page) == (count > 1)


def test_a_summary_tells_failures_before_the_table_of_cases() -> None:
    assert PAGE.index("## Findings") < PAGE.index("## Known failures") < PAGE.index("## Cases")


def test_known_failures_of_one_reason_share_a_line() -> None:
    found = [
        finished(
            f"process/many/{number}", GO, Outcome.FAIL, findings=(STRING,), known_failing="Why."
        )
        for number in range(9)
    ]
    (line,) = [line for line in summary(shown(*found)).splitlines() if "Why." in line]
    assert "`process/many/4` and 4 more; repeat: `oss-bodies run --lane" in line
    assert "--case process/many/0 " in line


def test_known_failures_come_in_the_order_of_their_weight() -> None:
    """A page that is full leaves the last ones, which were those late in the alphabet."""
    advice = replace(STRING, claim=Level.RECOMMENDED)
    found = [
        finished("a/a/1", GO, Outcome.FAIL, findings=(advice,), known_failing="Advice."),
        finished("b/b/1", GO, Outcome.FAIL, findings=(STRING,), known_failing="Once."),
        finished("c/c/1", GO, Outcome.FAIL, findings=(STRING,), known_failing="Twice."),
        finished("c/c/2", GO, Outcome.FAIL, findings=(STRING,), known_failing="Twice."),
    ]
    page = summary(shown(*found))
    assert page.index("Twice.") < page.index("Once.") < page.index("Advice.")


def test_failures_that_are_alike_are_told_once_and_have_one_row() -> None:
    found = [finished(f"a/b/{n}", GO, Outcome.FAIL, findings=(STRING,)) for n in range(60)]
    page = summary(shown(*found, finished("a/b/passes", GO), lanes=(GO,)))
    assert page.count(STRING.got) == 1
    assert f"### FAIL 60 cases alike: process.string on {GO}\n\n`a/b/0`: A sensitivity" in page
    assert "- alike: `a/b/1`, `a/b/2`, `a/b/3`, `a/b/4`, `a/b/5` and 54 more (all are in" in page
    assert f"- repeat all 60: `oss-bodies run --lane {GO} --case 'a/b/*' " in page
    assert "| `a/b, other` (60) | **FAIL** |" in page


def test_a_section_that_is_cut_says_how_much_is_left() -> None:
    first = Section(heading="# One", blocks=("a" * 50, "b" * 50, "c"), most=60)
    page = sized([first, Section(blocks=("last",))], longest=300)
    assert page.splitlines() == [
        "# One", "a" * 50, "", "The rest is in `report.html`: 2 more.", "last"
    ]  # fmt: skip
