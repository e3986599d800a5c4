"""Known-failing lists: which failures are expected, and which entries have rotted."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.corpus.decode import Terms
from conformance.corpus.known_failing import (
    in_range,
    known_entries,
    known_list,
    overlaid,
    parts,
    stale,
)
from conformance.corpus.load import load_known
from conformance.errors import VectorError
from conformance.model.case import Level
from conformance.model.verdict import Finding, Outcome, Verdict

JAVA = "java@3.17.4"
ENTRY: dict[str, Any] = {
    "cases": "naming/keys/*",
    "rules": ["naming.target"],
    "versions": ">=3.17.0,<3.19",
    "reason": "The key is encoded twice, seen in the signature finding.",
    "link": "https://example.com/issues/1",
}


def _list(terms: Terms, *entries: dict[str, Any], runner: str | None = "java") -> Any:
    return known_list(
        {"entries": list(entries)}, source="known-failing.json", runner=runner, terms=terms
    )


def _finding(rule: str) -> Finding:
    return Finding(
        rule=rule, where="request 1", expected="a", got="b", why="c", claim=Level.REQUIRED
    )


@pytest.mark.parametrize(
    ("version", "versions", "inside"),
    [
        ("3.17.4", ">=3.17.0,<3.19", True),
        ("3.19", ">=3.17.0,<3.19", False),
        ("3.19.0", "==3.19", True),
        ("3.9", ">=3.17", False),
        ("3.18.1-rc2", "==3.18.1", True),
        ("v3.0.2", "<= v3.0.2", True),
        ("2.19.1", "!=2.19.1", False),
        ("2.19.1", ">2.19", True),
        ("1", "*", True),
        (None, "*", True),
        (None, ">=0", False),
    ],
)
def test_versions_are_compared_part_by_part_as_numbers(
    version: str | None, versions: str, inside: bool
) -> None:
    assert in_range(version, versions) is inside


def test_a_suffix_ends_the_version() -> None:
    assert parts("v3.18.1rc2.5") == (3, 18, 1)


def test_a_listed_failure_is_expected(suite_terms: Terms) -> None:
    (found,) = known_entries([_list(suite_terms, ENTRY)], JAVA, "naming/keys/plus")
    assert found.reason == ENTRY["reason"]


@pytest.mark.parametrize(
    ("lane", "case_id"),
    [
        ("java@3.19.0", "naming/keys/plus"),
        ("go@3.17.4", "naming/keys/plus"),
        (JAVA, "naming/reserved/plus"),
        ("java@checkout-2", "naming/keys/plus"),
    ],
)
def test_a_failure_that_is_not_listed_is_news(suite_terms: Terms, lane: str, case_id: str) -> None:
    assert not known_entries([_list(suite_terms, ENTRY)], lane, case_id)


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (Outcome.FAIL, ENTRY["reason"]),
        (Outcome.PASS, ENTRY["reason"]),
        (Outcome.SKIP, None),
        (Outcome.ERROR, None),
    ],
)
def test_a_listed_verdict_carries_the_reason_if_it_passed_or_failed(
    suite_terms: Terms, outcome: Outcome, reason: str | None
) -> None:
    findings = (_finding("naming.target"),) if outcome is Outcome.FAIL else ()
    verdict = Verdict(case="naming/keys/plus", lane=JAVA, outcome=outcome, findings=findings)
    lists = [_list(suite_terms, ENTRY)]
    assert overlaid(verdict, lists, None).known_failing == reason


def test_a_finding_of_another_rule_in_a_listed_case_is_new(suite_terms: Terms) -> None:
    both = (_finding("naming.target"), _finding("auth.secret-leak"))
    verdict = Verdict(case="naming/keys/plus", lane=JAVA, outcome=Outcome.FAIL, findings=both)
    lists = [_list(suite_terms, ENTRY)]
    assert overlaid(verdict, lists, None).known_failing is None
    other = {**ENTRY, "rules": ["auth.secret-leak"], "reason": "The secret is in the query."}
    known = overlaid(verdict, [_list(suite_terms, ENTRY, other)], None)
    assert known.known_failing == f"{ENTRY['reason']} {other['reason']}"


def test_a_finding_that_is_only_recommended_needs_no_entry(suite_terms: Terms) -> None:
    note = replace(_finding("transport.redirect"), claim=Level.RECOMMENDED)
    verdict = Verdict(
        case="naming/keys/plus",
        lane=JAVA,
        outcome=Outcome.FAIL,
        findings=(_finding("naming.target"), note),
    )
    lists = [_list(suite_terms, ENTRY)]
    assert overlaid(verdict, lists, None).known_failing == ENTRY["reason"]


def test_a_checkout_is_matched_by_the_version_that_it_loaded(suite_terms: Terms) -> None:
    lane = "java@checkout"
    lists = [_list(suite_terms, ENTRY)]
    assert known_entries(lists, lane, "naming/keys/plus", version="3.18.0")


def test_a_list_of_no_runner_can_name_its_lanes(suite_terms: Terms) -> None:
    listed = _list(suite_terms, {**ENTRY, "lanes": "java@*"}, runner=None)
    assert known_entries([listed], JAVA, "naming/keys/plus")
    assert not known_entries([listed], "php@3.17.4", "naming/keys/plus")


def test_an_entry_that_names_no_case_or_no_rule_is_found(suite_terms: Terms) -> None:
    gone, wrong = {**ENTRY, "cases": "naming/gone/*"}, {**ENTRY, "rules": ["naming.targets"]}
    listed = _list(suite_terms, ENTRY, gone, wrong)
    found = [mistake for _, mistake in stale(listed, ["naming/keys/plus"], ["naming.target"])]
    assert [(one.place, one.rule, one.remedy) for one in found] == [
        (
            "/entries/1/cases",
            "'naming/gone/*' matches no case of the corpus",
            "remove the entry or correct its pattern",
        ),
        ("/entries/2/rules/0", "'naming.targets' is no rule", "did you mean naming.target?"),
    ]


@pytest.mark.parametrize(
    ("date", "known", "reason"),
    [
        ("2026-11-30", ENTRY["reason"], ""),
        ("2026-12-01", None, f"known until 2026-11-30 (the SDK team): {ENTRY['reason']}"),
        (None, ENTRY["reason"], ""),
    ],
)
def test_an_entry_that_was_over_when_the_run_started_excuses_nothing(
    suite_terms: Terms, date: str | None, known: str | None, reason: str
) -> None:
    entry = {**ENTRY, "expires": "2026-11-30", "owner": "the SDK team"}
    finding = (_finding("naming.target"),)
    verdict = Verdict(case="naming/keys/plus", lane=JAVA, outcome=Outcome.FAIL, findings=finding)
    found = overlaid(verdict, [_list(suite_terms, entry)], None, date=date)
    assert (found.known_failing, found.reason) == (known, reason)


def test_a_pass_is_red_even_if_its_entry_is_over(suite_terms: Terms) -> None:
    verdict = Verdict(case="naming/keys/plus", lane=JAVA, outcome=Outcome.PASS)
    lists = [_list(suite_terms, {**ENTRY, "expires": "2026-11-30"})]
    assert overlaid(verdict, lists, None, date="2027-01-01").known_failing == ENTRY["reason"]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"reason": "short"}, "/entries/0/reason"),
        ({"versions": "~3.17"}, "/entries/0/versions"),
        ({"versions": ">=3.17 <3.19"}, "/entries/0/versions"),
        ({"link": "see below"}, "/entries/0/link"),
        ({"rules": []}, "/entries/0/rules"),
        ({"rules": ["plus"]}, "/entries/0/rules/0"),
        ({"expires": "2026-13-01"}, "/entries/0/expires"),
        ({"owner": ""}, "/entries/0/owner"),
        ({"case": "x"}, "/entries/0"),
    ],
)
def test_a_list_that_is_wrong_is_refused_at_its_place(
    suite_terms: Terms, change: dict[str, Any], place: str
) -> None:
    with pytest.raises(VectorError) as caught:
        _list(suite_terms, {**ENTRY, **change})
    assert caught.value.place == place


def test_an_entry_without_link_and_repro_is_refused(suite_terms: Terms) -> None:
    bare = {name: value for name, value in ENTRY.items() if name != "link"}
    with pytest.raises(VectorError):
        _list(suite_terms, bare)
    assert _list(suite_terms, {**bare, "repro": "oss-bodies run --case X"}).entries


def test_the_list_of_a_runners_folder_is_read_from_disk(tmp_path: Path) -> None:
    path = tmp_path / "known-failing.json"
    path.write_text('{"entries": []}')
    assert load_known(path, runner="java").runner == "java"


def test_an_entry_for_a_runtime_is_for_that_runtime_only(suite_terms: Terms) -> None:
    listed = _list(suite_terms, ENTRY | {"runtime": "go1.2?*"})

    def expected(runtime: str | None) -> bool:
        return bool(known_entries([listed], JAVA, "naming/keys/x", runtime=runtime))

    assert [expected(one) for one in ("go1.26.8", "go1.19.8", None)] == [True, False, False]
