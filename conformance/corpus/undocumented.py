"""What public documentation does not say, so that no case may claim it of the service.

Each row was looked for and is absent from public text. A claim on such a point would
make the suite's guess a standard. Rows are data: which cases, which expectations, why. `as-sent`
is no claim on the service (it asks the SDK to hand on what the mock chose to say), so most rows
refuse only literal values; `observed` never claims anything.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from conformance.corpus.merging import LaidTurn
from conformance.corpus.strict_json import Mistake
from conformance.model.message import ERROR_FIELDS

Json = Any
# The strings that the documentation gives a meaning to: sen 0 to 100, or none.
DOCUMENTED = re.compile(r"image/bodies(,sen_(0|[1-9]\d?|100))?")

_RESULT = (
    *("answer", "origin", *ERROR_FIELDS),
    *("content", "parsed", "exit", "prints"),
)
_SAYS = ("status", "code", "message", "ec", "parsed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Undocumented:
    """One point: for turns that `when` holds of, no claim on `names` (`literal`: but `as-sent`).

    allowed: values that may be claimed all the same. holding: only values with this text in them.
    """

    when: Callable[[LaidTurn], bool]
    names: tuple[str, ...]
    literal: bool
    reason: str
    allowed: tuple[Json, ...] = ()
    holding: str = ""


def asked(given: Json) -> str:
    """The processing string that an input asks for."""
    if given["process"] is not None:
        return str(given["process"])
    return "image/bodies" if given["sen"] is None else f"image/bodies,sen_{given['sen']}"


def _anonymous(turn: LaidTurn) -> bool:
    return turn.input["credentials"] is None


def _undocumented(turn: LaidTurn) -> bool:
    return DOCUMENTED.fullmatch(asked(turn.input)) is None


def _edge(turn: LaidTurn) -> bool:
    return asked(turn.input) in ("image/bodies,sen_0", "image/bodies,sen_100")


def _ecs(turn: LaidTurn) -> tuple[str, ...]:
    return tuple(r["error"].get("ec", "") for r in turn.script["replies"] if "error" in r)


def _format_error(turn: LaidTurn) -> bool:
    # 201, 226 and 227 are the ones whose status is published.
    return any(re.fullmatch(r"0002-000002(?!01|26|27)\d\d", ec) for ec in _ecs(turn))


def _window_error(turn: LaidTurn) -> bool:
    return any(ec in ("0002-00000235", "0002-00000236") for ec in _ecs(turn))


def _detection_error(turn: LaidTurn) -> bool:
    codes = [r["error"]["code"] for r in turn.script["replies"] if "error" in r]
    return "Imm Client" in codes or "InvalidProject.NotFound" in codes


def _always(turn: LaidTurn) -> bool:
    return bool(turn.layers)


TABLE: tuple[Undocumented, ...] = (
    Undocumented(
        when=_anonymous,
        names=("verified", "ec", "exit", "prints"),
        literal=False,
        reason="which code and EC the service gives an anonymous image/bodies is not published",
    ),
    Undocumented(
        when=_anonymous,
        names=_SAYS,
        literal=True,
        reason="anonymous access is denied; with which status, code and message is not published",
    ),
    Undocumented(
        when=_undocumented,
        names=_RESULT,
        literal=False,
        reason="what the service answers to a sen outside 0..100, or to any other string than the "
        "documented ones, is not published",
    ),
    Undocumented(
        when=_edge,
        names=_SAYS,
        literal=True,
        reason="what the service detects at sen 0 and sen 100 is not published",
    ),
    Undocumented(
        when=_always,
        names=("method",),
        literal=False,
        allowed=("GET",),
        reason="what HEAD or another method does with x-oss-process is not published",
    ),
    Undocumented(
        when=_always,
        names=("status",),
        literal=False,
        allowed=("as-sent", *(code for code in range(200, 600) if code not in (206, 416))),
        reason="what a Range does with x-oss-process is not published",
    ),
    Undocumented(
        when=_always,
        names=("ec",),
        literal=True,
        reason="the documentation says that EC values are not stable",
    ),
    Undocumented(
        when=_always,
        names=("message", "prints"),
        literal=False,
        holding="CanonicalRequest",
        reason="a CanonicalRequest in the error body of a V4 mismatch is not published",
    ),
    Undocumented(
        when=_format_error,
        names=("status",),
        literal=True,
        reason="the status of most signature format errors is not published",
    ),
    Undocumented(
        when=_window_error,
        names=("status", "code"),
        literal=True,
        reason="status and code of a presigned URL outside its window are not published",
    ),
    Undocumented(
        when=_detection_error,
        names=("status",),
        literal=True,
        reason="the status of an error of the detection service, or of a bucket that is not bound "
        "to it, is not published",
    ),
)


def claims(turn: LaidTurn) -> Iterator[Mistake]:
    """The claims of a turn that no public word supports."""
    for claim in ("required", "recommended"):
        for name, value in turn.expect.get(claim, {}).items():
            row = next((row for row in TABLE if _refused(row, turn, name, value)), None)
            if row is not None:
                yield Mistake(
                    place=turn.place("expect", claim, name),
                    rule=f"{name} cannot be {claim}: {row.reason}",
                    remedy="list it in observed" + (", or use as-sent" if row.literal else ""),
                )


def _refused(row: Undocumented, turn: LaidTurn, name: str, value: Json) -> bool:
    if name not in row.names or value in row.allowed or row.holding not in str(value):
        return False
    return row.when(turn) and not (row.literal and value == "as-sent")
