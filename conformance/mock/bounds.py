"""The bounds of a trial: what a lane may use while one script is armed.

A client that follows redirects or retries without end must stop some time, must not fill the
memory of the mock, and must not take the processor from the other lanes. The cases make at most 32
requests and connections in a trial, which take 0.03 seconds of the processor.
"""

from collections import Counter

from conformance.model.limits import TRIAL_BYTES

REQUESTS = 1_000
CONNECTIONS = 1_000
# They take some tenths of a second of the processor, like a thousand requests.
HANDSHAKES = 200
# Seconds of the processor that a trial may take before the mock answers it more slowly.
_FREE = 0.5
# How much longer the mock then stops than it has worked.
_TIMES = 9
# Seconds of the processor for which it does not stop yet, and the longest stop: a message from the
# engine may wait.
_LEAST, _LONGEST = 0.001, 0.05
# Without a byte from a client whose turn it is, after which its connection is closed: the
# keepalive_timeout of nginx. No case pauses for that long.
IDLE_SECONDS = 75
# Since the first connection; the engine ends a call long before (engine/call_limit.py).
SECONDS = 600

_BOUNDS = {
    "requests": (REQUESTS, f"{REQUESTS:,} requests"),
    "connections": (CONNECTIONS, f"{CONNECTIONS:,} connections"),
    "handshakes": (HANDSHAKES, f"{HANDSHAKES:,} TLS handshakes"),
    "bytes": (TRIAL_BYTES, f"{TRIAL_BYTES >> 20} MiB"),
}


class Usage:
    """What a lane has used since its script was armed."""

    def __init__(self) -> None:
        self._used: Counter[str] = Counter()
        self._since: float | None = None
        # The bound that was passed first; None while all hold.
        self.exceeded: str | None = None

    def add(self, kind: str, amount: int, now: float) -> bool:
        """Add to what is used; whether all bounds hold. kind: see `Responder.use`. now: seconds."""
        self._used[kind] += amount
        self._since = now if self._since is None else self._since
        bound, text = _BOUNDS[kind]
        if self.exceeded is None and self._used[kind] > bound:
            self.exceeded = text
        elif self.exceeded is None and now - self._since > SECONDS:
            self.exceeded = f"{SECONDS} seconds"
        return self.exceeded is None


class Pace:
    """How long the process of a lane stops between two steps, so that it works a tenth of the time.

    It does so in a trial that has taken much of the processor, whatever the client does: bounds in
    numbers cannot foresee what is expensive. It serves no other lane. taken: seconds of the
    processor that it has taken so far.
    """

    def __init__(self, taken: float) -> None:
        self._settled = taken + _FREE

    def stop(self, taken: float) -> float:
        """How many seconds to stop now."""
        worked = taken - self._settled
        if worked < _LEAST:
            return 0.0
        self._settled = taken
        return min(worked * _TIMES, _LONGEST)
