"""Bytes and documents: what counts as the same, and how a difference is shown."""

import gzip
from typing import Any

import pytest
from judge.build_transcripts import exchange, failure, lane, reply
from judge.transcript_files import Json, case, transcript

from conformance.judge import judge
from conformance.judge.document import NotJsonError, difference, read, tagged
from conformance.judge.quote import clip, pair, timeless
from conformance.model.http import Exchange, Journal
from conformance.model.message import Content
from conformance.model.verdict import Transcript, TurnRecord, Verdict

BYTES = {"required": {"content": "as-sent"}}
PARSED = {"required": {"parsed": "as-sent"}}


def of(  # noqa: PLR0917
    expect: Json,
    sent: bytes,
    got: bytes,
    parsed: Any = None,
    refused: str | None = None,
    head: bytes = b"HTTP/1.1 200 OK\r\n\r\n",
) -> Verdict:
    base = transcript(lane(exchange()))
    (record,) = base.turns
    (seen,) = record.journal.exchanges
    told = Exchange(
        received=seen.received, sent=head + sent, scheme="https", connection=1, clock=seen.clock,
        at=0.0,
    )  # fmt: skip
    answer = Content(content=got, parsed=parsed, parse_error=refused)
    turn = TurnRecord(answer=answer, journal=Journal(exchanges=(told,)), elapsed=0.0)
    shown = Transcript(
        case=base.case, lane=base.lane, mode=base.mode, turns=(turn,), exposes=base.exposes
    )
    return judge(case({"about": "a case", "expect": expect}), shown)


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
def test_equal_values_are_equal_however_they_are_spelt(sent: bytes, parsed: Json) -> None:
    assert of(PARSED, sent, sent, parsed).findings == ()


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
def test_a_difference_is_told_by_its_json_pointer(sent: bytes, parsed: Json, pointer: str) -> None:
    (finding,) = of(PARSED, sent, sent, parsed).findings
    assert finding.where == f"parsed content, at {pointer}"


def test_the_first_difference_in_document_order_is_told() -> None:
    wanted, got = tagged({"a": 1, "b": [1, 2], "c": 3}), tagged({"a": 1, "b": [1, 9], "c": 4})
    assert difference(wanted, got) == ("/b/1", "integer 2", "integer 9")


def test_a_parser_that_refuses_a_valid_document_is_a_finding() -> None:
    (finding,) = of(PARSED, b"{}", b"{}", None, "Syntax error").findings
    assert finding.got == "refused: 'Syntax error'"


@pytest.mark.parametrize("sent", [b"", b"<html>", b"\xef\xbb\xbf{}", b"{} x", b"NaN", b'"\xff"'])
def test_what_is_no_json_is_not_held_against_a_parser(sent: bytes) -> None:
    assert of(PARSED, sent, sent, None, "Syntax error").findings == ()
    with pytest.raises(NotJsonError):
        read(sent)


def test_a_content_coding_may_be_taken_off_or_left_on() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
    packed = gzip.compress(b"{}")
    assert of(BYTES, packed, b"{}", head=head).findings == ()
    assert of(BYTES, packed, packed, head=head).findings == ()
    assert len(of(BYTES, packed, b"{", head=head).findings) == 1


def test_bytes_after_the_content_length_are_not_part_of_the_message() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    assert of(BYTES, b"{}garbage", b"{}", head=head).findings == ()
    assert len(of(BYTES, b"{}garbage", b"{}garbage", head=head).findings) == 1


def test_an_answer_from_a_cache_is_not_what_was_sent() -> None:
    told = lane(answer={"kind": "content", "content": "{}", "parsed": {}})
    verdict = judge(case({"about": "a case", "expect": BYTES}), transcript(told))
    assert [f.rule for f in verdict.findings] == ["bodies.bytes"]


def test_a_megabyte_is_shown_by_its_first_difference() -> None:
    sent = b"x" * 1_000_000
    got = sent[:700_000] + b"y" + sent[700_001:]
    (finding,) = of(BYTES, sent, got).findings
    assert "1000000 bytes, sha256 " in finding.expected
    assert f"at offset 700000: {b'x' * 20!r} then {b'y' + b'x' * 19!r}" in finding.got
    assert len(finding.expected) + len(finding.got) < 500


