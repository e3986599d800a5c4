"""The engine's side of the mock's protocol, shared by all lanes.

A lane holds a lock while it sends, and not until its reply: one thread reads the replies and passes
each to the lane that waits for it, so that a lane whose reply takes long delays no other. The JSON
of a script is cached, since every lane runs the same scripts.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any

from conformance.errors import MockError, MockLaneError, RunnerError
from conformance.live.live_service import LiveService
from conformance.model.case import Script
from conformance.model.codec import journal_from, script_to
from conformance.model.http import Journal
from conformance.runner.channel import Channel

Reply = dict[str, Any]
# The type of the reply that stands for one that will not come; the mock sends no such.
_FAILED = "failed"
_REFUSED = "refused"  # of the mock: it cannot do what it was asked for
# Seconds. The mock replies within a millisecond, unless the machine is swapping.
_REPLY_LIMIT = 30.0
# Seconds after which the thread that reads looks whether it has to end.
_READ_LIMIT = 0.2
# Seconds until that thread has ended; the longest of its steps is to ask how the mock has ended.
_END_LIMIT = 6.0
# The size of the cache in scripts, and the length up to which one is cached; few are longer.
_CACHED_SCRIPTS = 512
_CACHED_LENGTH = 64 * 1024


class MockClient:
    """A connection to the mock; raises MockError if the mock fails or breaks the protocol.

    A failure of the connection is raised in all lanes that wait and in every later call.
    """

    def __init__(self, channel: Channel, live: LiveService | None = None) -> None:
        self._channel = channel
        self._sending = threading.Lock()
        self._seq = 0
        self._stopped = threading.Event()
        # Guards the three below.
        self._lock = threading.Lock()
        self._reader: threading.Thread | None = None
        # The replies that are waited for, oldest first, by lane (None: of `start`) and number.
        self._awaited: dict[tuple[str | None, int], Future[Reply]] = {}
        self._failure = ""  # why no reply will come any more
        self._cache_lock = threading.Lock()
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
        loop: str = self._ask(None, lambda _: json.dumps(message), "started")["loop"]
        return loop

    def add_lane(self, lane: str, *, peer: str | None = None) -> int | None:
        """Add a lane, identified by its peer address or by the port that is returned."""
        message = json.dumps({"type": "lane", "lane": lane, "peer": peer})
        port: int | None = self._ask(lane, lambda _: message, "lane")["port"]
        return port

    def arm(self, lane: str, script: Script | None, *, continues: bool = False) -> Journal:
        """Arm a script, or none; return the journal since the previous call.

        continues: whether the script belongs to the same case as the previous one.
        """
        text = "null" if script is None else self._text(script)
        head = f'{{"type":"arm","lane":{json.dumps(lane)},"seq":'
        end = f'"script":{text}' + ',"continues":true' * continues
        reply = self._ask(lane, lambda seq: f"{head}{seq},{end}}}", "journal")
        return journal_from(reply["journal"])

    def stop(self) -> None:
        """Read no more replies; whoever waits for one gets a MockError."""
        self._stopped.set()
        self._fail("the run has ended")
        if self._reader is not None:
            self._reader.join(_END_LIMIT)

    def close(self) -> None:
        """End the mock; safe to call twice."""
        self.stop()
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

    def _ask(self, lane: str | None, message: Callable[[int], str], wanted: str) -> Reply:
        """Send the message with the next number and wait for its reply of the type `wanted`."""
        awaited: Future[Reply] = Future()
        with self._sending:
            self._seq += 1
            with self._lock:
                if self._failure:
                    raise self._broken(self._failure)
                self._awaited[lane, self._seq] = awaited
                if self._reader is None:
                    self._reader = threading.Thread(target=self._read, name="mock", daemon=True)
                    self._reader.start()
            try:
                self._channel.send(message(self._seq).encode("ascii"))
            except RunnerError as error:  # half of it may have been read
                self._fail(error.reason)
        try:
            reply = awaited.result(_REPLY_LIMIT)
        except TimeoutError as error:
            raise self._broken(f"it did not reply within {_REPLY_LIMIT:g} s") from error
        kind = reply.get("type")
        if kind != wanted:
            reason = str(reply.get("reason") or kind)
            if kind == _REFUSED and lane is not None:
                raise self._broken(f"it answered {reason!r}", MockLaneError)
            raise self._broken(reason if kind == _FAILED else f"it answered {reason!r}")
        return reply

    def _read(self) -> None:
        """Pass on replies until the mock fails or `stop` is called."""
        while not self._stopped.is_set():
            try:
                self._pass_on(json.loads(self._channel.receive(time.monotonic() + _READ_LIMIT)))
            except RunnerError as error:
                if error.step != "timeout":
                    return self._fail(error.reason)
            except ValueError as error:
                return self._fail(f"its reply is not JSON: {error}")
            except Exception as error:
                return self._fail(f"its reply cannot be read: {error!r}")
        return None

    def _pass_on(self, reply: Reply) -> None:
        """Give a reply to who waits for it: it has the lane, and that of an `arm` the number too.

        A reply that came too late is still expected, and nobody takes it.
        """
        lane, number = reply.get("lane"), reply.get("seq")
        with self._lock:
            for key in self._awaited:
                if key[0] == lane and number in (None, key[1]):
                    awaited = self._awaited.pop(key)
                    break
            else:
                awaited = None
        if awaited is None:
            what = reply.get("reason") or f"{reply.get('type')} {number} of lane {lane!r}"
            self._fail(f"nobody asked for its reply: {what}")
        else:
            awaited.set_result(reply)

    def _fail(self, reason: str) -> None:
        """Wake up everybody who waits; only the first reason is kept."""
        with self._lock:
            self._failure = self._failure or reason
            awaited, self._awaited = self._awaited, {}
        for one in awaited.values():
            one.set_result({"type": _FAILED, "reason": self._failure})

    def _broken(self, reason: str, kind: type[MockError] = MockError) -> MockError:
        return kind(
            step="mock",
            reason=f"the mock failed: {reason}",
            output=self._channel.stderr_tail(),
            remedy="this is a defect of the suite; report it together with the lines above",
        )
