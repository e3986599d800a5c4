"""The engine's side of the mock's protocol, against replies written out by hand."""

import json
from typing import Any

import pytest

from conformance.errors import MockError, RunnerError
from conformance.model.case import Reply, Script
from conformance.model.http import Journal
from conformance.runner.mock_client import MockClient

EMPTY: dict[str, Any] = {
    **{name: [] for name in ("exchanges", "strays", "handshakes", "unused")},
    "open": 0,
    "earlier": 0,
    "exceeded": None,
    "proxy": [],
}
SCRIPT = Script(keys=(), replies=(Reply(status=200, headers=(), body=b"{}"),))


class Scripted:
    """A channel to a mock that replies as `reply` says; None: it dies."""

    def __init__(self, reply: Any) -> None:
        self.reply = reply
        self.sent: list[Any] = []

    def send(self, line: bytes) -> None:
        self.sent.append(json.loads(line))

    def receive(self, _deadline: float) -> bytes:
        if self.reply is None:
            raise RunnerError(step="death", reason="the process exited with 1", remedy="look")
        reply = self.reply(self.sent[-1]) if callable(self.reply) else self.reply
        return json.dumps(reply).encode()

    def waiting(self) -> bytes:
        return b""

    def take_stderr(self) -> str:
        return ""

    def ended(self) -> None:
        """It has not ended."""

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
        ({"type": "refused", "reason": "no lane 'rest'"}, "no lane"),
        ({"type": "journal", "lane": "rest", "seq": 99, "journal": EMPTY}, "journal of another"),
        ({"type": "journal", "lane": "go", "seq": 1, "journal": EMPTY}, "journal of another"),
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