def test_a_long_text_that_ends_early_says_where() -> None:
    expected, got = pair("a" * 300, "a" * 200)
    assert "at offset 200: its end" in got
    assert "at offset 200" in expected


def test_texts_that_look_alike_are_told_apart() -> None:
    assert pair("caf\u00e9", "cafe\u0301") == ("'caf\u00e9'", "'cafe\\u0301'")


ERROR = {"required": {"request_id": "as-sent", "ec": "as-sent", "code": "as-sent"}}


def empty_404(**got: Any) -> Json:
    told = reply("404 Not Found", "", "x-oss-ec: 0026-00000001")
    return lane({**exchange(), **told}, answer=failure(**got))


def test_headers_stand_in_for_a_body_that_is_not_there() -> None:
    told = empty_404(code=None, request_id="64BA4685A645AE37313CBD14", ec="0026-00000001")
    verdict = judge(case({"about": "a case", "expect": ERROR}), transcript(told))
    assert verdict.findings == ()


def test_an_error_code_that_nobody_sent_is_a_finding() -> None:
    told = empty_404(code="NoSuchKey", ec="0026-00000001")
    verdict = judge(case({"about": "a case", "expect": ERROR}), transcript(told))
    assert [(f.rule, f.expected) for f in verdict.findings] == [("errors.code", "nothing")]


def test_a_field_that_the_sdk_does_not_expose_is_not_judged_but_told() -> None:
    told = {**empty_404(code=None, request_id=None, ec=None), "exposes": ["status"]}
    verdict = judge(case({"about": "a case", "expect": ERROR}), transcript(told))
    assert verdict.findings == ()
    assert dict(verdict.profile)["not-exposed"] == "code, message, request_id, host_id, ec"


def test_half_of_a_surrogate_pair_is_shown_escaped() -> None:
    assert clip("a\ud800b").encode() == b"a\\ud800b"


def test_what_is_another_each_second_is_not_quoted() -> None:
    sent = (
        "x-oss-date: 20261123T024026Z\r\nDate: Mon, 23 Nov 2026 02:40:26 GMT\r\nAuthorization: "
        f"OSS4-HMAC-SHA256 Credential=id/20261123/cn-hangzhou/oss/x,Signature={'0a' * 32}"
    )
    later = sent.replace("024026", "024027").replace(":26 GMT", ":27 GMT").replace("0a", "1b")
    assert sent != later
    assert timeless(sent) == timeless(later)
    assert "cn-hangzhou" in timeless(sent)


@pytest.mark.parametrize("end", ["\n", "\\n"])
def test_what_an_error_was_signed_over_is_quoted_without_what_passes(end: str) -> None:
    def said(day: str, second: str, digest: str) -> str:
        lines = [
            "OSS4-HMAC-SHA256",
            f"{day}T0734{second}Z",
            f"{day}/cn-hangzhou/oss/aliyun_v4_request",
        ]
        signed = end.join([*lines, digest * 32])
        spelt = " ".join(f"{byte:02X}" for byte in signed.encode())
        return f"'SignatureProvided': '{digest * 32}', {{'StringToSign': '{signed}', '{spelt}'}}"

    one, two = said("20261123", "18", "0a"), said("20261124", "19", "1b")
    assert timeless(one) == timeless(two)
    assert "/cn-hangzhou/oss/aliyun_v4_request" in timeless(one)


def test_an_errors_words_are_quoted_without_ids_addresses_and_ports() -> None:
    said = "[RequestId]: {} <Connection object at {}> 127.0.0.1:{}"
    one = said.format("FB2D3AB177DEFBF9415454A5", "0x7f8a9c1587c0", 40001)
    two = said.format("E7CA5DEE95A0521334283A40", "0x7f8a9c1587d0", 40002)
    assert timeless(one) == timeless(two) != one
