"""Bytes and documents: what counts as equal, and how a difference is shown."""

import gzip
from dataclasses import replace
from typing import Any

import pytest
from judge.notation import Json, case, transcript
from judge.rule_examples import exchange, lane, request

from conformance.judge import judge
from conformance.judge.document import NotJsonError, read
from conformance.model.http import Exchange, Journal
from conformance.model.message import Content
from conformance.model.verdict import Transcript, TurnRecord, Verdict

BYTES = {"required": {"content": "as-sent"}}
PARSED = {"required": {"parsed": "as-sent"}}


def judged(  # noqa: PLR0917
    expect: Json,
    sent: bytes,
    got: bytes,
    parsed: Any = None,
    refused: str | None = None,
    head: bytes = b"HTTP/1.1 200 OK\r\n\r\n",
    asked: str = "identity",
) -> Verdict:
    base = transcript(lane(exchange(request(after=(("Accept-Encoding", asked),)))))
    (record,) = base.turns
    (seen,) = record.journal.exchanges
    exchanged = Exchange(
        received=seen.received, sent=head + sent, scheme="https", connection=1, clock=seen.clock,
        at=0.0,
    )  # fmt: skip
    answer = Content(content=got, parsed=parsed, parse_error=refused)
    turn = TurnRecord(answer=answer, journal=Journal(exchanges=(exchanged,)), elapsed=0.0)
    trial = Transcript(
        case=base.case, lane=base.lane, mode=base.mode, turns=(turn,), exposes=base.exposes
    )
    return judge(case({"about": "a case", "expect": expect}), trial)


@pytest.mark.parametrize(
    ("sent", "parsed"),
    [
        (b'{"a":1}', {"a": {"$int": "1"}}),
        (b'{"a":1.50}', {"a": {"$real": "1.5"}}),
        (b'{"a":1e2}', {"a": {"$real": "100.0"}}),
        (b'{"a":-0.0}', {"a": {"$real": "-0.0"}}),
        (b'{"b":1,"a":[]}', {"a": [], "b": {"$int": "1"}}),
        (b'{"a":9007199254740993}', {"a": {"$int": "9007199254740993"}}),
        (b'{"a":115}', {"a": {"$number": "115"}}),
        (b'{"a":115.0}', {"a": {"$number": "115"}}),
        (b'{"a":0}', {"a": {"$number": "0.0"}}),
        (b'{"a":0.733}', {"a": {"$number": "7.33e-1"}}),
        (b'{"a":9007199254740993}', {"a": {"$number": "9007199254740993"}}),
    ],
)
def test_equal_values_are_equal_in_any_notation(sent: bytes, parsed: Json) -> None:
    assert judged(PARSED, sent, sent, parsed).findings == ()


@pytest.mark.parametrize(
    ("sent", "parsed", "pointer"),
    [
        (b'{"a":1}', {"a": {"$real": "1.0"}}, "/a"),
        (b'{"a":-0.0}', {"a": {"$real": "0.0"}}, "/a"),
        (b'{"a":9007199254740993}', {"a": {"$int": "9007199254740992"}}, "/a"),
        (b'{"a":[1,2]}', {"a": [{"$int": "1"}]}, "/a/1"),
        (b'{"a":115}', {"a": {"$number": "116"}}, "/a"),
        (b'{"a":115}', {"a": {"$number": "115.5"}}, "/a"),
        (b'{"a":0.733}', {"a": {"$number": "0.73"}}, "/a"),
        (b'{"a":-0.0}', {"a": {"$number": "0"}}, "/a"),
        (b'{"a":9007199254740993}', {"a": {"$number": "9007199254740992"}}, "/a"),
        (b'{"a":1}', {"a": {"$number": "one"}}, "/a"),
        (b'{"a":{"b/c~":null}}', {"a": {}}, "/a/b~1c~0"),
        (b'{"a":""}', {"a": None}, "/a"),
    ],
)
def test_a_difference_is_shown_with_its_json_pointer(
    sent: bytes, parsed: Json, pointer: str
) -> None:
    (finding,) = judged(PARSED, sent, sent, parsed).findings
    assert finding.where == f"parsed content, at {pointer}"


