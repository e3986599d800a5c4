"""The engine's side of the mock's protocol, against replies written out by hand."""

import json
import os
import queue
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from mock.mock_program import pair

from conformance.assets import PACKAGE
from conformance.errors import MockError, RunnerError
from conformance.model.case import Reply, Script
from conformance.model.http import Journal
from conformance.runner import mock_client
from conformance.runner.child_process import ChildProcess, scrubbed
from conformance.runner.mock_client import MockClient

ROOT = PACKAGE.parent
NOTHING = object()
EMPTY: dict[str, Any] = {
    **{name: [] for name in ("exchanges", "strays", "handshakes", "unused")},
    "open": 0,
    "earlier": 0,
    "exceeded": None,
    "proxy": [],
}
SCRIPT = Script(keys=(), replies=(Reply(status=200, headers=(), body=b"{}"),))


class Scripted:
    """A channel to a mock that replies to each message as `reply` says; no reply: it dies."""

    def __init__(self, *replies: Any) -> None:
        self.replies = replies
        self.sent: list[Any] = []
        self._lines: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def send(self, line: bytes) -> None:
        self.sent.append(json.loads(line))
        for reply in self.replies:
            written = reply(self.sent[-1]) if callable(reply) else reply
            if written is not NOTHING:
                self.write(written)

    def write(self, reply: Any) -> None:
        """What the mock writes; None: nothing any more, because it dies."""
        self._lines.put(reply)

    def receive(self, deadline: float) -> bytes:
        try:
            reply = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise RunnerError(step="timeout", reason="no answer", remedy="wait") from None
        if reply is None:
            raise RunnerError(step="death", reason="the process exited with 1", remedy="look")
        return json.dumps(reply).encode()

    def waiting(self) -> bytes:
        return b""

    def take_stderr(self) -> str:
        return ""

    def ended(self) -> None:
        """It has not ended."""

    def await_marks(self, count: int, deadline: float) -> bool:
        return True

    def stderr_tail(self) -> str:
        return "Traceback: the mock's own words"

    def close(self) -> None:
        """Nothing to close."""


def journal(message: Any) -> Any:
    return {"type": "journal", "lane": message["lane"], "seq": message["seq"], "journal": EMPTY}


def test_arming_returns_the_journal_since_the_arming_before() -> None:
    assert MockClient(Scripted(journal)).arm("go@3.0.2", SCRIPT) == Journal()


def test_a_script_is_sent_whole_each_time_it_is_armed() -> None:
    channel = Scripted(journal)
    client = MockClient(channel)
    for lane in ("go@3.0.2", "rest"):
        client.arm(lane, SCRIPT)
    first, second = channel.sent
    assert first["script"] == second["script"]
    assert first["script"]["replies"][0]["status"] == 200
    assert (first["lane"], second["lane"]) == ("go@3.0.2", "rest")


def test_the_text_of_a_script_is_never_sent_for_another() -> None:
    channel = Scripted(journal)
    client = MockClient(channel)
    for status in range(200, 260):
        client.arm("rest", Script(keys=(), replies=(Reply(status=status, headers=(), body=b""),)))
    assert [sent["script"]["replies"][0]["status"] for sent in channel.sent] == [*range(200, 260)]


def test_disarming_sends_no_script() -> None:
    channel = Scripted(journal)
    MockClient(channel).arm("rest", None)
    assert channel.sent[0]["script"] is None


def test_a_lane_gets_its_port() -> None:
    client = MockClient(Scripted({"type": "lane", "lane": "rest", "port": 4711}))
    assert client.add_lane("rest") == 4711


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ({"type": "refused", "reason": "no lane 'rest'"}, "nobody asked for its reply: no lane"),
        ({"type": "refused", "lane": "rest", "reason": "no lane 'rest'"}, 'answered "no lane'),
        ({"type": "lane", "lane": "rest", "port": 1}, "answered 'lane'"),
        ({"type": "journal", "lane": "rest", "seq": 99, "journal": EMPTY}, "journal 99 of lane"),
        ({"type": "journal", "lane": "go", "seq": 1, "journal": EMPTY}, "journal 1 of lane 'go'"),
        (["journal"], "cannot be read"),
        (None, "the mock failed: the process exited with 1"),
    ],
)
def test_a_mock_that_fails_is_reported_with_its_reason_and_its_stderr(
    reply: Any, words: str
) -> None:
    with pytest.raises(MockError) as caught:
        MockClient(Scripted(reply)).arm("rest", None)
    assert words in caught.value.reason
    assert "own words" in caught.value.output


@pytest.fixture
def lanes() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(max_workers=3) as pool:
        yield pool


