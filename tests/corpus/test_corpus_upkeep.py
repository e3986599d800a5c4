"""Known-failing lists follow what a run shows, and nothing else changes."""

from dataclasses import replace
from typing import Any

import pytest

from conformance.corpus.decode import Terms
from conformance.corpus.known_failing import LoadedVersions, known_list
from conformance.corpus.upkeep import JudgedTrial, Upkeep
from conformance.model.case import Level
from conformance.model.verdict import Finding, Outcome, Verdict

CASES = ("naming/keys/a", "naming/keys/b", "naming/keys/c", "auth/x/y")
ENTRY: dict[str, Any] = {
    "cases": "naming/keys/*",
    "rules": ["naming.target"],
    "reason": "The key is encoded twice, seen in the signature finding.",
    "link": "https://example.com/issues/1",
}
FINDING = Finding(
    rule="naming.target", where="request 1: target", expected="'/a'", got="'/b'", why="w",
    claim=Level.REQUIRED,
)  # fmt: skip


def trial(case: str, *rules: str, version: str = "3.17.4", error: bool = False) -> JudgedTrial:
    """A trial on Java that fails by these rules, or passes without."""
    outcome = Outcome.ERROR if error else Outcome.FAIL if rules else Outcome.PASS
    findings = tuple(replace(FINDING, rule=rule) for rule in rules)
    verdict = Verdict(case=case, lane=f"java@{version}", outcome=outcome, findings=findings)
    return JudgedTrial(verdict=verdict, loaded=LoadedVersions(sdk_version=version, runtime=None))


def updated(
    terms: Terms,
    entries: list[dict[str, Any]],
    *trials: JudgedTrial,
    runner: str | None = "java",
    add: bool = True,
    **more: Any,
) -> list[dict[str, Any]]:
    listed = known_list({"entries": entries}, source="list", runner=runner, terms=terms)
    rules = frozenset({"naming.target", "auth.token"})
    upkeep = Upkeep(trials=trials, case_ids=CASES, rules=rules, **more)
    found = upkeep.of_list(listed, entries, add=add)
    known_list({"entries": found}, source="new", runner=runner, terms=terms)
    return found


A, B, C = CASES[:3]


@pytest.mark.parametrize(
    ("trials", "expected"),
    [
        pytest.param((), [ENTRY], id="nothing-ran"),
        pytest.param(
            (trial(A, "naming.target"), trial(B, "naming.target")), [ENTRY], id="fails-as-listed"
        ),
        pytest.param((trial(A, error=True),), [ENTRY], id="not-judged"),
        pytest.param((trial(A), trial(B), trial(C)), [], id="all-pass"),
        pytest.param(
            (trial(A, "naming.target"), trial(B)),
            [{**ENTRY, "cases": A}, {**ENTRY, "cases": C}],
            id="one-passes-one-fails-one-did-not-run",
        ),
        pytest.param(
            (trial(A, "naming.target"), trial(A, version="3.18.0"), trial(B), trial(C)),
            [{**ENTRY, "cases": A, "versions": "!=3.18.0"}],
            id="passes-at-another-version",
        ),
    ],
)
def test_an_entry_follows_what_its_cases_did(
    trials: tuple[JudgedTrial, ...], expected: list[Any], suite_terms: Terms
) -> None:
    assert updated(suite_terms, [ENTRY], *trials) == expected


def test_a_range_of_versions_loses_the_one_that_passes(suite_terms: Terms) -> None:
    entry = {**ENTRY, "cases": A, "versions": ">=3.17"}
    trials = trial(A, "naming.target"), trial(A, version="3.18.0")
    assert updated(suite_terms, [entry], *trials) == [{**entry, "versions": ">=3.17,!=3.18.0"}]


def test_entries_of_cases_and_rules_that_do_not_exist_are_removed(suite_terms: Terms) -> None:
    gone, wrong = {**ENTRY, "cases": "naming/gone/*"}, {**ENTRY, "rules": ["naming.gone"]}
    both = {**ENTRY, "rules": ["naming.gone", "naming.target"]}
    assert updated(suite_terms, [gone, wrong, both]) == [ENTRY]


def test_a_new_failure_becomes_an_entry(suite_terms: Terms) -> None:
    failed = trial("auth/x/y", "naming.target", "auth.token")
    assert updated(suite_terms, [ENTRY], failed) == [
        ENTRY,
        {
            "cases": "auth/x/y",
            "rules": ["auth.token", "naming.target"],
            "versions": "==3.17.4",
            "reason": "request 1: target: expected '/a', got '/b'",
            "repro": "oss-bodies run --lane java --case auth/x/y",
        },
    ]


def test_a_new_entry_has_owner_link_and_expiry_and_in_a_list_for_all_its_lanes(
    suite_terms: Terms,
) -> None:
    signature = {"owner": "me", "link": "https://example.com/2", "expires": "2027-03-31"}
    (entry,) = updated(suite_terms, [], trial(A, "naming.target"), runner=None, signature=signature)
    assert signature.items() <= entry.items()
    assert (entry["lanes"], "repro" in entry) == ("java@*", False)


def test_only_the_rules_that_no_entry_names_are_new(suite_terms: Terms) -> None:
    found = updated(suite_terms, [ENTRY], trial(A, "naming.target", "auth.token"))
    assert [entry["rules"] for entry in found] == [["naming.target"], ["auth.token"]]


def test_what_another_list_explains_or_belongs_elsewhere_is_not_added(suite_terms: Terms) -> None:
    other = known_list({"entries": [ENTRY]}, source="other", runner=None, terms=suite_terms)
    failed = trial(A, "naming.target")
    assert updated(suite_terms, [], failed, others=(other,)) == []
    assert updated(suite_terms, [], failed, add=False) == []
    assert updated(suite_terms, [], failed, runner="php") == []
    assert len(updated(suite_terms, [], failed)) == 1


def test_an_expired_entry_stays_for_a_person_to_decide(suite_terms: Terms) -> None:
    over = {**ENTRY, "expires": "2026-01-01"}
    listed = known_list({"entries": [over]}, source="list", runner="java", terms=suite_terms)
    upkeep = Upkeep(
        trials=(trial(A, "naming.target"),), case_ids=CASES, rules=frozenset({"naming.target"})
    )
    assert upkeep.of_list(listed, [over], add=True) == [over]
    assert [entry.expires for entry in upkeep.expired(listed, "2026-01-02")] == ["2026-01-01"]
    assert upkeep.expired(listed, "2026-01-01") == ()
    nothing = Upkeep(trials=(), case_ids=CASES, rules=upkeep.rules)
    assert nothing.expired(listed, "2026-01-02") == ()


def test_a_pass_that_a_list_elsewhere_names_remains_to_be_done(suite_terms: Terms) -> None:
    other = known_list({"entries": [ENTRY]}, source="other", runner="java", terms=suite_terms)
    rules = frozenset({"naming.target"})

    def elsewhere(*trials: JudgedTrial) -> list[str]:
        upkeep = Upkeep(trials=trials, case_ids=CASES, rules=rules, others=(other,))
        return [listed.source for listed, _ in upkeep.passing_elsewhere()]

    assert elsewhere(trial(A)) == ["other"]
    assert elsewhere(trial(A, "naming.target"), trial("auth/x/y")) == []
