"""Runners that break the protocol, one way each; else they are the reference runner.

A rogue has the line that the reference would write in its hand and does something else with it.
"""

import argparse
import http.client
import json
import os
import select
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fakes.reference import runner

Message = dict[str, Any]
FLOOD = 10 * 1024 * 1024
CLAIMED, ASKED = "9.9.9", "1.0.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rogue:
    """One way to break the protocol.

    does: what, as the rest of "a runner that ...". at: the moment, `start`, `case`, `unknown` (the
    way to sign that does not exist), `call` or `stop`. act: gets the right answer and the seconds
    of the command line, and writes what it likes. harmless: the verdicts must not suffer from it.
    rule: of the finding, where a user's program would end or hang as the rogue does.
    """

    does: str
    at: str
    act: Callable[[Message, float], None]
    harmless: bool = False
    rule: str | None = None


def _raw(data: bytes) -> None:
    os.write(2, b"\x1e")
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _line(message: Message) -> bytes:
    return json.dumps(message).encode() + b"\n"


def _hang() -> None:
    """Do nothing until the end of input, which is where every runner ends."""
    while sys.stdin.buffer.read(65536):
        pass
    os._exit(0)


def _silent(answer: Message, seconds: float) -> None:
    _hang()


def _chatty(answer: Message, seconds: float) -> None:
    _raw(b"SDK loaded, have a nice day\n" + _line(answer))


def _slow(answer: Message, seconds: float) -> None:
    time.sleep(seconds)
    _raw(_line(answer))


def _dies(answer: Message, seconds: float) -> None:
    os.write(2, b"Segmentation fault (not really)\n")
    os._exit(139)


def _crashes_once(answer: Message, seconds: float) -> None:
    """Answer the first call of a case with a crash, and end a moment later, as PHP does."""
    first = Path.home() / "crashed"
    if answer.get("parsed") == {} or first.exists():  # the probes before the cases get {}
        _raw(_line(answer))
        return
    first.touch()
    crash = runner.failure("crash", "Fatal error", "Allowed memory size exhausted")
    _raw(_line({"type": "answer", "seq": answer["seq"]} | crash))
    time.sleep(0.05)
    os._exit(255)


def _twice(answer: Message, seconds: float) -> None:
    _raw(_line(answer) * 2)


