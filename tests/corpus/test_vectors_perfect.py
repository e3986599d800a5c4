"""A client that does everything right passes every case: no vector asks for the impossible.

The client below is made of the suite's own signing; the mock's pure half answers it, so this also
holds vectors, mock and judge to one reading of the documentation. No socket is opened.
"""

import time
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import pytest

from conformance.corpus.load import load
from conformance.judge import EXPECTATIONS, judge
from conformance.judge.document import NotJsonError, read
from conformance.mock.plan import Arrival, Reset, Write
from conformance.mock.script import State, arm, respond
from conformance.mock.wire import LAST_CHUNK
from conformance.model.case import Case, Claim, Input, Turn
from conformance.model.http import Exchange, Header, Journal, Request, Response
from conformance.model.message import Answer, Content, Ended, Failure
from conformance.model.verdict import Outcome, Transcript, TurnRecord
from conformance.oss import error, naming
from conformance.oss.v4 import Unsigned, sign

NOW = int(time.time())
EXPOSES = ("status", "code", "message", "request_id", "host_id", "ec")


@lru_cache(maxsize=1)
def _cases() -> dict[str, Case]:
    return {case.id: case for case in load().cases}


def _request(given: Input) -> Request:
    virtual, plain = naming.hosts(given.endpoint, given.bucket)
    host = virtual if given.addressing == "virtual" else plain
    process = given.process or (
        "image/bodies" if given.sen is None else f"image/bodies,sen_{given.sen}"
    )
    query = (("x-oss-process", process),)
    headers: tuple[Header, ...] = (("Host", host),)
    if given.credentials is not None:
        asked = Unsigned(
            method="GET", bucket=given.bucket, key=given.key, query=query, headers=headers
        )
        assert given.region is not None
        headers = sign(asked, credentials=given.credentials, region=given.region, clock=NOW)
    path = "/" if given.addressing == "virtual" else f"/{given.bucket}/"
    target = f"{path}{quote(given.key)}?x-oss-process={quote(process, safe='')}"
    return Request(method="GET", target=target, version="HTTP/1.1", headers=headers)


def _bytes(request: Request) -> bytes:
    lines = [f"{request.method} {request.target} {request.version}"]
    lines += [f"{name}: {value}" for name, value in request.headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _run(turn: Turn) -> TurnRecord:
    given = turn.input
    keys = given.credentials
    if keys is not None and None in (keys.access_key_id, keys.access_key_secret):
        return TurnRecord(answer=_unset(given), journal=Journal(), elapsed=0.0)
    request = _request(given)
    clock = NOW + turn.script.clock_offset
    armed = arm("perfect", 1, turn.script)
    _, plan = respond(armed, State(), Arrival(request=request, scheme="https", clock=clock))
    sent = b"".join(step.data for step in plan.steps if isinstance(step, Write))
    exchange = Exchange(
        received=_bytes(request),
        sent=sent,
        scheme="https",
        connection=1,
        clock=clock,
        at=0.0,
        refusal=plan.refusal,
    )
    response = exchange.response
    assert response is not None
    answer = _ended(response) if given.operation == "sample" else _answer(response)
    if not _whole(response, sent) or any(isinstance(step, Reset) for step in plan.steps):
        answer = Failure(origin="transport", error_class="IncompleteError", text="cut off")
    return TurnRecord(answer=answer, journal=Journal(exchanges=(exchange,)), elapsed=0.0)


def _whole(response: Response, sent: bytes) -> bool:
    """Whether all that the head announces has come (RFC 9112 8)."""
    if response.header("transfer-encoding"):
        return sent.endswith(LAST_CHUNK)
    length = response.header("content-length")
    return length is None or len(response.body) == int(length)


def _unset(given: Input) -> Answer:
    if given.operation == "sample":
        return Ended(exit=1, stdout=b"", stderr=b"no credentials")
    return Failure(origin="client", error_class="CredentialsError", text="no credentials")


def _ended(response: Response) -> Ended:
    good = response.status == 200
    return Ended(exit=0 if good else 1, stdout=b"data:\n" + response.body, stderr=b"")


def _answer(response: Response) -> Answer:
    if response.status == 200:
        try:
            return Content(content=response.body, parsed=read(response.body), parse_error=None)
        except NotJsonError as refusal:
            return Content(content=response.body, parsed=None, parse_error=str(refusal))
    fields: dict[str, Any] = error.read(response.body) or {}
    return Failure(
        origin="service",
        error_class="ServiceError",
        text=str(fields),
        status=response.status,
        code=fields.get("Code"),
        message=fields.get("Message"),
        request_id=fields.get("RequestId"),
        host_id=fields.get("HostId"),
        ec=fields.get("EC"),
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


def _needs_an_answer(case: Case) -> bool:
    """Whether the case requires something that silence cannot meet."""
    required = [e for turn in case.turns for e in turn.expect if e.claim is Claim.REQUIRED]
    names = {name for e in required for name, _ in e.values}
    return bool(names & {"requests", "answer", "content", "prints"})


@pytest.mark.parametrize("case_id", [i for i, case in _cases().items() if _needs_an_answer(case)])
def test_a_client_that_sends_nothing_and_hands_over_nothing_fails(case_id: str) -> None:
    case = _cases()[case_id]
    nothing = Content(content=b"", parsed=None, parse_error="empty")
    record = TurnRecord(answer=nothing, journal=Journal(), elapsed=0.0)
    turns = tuple(record for _ in case.turns)
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
