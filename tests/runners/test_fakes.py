"""The fakes: each does the one thing that it is there for, and nothing else goes astray with it.

What a fake sent and answered is boiled down to one fact for each rule of the judge. A defect must
change the fact of its rule, a freedom none at all.
"""

import functools
import importlib.util
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from fakes.build import KINDS, REFERENCE, write_runner
from fakes.conversation import CALL, KEYS, Conversation
from fakes.endpoint import Endpoint, reply, write_identity
from fakes.harmless import FREEDOMS
from fakes.rogue import ASKED, FLOOD
from fakes.twist import Twist, install
from fakes.wrong import DEFECTS

from conformance.assets import PACKAGE, SCHEMAS
from conformance.model.case import KnownKey
from conformance.model.http import Request
from conformance.oss.verify import Verification, verify

ERROR = (
    b"<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message>"
    b"<RequestId>64BA4685</RequestId><HostId>examplebucket.oss</HostId><EC>0026-00000001</EC></Error>"
)
Message = dict[str, Any]
Facts = dict[str, object]


def bodies(number: int) -> bytes:
    """A document with two bodies, another one for each number."""
    boundary = {"Left": 115, "Top": 97, "Height": 103, "Width": 63}
    found = [{"Confidence": value, "Boundary": boundary} for value in (0.733, 0.656)]
    return json.dumps({"RequestId": str(number), "Bodies": found}).encode()


@pytest.fixture(scope="session")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_identity(tmp_path_factory.mktemp("identity"))


@pytest.fixture(scope="session")
def endpoint(identity: Path) -> Iterator[Endpoint]:
    with pytest.MonkeyPatch.context() as patch, Endpoint(identity) as endpoint:
        patch.setenv("SSL_CERT_FILE", str(identity))
        yield endpoint


