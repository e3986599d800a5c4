"""What public documentation does not say, so that no case may require or recommend it.

Each row was looked for and is absent from public text; to expect it would make a guess of the suite
a standard. What concerns one operation is in its document (`schemas/operations/`), what concerns
the service as a whole in the table below. `as-sent` is no claim on the service (it asks the SDK to
pass on what the mock chose to say), so most rows refuse literal values only.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from conformance.corpus.merging import CLAIMED, MergedTurn
from conformance.documents.mistake import Mistake
from conformance.operation.definition import Undocumented

Json = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRow:
    """A point that is undocumented whatever the operation."""

    when: Callable[[MergedTurn], bool]
    expectations: tuple[str, ...]
    unless_as_sent: bool  # whether `as-sent` may be expected all the same
    reason: str
    allowed: tuple[Json, ...] = ()  # values that may be expected
    holding: str = ""  # only values that have this text in them


def _codes(turn: MergedTurn, name: str) -> list[str]:
    """The values of an element in the errors that the turn is answered with."""
    replies = turn.script["replies"]
    return [reply["error"].get(name, "") for reply in replies if "error" in reply]


def _format_error(turn: MergedTurn) -> bool:
    # 201, 226 and 227 are the ones whose status is published.
    return any(re.fullmatch(r"0002-000002(?!01|26|27)\d\d", ec) for ec in _codes(turn, "ec"))


def _window_error(turn: MergedTurn) -> bool:
    return any(ec in ("0002-00000235", "0002-00000236") for ec in _codes(turn, "ec"))


def _always(_: MergedTurn) -> bool:
    return True


TABLE: tuple[ServiceRow, ...] = (
    ServiceRow(
        when=_always,
        expectations=("method",),
        unless_as_sent=False,
        allowed=("GET",),
        reason="what HEAD or another method does with x-oss-process is not published",
    ),
    ServiceRow(
        when=_always,
        expectations=("status",),
        unless_as_sent=False,
        allowed=("as-sent", *(code for code in range(200, 600) if code not in (206, 416))),
        reason="what a Range does with x-oss-process is not published",
    ),
    ServiceRow(
        when=_always,
        expectations=("ec",),
        unless_as_sent=True,
        reason="the documentation says that EC values are not stable",
    ),
    ServiceRow(
        when=_always,
        expectations=("message", "prints"),
        unless_as_sent=False,
        holding="CanonicalRequest",
        reason="a CanonicalRequest in the error body of a V4 mismatch is not published",
    ),
    ServiceRow(
        when=_format_error,
        expectations=("status",),
        unless_as_sent=True,
        reason="the status of most signature format errors is not published",
    ),
    ServiceRow(
        when=_window_error,
        expectations=("status", "code"),
        unless_as_sent=True,
        reason="status and code of a presigned URL outside its window are not published",
    ),
)

# The conditions of operation documents: whether a turn is one that the row is about.
CONDITIONS: dict[str, Callable[[MergedTurn, tuple[str, ...]], bool]] = {
    "anonymous": lambda turn, _: turn.input["credentials"] is None,
    "undocumented_string": lambda turn, _: not turn.operation.documented(turn.string),
    "parameters": lambda turn, strings: turn.string in strings,
    "error_codes": lambda turn, codes: not set(codes).isdisjoint(_codes(turn, "code")),
}


def expected_all_the_same(turn: MergedTurn) -> Iterator[Mistake]:
    """The expectations of a turn that no public document supports."""
    for level in CLAIMED:
        for name, value in turn.expect.get(level, {}).items():
            row = _row(turn, name, value)
            if row is not None:
                yield Mistake(
                    place=turn.place("expect", level, name),
                    rule=f"{name} cannot be {level}: {row.reason}",
                    remedy="observe it" + (", or expect as-sent" if row.unless_as_sent else ""),
                )


def _row(turn: MergedTurn, name: str, value: Json) -> ServiceRow | Undocumented | None:
    """The first row that refuses a value, the operation's before the service's."""
    for own in turn.operation.undocumented:
        if _concerns(own, name, value) and CONDITIONS[own.condition](turn, own.among):
            return own
    for row in TABLE:
        if (
            _concerns(row, name, value)
            and value not in row.allowed
            and row.holding in str(value)
            and row.when(turn)
        ):
            return row
    return None


def _concerns(row: ServiceRow | Undocumented, name: str, value: Json) -> bool:
    return name in row.expectations and not (row.unless_as_sent and value == "as-sent")
