"""Scripts, journals and transcripts survive the way to JSON and back."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.model.case import KnownKey, Reply, Script
from conformance.model.codec import (
    journal_from,
    journal_to,
    script_from,
    script_to,
    transcript_from,
    transcript_to,
)
from conformance.model.http import Exchange, Journal, Request, Response
from conformance.model.message import Content, Ended, Failure, Unsupported
from conformance.model.verdict import Problem, Transcript, TurnRecord

EXCHANGE = Exchange(
    received=b"GET /a%2Fb?x-oss-process=image%2Fbodies HTTP/1.1\r\nHost: h\r\nX-A:  b \r\n\r\n",
    sent=b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    scheme="https",
    connection=1,
    clock=1702743657,
    at=0.25,
    via="connect",
    sni="h",
    alpn="http/1.1",
    faults=("delay",),
    refusal="AccessDenied",
)


@settings(max_examples=50, derandomize=True)
@given(st.binary(), st.lists(st.tuples(st.text(), st.none() | st.text())), st.integers())
def test_a_script_survives_json(body: bytes, headers: list[tuple[str, str | None]], n: int) -> None:
    script = Script(
        keys=(KnownKey(id="a", secret="b", token=None), KnownKey(id="c", secret="d", token="t")),
        replies=(
            Reply(status=200, headers=tuple(headers), body=body, faults=(("delay", 0.1),)),
            Reply(status=404, headers=(), body=b"", error=(("code", "NoSuchKey"),)),
        ),
        clock_offset=n,
    )
    assert script_from(json.loads(json.dumps(script_to(script)))) == script


def test_a_journal_survives_json() -> None:
    journal = Journal(exchanges=(EXCHANGE,), strays=(EXCHANGE,), handshakes=("bad",), unused=(1,))
    assert journal_from(json.loads(json.dumps(journal_to(journal)))) == journal


def test_a_transcript_with_every_kind_of_answer_survives_json() -> None:
    answers = (
        Content(content=b"\xff{}", parsed={"a": {"$int": "1"}}, parse_error=None),
        Failure(origin="service", error_class="E", text="t", status=403, code="AccessDenied"),
        Unsupported(reason="no"),
        Ended(exit=1, stdout=b"o\x00", stderr=b"e"),
        Ended(exit=1, stdout=b"", stderr=b"e", compiled=False),
        None,
    )
    transcript = Transcript(
        case="process/sen/50",
        lane="go@3.0.2",
        mode="host",
        turns=tuple(
            TurnRecord(answer=answer, journal=Journal(exchanges=(EXCHANGE,)), elapsed=0.5)
            for answer in answers
        ),
        exposes=("status", "code"),
        stderr="tail",
        problem=Problem(step="timeout", reason="r", remedy="m"),
        skipped=None,
        at_end="closed ~masked-access-key-secret-0-plain~",
        outlives=True,
    )
    assert transcript_from(json.loads(json.dumps(transcript_to(transcript)))) == transcript


def test_a_request_is_read_with_its_raw_target_and_header_case_and_order() -> None:
    request = EXCHANGE.request
    assert request == Request(
        method="GET",
        target="/a%2Fb?x-oss-process=image%2Fbodies",
        version="HTTP/1.1",
        headers=(("Host", "h"), ("X-A", "b")),
    )


def test_bytes_that_are_no_request_read_as_none() -> None:
    assert Request.read(b"hello\r\n\r\n") is None
    assert Request.read(b"GET / HTTP/1.1\r\nHost: h\r\n") is None


def test_a_chunked_response_is_read_without_its_chunks_and_after_interim_ones() -> None:
    raw = (
        b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"
    )
    read = Response.read(raw)
    assert read is not None
    assert (read.status, read.body) == (200, b"abcde")


def test_a_chunked_response_cut_in_a_chunk_keeps_what_had_come() -> None:
    raw = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc"
    read = Response.read(raw)
    assert read is not None
    assert read.body == b"abc"
