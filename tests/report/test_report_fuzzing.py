"""The text of a fuzz: made from its line and the verdicts of its finds alone."""

from dataclasses import replace
from typing import Any

from report.run_shown import GO, HEADER, PHP, REST, RESULTS, RETRY, STRING, finished, record

from conformance.model.verdict import Agreement, Outcome
from conformance.report.assemble import assemble
from conformance.report.fuzzing import fuzz_text
from conformance.report.summary import summary
from conformance.report.terminal import terminal_text
from conformance.report.text_layout import Layout
from conformance.results import AgreementRecord

CAUSE, FLAKY, NOTE, DIFFER = (
    f"process/fuzz-{name}/smallest" for name in ("cause", "flaky", "note", "differ")
)
AGAIN, LISTED = "process/fuzz-flaky/again", "process/strings/line-feed"


def found(case: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"case": case, "file": f"{kind}/{case.rpartition('/')[0]}.json", **more}


LINE: dict[str, Any] = {
    "type": "fuzz",
    "hypothesis": "6.0.0",
    "examples": 300,
    "drawn": 226,
    "repeated": 28,
    "exhausted": True,
    "trials": {GO: 300, PHP: 299},
    "failed": {GO: 7},
    "skipped": {PHP: 1},
    "known_failing": 2,
    "lost": {REST: "it died three times in a row\nfix: see its stderr"},
    "parameters": {"sen": {"valid": 101, "covered": list(range(101))}},
    "classes": {"another key": 86, "sen above 100": 39, "the plain call": 1},
    "causes": [
        found(
            CAUSE, "counter-examples", lane=GO, rules=["process.string"], known=None,
            property="process", explains=3, **{"with": "sen 37"},
        ),
        {
            "case": LISTED, "file": None, "lane": PHP, "rules": ["process.canonical"],
            "known": "It is trimmed.", "property": "process", "explains": 2, "with": "a line feed",
        },
    ],
    "flaky": [found(FLAKY, "flaky", lane=GO, rules=["process.string"], count=2, again=AGAIN)],
    "disagreements": [
        found(DIFFER, "disagreements", lanes=f"documented: {GO} / {PHP}", count=4, documented=True)
    ],
    "noted": [
        found(
            NOTE, "noted", lane=PHP, rules=["transport.requests"], count=1, **{"with": "sen 101"}
        )
    ],
}  # fmt: skip
VERDICTS = (
    finished(CAUSE, GO, Outcome.FAIL, findings=(STRING,)),
    finished(LISTED, PHP, Outcome.FAIL, known_failing="It is trimmed."),
    finished(FLAKY, GO, Outcome.FAIL, findings=(STRING,)),
    finished(AGAIN, GO),
    finished(NOTE, PHP, findings=(RETRY,)),
    finished(DIFFER, GO),
    finished(DIFFER, PHP),
)
GROUPS = (("document refused by the parser", (GO,)), ("document {}", (PHP,)))
REPORT = assemble(
    replace(
        RESULTS,
        run=replace(HEADER, seed=1),
        cases=tuple(map(record, dict.fromkeys(verdict.case for verdict in VERDICTS))),
        verdicts=VERDICTS,
        agreements=(AgreementRecord(agreement=Agreement(case=DIFFER, agree=False, groups=GROUPS)),),
        profiles=(),
        fuzz=LINE,
    ),
    folder="out",
)
TEXT = fuzz_text(REPORT)


def test_a_cause_has_its_input_its_finding_and_the_command_that_replays_it() -> None:
    block = TEXT.partition("FAIL ")[2].partition("\n\n")[0]
    for part in (
        f"{GO} process.string (property process)",
        "  with      sen 37",
        "  explains  3 failures",
        "    expected  'image/bodies,sen_50'",
        "  repeat    oss-bodies run --lane go@3.0.2"
        " --vectors out/counter-examples/process/fuzz-cause.json --in host",
    ):
        assert part in block


def test_a_known_cause_takes_one_line() -> None:
    assert f"known {PHP} process.canonical ({LISTED}): It is trimmed.\n" in TEXT


def test_a_flaky_example_names_both_transcripts() -> None:
    assert f"FLAKY {GO} process.string: failed 2 times, passed when it was run alone" in TEXT
    assert f"  both transcripts {FLAKY}, {AGAIN}" in TEXT


def test_a_note_says_what_was_expected_and_what_came() -> None:
    assert f"note {PHP} transport.requests: once, beyond the contract; for example" in TEXT
    assert "  with      sen 101\n  expected  1\n" in TEXT


def test_a_disagreement_shows_what_each_lane_got_and_repeats_it_on_all_of_them() -> None:
    block = TEXT.partition("differ ")[2]
    assert f"    {GO}: document refused by the parser\n    {PHP}: document {{}}\n" in block
    assert f"--lane {GO} --lane {PHP} --vectors out/disagreements" in block


def test_a_cause_that_was_not_run_alone_says_so() -> None:
    causes = [LINE["causes"][0] | {"alone": alone} for alone in (True, None)]
    text = fuzz_text(replace(REPORT, fuzz=LINE | {"causes": causes}))
    assert text.count("  not yet   run alone") == 1
    assert "not yet" not in TEXT


def test_what_does_not_show_alone_says_so() -> None:
    for kind in ("noted", "disagreements"):
        line = LINE | {kind: [LINE[kind][0] | {"alone": False}]}
        assert fuzz_text(replace(REPORT, fuzz=line)).count(", but not when run alone") == 1
    assert "alone" not in TEXT.replace("passed when it was run alone", "")


def test_a_fuzz_that_was_killed_shows_its_finds_and_says_so() -> None:
    text = fuzz_text(replace(REPORT, seconds=None))
    assert "results incomplete: the fuzz was killed, or is not over\n" in text
    assert text.startswith(TEXT.partition("\n")[0])
    assert "incomplete" not in TEXT


def test_what_was_covered_is_counted() -> None:
    for part in (
        f"lost {REST}: it died three times in a row\n",
        "300 examples, 599 trials, 7 failed (2 known), 1 skipped because a capability is missing",
        "226 drawn, 28 of them had been drawn before",
        "sen: 101 of 101 valid values covered, and the call without it",
        "3 classes of input, most frequent first: another key 86, sen above 100 39",
        "the search ended because it drew no new examples",
        "seed 1, Hypothesis 6.0.0, 12.3 s; exit 1",
    ):
        assert part in TEXT


def test_terminal_and_summary_show_the_same_text() -> None:
    assert terminal_text(REPORT, Layout()) == TEXT
    assert f"```text\n{TEXT}```" in summary(REPORT)