def _floods(answer: Message, seconds: float) -> None:
    for _ in range(FLOOD // 64):
        sys.stderr.write("x" * 63 + "\n")
    sys.stderr.flush()
    _raw(_line(answer))


def _half(answer: Message, seconds: float) -> None:
    line = _line(answer)
    _raw(line[: len(line) // 2])
    _hang()


def _hangs_up(answer: Message, seconds: float) -> None:
    os.close(1)
    _hang()


def _not_json(answer: Message, seconds: float) -> None:
    _raw(repr(answer).encode() + b"\n")


def _not_utf8(answer: Message, seconds: float) -> None:
    _raw(_line(answer).replace(b'"answer"', b'"an\xffswer"'))


def _stays(answer: Message, seconds: float) -> None:
    """Stay although told to stop and although the input has ended; only a signal ends it."""
    while True:
        select.select([], [], [], 60)


def _keeps_connections(answer: Message, seconds: float) -> None:
    """Ignore the beginning of a case: connections stay open for the cases after it."""
    kept: dict[str, http.client.HTTPConnection] = {}

    def send(request: Any, command: Message) -> Any:
        if request.host not in kept:
            secure, proxy = request.scheme == "https", urlsplit(command["proxy"]).netloc
            opened = http.client.HTTPSConnection if secure else http.client.HTTPConnection
            kept[request.host] = opened(proxy)
            kept[request.host].set_tunnel(request.host, opened.default_port)
        headers = {"Host": request.host} | request.headers
        target = f"{request.path}?{request.query}"
        kept[request.host].request(request.method, target, headers=headers)
        response = kept[request.host].getresponse()
        return response.status, response.headers, response.read()

    runner.send = send
    _raw(_line(answer))


def _ignores_proxy(answer: Message, seconds: float) -> None:
    """Look host names up instead of using the proxy of the command."""
    usual = runner.call
    runner.call = lambda command: usual(command | {"proxy": None})
    _raw(_line(answer))


def _says(**changed: Any) -> Callable[[Message, float], None]:
    """Writes the right answer with other or more fields."""
    return lambda answer, _: _raw(_line(answer | changed))


def _another_seq(answer: Message, seconds: float) -> None:
    _raw(_line(answer | {"seq": answer["seq"] + 1}))


def _obeys(answer: Message, seconds: float) -> None:
    told = runner.content(b'{"RequestId": "", "Bodies": []}')
    _raw(_line({"type": "answer", "seq": answer["seq"]} | told))


def _starts_again(answer: Message, seconds: float) -> None:
    _raw(_line(runner.started()))


ROGUES: dict[str, Rogue] = {
    "silent": Rogue(does="never answers a call", at="call", act=_silent, rule="program.silence"),
    "silent-at-start": Rogue(does="never answers start", at="start", act=_silent),
    "chatty": Rogue(does="prints a line of text before its answer", at="call", act=_chatty),
    "chatty-at-start": Rogue(does="prints a banner when it starts", at="start", act=_chatty),
    "slow": Rogue(does="answers after the deadline", at="call", act=_slow, rule="program.silence"),
    "dies-mid-call": Rogue(does="dies in a call", at="call", act=_dies, rule="program.death"),
    "crashes-once": Rogue(
        does="answers the first call of a case with a crash and ends after it", at="call",
        act=_crashes_once, rule="program.crash",
    ),
    "dies-at-start": Rogue(does="dies when it is started", at="start", act=_dies),
    "answers-twice": Rogue(does="answers a call twice", at="call", act=_twice),
    "another-seq": Rogue(does="answers another call's number", at="call", act=_another_seq),
    "another-version": Rogue(
        does="has loaded another SDK version than asked", at="start",
        act=_says(sdk={"name": "fake", "version": CLAIMED}),
    ),
    "another-protocol": Rogue(
        does="speaks another version of the protocol", at="start", act=_says(protocol=1)
    ),
    "obeys-unknown": Rogue(
        does="has an answer to a way to sign that does not exist", at="unknown", act=_obeys
    ),
    "answers-case": Rogue(
        does="answers the beginning of a case", at="case",
        act=_says(type="answer", seq=1, kind="unsupported", reason="what case?"),
    ),
    "floods-stderr": Rogue(
        does="prints 10 MB on stderr and then answers", at="call", act=_floods, harmless=True
    ),
    "half-a-line": Rogue(
        does="sends half a line and hangs", at="call", act=_half, rule="program.silence"
    ),
    "keeps-connections": Rogue(
        does="keeps its connections when a case begins", at="start", act=_keeps_connections,
        rule="program.state",
    ),
    "ignores-proxy": Rogue(
        does="does not use the proxy of the command", at="start", act=_ignores_proxy
    ),
    "hangs-up": Rogue(
        does="closes its stdout and lives on", at="call", act=_hangs_up, rule="program.death"
    ),
    "not-json": Rogue(does="sends what is no JSON", at="call", act=_not_json),
    "not-utf-8": Rogue(does="sends what is no UTF-8", at="call", act=_not_utf8),
    "off-schema": Rogue(
        does="sends a field that the schema does not have", at="call", act=_says(verdict="pass")
    ),
    "starts-again": Rogue(does="answers a call with started", at="call", act=_starts_again),
    "ignores-stop": Rogue(
        does="stays when told to stop", at="stop", act=_stays, harmless=True
    ),
}  # fmt: skip


def moment(command: Message) -> str:
    """The moment that a command is: `start`, `case`, `unknown`, `call` or `stop`."""
    if command["type"] != "call":
        return str(command["type"])
    return "call" if command["sign"] == "header" else "unknown"


def main() -> None:
    """Be the rogue that the command line names."""
    options = argparse.ArgumentParser()
    options.add_argument("--name", choices=sorted(ROGUES), required=True)
    options.add_argument("--seconds", type=float, default=1.0)
    chosen = options.parse_args()
    rogue = ROGUES[chosen.name]
    for line in iter(sys.stdin.buffer.readline, b""):
        command = json.loads(line)
        now = moment(command)
        if now == "stop":
            break
        right = {} if now == "case" else _right(command, chosen.name)
        if now == rogue.at:
            rogue.act(right, chosen.seconds)
        elif right:
            _raw(_line(right))
    if rogue.at == "stop":
        rogue.act({}, chosen.seconds)


def _right(command: Message, name: str) -> Message:
    if command["type"] == "start":
        return runner.started() | {"runner": name}
    return {"type": "answer", "seq": command["seq"]} | runner.call(command)


if __name__ == "__main__":
    main()
