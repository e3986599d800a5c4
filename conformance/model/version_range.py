"""What stands for several versions in a lane's name: `all`, `latest`, `>=3.17.4`, `>=3.17,<4`.

Pure. `all` means every release from the documented minimum on; `latest` the newest of them. A
pre-release counts only behind `+pre`: `latest+pre`, `>=3.17.4+pre`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from conformance.model.version_order import Key, VersionRule, ordered

_PRE = "+pre"
_COMPARED = re.compile(r"(?P<operator>>=|<=|>|<)\s*(?P<version>[0-9v][^\s,<>=]*)")
SYNTAX = "all, latest, >=3.17.4 or >=3.17,<4, each with +pre behind it to include pre-releases"


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRange:
    """A range that was read; its text is valid."""

    latest: bool = False  # only the newest
    prereleases: bool = False
    bounds: tuple[tuple[str, str], ...] = ()  # operator, version; all must hold; none: `all`


def read_range(text: str) -> VersionRange | None:
    """The range that the part of a lane's name behind `@` means; None if it means no range.

    Raises ValueError for a text that is neither a range nor a single version.
    """
    body = text.removesuffix(_PRE)
    prereleases = body != text
    if body in ("all", "latest"):
        return VersionRange(latest=body == "latest", prereleases=prereleases)
    if not re.search("[<>=]", body):
        return None
    bounds = [_COMPARED.fullmatch(part.strip()) for part in body.split(",")]
    if not all(bounds):
        raise ValueError(text)
    found = tuple((one["operator"], one["version"]) for one in bounds if one is not None)
    return VersionRange(prereleases=prereleases, bounds=found)


def versions_in(
    wanted: VersionRange, released: Sequence[str], rule: VersionRule, minimum: str
) -> tuple[str, ...]:
    """The released versions in a range, oldest first.

    minimum: the lower end of a range without bounds. Raises ValueError for a bound that is not a
    version by these rules.
    """
    limits = [(operator, _key(version, rule)) for operator, version in wanted.bounds]
    if not limits:
        limits = [(">=", _key(minimum, rule))]
    found = [
        version
        for version in ordered(released, rule)
        if (wanted.prereleases or not rule.prerelease(version))
        and all(_holds(operator, _key(version, rule), limit) for operator, limit in limits)
    ]
    return tuple(found[-1:] if wanted.latest else found)


def _key(version: str, rule: VersionRule) -> Key:
    key = rule.key(version)
    if key is None:
        raise ValueError(version)
    return key


def _holds(operator: str, version: Key, limit: Key) -> bool:
    return {
        ">=": version >= limit,
        ">": version > limit,
        "<=": version <= limit,
        "<": version < limit,
    }[operator]
