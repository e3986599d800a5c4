"""How long a runner may take to answer a call. Pure.

An SDK waits at most for its time-outs, each once for an attempt, and for the pauses of the script
and of its program. What it waits for without a time-out, the script bounds. To that comes what a
busy machine takes, so that a runner is called silent only if it never would have answered.
"""

from collections.abc import Iterator

from conformance.model.case import JSON, Input, Script, Turn

# Seconds. A call without a wait takes milliseconds; a JVM that loads its first classes while other
# programs keep every processor busy took 4 s.
BUSY = 30.0
# The SDKs make at most 4 attempts (Java).
ATTEMPTS = 4


def call_limit(turn: Turn) -> float:
    """Seconds to answer the calls of a turn."""
    program = max(_milliseconds(given) for given in turn.inputs) / 1000.0
    return BUSY + program + sum(_pauses(turn.script))


def _milliseconds(given: Input) -> int:
    """What one call waits for the server and by itself."""
    timeouts = (given.connect_timeout or 0) + (given.read_timeout or 0)
    return ATTEMPTS * timeouts + (0 if given.consume is None else given.consume.pause)


def _pauses(script: Script) -> Iterator[float]:
    """The pauses of the mock if every reply is sent once."""
    for reply in script.replies:
        for kind, value in reply.faults:
            yield _paused(kind, value, len(reply.body))


def _paused(kind: str, value: JSON, length: int) -> float:
    if kind == "delay":
        return float(value)
    if kind == "stall":
        return float(value["seconds"])
    if kind == "drip":
        return float(value["pause"] * (length // value["bytes"] + 1))
    return 0.0
