"""The search for the version in which a verdict changed."""

import math
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from conformance.engine.bisection import Change, change, next_version


def searched(outcomes: Sequence[str | None]) -> tuple[list[str], Change | None, list[str]]:
    """The versions, the change that was found, and the versions that were judged in their order."""
    versions = [str(number) for number in range(len(outcomes))]
    seen: dict[str, str | None] = {}
    while (version := next_version(versions, seen)) is not None:
        assert version not in seen
        seen[version] = outcomes[int(version)]
    ends = (seen.get(versions[0]), seen.get(versions[-1]))
    return versions, None if None in ends else change(versions, seen), list(seen)


@given(st.integers(1, 40), st.integers(1, 40))
def test_one_change_is_found_in_logarithmically_many_steps(before: int, after: int) -> None:
    versions, found, judged = searched(["pass"] * before + ["fail"] * after)
    assert found == Change(before=versions[before - 1], after=versions[before])
    assert len(judged) <= 2 + math.ceil(math.log2(len(versions)))


@given(st.lists(st.sampled_from(["pass", "fail", "other", None]), min_size=2, max_size=12))
def test_what_is_found_is_a_change_between_versions_that_nothing_judged_separates(
    outcomes: list[str | None],
) -> None:
    _, found, judged = searched(outcomes)
    assert len(judged) == len(set(judged))
    if found is None:
        assert outcomes[0] == outcomes[-1] or None in (outcomes[0], outcomes[-1])
    else:
        before, after = outcomes[int(found.before)], outcomes[int(found.after)]
        assert before == outcomes[0]
        assert after not in (None, before)
        assert all(outcomes[int(one)] is None for one in found.between)


def test_equal_ends_are_judged_and_nothing_else() -> None:
    _, found, judged = searched(["pass", "fail", "fail", "pass"])
    assert found is None
    assert judged == ["0", "3"]


def test_a_version_that_cannot_be_judged_is_passed_over() -> None:
    _, found, _ = searched(["pass", "pass", None, "fail", "fail"])
    assert found == Change(before="1", after="3", between=("2",))


def test_an_end_that_cannot_be_judged_ends_the_search() -> None:
    _, found, judged = searched([None, "pass", "fail"])
    assert found is None
    assert judged == ["0"]