def arming(lanes: ThreadPoolExecutor, client: MockClient, *names: str) -> list[Future[Journal]]:
    """The lanes with these names, each waiting for its journal."""
    waiting = [lanes.submit(client.arm, name, SCRIPT) for name in names]
    eventually(lambda: len(client._awaited) == len(names))
    return waiting


def eventually(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.001)


def test_lanes_get_their_own_replies_in_whatever_order_they_come(lanes: ThreadPoolExecutor) -> None:
    channel = Scripted()
    client = MockClient(channel)
    waiting = arming(lanes, client, "go", "rest", "java")
    eventually(lambda: len(channel.sent) == 3)
    for sent in reversed(channel.sent):
        channel.write(journal(sent) | {"journal": EMPTY | {"handshakes": [sent["lane"]]}})
    found = [one.result(timeout=10).handshakes for one in waiting]
    assert found == [("go",), ("rest",), ("java",)]


def test_a_lane_that_waits_for_its_reply_delays_no_other(lanes: ThreadPoolExecutor) -> None:
    channel = Scripted(lambda sent: journal(sent) if sent["lane"] == "rest" else NOTHING)
    client = MockClient(channel)
    (slow,) = arming(lanes, client, "go")
    for _ in range(3):
        assert client.arm("rest", SCRIPT) == Journal()
    assert not slow.done()
    channel.write(journal(channel.sent[0]))
    assert slow.result(timeout=10) == Journal()


def test_a_reply_that_is_lost_ends_only_the_wait_of_its_lane(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mock_client, "_REPLY_LIMIT", 0.1)
    channel = Scripted(lambda sent: NOTHING if sent["seq"] == 1 else journal(sent))
    client = MockClient(channel)
    with pytest.raises(MockError, match=r"did not reply within 0\.1 s"):
        client.arm("go", SCRIPT)
    assert client.arm("rest", SCRIPT) == Journal()
    channel.write(journal(channel.sent[0]))  # late: it belongs to nobody any more
    assert client.arm("go", SCRIPT) == Journal()


@pytest.mark.parametrize("lane", ["nobody", None])
def test_a_reply_for_an_unknown_lane_is_raised_in_every_lane_that_waits(
    lanes: ThreadPoolExecutor, lane: str | None
) -> None:
    channel = Scripted()
    client = MockClient(channel)
    waiting = arming(lanes, client, "go", "rest", "java")
    channel.write({"type": "journal", "lane": lane, "seq": 1, "journal": EMPTY})
    for one in waiting:
        with pytest.raises(MockError, match="nobody asked for its reply: journal 1 of lane"):
            one.result(timeout=10)
    with pytest.raises(MockError, match="nobody asked"):
        client.arm("go", None)


def test_a_command_that_the_mock_does_not_read_is_raised_in_every_lane_that_waits(
    lanes: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = Scripted()
    client = MockClient(channel)
    waiting = arming(lanes, client, "go", "rest")

    def not_read(_line: bytes) -> None:
        raise RunnerError(step="timeout", reason="5 bytes of a command were not read", remedy="")

    monkeypatch.setattr(channel, "send", not_read)
    waiting.append(lanes.submit(client.arm, "java", SCRIPT))
    for one in waiting:
        with pytest.raises(MockError, match="5 bytes of a command were not read"):
            one.result(timeout=10)


def test_a_client_that_is_stopped_leaves_nobody_waiting_and_no_thread(
    lanes: ThreadPoolExecutor,
) -> None:
    client = MockClient(Scripted())
    (waiting,) = arming(lanes, client, "go")
    reader = client._reader
    client.close()
    with pytest.raises(MockError, match="the run has ended"):
        waiting.result(timeout=10)
    assert reader is not None
    assert not reader.is_alive()
    client.close()


def test_a_mock_that_dies_is_raised_in_three_lanes_that_wait_for_it(
    lanes: ThreadPoolExecutor, tmp_path: Path
) -> None:
    argv = [sys.executable, "-m", "conformance.mock"]
    channel = ChildProcess(argv, scrubbed({"PYTHONPATH": str(ROOT)}, home=tmp_path), tmp_path)
    client = MockClient(channel)
    try:
        client.start(certificates={"trusted": pair()}, listen="host")
        names = ("go", "rest", "java")
        for name in names:
            client.add_lane(name)
        os.kill(channel.pid, signal.SIGSTOP)
        waiting = arming(lanes, client, *names)
        os.kill(channel.pid, signal.SIGKILL)
        for one in waiting:
            with pytest.raises(MockError, match="was killed by SIGKILL"):
                one.result(timeout=10)
    finally:
        client.close()
