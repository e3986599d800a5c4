"""Behaviour that no public document describes, so that no case may require or recommend it.

Public text was searched for each row and says nothing; an expectation would turn a guess into a
standard. Rows about one operation are in its document (`schemas/operations/`), rows about the
service as a whole in the table below. `as-sent` claims nothing about the service (the SDK only has
to pass on what the mock sent), so several rows reject literal values only.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from conformance.corpus.merging import CLAIMED, MergedTurn
from conformance.documents.mistake import Mistake
from conformance.model.manifest import SAMPLE
from conformance.operation.definition import Undocumented

Json = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRow:
    """A point that is undocumented for every operation."""

    expectations: tuple[str, ...]  # names of expectations that are not allowed
    reason: str  # a clause
    when: Callable[[MergedTurn], bool] = lambda _: True  # whether the row applies to a turn
    unless_as_sent: bool = False  # whether `as-sent` is allowed nevertheless
    allowed: tuple[Json, ...] = ()  # values that may be expected
    containing: str = ""  # the row applies only to values that contain this text


def _codes(turn: MergedTurn, name: str) -> list[str]:
    """The values of an element in the error replies of a turn."""
    replies = turn.script["replies"]
    return [reply["error"].get(name, "") for reply in replies if "error" in reply]


def _format_error(turn: MergedTurn) -> bool:
    # The status is published for 201, 226 and 227 only.
    return any(re.fullmatch(r"0002-000002(?!01|26|27)\d\d", ec) for ec in _codes(turn, "ec"))


def _window_error(turn: MergedTurn) -> bool:
    return any(ec in ("0002-00000235", "0002-00000236") for ec in _codes(turn, "ec"))


TABLE: tuple[ServiceRow, ...] = (
    ServiceRow(
        expectations=("method",),
        allowed=("GET",),
        reason="what HEAD or another method does with x-oss-process is not published",
    ),
    ServiceRow(
        expectations=("status",),
        allowed=("as-sent", *(code for code in range(200, 600) if code not in (206, 416))),
        reason="what a Range does with x-oss-process is not published",
    ),
    ServiceRow(
        expectations=("ec",),
        unless_as_sent=True,
        reason="the documentation says that EC values are not stable",
    ),
    ServiceRow(
        expectations=("message", "prints"),
        containing="CanonicalRequest",
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

# The conditions in operation documents: whether a row applies to a turn.
CONDITIONS: dict[str, Callable[[MergedTurn, tuple[str, ...]], bool]] = {
    "anonymous": lambda turn, _: turn.input["credentials"] is None,
    "undocumented_string": lambda turn, _: not turn.operation.documented(turn.string),
    "parameters": lambda turn, strings: turn.string in strings,
    "error_codes": lambda turn, codes: not set(codes).isdisjoint(_codes(turn, "code")),
}


def unsupported_expectations(turn: MergedTurn) -> Iterator[Mistake]:
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
    """The first row that rejects a value; rows of the operation come first."""
    # A page's own program asks for what the page documents.
    own = turn.input["program"] not in (None, SAMPLE)
    for of_operation in () if own else turn.operation.undocumented:
        condition = CONDITIONS[of_operation.condition]
        if _concerns(of_operation, name, value) and condition(turn, of_operation.among):
            return of_operation
    for row in TABLE:
        if (
            _concerns(row, name, value)
            and value not in row.allowed
            and row.containing in str(value)
            and row.when(turn)
        ):
            return row
    return None


def _concerns(row: ServiceRow | Undocumented, name: str, value: Json) -> bool:
    return name in row.expectations and not (row.unless_as_sent and value == "as-sent")
