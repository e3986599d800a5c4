"""The order of versions in each ecosystem, by the examples that its own rules give."""

import pytest

from conformance.model.version_order import RULES, ordered

# Oldest first; each list from the rules' own documents, or from releases of the SDKs.
ORDERS = {
    "pypi": ["1.0.dev1", "1.0a2", "1.0b1", "1.0rc1", "1.0", "1.0.post1", "1.1", "1.10", "1!0.1"],
    "maven": [
        "1-alpha-1", "1-beta", "1-milestone1", "1-rc", "1-SNAPSHOT", "1", "1-sp", "1-abc", "1-1",
        "1.1", "1.2", "1.10", "3.17.4", "3.18.0",
    ],
    "semver": [
        "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
        "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "v2.2.9+incompatible", "3.0.2", "3.0.10",
    ],
    "composer": [
        "1.0.0-dev", "1.0.0-alpha2", "1.0.0-beta1", "1.0.0-beta10", "v1.0.0-RC1", "1.0.0",
        "1.0.0-patch1", "v2.7.0", "2.7.2", "2.10",
    ],
}  # fmt: skip
PRERELEASES = {
    "pypi": {"1.0.dev1", "1.0a2", "1.0b1", "1.0rc1"},
    "maven": {"1-alpha-1", "1-beta", "1-milestone1", "1-rc", "1-SNAPSHOT"},
    "semver": {one for one in ORDERS["semver"] if "-" in one},
    "composer": {"1.0.0-dev", "1.0.0-alpha2", "1.0.0-beta1", "1.0.0-beta10", "v1.0.0-RC1"},
}


@pytest.mark.parametrize("name", RULES)
def test_versions_are_in_the_order_of_their_ecosystem(name: str) -> None:
    versions = ORDERS[name]
    assert list(ordered(reversed(versions), RULES[name])) == versions


@pytest.mark.parametrize("name", RULES)
def test_a_pre_release_is_told_from_a_release(name: str) -> None:
    told = {one for one in ORDERS[name] if RULES[name].prerelease(one)}
    assert told == PRERELEASES[name]


@pytest.mark.parametrize("name", RULES)
def test_a_text_that_is_no_version_is_left_out(name: str) -> None:
    assert ordered(["1.0.0", "master", ""], RULES[name]) == ("1.0.0",)


@pytest.mark.parametrize(("one", "other"), [("1", "1.0.0"), ("1-ga", "1"), ("1-a1", "1-alpha-1")])
def test_maven_takes_these_for_the_same_version(one: str, other: str) -> None:
    key = RULES["maven"].key
    assert key(one) == key(other)
