"""The engine's side of the mock's protocol, shared by all lanes.

A lock is held from a message to its reply, so that the threads of the lanes can share the pipe; the
mock replies at once even while its listeners are busy. The JSON of a script is cached, since every
lane runs the same scripts.
"""

import json
import threading
import time
from collections.abc import Mapping
from typing import Any

from conformance.errors import MockError, RunnerError
from conformance.live.live_service import LiveService
from conformance.model.case import Script
from conformance.model.codec import journal_from, script_to
from conformance.model.http import Journal
from conformance.runner.channel import Channel

# Seconds. The mock replies within a millisecond, unless the machine is swapping.
_REPLY_LIMIT = 30.0
# The size of the cache in scripts, and the length up to which one is cached; few are longer.
_CACHED_SCRIPTS = 512
_CACHED_LENGTH = 64 * 1024


class MockClient:
    """A connection to the mock; raises MockError if the mock fails or breaks the protocol."""

    def __init__(self, channel: Channel, live: LiveService | None = None) -> None:
        self._channel = channel
        self._lock = threading.Lock()
        self._cache_lock = threading.Lock()
        self._seq = 0
        self._texts: dict[int, tuple[Script, str]] = {}
        self.live = live  # to which the mock forwards requests, as a tap; None: it answers them

    def start(
        self,
        *,
        certificates: Mapping[str, tuple[str, str]],
        listen: str,
        dialer: str | None = None,
    ) -> str:
        """Start the mock with PEM chains and keys by name; return the name of its event loop.

        dialer: of a live run, see `LiveEndpoint`.
        """
        message = {
            "type": "start",
            "protocol": 1,
            "certificates": dict(certificates),
            "listen": listen,
            "tap": None if self.live is None else self.live.tap(dialer),
        }
        loop: str = self._ask(json.dumps(message), "started")["loop"]
        return loop

    def add_lane(self, lane: str, *, peer: str | None = None) -> int | None:
        """Add a lane, identified by its peer address or by the port that is returned."""
        message = json.dumps({"type": "lane", "lane": lane, "peer": peer})
        port: int | None = self._ask(message, "lane")["port"]
        return port

    def arm(self, lane: str, script: Script | None) -> Journal:
        """Arm a script, or none; return the journal since the previous call."""
        text = "null" if script is None else self._text(script)
        with self._lock:
            self._seq += 1
            head = f'{{"type":"arm","lane":{json.dumps(lane)},"seq":{self._seq},"script":'
            reply = self._exchange(f"{head}{text}}}", "journal")
            if reply["seq"] != self._seq or reply["lane"] != lane:
                raise self._broken("it returned the journal of another request")
        return journal_from(reply["journal"])

    def close(self) -> None:
        """End the mock; safe to call twice."""
        self._channel.close()

    def _text(self, script: Script) -> str:
        cached = self._texts.get(id(script))
        if cached is not None:
            return cached[1]  # the cache also holds the script, so its id is not reused
        text = json.dumps(script_to(script), separators=(",", ":"))
        if len(text) <= _CACHED_LENGTH:
            with self._cache_lock:
                if len(self._texts) >= _CACHED_SCRIPTS:
                    # The oldest: lanes run the same cases at about the same time.
                    del self._texts[next(iter(self._texts))]
                self._texts[id(script)] = (script, text)
        return text

    def _ask(self, text: str, wanted: str) -> Any:
        with self._lock:
            return self._exchange(text, wanted)

    def _exchange(self, text: str, wanted: str) -> Any:
        self._channel.send(text.encode("ascii"))
        try:
            reply = json.loads(self._channel.receive(time.monotonic() + _REPLY_LIMIT))
        except RunnerError as error:
            raise self._broken(error.reason) from error
        except ValueError as error:
            raise self._broken(f"its reply is not JSON: {error}") from error
        if reply.get("type") != wanted:
            raise self._broken(f"it answered {reply.get('reason') or reply.get('type')!r}")
        return reply

    def _broken(self, reason: str) -> MockError:
        return MockError(
            step="mock",
            reason=f"the mock failed: {reason}",
            output=self._channel.stderr_tail(),
            remedy="this is a defect of the suite; report it together with the lines above",
        )
