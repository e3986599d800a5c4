"""Two versions of one SDK: what counts as a difference and what always changes."""

from dataclasses import replace

import pytest

from conformance.judge.profile_diff import VersionProfile, comparable, differences, outcome, pairs
from conformance.model.case import Level
from conformance.model.verdict import Finding, Outcome, ProfileItem, Verdict

OLD = VersionProfile(
    lane="java@3.17.4",
    outcomes={"a/b/one": "pass", "a/b/two": "pass"},
    entries={"a/b/one": (("headers", "Host"),), "a/b/two": (("headers", "Host"),)},
    items=(),
)
NEW = replace(OLD, lane="java@3.18.4")


def item(value: str, name: str = "retries-on-503", count: int = 1) -> ProfileItem:
    return ProfileItem(name=name, value=value, count=count, cases=("a/b/one",))


def doing(profile: VersionProfile, *items: ProfileItem) -> VersionProfile:
    return replace(profile, items=items)


def test_lanes_of_one_runner_are_compared_one_after_the_other() -> None:
    lanes = ["java@3.17.4", "rest", "java@3.18.4", "java@path:/a", "go@3.0.2"]
    assert list(pairs(lanes)) == [
        ("java@3.17.4", "java@3.18.4"),
        ("java@3.18.4", "java@path:/a"),
    ]


def test_versions_that_do_the_same_are_equal() -> None:
    assert differences(OLD, NEW).equal


def test_another_verdict_is_a_difference_and_hides_that_of_its_profile() -> None:
    new = replace(
        NEW,
        outcomes={**NEW.outcomes, "a/b/one": "fail (errors.code)"},
        entries={**NEW.entries, "a/b/one": (("headers", "Host, Accept"),)},
    )
    found = differences(OLD, new)
    assert found.outcomes == (("a/b/one", "pass", "fail (errors.code)"),)
    assert found.entries == ()


def test_cases_that_differ_in_the_same_entries_are_listed_together() -> None:
    new = replace(NEW, entries=dict.fromkeys(OLD.entries, (("headers", "Host, Accept"),)))
    assert differences(OLD, new).entries == ((("headers",), ("a/b/one", "a/b/two")),)


def test_another_value_of_an_observation_is_a_difference() -> None:
    found = differences(doing(OLD, item("yes")), doing(NEW, item("no")))
    assert found.items == (("retries-on-503", "yes", "no"),)
    assert not found.equal


def test_an_observation_that_only_one_of_them_made_is_no_difference() -> None:
    assert differences(doing(OLD, item("yes")), NEW).equal


def test_a_value_that_only_cases_of_one_run_show_is_no_difference() -> None:
    elsewhere = replace(item("no"), cases=("a/b/three",))
    assert differences(doing(OLD, item("yes"), elsewhere), doing(NEW, item("yes"))).equal
    more = replace(elsewhere, count=2)  # the other case is not listed, and may be one of both
    assert not differences(doing(OLD, item("yes"), more), doing(NEW, item("yes"))).equal


def test_how_often_an_observation_was_made_is_no_difference() -> None:
    assert differences(doing(OLD, item("yes")), doing(NEW, item("yes", count=2))).equal


@pytest.mark.parametrize(
    ("before", "after", "equal"),
    [
        ("0.6, 1.2, 2.4 s", "0.7, 1.3, 2.4 s", True),
        ("0.6 s", "0.0 s", False),
        ("0.6 s", "0.6, 1.2 s", False),
        ("4.0 s", "5.0 s", True),
    ],
)
def test_times_differ_when_they_are_far_apart(before: str, after: str, equal: bool) -> None:
    one, other = item(before, "retry-delays"), item(after, "retry-delays")
    assert differences(doing(OLD, one), doing(NEW, other)).equal == equal


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("user-agent", "aliyun-sdk-go/v3.0.1 (linux)", "aliyun-sdk-go/v3.0.2 (linux)"),
        ("turn-2-user-agent", "oss/2.18.4", "oss/2.19.1"),
        ("request-intervals", "0.6 s", "0.7 s"),
        ("turn-2-elapsed", "0.4 s, read timeout 0.4 s", "0.5 s, read timeout 0.4 s"),
        ("raw-query", "Expires=1700000000&Signature=abc%3D", "Expires=1700000009&Signature=x"),
        ("observed-answer", "error, service: 'a 5C3D9175B6FC201293AD4890'", "error, service: 'b'"),
        ("observed-parsed", "refused: 'at Reader@1f2e'", "refused: 'at Reader@77aa'"),
        ("observed-request-id", "'5C3D9175B6FC201293AD4890'", "'64BA4685A645AE37313CBD14'"),
    ],
)
def test_what_always_changes_is_left_out(name: str, before: str, after: str) -> None:
    assert comparable([(name, before)]) == comparable([(name, after)])


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("raw-query", "x-oss-process=image/bodies", "x-oss-process=image%2Fbodies"),
        ("user-agent", "aliyun-sdk-go/v3.0.1", "aliyun-sdk-python/2.18.4"),
        ("observed-answer", "error, service: 'a'", "error, transport: 'a'"),
    ],
)
def test_what_an_sdk_does_differently_stays(name: str, before: str, after: str) -> None:
    assert comparable([(name, before)]) != comparable([(name, after)])


def test_a_verdict_is_compared_by_outcome_and_rules() -> None:
    finding = Finding(
        rule="errors.code", where="", expected="", got="", why="", claim=Level.REQUIRED
    )
    verdict = Verdict(case="a/b/one", lane="rest", outcome=Outcome.FAIL, findings=(finding,) * 2)
    assert outcome(verdict) == "fail (errors.code)"
    assert outcome(replace(verdict, outcome=Outcome.PASS, findings=())) == "pass"
