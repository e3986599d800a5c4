"""A site, a runner and a mock in memory, for tests of the engine that need no process."""

import json
import queue
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from conformance.corpus.load import load
from conformance.corpus.selection import select
from conformance.errors import CannotRunError, RunnerError
from conformance.live.live_service import LiveService
from conformance.model.case import Case, ProgramEnvironment
from conformance.model.manifest import Lane, Manifest, Program
from conformance.model.message import PROTOCOL, Ended
from conformance.runner.mock_client import MockClient
from conformance.runner.site import PreparedLane, Tell
from conformance.runner.surroundings import USUAL, Surroundings

Message = dict[str, Any]
# Answers one command; raises RunnerError like a runner that dies.
Answers = Callable[[Message], Message]

(CASE,) = select(load().cases, ["process/sen/50"])
DIED = RunnerError(step="death", reason="it exited with 139", remedy="look at its stderr")
STAYS = RunnerError(step="timeout", reason="no answer within 10 s", remedy="answer")
STARTED: Message = {
    "type": "started", "protocol": PROTOCOL, "runner": "made-up", "language": "Python",
    "runtime": "CPython 3.11.2", "os": "Linux", "sdk": {"name": "made-up", "version": "1.0"},
    "capabilities": ["proxy"],
}  # fmt: skip


def answers(message: Message) -> Message:
    """A runner that starts and says of every call that it is unsupported."""
    if message["type"] == "start":
        return STARTED
    one = {"type": "answer", "seq": message["seq"], "kind": "unsupported", "reason": "made up"}
    if message["type"] == "calls":
        return {"type": "answers", "seq": message["seq"], "answers": [one] * len(message["calls"])}
    return one


def declaring(**changed: Any) -> Answers:
    """A runner whose `started` message has other fields."""
    return lambda message: answers(message) | (changed if message["type"] == "start" else {})


def dies_at_start(_message: Message) -> Message:
    """A runner that dies when it is asked to start."""
    raise DIED


def is_silent_at_start(_message: Message) -> Message:
    """A runner that does not answer `start` in time."""
    raise RunnerError(step="timeout", reason="no answer before the deadline", remedy="answer")


def dies_at_call(message: Message) -> Message:
    """A runner that starts and dies in its first call; the call before it is the engine's probe."""
    if message["type"] == "call" and message["seq"] > 1:
        raise DIED
    return answers(message)


def crashes(message: Message) -> Message:
    """A runner that answers each call with a crash, except those that probe it."""
    if message["type"] != "call" or message["seq"] == 1:
        return answers(message)
    error = {"origin": "crash", "error_class": "Fatal", "text": "out of memory", "caught": False}
    nothing = dict.fromkeys(("status", "code", "message", "request_id", "host_id", "ec"))
    answer = {"type": "answer", "seq": message["seq"], "kind": "error"}
    return answer | {"error": error | nothing}


def crashes_and_dies(message: Message) -> Message:
    """The same; it dies after the first such answer."""
    return crashes(message)


def dies_after_call(message: Message) -> Message:
    """A runner that dies after its first answer."""
    return answers(message)


class RunnerChannel:
    """A channel to a runner in memory."""

    at_end = ""  # what it writes to standard error while it ends
    ends = True  # when it is asked to

    def __init__(self, runner: Answers, sent: list[Message]) -> None:
        self._runner, self._sent = runner, sent
        self._last: Message = {}
        self._written = "of the start"
        self._calls = 0

    def send(self, line: bytes) -> None:
        messages = [json.loads(part) for part in line.splitlines()]
        self._last = messages[-1]
        self._sent += messages
        self._calls += self._last["type"] == "call" and self._last["seq"] > 1
        self._written += f"of call {self._calls}" if self._calls else ""

    def receive(self, _deadline: float) -> bytes:
        if self._last["type"] == "stop":
            self._written = self.at_end
            raise DIED if self.ends else STAYS
        return json.dumps(self._runner(self._last)).encode()

    def waiting(self) -> bytes:
        return b""

    def await_marks(self, count: int, deadline: float) -> bool:
        return True

    def stderr_tail(self) -> str:
        return "the end of stderr"

    def take_stderr(self) -> str:
        taken, self._written = self._written, ""
        return taken

    def ended(self) -> RunnerError | None:
        dies = self._runner in (dies_after_call, crashes_and_dies)
        return DIED if dies and self._calls else None

    def close(self) -> None:
        """Nothing to close."""


