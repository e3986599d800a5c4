"""The order of an SDK's versions, by the rules of its package ecosystem.

Pure. Each rule turns a version into a key that sorts, and tells a pre-release. A text that the
rules do not cover has no key: it cannot be placed among the others.

- `pypi`: PEP 440.
- `maven`: the version order specification of the POM reference, with its qualifiers.
- `semver`: Semantic Versioning 2.0.0, as Go modules use it (`v` before it, `+incompatible` after).
- `composer`: the stabilities of Composer (dev, alpha, beta, RC, stable, patch).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from packaging.version import InvalidVersion, Version

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRule:
    """How one ecosystem orders versions."""

    key: Callable[[str], Key | None]  # None: not a version by these rules
    prerelease: Callable[[str], bool]  # of a text that has a key


def ordered(versions: Iterable[str], rule: VersionRule) -> tuple[str, ...]:
    """The versions, oldest first, each once; those without a key are left out."""
    keyed = ((rule.key(version), version) for version in dict.fromkeys(versions))
    return tuple(version for key, version in sorted(pair for pair in keyed if pair[0] is not None))


def _pypi(text: str) -> Key | None:
    try:
        return (Version(text),)
    except InvalidVersion:
        return None


_SEMVER = re.compile(
    r"v?(?P<release>\d+\.\d+\.\d+)(?:-(?P<pre>[0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?"
)


def _semver(text: str) -> Key | None:
    match = _SEMVER.fullmatch(text)
    if match is None:
        return None
    release = tuple(map(int, match["release"].split(".")))
    if match["pre"] is None:
        return release, 1, ()
    # Clause 11: numeric identifiers are lower than the others.
    parts = match["pre"].split(".")
    return release, 0, tuple((0, int(one)) if one.isdigit() else (1, one) for one in parts)


# The rank of a missing token, and of a release; everything below it is a pre-release.
_RELEASED = 1
_MAVEN_PRE = ("alpha", "beta", "milestone", "rc", "snapshot")
_MAVEN_SAME = {"cr": "rc", "ga": "", "final": "", "release": ""}
_MAVEN_SHORT = {"a": "alpha", "b": "beta", "m": "milestone"}  # only directly before a digit


def _maven(text: str) -> Key | None:
    if not re.fullmatch(r"\d[0-9A-Za-z._+-]*", text):
        return None
    tokens: list[tuple[Any, ...]] = []
    parts = re.findall(r"([.-]?)(\d+|[^\d.-]+)", text.lower().replace("_", "-"))
    for number, (separator, part) in enumerate(parts):
        if separator != ".":  # a hyphen, or a change between digits and letters
            _trim(tokens)
        before_digit = number + 1 < len(parts) and not parts[number + 1][0]
        tokens.append(_maven_token(separator, part, before_digit=before_digit))
    _trim(tokens)
    return *tokens, (_RELEASED,)  # what a shorter version is padded with


def _maven_token(separator: str, part: str, *, before_digit: bool) -> tuple[Any, ...]:
    if part.isdigit():
        return (5 if separator == "." else 4, int(part))
    name = _MAVEN_SHORT.get(part, part) if before_digit else part
    name = _MAVEN_SAME.get(name, name)
    if name in _MAVEN_PRE:
        return 0, _MAVEN_PRE.index(name)
    return {"": (_RELEASED,), "sp": (2,)}.get(name, (3, name))


def _trim(tokens: list[tuple[Any, ...]]) -> None:
    """Remove what says nothing at the end: `1.0.0` is `1`."""
    while tokens and tokens[-1] in ((5, 0), (4, 0), (_RELEASED,)):
        tokens.pop()


_COMPOSER = re.compile(
    r"v?(?P<release>\d+(?:\.\d+){0,3})"
    r"(?:[._-]?(?P<stability>stable|alpha|a|beta|b|rc|patch|pl|p)(?:[.-]?(?P<number>\d+))?)?"
    r"(?P<dev>[.-]?dev)?(?:\+.*)?",
    re.IGNORECASE,
)
_STABILITIES = {
    "alpha": -3, "a": -3, "beta": -2, "b": -2, "rc": -1, "stable": 0, "patch": 1, "pl": 1, "p": 1,
}  # fmt: skip


def _composer(text: str) -> Key | None:
    match = _COMPOSER.fullmatch(text)
    if match is None:
        return None
    release = (*map(int, match["release"].split(".")), 0, 0, 0)[:4]
    stability = -4 if match["dev"] else _STABILITIES[(match["stability"] or "stable").lower()]
    return release, stability, int(match["number"] or 0)


RULES: Mapping[str, VersionRule] = {
    "pypi": VersionRule(key=_pypi, prerelease=lambda text: Version(text).is_prerelease),
    "maven": VersionRule(
        key=_maven, prerelease=lambda text: any(token[0] == 0 for token in _maven(text) or ())
    ),
    "semver": VersionRule(key=_semver, prerelease=lambda text: (_semver(text) or ((), 1))[1] == 0),
    "composer": VersionRule(
        key=_composer, prerelease=lambda text: (_composer(text) or ((), 0))[1] < 0
    ),
}
