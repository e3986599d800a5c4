"""A client that does everything right passes every case: no vector asks for the impossible.

The client below is made of the suite's own signing; the mock's pure half answers it, so this also
holds vectors, mock and judge to one reading of the documentation. No socket is opened. It asks once
for each call, follows nothing and takes a message that is not whole for none.
"""

import base64
import gzip
import time
import zlib
from dataclasses import replace
from email.utils import formatdate
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from conformance.corpus.load import load
from conformance.judge import EXPECTATIONS, judge
from conformance.judge.document import NotJsonError, read
from conformance.judge.rules.bodies import message_body
from conformance.mock.proxy import refusal
from conformance.mock.script import State, arm, respond
from conformance.mock.steps import Arrival, Pause, Playback, Reset, Write
from conformance.model.case import Case, Input, Level, Turn
from conformance.model.http import PROXY, Exchange, Header, Journal, Request, Response
from conformance.model.message import Answer, Content, Ended, Failure, Several
from conformance.model.verdict import Outcome, Transcript, TurnRecord
from conformance.oss import naming, v1, v4
from conformance.oss import service_error as error
from conformance.oss.v4 import Unsigned, canonical_query

NOW = int(time.time())
URL_VALID = 3600  # seconds
BROKEN = Failure(origin="transport", error_class="Incomplete", text="the message is not whole")
EXPOSES = ("status", "code", "message", "request_id", "host_id", "ec")


@lru_cache(maxsize=1)
def _cases() -> dict[str, Case]:
    return {case.id: case for case in load().cases}


def _request(given: Input) -> Request:
    names = naming.hosts(given.endpoint, given.bucket)
    # Before an address no bucket can stand.
    addressing = given.addressing if len(names) > 1 else "path"
    host = names[0] if addressing in ("virtual", None) else names[-1]
    process = given.process
    if process is None:
        process = ",".join([given.action, *(f"{n}_{value}" for n, value in given.parameters)])
    version = () if given.version_id is None else (("versionId", given.version_id),)
    asked = Unsigned(
        method="GET",
        bucket=given.bucket,
        key=given.key,
        query=(*version, ("x-oss-process", process)),
        headers=(("Host", (f"[{host}]" if ":" in host else host) + _port(given.endpoint)),),
    )
    query, headers = _signed(given, asked)
    path = f"/{given.bucket}/" if addressing == "path" else "/"
    target = f"{path}{quote(given.key)}?{canonical_query(query)}"
    return Request(method="GET", target=target, version="HTTP/1.1", headers=headers)


def _port(endpoint: str) -> str:
    """The port that an endpoint names, as the Host field has it."""
    port = urlsplit(endpoint if "://" in endpoint else f"//{endpoint}").port
    return "" if port is None else f":{port}"


def _signed(
    given: Input, asked: Unsigned
) -> tuple[tuple[tuple[str, str], ...], tuple[Header, ...]]:
    """Query and headers of the request, one of them signed if there is somebody to sign."""
    keys = given.credentials
    if keys is None:
        return asked.query, asked.headers
    if given.signature == "v1" and given.sign == "url":
        return v1.presign(asked, credentials=keys, expires=NOW + URL_VALID), asked.headers
    if given.signature == "v1":
        date = formatdate(NOW, usegmt=True)
        return asked.query, v1.sign(asked, credentials=keys, date=date)
    assert given.region is not None
    if given.sign == "url":
        pairs = v4.presign(
            asked, credentials=keys, region=given.region, clock=NOW, expires=URL_VALID
        )
        return pairs, asked.headers
    headers = v4.sign(asked, credentials=keys, region=given.region, clock=NOW)
    return asked.query, headers