class MadeUpStation:
    """A station whose runner is the next of `runners` after each restart, the last ever after."""

    proxy: str | None = None
    mock_as_proxy: str | None = "http://mock:8080"

    def __init__(self, runners: Sequence[Answers]) -> None:
        self._runners = list(runners)
        self.sent: list[Message] = []
        self.restarts = 0
        self.followed = 0  # of the restarts, those after a runner that was well
        self.surroundings: list[Surroundings] = []
        self.programs: list[dict[str, str]] = []
        self.closed = False
        self._next()

    def _next(self) -> None:
        runner = self._runners.pop(0) if len(self._runners) > 1 else self._runners[0]
        self.channel = RunnerChannel(runner, self.sent)

    def restart(self, surroundings: Surroundings = USUAL) -> None:
        self.restarts += 1
        self.surroundings.append(surroundings)
        self._next()

    def follow(self, surroundings: Surroundings) -> None:
        self.followed += 1
        self.restart(surroundings)

    def run_program(self, program: Program, environment: dict[str, str], timeout: float) -> Ended:
        self.programs.append(environment)
        return Ended(exit=0, stdout=b"", stderr=b"")

    def close(self) -> None:
        self.closed = True

    @property
    def calls(self) -> int:
        """Calls that the runner was sent, without those that probe it."""
        return sum(one["type"] == "call" and one["seq"] > 1 for one in self.sent)


class MadeUpSite:
    """A site with one station; without one it cannot be entered. `armed`: scripts of its mock."""

    mode = "host"
    closed = True

    def __init__(self, station: MadeUpStation | None) -> None:
        self.station = station
        self.armed: list[Any] = []
        self._asked: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self.mock = MockClient(self)
        self.is_over = False
        self.used = True  # whether requests reach the mock

    def missing(self, lane: Lane) -> tuple[tuple[str, str], ...]:
        return ()

    def prepare(self, lanes: Sequence[Lane], tell: Tell) -> tuple[PreparedLane, ...]:
        return tuple(PreparedLane(lane=lane) for lane in lanes)

    def open(self, hosts: frozenset[str], live: LiveService | None = None) -> MockClient:
        return self.mock

    def enter(self, prepared: PreparedLane, part: int = 1) -> MadeUpStation:
        if self.station is None:
            raise CannotRunError(step="start", reason="no such program", remedy="install it")
        return self.station

    def lacks(self, environment: ProgramEnvironment) -> frozenset[str]:
        return frozenset() if environment.locale is None else frozenset({"locale"})

    def close(self) -> None:
        self.is_over = True

    def send(self, line: bytes) -> None:
        """The channel of the mock: notes what is armed."""
        asked = json.loads(line)
        self.armed.append(asked["script"])
        self._asked.put(asked)

    def receive(self, deadline: float) -> bytes:
        """A journal that says in `handshakes` with which arming it came."""
        try:
            asked = self._asked.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise RunnerError(step="timeout", reason="nothing was asked", remedy="") from None
        seen: Message = {
            "exchanges": [],
            "strays": [],
            "unused": [],
            "open": 0,
            "earlier": 7,
            "exceeded": None,
            "proxy": [],
        }
        came = [f"came with arming {asked['seq']}"] if self.used else []
        journal = seen | {"handshakes": came}
        head = {"type": "journal", "lane": asked["lane"], "seq": asked["seq"]}
        return json.dumps(head | {"journal": journal}).encode()

    def waiting(self) -> bytes:
        return b""

    def await_marks(self, count: int, deadline: float) -> bool:
        return True

    def stderr_tail(self) -> str:
        return ""

    def take_stderr(self) -> str:
        return ""

    def ended(self) -> RunnerError | None:
        return None


def lane(version: str | None = "1.0", capabilities: Sequence[str] = ("proxy",)) -> PreparedLane:
    """A lane that is built."""
    manifest = Manifest(
        folder=Path("made-up"), name="made-up", language="Python", sdk_package="made-up",
        sdk_version="1.0", capabilities=tuple(capabilities), exposes=("status",), run=(),
        environment=(), tools=(), build=None, dockerfile=None, program=None, sample=None,
    )  # fmt: skip
    return PreparedLane(lane=Lane(manifest=manifest, version=version))


def named(*ids: str, case: Case = CASE) -> tuple[Case, ...]:
    """The same case under these ids."""
    return tuple(replace(case, id=one) for one in ids)
