"""The engine's side of the mock's protocol, shared by all lanes.

A lock makes one question and its reply one step, so that lane threads can share the pipe;
the mock answers at once, whatever its listeners are doing. Scripts are serialised once: the corpus
runs the same few on every lane.
"""

import json
import threading
import time
from collections.abc import Mapping
from typing import Any

from conformance.errors import MockError, RunnerError
from conformance.model.case import Script
from conformance.model.codec import journal_from, script_to
from conformance.model.http import Journal
from conformance.runner.channel import Channel

# The mock replies within a millisecond; a machine that swaps may need long, a hang is longer.
_REPLY_LIMIT = 30.0
_SCRIPTS_KEPT = 512
_KEPT_LENGTH = 64 * 1024  # longer scripts are rare and not worth the memory


class MockClient:
    """The mock at the other end of a channel; MockError when it breaks the protocol."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._lock = threading.Lock()
        self._keeping = threading.Lock()
        self._seq = 0
        self._lines: dict[int, tuple[Script, str]] = {}

    def start(self, *, certificates: Mapping[str, tuple[str, str]], listen: str) -> str:
        """Start it with PEM chains and keys by name; the name of its event loop."""
        message = {
            "type": "start",
            "protocol": 1,
            "certificates": dict(certificates),
            "listen": listen,
        }
        loop: str = self._ask(json.dumps(message), "started")["loop"]
        return loop

    def add_lane(self, lane: str, *, peer: str | None = None) -> int | None:
        """A listener for a lane, known by its peer address or by a port of its own."""
        message = json.dumps({"type": "lane", "lane": lane, "peer": peer})
        port: int | None = self._ask(message, "lane")["port"]
        return port

    def arm(self, lane: str, script: Script | None) -> Journal:
        """Arm a script, None for none; the journal since the last arming."""
        text = "null" if script is None else self._text(script)
        with self._lock:
            self._seq += 1
            head = f'{{"type":"arm","lane":{json.dumps(lane)},"seq":{self._seq},"script":'
            reply = self._exchange(f"{head}{text}}}", "journal")
            if reply["seq"] != self._seq or reply["lane"] != lane:
                raise self._broken("it handed over another journal than was asked for")
        return journal_from(reply["journal"])

    def close(self) -> None:
        """End it; safe to call twice."""
        self._channel.close()

    def _text(self, script: Script) -> str:
        kept = self._lines.get(id(script))
        if kept is not None:
            return kept[1]  # the script is held beside its text, so its id stays its own
        text = json.dumps(script_to(script), separators=(",", ":"))
        if len(text) <= _KEPT_LENGTH:
            with self._keeping:
                if len(self._lines) >= _SCRIPTS_KEPT:  # the oldest goes: lanes are close together
                    del self._lines[next(iter(self._lines))]
                self._lines[id(script)] = (script, text)
        return text

    def _ask(self, text: str, wanted: str) -> Any:
        with self._lock:
            return self._exchange(text, wanted)

    def _exchange(self, text: str, wanted: str) -> Any:
        self._channel.send(text.encode("ascii"))
        try:
            reply = json.loads(self._channel.receive(time.monotonic() + _REPLY_LIMIT))
        except (RunnerError, ValueError) as error:
            reason = error.reason if isinstance(error, RunnerError) else str(error)
            raise self._broken(reason.replace("the runner", "it")) from error
        if reply.get("type") != wanted:
            raise self._broken(f"it answered {reply.get('reason') or reply.get('type')!r}")
        return reply

    def _broken(self, reason: str) -> MockError:
        return MockError(
            step="mock",
            reason=f"the mock broke off: {reason}",
            output=self._channel.stderr_tail(),
            remedy="this is a defect of the suite; please report it with the lines above",
        )
