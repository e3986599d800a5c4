"""Behaviour that the documentation leaves open: lanes side by side, in plain words.

Pure. Each cell has the values of a lane with cases that show them. Statuses for which every lane
does the same share a row.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.model.verdict import ProfileItem
from conformance.results import LaneProfile

_CASES = 5  # cases of one value
_STATUS = re.compile(r"retries-on-([0-9]+)")
_REUSED = "-with-reused-client"
_KINDS = {
    "without-content": "without content",
    "with-html": "with an HTML page",
    "with-json": "with JSON content",
}
_ENDS = {
    "reset": "the connection is reset",
    "cut-body": "the content is cut off",
    "timeout": "no response arrives within the read timeout",
    "timeout-in-body": "the content stops arriving",
    "closed": "the connection is closed without a response",
}
# Groups and their rows: the pattern of a name, and the behaviour in words.
_GROUPS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Retries",
        (
            (r"attempts-on-persistent-(\d+)", "Requests sent if every response has status {}"),
            (r"retry-delays", "Waits before the retries"),
            (r"honours-retry-after", "Waits as Retry-After asks"),
            (r"re-signs-retries", "Signs a retry again"),
            (r"retries-on-same-connection", "Retries on the same connection"),
        ),
    ),
    (
        "Redirects",
        (
            (r"follows-redirects-to-same-host", "Follows a redirect to the same host"),
            (r"follows-redirects-to-other-host", "Follows a redirect to another host"),
            (r"follows-redirects-to-http", "Follows a redirect from HTTPS to HTTP"),
            (r"sends-authorization-to-other-host", "Sends Authorization to another host"),
            (r"sends-authorization-over-http", "Sends Authorization over HTTP after a redirect"),
            (r"sends-token-to-other-host", "Sends the security token to another host"),
            (r"sends-token-over-http", "Sends the security token over HTTP after a redirect"),
            (r"re-signs-redirected-requests", "Signs a redirected request again"),
            (r"max-redirects", "Redirects followed at most"),
        ),
    ),
    ("Timeouts", ((r"read-timeout", "Read timeout in effect"),)),
    (
        "Content codings",
        (
            (r"accept-encoding", "Accept-Encoding of a request"),
            (r"decodes-(.+)", "Decodes content coded with {}"),
        ),
    ),
    (
        "Request header",
        (
            (r"user-agent", "User-Agent"),
            (r"extra-headers", "Fields besides those for signing"),
            (r"timestamp-header", "Field with the time of signing"),
            (r"port-in-host-header", "Host has the port of the endpoint"),
        ),
    ),
    (
        "Connections",
        (
            (r"connection", "Connection field of a request"),
            (r"reuses-connections", "Reuses a connection of a kept client"),
            (r"alpn", "Protocols offered with ALPN"),
            (r"handshakes-with-(.+)-certificate", "Handshakes with a certificate that is {}"),
        ),
    ),
    (
        "Errors",
        (
            (r"error-fields", "Fields of a service error that a program can read"),
            (r"errors-outside-the-sdk-types", "Errors outside the SDK's documented types"),
            (r"rejected-before-sending", "Rejected by the SDK before sending"),
        ),
    ),
)
_OTHER = "Other"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRow:
    """One behaviour, or the retries on several statuses."""

    label: str
    cells: tuple[tuple[ProfileItem, ...], ...]  # the values of each lane, the most frequent first
    differs: bool  # whether two lanes have different values


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenGroup:
    """Related behaviours under a heading."""

    heading: str
    rows: tuple[OpenRow, ...]


def open_behaviour(profiles: Sequence[LaneProfile]) -> list[OpenGroup]:
    """The groups that have rows; the cells of a row are in the order of the profiles."""
    by_name: dict[str, list[list[ProfileItem]]] = {}
    for number, profile in enumerate(profiles):
        for item in profile.items:
            by_name.setdefault(item.name, [[] for _ in profiles])[number].append(item)
    found: dict[str, list[tuple[tuple[int, str], OpenRow]]] = {}
    for names in _shared(by_name):
        heading, place, label = _in_words(names)
        cells = tuple(
            tuple(sorted(items, key=lambda item: -item.count)) for items in by_name[names[0]]
        )
        values = {frozenset(item.value for item in cell) for cell in cells if cell}
        row = OpenRow(label=label, cells=cells, differs=len(values) > 1)
        found.setdefault(heading, []).append(((place, label), row))
    order = [*(heading for heading, _ in _GROUPS), _OTHER]
    return [
        OpenGroup(heading=heading, rows=tuple(row for _, row in sorted(rows, key=lambda r: r[0])))
        for heading, rows in sorted(found.items(), key=lambda one: order.index(one[0]))
    ]


def cases_of(item: ProfileItem) -> tuple[str, ...]:
    """The first cases that show a value."""
    return item.cases[:_CASES]


def _shared(by_name: dict[str, list[list[ProfileItem]]]) -> Iterator[list[str]]:
    """The names, those of statuses with equal values together."""
    groups: dict[tuple[object, ...], list[str]] = {}
    for name in sorted(by_name):
        values = tuple(tuple(sorted(item.value for item in cell)) for cell in by_name[name])
        groups.setdefault(values if _STATUS.fullmatch(name) else (name,), []).append(name)
    yield from groups.values()


def _in_words(names: list[str]) -> tuple[str, int, str]:
    """The heading, the place below it, and the behaviour in words."""
    name = names[0]
    if _STATUS.fullmatch(name):
        return "Retries", 0, f"Retries on status {', '.join(n.rpartition('-')[2] for n in names)}"
    if name.startswith("retries-on-") and name != "retries-on-same-connection":
        return "Retries", 1, f"Retries {_when(name.removeprefix('retries-on-'))}"
    for heading, rows in _GROUPS:
        for place, (pattern, label) in enumerate(rows, start=2):
            if found := re.fullmatch(pattern, name):
                return heading, place, label.format(*found.groups())
    return _OTHER, 0, name.replace("-", " ").capitalize()


def _when(what: str) -> str:
    """When an SDK retries: `503-without-content`, `reset-with-reused-client`."""
    kept = " on a kept client" if what.endswith(_REUSED) else ""
    what = what.removesuffix(_REUSED)
    status, _, kind = what.partition("-")
    if status.isdecimal():
        return f"on status {status} {_KINDS.get(kind, kind.replace('-', ' '))}{kept}"
    return f"if {_ENDS.get(what, what.replace('-', ' '))}{kept}"