def _bytes(request: Request) -> bytes:
    lines = [f"{request.method} {request.target} {request.version}"]
    lines += [f"{name}: {value}" for name, value in request.headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _run(turn: Turn) -> TurnRecord:
    if not turn.calls:
        return _one(turn)
    records = [_one(replace(turn, input=given, calls=())) for given in turn.calls]
    exchanges = [exchange for record in records for exchange in record.journal.exchanges]
    answers = tuple(record.answer for record in records if record.answer is not None)
    journal = Journal(exchanges=tuple(exchanges))
    return TurnRecord(answer=Several(answers=answers), journal=journal, elapsed=0.0)


def _one(turn: Turn) -> TurnRecord:
    given = turn.input
    keys = given.credentials
    if keys is not None and (
        None in (keys.access_key_id, keys.access_key_secret)
        or not _sendable(keys.access_key_id, keys.security_token, given.region)
        or (given.region is None and given.signature != "v1")
    ):
        return TurnRecord(answer=_unset(given), journal=Journal(), elapsed=0.0)
    if not naming.hosts(given.endpoint, given.bucket):
        nowhere = Failure(origin="client", error_class="NoHost", text="the endpoint has no host")
        return TurnRecord(answer=nowhere, journal=Journal(), elapsed=0.0)
    if naming.is_unreachable(given.endpoint):
        return TurnRecord(answer=BROKEN, journal=Journal(), elapsed=0.0)
    if turn.script.certificate != "trusted":
        refused = Journal(handshakes=("the client refused the certificate",))
        return TurnRecord(answer=BROKEN, journal=refused, elapsed=0.0)
    request = _request(given)
    refused_by_proxy = _at_proxy(turn, request)
    if refused_by_proxy is not None:
        return TurnRecord(answer=BROKEN, journal=refused_by_proxy, elapsed=0.0)
    scheme = urlsplit(given.endpoint).scheme or "https"
    clock = NOW + turn.script.clock_offset
    armed = arm("perfect", 1, turn.script)
    _, plan = respond(armed, State(), Arrival(request=request, scheme=scheme, clock=clock))
    sent = _sent(plan)
    exchange = Exchange(
        received=_bytes(request),
        sent=sent,
        scheme=scheme,
        connection=1,
        clock=clock,
        at=0.0,
        refusal=plan.refusal,
        via="direct" if given.proxy is None else "connect",
    )
    response = exchange.response
    if response is None or not _whole(response, sent) or _late(plan, given):
        broken = Ended(exit=1, stdout=b"", stderr=b"the connection broke off\n")
        answer: Answer = BROKEN if given.program is None else broken
    else:
        answer = _ended(response) if given.program is not None else _answer(response, given)
    return TurnRecord(answer=answer, journal=Journal(exchanges=(exchange,)), elapsed=0.0)


def _at_proxy(turn: Turn, request: Request) -> Journal | None:
    """What is journalled if the proxy of the call opens no tunnel; None if it does, or without."""
    login = turn.input.proxy
    if login is None:
        return None
    host = request.header("host") or ""
    headers: tuple[tuple[str, str], ...] = (("Host", host),)
    if login.user is not None:
        pair = base64.b64encode(f"{login.user}:{login.password}".encode()).decode()
        headers = (*headers, ("Proxy-Authorization", f"Basic {pair}"))
    connect = Request(method="CONNECT", target=host, version="HTTP/1.1", headers=headers)
    answered = refusal(turn.script, connect, keep=True)
    if answered is None:
        return None
    seen = Exchange(
        received=_bytes(connect), sent=answered, scheme="http", connection=1, clock=NOW, at=0.0,
        via=PROXY,
    )  # fmt: skip
    return Journal(proxy=(seen,))


def _sendable(*texts: str | None) -> bool:
    """Whether each can stand in a header field: one line, no blank at its ends (RFC 9110 5.5)."""
    return all(text is None or (text == text.strip() and text.isprintable()) for text in texts)


def _sent(plan: Playback) -> bytes:
    return b"".join(step.data for step in plan.steps if isinstance(step, Write))


def _late(plan: Playback, given: Input) -> bool:
    """Whether the connection was reset, or a pause was longer than the client waits."""
    limit = float("inf") if given.read_timeout is None else given.read_timeout / 1000
    return any(
        isinstance(step, Reset) or (isinstance(step, Pause) and step.seconds > limit)
        for step in plan.steps
    )


def _whole(response: Response, sent: bytes) -> bool:
    """Whether a message is complete and its length certain (RFC 9112 6.3 and 8)."""
    if response.header("transfer-encoding") is not None:
        return b"\r\n0\r\n" in sent  # a trailer may follow the last chunk
    told = [value for name, value in response.headers if name.lower() == "content-length"]
    lengths = {value.strip() for text in told for value in text.split(",")}
    if response.status in (204, 304) or not told:
        return True
    (length,) = lengths if len(lengths) == 1 else ("",)
    return length.isascii() and length.isdigit() and len(response.body) >= int(length)


def _unset(given: Input) -> Answer:
    if given.program is not None:
        return Ended(exit=1, stdout=b"", stderr=b"no credentials")
    return Failure(origin="client", error_class="CredentialsError", text="no credentials")


def _ended(response: Response) -> Ended:
    good = response.status == 200
    return Ended(exit=0 if good else 1, stdout=b"data:\n" + response.body, stderr=b"")


def _decoded(response: Response) -> bytes:
    """The content with its coding taken off, if that is possible."""
    content, coding = message_body(response), response.header("content-encoding")
    try:
        if coding == "gzip":
            return gzip.decompress(content)
        return zlib.decompress(content) if coding == "deflate" else content
    except (OSError, EOFError, zlib.error):
        return content


def _answer(response: Response, given: Input) -> Answer:
    body = _decoded(response)
    if 200 <= response.status < 300:
        body = body[: None if given.consume is None else given.consume.limit]
        try:
            return Content(content=body, parsed=read(body), parse_error=None)
        except NotJsonError as refusal:
            return Content(content=body, parsed=None, parse_error=str(refusal))
    fields: dict[str, Any] = error.read(body) or {}
    return Failure(
        origin="service",
        error_class="ServiceError",
        text=str(fields),
        status=response.status,
        code=fields.get("Code"),
        message=fields.get("Message"),
        request_id=fields.get("RequestId") or response.header("x-oss-request-id"),
        host_id=fields.get("HostId"),
        ec=fields.get("EC") or response.header("x-oss-ec"),
    )


@pytest.mark.parametrize("case_id", _cases())
def test_a_perfect_client_passes(case_id: str) -> None:
    case = _cases()[case_id]
    transcript = Transcript(
        case=case.id,
        lane="perfect",
        mode="host",
        turns=tuple(_run(turn) for turn in case.turns),
        exposes=EXPOSES,
    )
    verdict = judge(case, transcript)
    assert (verdict.outcome, verdict.findings) == (Outcome.PASS, ()), verdict.reason


def test_a_client_may_refuse_an_answer_with_both_framings_and_ask_again() -> None:
    (turn,) = _cases()["transport/framing/chunked-and-length"].turns
    record = _run(turn)
    journal = Journal(exchanges=record.journal.exchanges * 2)
    transcript = Transcript(
        case="transport/framing/chunked-and-length",
        lane="strict",
        mode="host",
        turns=(TurnRecord(answer=BROKEN, journal=journal, elapsed=0.0),),
        exposes=EXPOSES,
    )
    verdict = judge(_cases()[transcript.case], transcript)
    assert (verdict.outcome, verdict.findings) == (Outcome.PASS, ())


def _needs_an_answer(case: Case) -> bool:
    """Whether the case requires something that silence cannot meet."""
    required = [e for turn in case.turns for e in turn.expect if e.claim is Level.REQUIRED]
    names = {name for e in required for name, _ in e.values}
    return bool(names & {"requests", "answer", "content", "prints"})


@pytest.mark.parametrize("case_id", [i for i, case in _cases().items() if _needs_an_answer(case)])
def test_a_client_that_sends_nothing_and_hands_over_nothing_fails(case_id: str) -> None:
    case = _cases()[case_id]
    nothing = Content(content=b"", parsed=None, parse_error="empty")
    record = TurnRecord(answer=nothing, journal=Journal(), elapsed=0.0)
    several = [Several(answers=(nothing,) * len(turn.calls)) for turn in case.turns]
    turns = tuple(replace(record, answer=one if one.answers else nothing) for one in several)
    transcript = Transcript(case=case.id, lane="idle", mode="host", turns=turns, exposes=EXPOSES)
    assert judge(case, transcript).outcome is Outcome.FAIL


def test_every_expectation_of_a_case_is_judged_by_somebody() -> None:
    names = {
        name
        for case in _cases().values()
        for turn in case.turns
        for e in turn.expect
        for name, _ in e.values
    }
    assert names <= set(EXPECTATIONS)