def reference() -> Any:
    """A module of the reference runner that nobody else has."""
    spec = importlib.util.spec_from_file_location("own_reference", REFERENCE / "runner.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """What came of a twist's calls: answers, the facts, and how the requests looked."""

    answers: list[Message]
    facts: Facts
    shape: list[object]


Pair = tuple[Play, Play]


@pytest.fixture(scope="session")
def plays(endpoint: Endpoint) -> Callable[[str], Pair]:
    """The calls of a twist as the reference makes them and as the twist does; played once."""

    @functools.cache
    def both(name: str) -> Pair:
        twist = (DEFECTS | FREEDOMS)[name]
        return play(twist, endpoint, twisted=False), play(twist, endpoint, twisted=True)

    return both


def play(twist: Twist, endpoint: Endpoint, *, twisted: bool) -> Play:
    runner = reference()
    if twisted:
        install(twist, runner)
    endpoint.received.clear()
    answers = []
    for number in range(twist.calls):
        body = bodies(number)
        right = reply(ERROR, status="404 Not Found") if twist.reply == "error" else reply(body)
        endpoint.answer = lambda _, right=right: right  # type: ignore[misc]
        command = CALL | dict(twist.given) | {"proxy": endpoint.proxy}
        answers.append(runner.call(command))
    requests = [request for _, raw in endpoint.received if (request := Request.read(raw))]
    return Play(
        answers=answers,
        facts=facts(answers, endpoint.received, command["credentials"]),
        shape=[shape(request) for request in requests],
    )


def shape(request: Request) -> object:
    """How a request looks, without what differs from second to second."""
    authorization = re.sub("[0-9a-f]{64}|[0-9]{8}", "", request.header("authorization") or "")
    names = [name for name, _ in request.headers]
    return request.target, names, request.header("user-agent"), authorization


def facts(answers: list[Message], received: list[tuple[str, bytes]], keys: Message) -> Facts:
    """One fact for each rule."""
    requests = [request for _, raw in received if (request := Request.read(raw))]
    known = KnownKey(
        id=keys["access_key_id"], secret=keys["access_key_secret"], token=keys["security_token"]
    )
    seen = [
        verify(request, keys=(known,), region="cn-hangzhou", clock=int(time.time()))
        for request in requests
    ]
    errors = [answer.get("error", {}) for answer in answers]
    named = ("origin", "status", "code", "message", "request_id", "host_id", "ec")
    return {
        "process.string": [processes(one) for one in seen],
        "process.place": [
            ("x-oss-process" in r.target, r.header("x-oss-process")) for r in requests
        ],
        "process.duplicate": [len(processes(one)) > 1 for one in seen],
        "process.canonical": [one.verified for one in seen],
        "auth.scheme": [one.auth for one in seen],
        "auth.signature": [one.verified for one in seen],
        "auth.access-key": [one.access_key_id for one in seen],
        "auth.token": [(one.token, one.verified) for one in seen],  # sent, and proved
        "auth.region": [one.signing_region for one in seen],
        "auth.clear-text": [scheme for scheme, _ in received],
        "auth.secret-leak": any(known.secret.encode() in raw for _, raw in received),
        "transport.requests": len(requests),
        "transport.method": [request.method for request in requests],
        "naming.target": [(one.resource.bucket, one.resource.key) for one in seen],
        "bodies.bytes": [answer.get("content") for answer in answers],
        "bodies.parsed": [answer.get("parsed") for answer in answers],
        "errors.kind": [answer["kind"] for answer in answers],
    } | {f"errors.{name.replace('_', '-')}": [e.get(name) for e in errors] for name in named}


def processes(one: Verification) -> list[str]:
    return [value for name, value in one.resource.query if name == "x-oss-process"]


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_changes_what_its_rule_is_about(name: str, plays: Callable[[str], Pair]) -> None:
    right, wrong = plays(name)
    rule = str(DEFECTS[name].rule)
    assert wrong.facts[rule] != right.facts[rule]


# What one defect brings with it: a request that is refused or read otherwise is so in more ways
# than one. Everything else must stay as it was, or the defect is two.
REFUSED = {"auth.signature", "auth.token", "process.canonical"}
FOLLOWS = {
    "process.string": {"process.duplicate"},
    "process.place": {"process.string"},
    "process.duplicate": {"process.string"},
    "process.canonical": REFUSED,
    "auth.scheme": REFUSED | {"auth.access-key", "auth.region"},
    "auth.signature": REFUSED,
    "auth.access-key": REFUSED,
    "auth.token": REFUSED,
    "auth.region": REFUSED,
    "transport.requests": {"*"},  # each fact is a list with an entry for a request
    "naming.target": REFUSED | {"process.string", "process.place"},
    "bodies.bytes": {"bodies.parsed"},
    "errors.kind": {"*"},  # an answer of another kind has other fields
}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_one_defect(name: str, plays: Callable[[str], Pair]) -> None:
    right, wrong = plays(name)
    rule = str(DEFECTS[name].rule)
    changed = {fact for fact in right.facts if wrong.facts[fact] != right.facts[fact]}
    follows = FOLLOWS.get(rule, set())
    assert "*" in follows or changed - {rule} <= follows


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_still_keeps_to_the_protocol(name: str, plays: Callable[[str], Pair]) -> None:
    schema = json.loads((SCHEMAS / "answer.schema.json").read_text(encoding="utf-8"))
    _, wrong = plays(name)
    for answer in wrong.answers:
        jsonschema.validate({"type": "answer", "seq": 1} | answer, schema)


@pytest.mark.parametrize("name", FREEDOMS)
def test_a_freedom_changes_no_fact(name: str, plays: Callable[[str], Pair]) -> None:
    right, free = plays(name)
    assert free.facts == right.facts


@pytest.mark.parametrize("name", FREEDOMS)
def test_a_freedom_is_accepted_by_the_service(name: str, plays: Callable[[str], Pair]) -> None:
    _, free = plays(name)
    assert free.facts["auth.signature"] == ["accepted"]


@pytest.mark.parametrize("name", FREEDOMS)
def test_a_freedom_is_used(name: str, plays: Callable[[str], Pair]) -> None:
    right, free = plays(name)
    assert free.shape != right.shape


@pytest.mark.parametrize("kind", KINDS)
def test_every_fake_has_a_manifest_that_keeps_to_its_schema(kind: str, tmp_path: Path) -> None:
    schema = json.loads((SCHEMAS / "manifest.schema.json").read_text(encoding="utf-8"))
    folder = write_runner(tmp_path, kind=kind)
    jsonschema.validate(json.loads((folder / "manifest.json").read_text()), schema)


def talk(kind: str, folder: Path, *, seconds: float = 1.0, ca: Path = Path()) -> Conversation:
    """The fake as a process, as its manifest says."""
    made = write_runner(folder, kind=kind, seconds=seconds)
    manifest = json.loads((made / "manifest.json").read_text())
    places = {"home": made, "python": sys.executable, "suite": PACKAGE.parent, "ca": ca}
    argv = [word.format(**places) for word in manifest["run"]]
    environment = {n: text.format(**places) for n, text in manifest["environment"].items()}
    return Conversation(argv, environment)


@pytest.mark.parametrize("kind", ["sen-dropped", "comma-bare", "silent"])
def test_a_fake_says_which_lane_it_is(kind: str, tmp_path: Path) -> None:
    with talk(kind, tmp_path) as runner:
        assert runner.start()["runner"] == kind


def lines(kind: str, folder: Path, *messages: Message) -> list[bytes]:
    """Everything that a rogue writes until the end of input."""
    with talk(kind, folder, seconds=0.0) as runner:
        sent = b"".join(json.dumps(message).encode() + b"\n" for message in messages)
        output, _ = runner.process.communicate(sent, timeout=20)
        return output.splitlines(keepends=True)


START = {"type": "start", "protocol": 1}
NOWHERE = CALL | {"proxy": "http://127.0.0.1:1"}


@pytest.mark.parametrize(
    ("kind", "message", "holds"),
    [
        ("silent", NOWHERE, lambda got: got == []),
        ("silent-at-start", START, lambda got: got == []),
        ("chatty", NOWHERE, lambda got: b"{" not in got[0] and len(got) == 2),
        ("chatty-at-start", START, lambda got: b"{" not in got[0] and len(got) == 2),
        ("slow", NOWHERE, lambda got: len(got) == 1),
        ("dies-mid-call", NOWHERE, lambda got: got == []),
        ("dies-at-start", START, lambda got: got == []),
        ("answers-twice", NOWHERE, lambda got: len(got) == 2 and got[0] == got[1]),
        ("another-seq", NOWHERE, lambda got: json.loads(got[0])["seq"] == 2),
        ("another-version", START, lambda got: json.loads(got[0])["sdk"]["version"] != ASKED),
        ("another-protocol", START, lambda got: json.loads(got[0])["protocol"] == 2),
        (
            "obeys-unknown",
            NOWHERE | {"operation": "no-such-operation"},
            lambda got: json.loads(got[0])["kind"] == "content",
        ),
        ("floods-stderr", NOWHERE, lambda got: json.loads(got[0])["kind"] == "error"),
        ("half-a-line", NOWHERE, lambda got: not got[0].endswith(b"\n")),
        ("hangs-up", NOWHERE, lambda got: got == []),
        ("not-json", NOWHERE, lambda got: got[0].startswith(b"{'")),
        ("not-utf-8", NOWHERE, lambda got: b"\xff" in got[0]),
        ("off-schema", NOWHERE, lambda got: "verdict" in json.loads(got[0])),
        ("starts-again", NOWHERE, lambda got: json.loads(got[0])["type"] == "started"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_rogue_breaks_the_protocol_as_it_says(
    kind: str, message: Message, holds: Callable[[list[bytes]], bool], tmp_path: Path
) -> None:
    if message == START:
        assert holds(lines(kind, tmp_path, message))
    else:
        _, *rest = lines(kind, tmp_path, START, message)  # it starts like any other
        assert holds(rest)


def test_the_slow_one_takes_the_seconds_it_is_given(tmp_path: Path) -> None:
    with talk("slow", tmp_path, seconds=0.3) as runner:
        runner.start()
        began = time.monotonic()
        runner.tell(NOWHERE)
        assert runner.line()
        assert time.monotonic() - began >= 0.3


def test_the_one_that_ignores_stop_is_there_after_stop_and_the_end_of_input(
    tmp_path: Path,
) -> None:
    with talk("ignores-stop", tmp_path) as runner:
        runner.start()
        runner.tell({"type": "stop"})
        with pytest.raises(subprocess.TimeoutExpired):
            runner.process.communicate(timeout=0.5)


def test_the_flood_is_ten_megabytes(tmp_path: Path) -> None:
    made = write_runner(tmp_path, kind="floods-stderr")
    manifest = json.loads((made / "manifest.json").read_text())
    argv = [word.format(python=sys.executable) for word in manifest["run"]]
    path = manifest["environment"]["PYTHONPATH"]
    done = subprocess.run(
        argv, input=json.dumps(NOWHERE).encode(), capture_output=True, check=True,
        env={"PYTHONPATH": path},
    )  # fmt: skip
    assert len(done.stderr) == FLOOD


def test_a_defect_is_there_when_it_runs_from_its_manifest(
    endpoint: Endpoint, identity: Path, tmp_path: Path
) -> None:
    endpoint.received.clear()
    endpoint.answer = lambda _: reply(bodies(1))
    with talk("sen-100-as-99", tmp_path, ca=identity) as runner:
        runner.call(sen=100, proxy=endpoint.proxy)
    ((_, raw),) = endpoint.received
    assert raw.startswith(b"GET /example.jpg?x-oss-process=image%2Fbodies%2Csen_99 ")


def test_the_reference_signs_as_the_service_verifies(endpoint: Endpoint) -> None:
    plain = Twist(does="nothing", given={"key": "ключ ~+%.jpg", "credentials": KEYS, "sen": 50})
    right = play(plain, endpoint, twisted=False)
    assert right.facts["auth.signature"] == ["accepted"]
