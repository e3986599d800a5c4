"""The terminal's text: what is shown, what is folded, how wide it gets."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
from report.run_shown import (
    AGREEMENTS,
    GO,
    JAVA,
    NAMES,
    OWNED,
    PHP,
    PYTHON,
    REPORT,
    REST,
    RETRY,
    STRING,
    all_ran,
    finished,
    shown,
)

from conformance.model.case import Level, Provenance, Source
from conformance.model.verdict import Agreement, Finding, Outcome, Verdict
from conformance.report.assemble import Report
from conformance.report.full_text import FEW, closing, findings, matrix
from conformance.report.lane_cards import lane_cards
from conformance.report.lanes_text import lanes_text
from conformance.report.report_document import report_document
from conformance.report.sections import PASSED_MEANS
from conformance.report.summary import summary
from conformance.report.terminal import terminal_text
from conformance.report.text_layout import Layout, progress, shortened
from conformance.report.wording import DERIVED_MEANS
from conformance.results import AgreementRecord, Counts, End

PLAIN = Layout()
MATRIX = matrix(REPORT, PLAIN)
FINDINGS = findings(REPORT, PLAIN)
CLOSING = closing(REPORT, PLAIN)
LONG = "transport/faults/a-very-long-name-of-a-case-that-nobody-shortened"


def row(text: str, label: str) -> list[str]:
    line = next(line for line in text.splitlines() if line.startswith(label + " "))
    return line.removeprefix(label).split()


@pytest.mark.parametrize("text", [MATRIX, CLOSING], ids=["matrix", "closing"])
def test_nothing_is_wider_than_eighty_columns(text: str) -> None:
    assert [line for line in text.splitlines() if len(line) > 80] == []


def test_of_the_findings_only_ids_and_commands_may_be_wider() -> None:
    wide = [line for line in FINDINGS.splitlines() if len(line) > 80]
    assert [line for line in wide if LONG not in line and "  repeat " not in line] == []


@pytest.mark.parametrize("text", [MATRIX, FINDINGS, CLOSING])
def test_the_frame_is_ascii(text: str) -> None:
    assert text.isascii()


def test_a_row_that_fails_is_shown_by_its_id_with_a_cell_for_each_lane() -> None:
    assert row(MATRIX, "process/sen/50") == ["-", "ok", "FAIL", "FAIL", "ok"]


def test_rows_that_pass_alike_are_folded_and_counted() -> None:
    assert row(MATRIX, "auth/refusals/* (4)") == ["-", "ok", "ok", "ok", "ok"]
    assert row(MATRIX, "process/sen, other (5)") == ["-", "ok", "ok", "ok", "ok"]
    assert "process/sen/10" not in MATRIX


def test_a_known_failure_and_a_listed_case_that_passes_have_words_of_their_own() -> None:
    assert row(MATRIX, "errors/xml/ec") == ["-", "ok", "ok!", "known", "ok"]


def test_three_hundred_passing_cases_take_a_line_a_topic() -> None:
    many = [
        finished(f"bodies/topic-{number // 50}/{number}", lane)
        for number in range(300)
        for lane in NAMES
    ]
    assert len(matrix(shown(*many), PLAIN).splitlines()) < 12


def test_rows_are_ordered_by_the_number_in_their_id() -> None:
    failing = [finished(f"process/sen/{n}", GO, Outcome.FAIL) for n in (100, 9, 50)]
    numbers = re.findall(r"process/sen/(\d+)", matrix(shown(*failing, lanes=(GO,)), PLAIN))
    assert numbers == ["9", "50", "100"]


def test_more_lanes_than_fit_are_shown_in_blocks_below_each_other() -> None:
    lanes = [f"java@3.17.{number}" for number in range(12)]
    many = [finished("process/sen/50", lane, Outcome.FAIL) for lane in lanes]
    text = matrix(shown(*many, lanes=tuple(lanes)), PLAIN)
    assert max(map(len, text.splitlines())) <= 80
    assert text.count("FAIL") == 12 + 1
    assert text.count("process/sen/50") > 1


def test_lanes_of_two_checkouts_are_told_apart() -> None:
    lanes = ("php@checkout", "php@checkout-2")
    text = matrix(shown(finished("process/sen/50", lanes[0]), lanes=lanes), PLAIN)
    assert re.search(r"checkout +checkout-2", text)


def test_colour_changes_nothing_but_the_colour() -> None:
    colored = matrix(REPORT, Layout(color=True))
    assert "\x1b[1;31mFAIL" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == MATRIX


def test_without_colour_there_is_no_escape() -> None:
    assert "\x1b" not in MATRIX + FINDINGS + CLOSING


def test_a_run_without_verdicts_has_no_matrix() -> None:
    assert matrix(shown(), PLAIN) == ""


def test_a_failure_says_everything_a_reader_needs() -> None:
    for part in (
        "FAIL process/sen/50",
        "A sensitivity of 50 arrives as it was asked for.",
        "process.string (required)",
        "request 1: query parameter x-oss-process",
        "expected  'image/bodies,sen_50'",
        "got       'image/bodies%2Csen_50'",
        "The service acts on this string",
        "documentation: The page shows this string for a sensitivity of 50.",
    ):
        assert part in FINDINGS


def test_a_failure_ends_with_the_command_that_runs_it_again() -> None:
    command = "oss-bodies run --lane go@3.0.2 --lane php@2.7.0 --case process/sen/50 --in host"
    assert command in FINDINGS


def test_a_checkout_is_repeated_with_a_placeholder_for_its_folder() -> None:
    text = findings(shown(finished("a/b", "php@checkout-2", Outcome.ERROR)), PLAIN)
    assert "--lane php@path:DIR-2 " in text
    assert "# DIR: your checkout" in text


def test_lanes_with_the_same_findings_are_told_once() -> None:
    assert FINDINGS.count("process.string (required)") == 1


def test_an_error_says_why() -> None:
    assert "timeout: no answer in 30 s (look at the runner's stderr)" in FINDINGS


def test_a_recommended_finding_of_a_pass_is_a_note() -> None:
    assert f"note {LONG}" in FINDINGS
    assert "transport.requests (recommended)" in FINDINGS


def test_a_known_failure_is_told_in_short_with_its_reason() -> None:
    assert f"errors/xml/ec on {PHP}: PHP's SDK keeps no EC before 2.7.1" in FINDINGS


def test_a_skip_says_what_is_missing_and_where() -> None:
    assert f"skip  missing capability: anonymous: {PYTHON} (2)" in FINDINGS


def test_nothing_to_tell_is_no_text() -> None:
    assert findings(shown(finished("a/b", REST)), PLAIN) == ""


def test_the_closing_counts_and_never_speaks_of_percent() -> None:
    assert (
        "55 trials: 49 passed (1 with a note), 3 failed (1 known), 1 error, 2 skipped; 14 not run"
        in " ".join(CLOSING.split())
    )
    assert "%" not in CLOSING.replace("%2C", "")


def test_a_lane_that_did_not_run_says_why_with_the_remedy() -> None:
    assert f"{JAVA}    not run: javac is not on this machine" in CLOSING
    assert "fix: apt-get install openjdk-17-jdk-headless" in CLOSING


def test_a_lane_says_what_it_had_loaded() -> None:
    assert "oss2 2.18.4, CPython 3.11.2" in CLOSING


def test_lanes_that_differ_are_shown_with_what_they_got() -> None:
    assert f"{GO}, {PHP}: processing string 'image/bodies%2Csen_50'" in CLOSING


def test_a_suspect_case_is_named() -> None:
    assert "suspect errors/xml/ec" in CLOSING
    assert "check the case first" in CLOSING


def test_suspect_cases_are_counted() -> None:
    assert "suspect, because every lane fails alike: 1" in " ".join(CLOSING.split())
    assert "fails alike" not in closing(replace(REPORT, agreements=AGREEMENTS[:1]), PLAIN)


@pytest.mark.parametrize(
    ("code", "word"),
    [(0, "conformant"), (1, "findings"), (3, "something could not run"), (130, "interrupted")],
)
def test_the_exit_code_is_said_in_words(code: int, word: str) -> None:
    end = End(counts=Counts(), exit=code, seconds=1.0, interrupted=code == 130)
    assert f"exit {code}: {word}" in closing(shown(end=end), PLAIN)


def test_a_run_with_known_failures_is_not_called_conformant() -> None:
    end = End(counts=Counts(passed=9, fail=2, known_failing=2), exit=0, seconds=1.0)
    text = closing(shown(end=end), PLAIN)
    assert "exit 0: no new failures; 2 known, 1.0 s" in text
    assert "conformant" not in text


LEAK = Finding(
    rule="auth.secret-leak",
    where="request 2: request to the host 'elsewhere.example.com'",
    expected="the security token only where the service reads it",
    got="the security token is here",
    why="Anyone who reads it there can act as the user.",
    claim=Level.RECOMMENDED,
)


def leaking(*more: Verdict, known: int = 0) -> Report:
    """A long run whose only notes about leaks are those of two cases."""
    notes = [finished(f"t/redirect/{n}", GO, findings=(LEAK,)) for n in (2, 1)]
    many = [finished(f"a/b/{n}", lane) for n in range(30) for lane in (GO, JAVA)]
    end = End(counts=Counts(passed=62, fail=known, known_failing=known), exit=0, seconds=1.0)
    return all_ran(shown(*many, *notes, *more, lanes=(GO, JAVA), end=end))


def test_a_run_with_a_note_about_a_leak_names_it_and_is_not_called_conformant() -> None:
    text = terminal_text(leaking(), PLAIN)
    assert f"note  auth.secret-leak: 2 cases on {GO}, such as t/redirect/1" in text
    assert "exit 0: no failures; notes: auth.secret-leak in 2 cases, 1.0 s" in text
    assert "conformant" not in text


def test_notes_about_leaks_stand_beside_known_failures_in_the_result() -> None:
    text = " ".join(terminal_text(leaking(known("a/c/1", JAVA), known=1), PLAIN).split())
    assert "exit 0: no new failures; 1 known: java 1; notes: auth.secret-leak in 2 cases" in text


def test_other_notes_leave_a_run_conformant() -> None:
    many = [finished(f"a/b/{n}", GO) for n in range(30)]
    end = End(counts=Counts(passed=31), exit=0, seconds=1.0)
    text = terminal_text(shown(*many, *_notes(1), lanes=(GO,), end=end), PLAIN)
    assert "exit 0: conformant" in text


def test_an_interrupted_run_with_findings_says_both() -> None:
    end = End(counts=Counts(fail=1), exit=1, seconds=1.0, interrupted=True)
    assert "exit 1: interrupted, findings" in closing(shown(end=end), PLAIN)


def known(case: str, lane: str, reason: str = "It is known.") -> Verdict:
    return finished(case, lane, Outcome.FAIL, findings=(STRING,), known_failing=reason)


def test_the_result_counts_known_failures_by_lane() -> None:
    verdicts = [known(f"a/b/{n}", lane) for n in range(3) for lane in (GO, JAVA)[: 1 + (n > 0)]]
    end = End(counts=Counts(fail=5, known_failing=5), exit=0, seconds=1.0)
    text = closing(shown(*verdicts, end=end), PLAIN)
    assert "exit 0: no new failures; 5 known: go 3, java 2, 1.0 s" in text


def test_two_versions_of_an_sdk_are_counted_with_their_versions() -> None:
    lanes = ("java@3.17.4", "java@3.18.4")
    verdicts = [known("a/b/c", lane) for lane in lanes]
    end = End(counts=Counts(fail=2, known_failing=2), exit=1, seconds=1.0)
    text = closing(shown(*verdicts, lanes=lanes, end=end), PLAIN)
    assert "exit 1: findings; 2 known: java@3.17.4 1, java@3.18.4 1" in text


def test_the_verbose_text_has_every_part() -> None:
    text = terminal_text(REPORT, PLAIN, verbose=True)
    assert all(part in text for part in (MATRIX, FINDINGS, CLOSING, "Retries on status 503"))


def whole_run(*more: Verdict, lanes: tuple[str, ...] = NAMES) -> Report:
    """Many trials of each lane, with 12 causes of known failures and some notes."""
    verdicts = [finished(f"a/b/{n}", lane) for n in range(300) for lane in lanes]
    for lane in lanes:
        verdicts += [
            known(f"c/d/{n}", lane, f"Cause {n} of {lane}: " + "it is long. " * 40)
            for n in range(12)
        ]
    return all_ran(shown(*verdicts, *_notes(20), *more, lanes=lanes))


@pytest.mark.parametrize("count", [5, 18])
def test_a_run_without_new_failures_takes_at_most_sixty_lines(count: int) -> None:
    lanes = (*NAMES, *(f"java@3.18.{n}" for n in range(count - 5)))
    text = terminal_text(whole_run(lanes=lanes), PLAIN)
    assert len(text.splitlines()) <= 57  # the command adds three
    assert max(map(len, text.splitlines())) <= 80
    assert all(text.count(lane) for lane in lanes)


def test_each_lane_has_a_line_of_counts() -> None:
    text = lanes_text(whole_run(finished("e/f/1", GO, Outcome.SKIP, reason="no")), PLAIN, most=36)
    heads = "lane new known causes notes alone passed skipped not run"
    assert text.splitlines()[0].split() == heads.split()
    assert row(text, JAVA) == ["0", "12", "12", "20", "0", "320", "0", "1"]
    assert row(text, GO) == ["0", "12", "12", "0", "0", "300", "1", "20"]


def test_a_lane_that_did_not_run_has_no_counts_and_the_remedy() -> None:
    text = lanes_text(REPORT, PLAIN, most=36)
    assert row(text, JAVA)[:2] == ["-", "-"]
    assert "fix: apt-get install openjdk-17-jdk-headless" in text


def test_the_short_text_has_new_failures_in_full_and_known_ones_by_cause() -> None:
    text = terminal_text(
        whole_run(finished("process/x/1", GO, Outcome.FAIL, findings=(STRING,))), PLAIN
    )
    assert "expected  'image/bodies,sen_50'" in text
    assert text.count("  repeat ") == 1
    assert re.search(rf"{GO}\n  known  Cause \d+ of {GO}: it is", text)
    assert "(c/d/" in text


def test_a_cause_of_two_lanes_is_told_once() -> None:
    verdicts = [known(f"c/d/{n}", lane, "Both do it.") for n in range(20) for lane in (GO, PHP)]
    text = terminal_text(all_ran(shown(*verdicts)), PLAIN)
    assert text.count("Both do it.") == 1
    assert f"known  as {GO} (c/d/0 and 19 more)" in text


def test_of_many_new_failures_the_short_text_has_the_first() -> None:
    places = [replace(STRING, where=f"request {n}") for n in range(60)]
    many = [finished(f"a/b/{n}", GO, Outcome.FAIL, findings=(places[n],)) for n in range(60)]
    text = terminal_text(shown(*many), PLAIN)
    assert text.count("  repeat ") == 50
    assert "10 more new failures" in text


def test_new_failures_that_are_alike_are_told_once_and_verbosely_each() -> None:
    many = [finished(f"a/b/{n}", GO, Outcome.FAIL, findings=(STRING,)) for n in range(60)]
    for few in (many[:8], many):
        text = terminal_text(shown(*few), PLAIN)
        assert text.count("  repeat ") == text.count("  expected ") == 1
        assert f"FAIL {len(few)} cases alike: process.string\n  example   a/b/0\n" in text
        alike = f"  alike     a/b/1, a/b/2, a/b/3, a/b/4, a/b/5 and {len(few) - 6} more (all are in"
        assert alike in text
        assert "to print one: oss-bodies show out/CASE)" in " ".join(text.split())
        assert f"\n  all {len(few):<5} oss-bodies run --lane {GO} --case 'a/b/*' --in host" in text
    text = terminal_text(shown(*many), PLAIN, verbose=True)
    assert text.count("  repeat ") == 60
    assert "alike" not in text


def test_a_run_of_few_trials_tells_known_failures_in_full() -> None:
    text = terminal_text(shown(known("a/b/c", GO, "It is known.")), PLAIN)
    for part in ("known a/b/c", "It is known.", "expected  'image/bodies,sen_50'", "  repeat "):
        assert part in text


def test_progress_is_one_line_that_fits() -> None:
    line = progress(12, 300, 1, f"{JAVA} {LONG}")
    assert line.startswith("12/300 done, 1 failed")
    assert len(line) < 80
    assert "\n" not in line


def test_progress_without_a_known_end_says_how_many_are_done() -> None:
    assert progress(12, 0, 1, "").startswith("12 done, 1 failed")


def _notes(count: int) -> list[Verdict]:
    note = Finding(
        rule="errors.code", where="here", expected="a", got="b", why="c", claim=Level.RECOMMENDED
    )
    return [
        Verdict(case=f"errors/x/{n}", lane=JAVA, outcome=Outcome.PASS, findings=(note,))
        for n in range(count)
    ]


def test_many_notes_are_told_in_a_line_each() -> None:
    few, many = (findings(shown(*_notes(count)), Layout(width=100)) for count in (6, 7))
    assert few.count("expected  a") == 6
    assert "expected" not in many
    assert f"{JAVA}: error code b instead of a (errors/x/0, errors/x/1, errors/x/2" in many


def test_known_failures_with_one_reason_are_told_together() -> None:
    passing = [finished(f"a/b/{n}", JAVA) for n in range(30)]
    verdicts = [known(f"errors/x/{n}", JAVA, "Why.") for n in range(2)]
    text = findings(shown(*passing, *verdicts), Layout(width=100))
    assert f"errors/x/0, errors/x/1 on {JAVA}: Why." in text


def test_many_differences_are_counted_by_topic() -> None:
    records = [
        AgreementRecord(
            agreement=Agreement(
                case=f"errors/x/{n}", agree=False, groups=((f"{n}", (JAVA,)), ("b", ("go",)))
            )
        )
        for n in range(7)
    ]
    text = closing(replace(REPORT, agreements=tuple(records)), Layout(width=100))
    assert "errors/x 7; in full in report.html" in text


def test_differences_that_are_alike_are_told_once() -> None:
    groups = (("a", (JAVA,)), ("b", ("go",)))
    records = tuple(
        AgreementRecord(agreement=Agreement(case=f"errors/x/{n}", agree=False, groups=groups))
        for n in range(7)
    )
    text = closing(replace(REPORT, agreements=records), PLAIN)
    assert f"differ errors/x/0, errors/x/1, errors/x/2 and 4 more\n  {JAVA}: a\n  go: b\n" in text


def test_a_note_is_marked_in_the_matrix() -> None:
    noted = matrix(shown(finished("a/b/1", GO, findings=(RETRY,)), lanes=(GO,)), PLAIN)
    assert row(noted, "a/b/1") == ["note"]
    assert "note: passes, with a recommendation not followed" in " ".join(noted.split())


def test_the_verbose_text_names_the_owner_and_the_expiry_of_a_known_failure() -> None:
    many = [known(f"c/d/{n}", GO, "Why.") for n in range(FEW + 1)]
    for verdicts in (many, many[:1]):
        text = terminal_text(
            replace(all_ran(shown(*verdicts)), lists=(OWNED,)), PLAIN, verbose=True
        )
        for part in ("owner SDK team", "until 2027-03-31", "versions >=3.0.1", "link https://e"):
            assert part in " ".join(text.split())


def test_the_verbose_text_says_what_derived_means() -> None:
    derived = replace(INVARIANT, source=Provenance(source=Source.DERIVED, note="So it is."))
    for finding, said in ((derived, True), (INVARIANT, False)):
        text = findings(shown(finished("a/b", GO, Outcome.FAIL, findings=(finding,))), PLAIN)
        assert (" ".join(DERIVED_MEANS.split()) in " ".join(text.split())) is said


def test_passed_is_one_number_in_all_outputs() -> None:
    report = whole_run(
        finished("e/f/1", GO, findings=(RETRY,)), finished("e/f/2", GO, known_failing="Old.")
    )
    passes = Counter(v.lane for v in report.verdicts if v.outcome is Outcome.PASS)
    text = lanes_text(report, PLAIN, most=36)
    heads = text.splitlines()[0].split()
    cards = {
        card.lane: {label: count for label, count, _ in card.counts} for card in lane_cards(report)
    }
    document = {lane["lane"]: lane["passed"] for lane in report_document(report)["lanes"]}
    for lane, count in passes.items():
        assert cards[lane]["passed"] == document[lane] == count
        assert row(text, lane)[heads.index("passed") - len(heads)] == str(count)
    assert " ".join(PASSED_MEANS.split()) in " ".join(text.split())


INVARIANT = Finding(
    rule="transport.malformed",
    where="request 1: request",
    expected="an HTTP/1.1 request",
    got="another",
    why="A server answers 400.",
    claim=Level.REQUIRED,
    source=Provenance(
        source=Source.STANDARD, note="A server answers 400.", reference="RFC 9112 2.2"
    ),
)


@pytest.mark.parametrize("output", [lambda report: findings(report, PLAIN), summary])
def test_a_finding_with_a_source_of_its_own_does_not_show_that_of_the_case(
    output: Callable[[Report], str],
) -> None:
    alone = output(shown(finished("a/b", GO, Outcome.FAIL, findings=(INVARIANT,))))
    assert re.search(r"standard: A server answers 400\. \(\[?RFC 9112 2\.2", alone)
    assert "The page shows this string" not in alone
    both = output(shown(finished("a/b", GO, Outcome.FAIL, findings=(INVARIANT, STRING))))
    assert "The page shows this string" in both


def test_a_suspect_case_names_the_rule_of_every_case_that_it_fails_by() -> None:
    verdicts = (finished("a/b", lane, Outcome.FAIL, findings=(INVARIANT,)) for lane in (GO, PHP))
    agreement = Agreement(case="a/b", agree=True, groups=(("answer error", (GO, PHP)),))
    record = AgreementRecord(agreement=agreement, suspect=True)
    text = closing(replace(shown(*verdicts), agreements=(record,)), PLAIN)
    assert "a rule of every case: standard: A server answers 400." in " ".join(text.split())


def test_a_suspect_case_names_no_rule_that_fails_nothing() -> None:
    remark = replace(INVARIANT, claim=Level.RECOMMENDED)
    verdicts = (
        finished("a/b", lane, Outcome.FAIL, findings=(remark, STRING)) for lane in (GO, PHP)
    )
    agreement = Agreement(case="a/b", agree=True, groups=(("answer error", (GO, PHP)),))
    record = AgreementRecord(agreement=agreement, suspect=True)
    text = closing(replace(shown(*verdicts), agreements=(record,)), PLAIN)
    assert "so check the case first" in " ".join(text.split())
    assert "a rule of every case" not in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("no request id", "no request id"),
        ("a value that is too long", "a value that ..."),
        ("a value that\nis too long", "a value that ..."),
        ("x-oss-process=image/bodies", "x-oss-process=..."),
    ],
)
def test_a_long_text_is_cut_after_a_word(text: str, shown: str) -> None:
    assert shortened(text, 14) == shown