def test_a_parser_that_rejects_a_valid_document_is_a_finding() -> None:
    (finding,) = judged(PARSED, b"{}", b"{}", None, "Syntax error").findings
    assert finding.got == "refused: 'Syntax error'"


@pytest.mark.parametrize("sent", [b"", b"<html>", b"\xef\xbb\xbf{}", b"{} x", b"NaN", b'"\xff"'])
def test_a_parser_may_reject_what_is_no_json(sent: bytes) -> None:
    assert judged(PARSED, sent, sent, None, "Syntax error").findings == ()
    with pytest.raises(NotJsonError):
        read(sent)


@pytest.mark.parametrize(("before", "appended"), [(b"ab", True), (b"xy", False)])
def test_what_stands_before_the_content_may_be_of_an_earlier_response(
    before: bytes, appended: bool
) -> None:
    trial = transcript(lane(exchange(), exchange()))
    (record,) = trial.turns
    first, last = record.journal.exchanges
    sent = [
        replace(one, sent=b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n" + body)
        for one, body in ((first, b"abc"), (last, b"defg"))
    ]
    got = Content(content=before + b"defg", parsed=None, parse_error="no JSON")
    turn = replace(record, answer=got, journal=Journal(exchanges=tuple(sent)))
    made = case({"about": "a case", "expect": BYTES})
    (finding,) = judge(made, replace(trial, turns=(turn,))).findings
    assert ("earlier response" in finding.why) == appended


def test_a_content_coding_may_be_decoded_or_not() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
    packed = gzip.compress(b"{}")
    assert judged(BYTES, packed, b"{}", head=head).findings == ()
    assert judged(BYTES, packed, packed, head=head).findings == ()
    assert len(judged(BYTES, packed, b"{", head=head).findings) == 1


@pytest.mark.parametrize("asked", ["gzip", "deflate, gzip;q=0.5", "x-gzip", "*"])
def test_a_content_coding_that_the_client_asked_for_is_decoded(asked: str) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
    packed = gzip.compress(b"{}")
    assert judged(BYTES, packed, b"{}", head=head, asked=asked).findings == ()
    (finding,) = judged(BYTES, packed, packed, head=head, asked=asked).findings
    assert finding.rule == "bodies.coding"


def test_content_that_cannot_be_decoded_may_be_returned_unchanged() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
    assert judged(BYTES, b"{}", b"{}", head=head, asked="gzip").findings == ()


def test_bytes_after_the_content_length_are_not_part_of_the_message() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    assert judged(BYTES, b"{}garbage", b"{}", head=head).findings == ()
    assert len(judged(BYTES, b"{}garbage", b"{}garbage", head=head).findings) == 1


def test_an_answer_from_a_cache_is_not_what_was_sent() -> None:
    cached = lane(answer={"kind": "content", "content": "{}", "parsed": {}})
    verdict = judge(case({"about": "a case", "expect": BYTES}), transcript(cached))
    assert [f.rule for f in verdict.findings] == ["bodies.bytes"]


def test_a_megabyte_is_shown_by_its_first_difference() -> None:
    sent = b"x" * 1_000_000
    got = sent[:700_000] + b"y" + sent[700_001:]
    (finding,) = judged(BYTES, sent, got).findings
    assert "1000000 bytes, sha256 " in finding.expected
    assert f"at offset 700000: {b'x' * 20!r} then {b'y' + b'x' * 19!r}" in finding.got
    assert len(finding.expected) + len(finding.got) < 500


def test_a_response_whose_head_was_cut_is_told_by_the_bytes_that_were_sent() -> None:
    verdict = judged(BYTES, b"", b"something", head=b"HTTP/1.1 200 OK\r\nServer: Ali")
    (finding,) = verdict.findings
    assert finding.expected.startswith("nothing: only 28 bytes were sent")


def test_a_long_text_in_a_document_is_quoted_where_it_differs() -> None:
    sent = b'{"a": "' + b"x" * 300 + b'yz"}'
    got = {"a": "x" * 300 + "zz"}
    (finding,) = judged(PARSED, sent, sent, parsed=got).findings
    assert "then b'yz" in finding.expected
    assert "then b'zz" in finding.got
