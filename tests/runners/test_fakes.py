"""The fakes: each does the one thing that it is there for, and nothing else goes astray with it.

What a fake sent and answered is boiled down to one fact for each rule of the judge. A defect must
change the fact of its rule, a freedom none at all.
"""

import base64
import contextlib
import functools
import gzip
import importlib.util
import io
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema
import pytest
from fakes.answers import signing_key
from fakes.build import REFERENCE
from fakes.changes import spelled
from fakes.conversation import CALL, KEYS
from fakes.defects import threads
from fakes.endpoint import Endpoint, write_identity
from fakes.harmless import FREEDOMS
from fakes.meeting import met
from fakes.reference.runner import content
from fakes.replies import LATE, MANY, answering
from fakes.twist import Twist, install
from fakes.wrong import DEFECTS

from conformance.assets import SCHEMAS
from conformance.judge.document import normal
from conformance.model.case import KnownKey
from conformance.model.http import Request
from conformance.oss.naming import is_public
from conformance.oss.verification import Verification, verify

Message = dict[str, Any]
Facts = dict[str, object]
ALONE = [name for name, twist in DEFECTS.items() if twist.alone]


@pytest.fixture(scope="session")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_identity(tmp_path_factory.mktemp("identity"))


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An identity that nobody trusts."""
    return write_identity(tmp_path_factory.mktemp("stranger"))


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
def plays(endpoint: Endpoint, identity: Path, stranger: Path) -> Callable[[str], Pair]:
    """The calls of a twist as the reference makes them and as the twist does; played once."""

    @functools.cache
    def both(name: str) -> Pair:
        twist = (DEFECTS | FREEDOMS)[name]
        endpoint.show(identity if twist.certificate == "trusted" else stranger)
        with surrounded(twist.environment):
            return play(twist, endpoint, twisted=False), play(twist, endpoint, twisted=True)

    return both


@contextmanager
def surrounded(environment: Mapping[str, str]) -> Iterator[None]:
    """With these variables; the time zone is read again."""
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            time.tzset()
            yield
    finally:
        time.tzset()


def play(twist: Twist, endpoint: Endpoint, *, twisted: bool) -> Play:
    runner = reference()
    if twisted:
        install(twist, runner)
    endpoint.received.clear()
    answers = []
    printed = io.StringIO()
    LATE.clear()
    for number, asked in enumerate(twist.replies):
        endpoint.answer = answering(asked, number)
        command = CALL | dict(twist.given) | (dict(twist.then) if number else {})
        with contextlib.redirect_stderr(printed):
            answers.append(runner.call(command | {"proxy": endpoint.proxy}))
        LATE.set()
    requests = [request for _, raw in endpoint.received if (request := Request.read(raw))]
    keys = twist.given.get("credentials") or KEYS
    said = [printed.getvalue(), *(str(one.get("error", {}).get("text")) for one in answers)]
    found = facts(answers, endpoint.received, keys)
    found["program.output"] = bool(printed.getvalue())
    found["auth.secret-leak"] = [found["auth.secret-leak"], told(said, keys)]
    return Play(
        answers=answers,
        facts=found,
        shape=[shape(request) for request in requests],
    )


def shape(request: Request) -> object:
    """How a request looks, without what differs from second to second."""
    authorization = re.sub("[0-9a-f]{64}|[0-9]{8}", "", request.header("authorization") or "")
    names = [name for name, _ in request.headers]
    hosts = request.header("host"), request.header("user-agent")
    return request.target, names, hosts, authorization


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
    asked = any(request.header("accept-encoding") == "gzip" for request in requests)
    coded = [asked and decoded(answer) is not answer for answer in answers]
    answers = [decoded(answer) for answer in answers]
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
        "auth.bare-plus": [
            re.search(r"[?&](x-oss-)?security-token=[^&]*\+", r.target) is not None
            for r in requests
        ],
        "auth.expires": any(
            abs((one.authorization.moment or 0) + one.authorization.expires - time.time() - 3600)
            > 60
            for one in seen
            if one.auth == "v4-query"
        ),
        "auth.region": [one.signing_region for one in seen],
        "auth.clear-text": [
            one.auth for one, r in zip(seen, received, strict=True) if r[0] == "http"
        ],
        "auth.secret-leak": [leaks(raw, keys) for _, raw in received],
        "transport.scheme": [scheme for scheme, _ in received],
        "transport.target-host": [server(request) for request in requests],
        "transport.malformed": [
            (re.findall(rb"\n[^:\r\n]* [^:\r\n]*:", raw), len(re.findall(rb"\n[Hh]ost:", raw)) > 1)
            for _, raw in received
        ],
        "transport.unasked-field": [
            [name for name, _ in r.headers if name.startswith(("Range", "If-"))] for r in requests
        ],
        "transport.user-agent": [
            re.search('[^ -~]|"', r.header("user-agent") or "") is not None for r in requests
        ],
        "transport.absolute-form": [r.target.startswith("http") for r in requests],
        "transport.requests": len(requests),
        "transport.endless": len(requests) >= MANY,
        "transport.certificate": bool(requests),  # what is asked of a server that proves nothing
        "transport.method": [request.method for request in requests],
        "naming.target": [(one.resource.bucket, one.resource.key) for one in seen],
        "naming.path-style": [
            one.resource.public and one.resource.addressing == "path" for one in seen
        ],
        "naming.port": [(r.header("host") or "").partition(":")[2] or "443" for r in requests],
        "naming.version": [dict(one.resource.query).get("versionId") for one in seen],
        "bodies.coding": coded,
        "bodies.bytes": [answer.get("content") for answer in answers],
        "bodies.parsed": [normal(answer.get("parsed")) for answer in answers],
        "errors.kind": [answer["kind"] for answer in answers],
    } | {f"errors.{name.replace('_', '-')}": [e.get(name) for e in errors] for name in named}


def server(request: Request) -> str:
    """The endpoint in Host, without port, and without the bucket where one may stand."""
    host = (request.header("host") or "").lower().partition(":")[0]
    return host.removeprefix("examplebucket.") if is_public(host) else host


def decoded(answer: Message) -> Message:
    """The answer with gzip taken off its content, which may be done or not."""
    raw = base64.b64decode(answer["content"]["base64"]) if "content" in answer else b""
    return content(gzip.decompress(raw)) if raw.startswith(b"\x1f\x8b") else answer


def leaks(raw: bytes, keys: Message) -> object:
    """Whether secret or token stand where they do not belong, or credentials went elsewhere."""
    secret, token = keys["access_key_secret"] or "none", keys["security_token"] or "none"
    pair = f"{keys['access_key_id']}:{secret}".encode()
    # Under another name at the right server it is no leak but a token that is missing.
    right = rb"x-oss-(?:security-)?token(: |=)(%s|%s)"
    forms = [text.encode() for text in (token, quote(token, safe=""))]
    rest = re.sub(right % tuple(re.escape(form) for form in forms), b"", raw)
    elsewhere = b"\r\nHost: elsewhere." in raw
    return (
        secret.encode() in raw or base64.b64encode(pair) in raw,
        any(form in rest for form in forms),
        elsewhere and (b"\r\nAuthorization: " in raw or b"\r\nx-oss-security-token: " in raw),
    )


def told(texts: list[str], keys: Message) -> list[bool]:
    """Whether each text has one of the credentials that nobody may know, in any spelling."""
    values = [keys[name] for name in ("access_key_secret", "security_token") if keys[name]]
    forms = [form for value in values for form in (*spelled(value), quote(value, safe=""))]
    forms += [base64.b64encode(b"id" + value.encode()).decode()[4:-4] for value in values]
    forms.append(signing_key(keys["access_key_secret"], CALL["region"]))
    return [any(form in text for form in forms) for text in texts]


def processes(one: Verification) -> list[str]:
    return [value for name, value in one.resource.query if name == "x-oss-process"]


@pytest.mark.parametrize("name", ALONE)
def test_a_defect_changes_what_its_rule_is_about(name: str, plays: Callable[[str], Pair]) -> None:
    right, wrong = plays(name)
    rule = str(DEFECTS[name].rule)
    assert wrong.facts[rule] != right.facts[rule]


# What one defect brings with it: a request that is refused or read otherwise is so in more ways
# than one. Everything else must stay as it was, or the defect is two.
REFUSED = {"auth.signature", "auth.token", "process.canonical"}
MORE = "*"
FOLLOWS = {
    "process.string": {"process.duplicate", "process.place"},
    "process.place": {"process.string"},
    "process.duplicate": {"process.string"},
    "process.canonical": REFUSED,
    "auth.scheme": REFUSED | {"auth.access-key", "auth.region"},
    "auth.signature": REFUSED,
    "auth.access-key": REFUSED,
    "auth.token": REFUSED,
    "auth.region": REFUSED,
    "auth.clear-text": {"transport.scheme"},
    "auth.secret-leak": {"program.output"},  # on standard error
    "transport.scheme": {"auth.clear-text"},
    "transport.certificate": {MORE},  # there is an exchange where there was none
    "transport.requests": {MORE},  # each fact is a list with an entry for a request
    "transport.endless": {MORE},  # the last answer is one that the others never get to
    "naming.target": REFUSED | {"process.string", "process.place", "naming.path-style"},
    "naming.path-style": REFUSED,
    "transport.target-host": REFUSED | {"naming.target"},
    "bodies.bytes": {"bodies.parsed"},
    "errors.kind": {MORE},  # an answer of another kind has other fields
}


@pytest.mark.parametrize("name", ALONE)
def test_a_defect_is_one_defect(name: str, plays: Callable[[str], Pair]) -> None:
    right, wrong = plays(name)
    rule = str(DEFECTS[name].rule)
    changed = {fact for fact in right.facts if wrong.facts[fact] != right.facts[fact]}
    follows = FOLLOWS.get("transport.requests" if "transport.requests" in changed else rule, set())
    assert MORE in follows or changed - {rule} <= follows


@pytest.mark.parametrize("name", ALONE)
def test_a_defect_still_keeps_to_the_protocol(name: str, plays: Callable[[str], Pair]) -> None:
    schema = json.loads((SCHEMAS / "answer.schema.json").read_text(encoding="utf-8"))
    _, wrong = plays(name)
    for answer in wrong.answers:
        jsonschema.validate({"type": "answer", "seq": 1} | answer, schema)


@pytest.mark.parametrize("name", threads.DEFECTS)
def test_what_is_wrong_between_threads_is_right_without_them(
    name: str, plays: Callable[[str], Pair]
) -> None:
    right, wrong = plays(name)
    assert wrong.facts == right.facts


def test_calls_that_meet_get_what_one_of_them_left(endpoint: Endpoint, identity: Path) -> None:
    endpoint.show(identity)
    endpoint.received.clear()
    runner = reference()
    install(threads.DEFECTS["object-of-another-call"], runner)
    asked = CALL | {"proxy": endpoint.proxy}
    met(runner.calls)([asked | {"key": key} for key in ("a.jpg", "b.jpg", "c.jpg")])
    (path,) = {request.target.partition("?")[0] for request in endpoint.requests}
    assert path in ("/a.jpg", "/b.jpg", "/c.jpg")
    assert len(endpoint.requests) == 3


# Whoever asks again gets another answer: what they ask is then to be as it was.
ASKING_AGAIN = ("asked-again-after-503", "redirect-followed-bare")
OF_ONE_REQUEST = [name for name in FREEDOMS if name not in ASKING_AGAIN]


@pytest.mark.parametrize("name", OF_ONE_REQUEST)
def test_a_freedom_changes_no_fact(name: str, plays: Callable[[str], Pair]) -> None:
    right, free = plays(name)
    assert free.facts == right.facts


@pytest.mark.parametrize("name", ASKING_AGAIN)
def test_who_asks_again_asks_once_more_and_gets_the_content(
    name: str, plays: Callable[[str], Pair]
) -> None:
    _, free = plays(name)
    assert free.facts["errors.kind"] == ["content"]
    assert free.facts["transport.requests"] == 2
    assert free.facts["auth.secret-leak"] == [[(False, False, False)] * 2, [False, False]]


@pytest.mark.parametrize("name", OF_ONE_REQUEST)
def test_a_freedom_is_accepted_by_the_service(name: str, plays: Callable[[str], Pair]) -> None:
    _, free = plays(name)
    assert free.facts["auth.signature"] == ["accepted"]


@pytest.mark.parametrize("name", [name for name, twist in FREEDOMS.items() if twist.alone])
def test_a_freedom_is_used(name: str, plays: Callable[[str], Pair]) -> None:
    right, free = plays(name)
    assert (free.shape, json.dumps(free.answers)) != (right.shape, json.dumps(right.answers))


def test_the_reference_signs_as_the_service_verifies(endpoint: Endpoint, identity: Path) -> None:
    endpoint.show(identity)
    given = {"key": "ключ ~+%.jpg", "credentials": KEYS, "parameters": {"sen": 50}}
    plain = Twist(does="nothing", given=given)
    right = play(plain, endpoint, twisted=False)
    assert right.facts["auth.signature"] == ["accepted"]
