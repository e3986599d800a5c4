"""The bounds of a trial: what a lane may use while one script is armed.

A client that follows redirects or retries without end must stop some time, and must not fill the
memory of the mock, which serves the other lanes too. No case needs a hundredth of these bounds.
"""

from collections import Counter

from conformance.model.limits import TRIAL_BYTES

REQUESTS = 1_000
CONNECTIONS = 1_000  # each has at most one TLS handshake
# Without a byte from a client whose turn it is, after which its connection is closed: the
# keepalive_timeout of nginx. No case pauses for that long.
IDLE_SECONDS = 75
# Since the first connection; the engine ends a call long before (engine/call_limit.py).
SECONDS = 600

_BOUNDS = {
    "requests": (REQUESTS, f"{REQUESTS:,} requests"),
    "connections": (CONNECTIONS, f"{CONNECTIONS:,} connections"),
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
        """Add to `requests`, `connections` or `bytes`; whether all bounds hold. now: seconds."""
        self._used[kind] += amount
        self._since = now if self._since is None else self._since
        bound, text = _BOUNDS[kind]
        if self.exceeded is None and self._used[kind] > bound:
            self.exceeded = text
        elif self.exceeded is None and now - self._since > SECONDS:
            self.exceeded = f"{SECONDS} seconds"
        return self.exceeded is None
