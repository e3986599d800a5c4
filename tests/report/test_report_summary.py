"""summary.md: the same content in Markdown that no value can break."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from report.run_shown import GO, NAMES, OWNED, PHP, REPORT, RETRY, STRING, finished, shown

from conformance.documents.escape import visible
from conformance.model.case import Level, Provenance, Source
from conformance.model.verdict import Agreement, Finding, Outcome, Verdict
from conformance.report.sized_page import Section, sized
from conformance.report.summary import summary
from conformance.report.wording import DERIVED_MEANS, OBSERVED_MEANS
from conformance.results import AgreementRecord

PAGE = summary(REPORT)


def page_of(finding: Finding) -> str:
    return summary(shown(finished("process/sen/50", GO, Outcome.FAIL, findings=(finding,))))


def test_the_first_lines_carry_the_result() -> None:
    top = PAGE.splitlines()[:3]
    assert top[0] == "# OSS image/bodies conformance: findings; 1 known: php 1"
    assert (
        "55 trials: 49 passed (1 with a note), 3 failed (1 known), 1 error, 2 skipped; 14 not run"
        in top[2]
    )


def test_a_note_about_a_leak_stands_with_the_result() -> None:
    leak = replace(STRING, rule="auth.clear-text", claim=Level.RECOMMENDED)
    lines = summary(shown(finished("t/redirect/http", GO, findings=(leak,)))).splitlines()
    assert lines[0].endswith("; notes: auth.clear-text in 1 case")
    assert any(
        line.startswith("**Note**: auth.clear-text: 1 case on")
        and line.endswith("t/redirect/http.")
        for line in lines[:8]
    )


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


def test_the_heads_of_tables_have_name_and_version_of_a_lane_on_two_lines() -> None:
    """Five lanes then fit the width of a page on GitHub."""
    heads = [line for line in PAGE.splitlines() if line.startswith(("| case", "| behaviour"))]
    names = " | ".join(lane.replace("@", "<br>") for lane in NAMES)
    assert heads == [f"| case | {names} |", f"| behaviour | {names} |"]


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


def test_known_failures_of_one_reason_are_told_once() -> None:
    found = [
        finished(
            f"process/many/{number}", GO, Outcome.FAIL, findings=(STRING,), known_failing="Why."
        )
        for number in range(9)
    ]
    lines = summary(shown(*found)).splitlines()
    (first,) = [number for number, line in enumerate(lines) if "Why." in line]
    assert lines[first + 2].endswith("`process/many/4` and 4 more")
    assert lines[first + 3].startswith("  - repeat: `oss-bodies run --lane")
    assert "--case process/many/0 " in lines[first + 3]


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


def test_what_is_reserved_is_shown_whatever_comes_before_it() -> None:
    page = sized(
        [Section(blocks=("a",) * 200), Section(blocks=("b" * 50,), reserved=True)], longest=300
    )
    assert page.endswith("more.\n" + "b" * 50 + "\n")
    assert len(page) <= 300


def known_on(lane: str, *findings: Finding, case: str = "a/b/1") -> Verdict:
    return finished(case, lane, Outcome.FAIL, findings=findings, known_failing="Why.")


RFC = replace(
    STRING,
    source=Provenance(
        source=Source.STANDARD, note="A client must.", reference="RFC 9110 4.2.2 and 17.16"
    ),
)
REASONED = replace(
    STRING, rule="bodies.bytes", source=Provenance(source=Source.DERIVED, note="So it follows.")
)


def test_a_known_failure_says_what_it_breaks_on_whose_word_with_links() -> None:
    page = summary(shown(known_on(GO, RFC, replace(RFC, rule="process.canonical"), REASONED)))
    address = "https://www.rfc-editor.org/rfc/rfc9110#section-"
    assert (
        "  - breaks `process.string`, `process.canonical` (required); standard: A client must. "
        f"([RFC 9110 4.2.2]({address}4.2.2) and [17.16]({address}17.16))\n"
        "  - breaks `bodies.bytes` (required); derived: So it follows.\n"
    ) in page
    of_case = summary(shown(known_on(GO, STRING)))
    assert "[Object Storage Service: Human body detection](https://www.alibabacloud.com/" in of_case


def test_a_known_failure_names_the_owner_and_the_expiry_of_its_entry() -> None:
    report = replace(shown(known_on(GO, STRING)), lists=(OWNED,))
    assert "\n  - owner SDK team; until 2027-03-31; versions \\>=3.0.1; link [https://e" in summary(
        report
    )
    assert "owner" not in summary(replace(report, lists=()))


def test_a_cell_with_a_note_shows_it() -> None:
    page = summary(shown(finished("a/b/1", GO, findings=(RETRY,)), lanes=(GO,)))
    assert "| `a/b/1` | note |" in page
    assert "note: passes, with a recommendation not followed" in page


def test_what_derived_means_is_said_once_where_it_stands_first() -> None:
    both = shown(
        finished("a/b/1", GO, Outcome.FAIL, findings=(RFC,)), known_on(GO, REASONED, case="a/b/2")
    )
    page = summary(both)
    assert page.count(DERIVED_MEANS) == 1
    assert page.index("## Known failures") < page.index(DERIVED_MEANS) < page.index("a/b/2")
    assert DERIVED_MEANS not in summary(shown(known_on(GO, RFC)))


def test_what_observed_means_is_said_above_what_was_observed() -> None:
    page = summary(shown(finished("a/b/1", GO, profile=(("observed-answer", "content"),))))
    assert f"## Observed\n\n{OBSERVED_MEANS}\n" in page


def differ(case: str, *groups: tuple[str, tuple[str, ...]]) -> AgreementRecord:
    return AgreementRecord(agreement=Agreement(case=case, agree=False, groups=groups))


def test_differences_that_are_alike_are_told_once_and_the_most_frequent_first() -> None:
    groups = ("code 'A'", (GO,)), ("code nothing", (PHP,))
    records = (
        differ("a/b/0", ("status 1", (GO,)), ("status 2", (PHP,))),
        *(differ(f"a/c/{n}", *groups) for n in range(7)),
    )
    page = summary(replace(REPORT, agreements=records)).partition("## Agreement")[2]
    assert page.startswith(
        "\n\n- `a/c/0`, `a/c/1`, `a/c/2`, `a/c/3`, `a/c/4` and 2 more (7 cases): the lanes differ\n"
        f"  - {GO}: `code 'A'`\n  - {PHP}: `no code`\n- `a/b/0`: the lanes differ\n"
    )


@pytest.mark.parametrize("reference", ["javascript:alert(1)", "https://e.org/)[x](http://f.org"])
def test_a_link_leads_only_to_what_its_text_shows(reference: str) -> None:
    source = Provenance(source=Source.STANDARD, note="A note.", reference=reference)
    odd = replace(RFC, source=source)
    page = summary(shown(known_on(GO, odd)))
    for text, address in re.findall(r"(?<!\\)\[((?:[^\\\]]|\\.)*)\]\(([^)]*)\)", page):
        assert text.replace("\\", "") == address
