"""What happened in one trial as text: requests, responses, and what the program got.

Pure. A line begins with what it is: `>` what the client sent, `<` what it received. Lines are not
wrapped, because they are compared and copied.
"""

from collections.abc import Iterator
from typing import Any

from conformance.model.verdict import Transcript
from conformance.report.html.trial_evidence import Bounds, trial_evidence

# By default; long enough for every field of a request, an error document and a list of bodies.
SHORT = Bounds(text=700)
WHOLE = Bounds(text=1 << 40, requests=1 << 20)
CUT = "... ("  # behind what is shown of a longer text, before its length
_NAMES = 14  # columns of the names of what the program got


def trial_text(transcript: Transcript, bounds: Bounds = SHORT) -> list[str]:
    """The lines about one trial; secrets are masked, as they are in the transcript."""
    evidence = trial_evidence(transcript, {}, bounds)
    out = [f"--- {transcript.lane}"]
    for number, turn in enumerate(evidence["turns"], start=1):
        out += _turn(turn, f"call {number}" if len(evidence["turns"]) > 1 else "call")
    for name in ("stderr", "problem", "skipped"):
        if name in evidence:
            out += _named({"stderr": "standard error"}.get(name, name), evidence[name])
    return out


def _turn(turn: list[Any], name: str) -> Iterator[str]:
    got, exchanges, notes, milliseconds, to_proxy = turn
    for place, shown in (("request", exchanges), ("request to the proxy", to_proxy)):
        for number, exchange in enumerate(shown, start=1):
            sent, body, received, content, how, at, *_ = exchange
            yield f"{name}, {place} {number} ({how}; after {at} ms)"
            yield from (f"  > {line}".rstrip() for line in _lines(sent, body))
            answer = _lines(received, content) or ["(nothing)"]
            yield from (f"  < {line}".rstrip() for line in answer)
    for note in notes:
        yield f"{name}, note: {note}"
    yield f"{name}, the program got after {milliseconds} ms"
    for label, text in got:
        yield from _named(label, text)


def _lines(head: list[str], body: str) -> list[str]:
    """The lines of a message; those of the head end with an empty one."""
    lines = [line for line in head if line]
    return [*lines, *(["", *body.splitlines()] if body else [])]


def _named(name: str, text: str) -> Iterator[str]:
    first, *rest = text.splitlines() or [""]
    yield f"  {name:<{_NAMES}} {first}".rstrip()
    yield from (f"  {'':<{_NAMES}} {line}" for line in rest)
