"""Ranges of versions: what each form of a lane's name selects."""

import pytest

from conformance.model.version_order import RULES
from conformance.model.version_range import VersionRange, read_range, versions_in

RELEASED = ["3.18.0", "3.17.3", "3.17.4", "3.18.0-beta1", "4.0.0", "4.1.0-rc1"]


def selected(text: str) -> list[str]:
    wanted = read_range(text)
    assert wanted is not None
    return list(versions_in(wanted, RELEASED, RULES["semver"], "3.17.4"))


@pytest.mark.parametrize(
    ("text", "versions"),
    [
        ("all", ["3.17.4", "3.18.0", "4.0.0"]),
        ("all+pre", ["3.17.4", "3.18.0-beta1", "3.18.0", "4.0.0", "4.1.0-rc1"]),
        ("latest", ["4.0.0"]),
        ("latest+pre", ["4.1.0-rc1"]),
        (">=3.17.3", ["3.17.3", "3.17.4", "3.18.0", "4.0.0"]),
        (">3.17.3,<4.0.0", ["3.17.4", "3.18.0"]),
        (">=3.17.4, <=3.18.0", ["3.17.4", "3.18.0"]),
        (">9.0.0", []),
    ],
)
def test_a_range_selects_released_versions_oldest_first(text: str, versions: list[str]) -> None:
    assert selected(text) == versions


@pytest.mark.parametrize("text", ["", "3.17.4", "path:.", "2.0+local"])
def test_a_single_version_is_no_range(text: str) -> None:
    assert read_range(text) is None


@pytest.mark.parametrize("text", [">=", ">=,<4", ">=3 <4", "=>3.1.0", ">=3.1.0,"])
def test_a_malformed_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        read_range(text)


def test_a_bound_that_is_no_version_by_the_rules_is_refused() -> None:
    with pytest.raises(ValueError, match="3x"):
        versions_in(VersionRange(bounds=((">=", "3x"),)), RELEASED, RULES["semver"], "3.17.4")
