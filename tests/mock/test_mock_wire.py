"""Bytes of a connection become requests, none changed and none lost."""

import gc
import time

import pytest

from conformance.mock.wire import BODY_LIMIT, HEAD_LIMIT, Message, Reader, chunk

GET = (
    b"GET //a/../example.jpg?x-oss-process=image/bodies%2Csen_50&x HTTP/1.1\r\n"
    b"hOsT:  examplebucket.oss-cn-hangzhou.aliyuncs.com\r\n"
    b"X-B: 2\r\nx-a: \xc3\xa9\r\nX-B: 1\r\n\r\n"
)
PUT = b"PUT /k HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"POST /k HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3;x=y\r\nabc\r\n0\r\nTrailer: t\r\n\r\n"
)


def read(*pieces: bytes) -> list[Message]:
    reader, found = Reader(), []
    for piece in pieces:
        reader.feed(piece)
        while (message := reader.next()) is not None:
            found.append(message)
    return found


def only(*pieces: bytes) -> Message:
    (message,) = read(*pieces)
    return message


@pytest.mark.parametrize("raw", [GET, PUT, CHUNKED], ids=["bare", "length", "chunked"])
def test_a_request_is_kept_byte_for_byte(raw: bytes) -> None:
    assert only(raw).raw == raw


@pytest.mark.parametrize("raw", [GET, PUT, CHUNKED], ids=["bare", "length", "chunked"])
def test_a_request_that_comes_byte_by_byte_is_the_same(raw: bytes) -> None:
    assert only(*(raw[at : at + 1] for at in range(len(raw)))) == only(raw)


def test_the_raw_target_is_not_normalised() -> None:
    request = only(GET).request
    assert request is not None
    assert request.target == "//a/../example.jpg?x-oss-process=image/bodies%2Csen_50&x"


def test_header_fields_keep_their_order_and_case() -> None:
    request = only(GET).request
    assert request is not None
    assert [name for name, _ in request.headers] == ["hOsT", "X-B", "x-a", "X-B"]


def test_pipelined_requests_are_split_where_they_meet() -> None:
    assert [message.raw for message in read(PUT + CHUNKED + GET + GET)] == [PUT, CHUNKED, GET, GET]


def test_a_request_is_given_out_only_when_its_body_is_whole() -> None:
    assert read(PUT[:-1]) == []


def test_empty_lines_before_a_request_are_not_part_of_it() -> None:
    assert only(b"\r\n\r", b"\n" + GET).raw == GET


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /a b HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET /a HTTP/1.1\nHost: h\n\n",
        b"GET /a HTTP/1.1\r\nHo st: h\r\n\r\n",
        b"GET /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01",
        b"hello\n",
    ],
)
def test_what_is_not_http_comes_as_it_is_with_the_reason(raw: bytes) -> None:
    message = only(raw)
    assert (message.raw, message.request, bool(message.problem)) == (raw, None, True)


def test_after_what_is_not_http_nothing_more_is_read() -> None:
    assert len(read(b"nonsense\n", GET)) == 1


def test_a_chunked_body_that_is_broken_is_malformed() -> None:
    raw = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
    assert only(raw).request is None


@pytest.mark.parametrize("before", [b"\n", b"\r", b"\r\n\n", b"\r\r\n"])
def test_a_bare_cr_or_lf_before_the_method_is_malformed(before: bytes) -> None:
    assert "bare CR or LF" in only(before + GET).problem
    assert "bare CR or LF" in only(*(bytes([byte]) for byte in before), GET).problem


@pytest.mark.parametrize(
    "coding",
    [
        b"identity\r\nTransfer-Encoding: chunked",
        b"chunked\r\nTransfer-Encoding: identity",
        b"chunked\r\ntransfer-encoding: chunked",
        b"identity, chunked",
        b"gzip, chunked",
        b"",
    ],
)
def test_a_transfer_coding_other_than_chunked_is_malformed(coding: bytes) -> None:
    assert only(CHUNKED.replace(b"chunked", coding)).request is None


def test_a_transfer_coding_in_http_1_0_is_malformed() -> None:
    assert "HTTP/1.0" in only(CHUNKED.replace(b"HTTP/1.1", b"HTTP/1.0")).problem


def test_the_name_of_the_field_in_a_target_is_no_transfer_coding() -> None:
    raw = GET.replace(b"&x", b"&transfer-encoding:gzip")
    assert only(raw).raw == raw


def test_a_chunked_body_after_an_upgrade_belongs_to_its_request() -> None:
    raw = CHUNKED.replace(b"\r\n\r\n", b"\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", 1)
    assert [message.raw for message in read(raw + GET)] == [raw, GET]


def test_empty_lines_within_chunks_do_not_end_a_body() -> None:
    raw = CHUNKED.replace(b"3;x=y\r\nabc", b"9\r\n\r\n\r\n0\r\n\r\n")
    assert [message.raw for message in read(raw + GET)] == [raw, GET]


@pytest.mark.parametrize(
    "chunks",
    [
        chunk(bytes(BODY_LIMIT)) * 15,
        chunk(b"a") * BODY_LIMIT,
        chunk(b"\r\n\r\n") * BODY_LIMIT,
    ],
    ids=["long chunks", "chunks of one byte", "chunks of empty lines"],
)
def test_a_chunked_body_of_15_mb_is_cut_at_the_limit_within_a_second(chunks: bytes) -> None:
    reader, fed = Reader(), 0
    reader.feed(CHUNKED.partition(b"3;")[0])
    began = time.process_time()
    while (message := reader.next()) is None:
        reader.feed(chunks[fed : fed + 4096])
        fed += 4096
    assert time.process_time() - began < 1
    assert "longer" in message.problem
    assert fed <= BODY_LIMIT + 4096


def test_a_head_of_100_mb_is_cut_at_the_limit() -> None:
    reader, fed = Reader(), 0
    reader.feed(b"GET / HTTP/1.1\r\nA: ")
    while (message := reader.next()) is None:
        reader.feed(b"a" * 100)
        fed += 100
    assert "longer" in message.problem
    assert fed <= HEAD_LIMIT + 100


def test_a_head_without_end_is_malformed_at_the_limit() -> None:
    assert "longer" in only(b"GET / HTTP/1.1\r\nA: " + b"a" * HEAD_LIMIT).problem


def test_a_body_beyond_the_limit_is_malformed_before_it_comes() -> None:
    raw = b"PUT /k HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999\r\n\r\n"
    assert "longer" in only(raw).problem


def test_a_client_that_expects_continue_is_noticed_once_before_the_body() -> None:
    head, body = PUT.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n")[:-5], b"hello"
    assert [message.complete for message in read(head, body[:2], body[2:])] == [False, True]


def test_a_body_that_came_along_needs_no_continue() -> None:
    raw = PUT.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n")
    assert only(raw).complete


def test_what_follows_a_connect_is_left_for_the_tunnel() -> None:
    reader = Reader()
    reader.feed(b"CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n\x16\x03\x01")
    message = reader.next()
    assert message is not None
    assert message.request is not None
    assert (message.request.method, reader.rest()) == ("CONNECT", b"\x16\x03\x01")


def test_an_upgrade_that_we_do_not_take_is_an_ordinary_request() -> None:
    raw = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    assert [message.raw for message in read(raw + GET)] == [raw, GET]


@pytest.mark.parametrize(
    ("version", "connection", "kept"),
    [
        ("HTTP/1.1", None, True),
        ("HTTP/1.1", "close", False),
        ("HTTP/1.1", "TE, Close", False),
        ("HTTP/1.0", None, False),
        ("HTTP/1.0", "Keep-Alive", True),
    ],
)
def test_a_connection_is_kept_as_the_client_wants(
    version: str, connection: str | None, kept: bool
) -> None:
    field = "" if connection is None else f"Connection: {connection}\r\n"
    assert only(f"GET /close {version}\r\nHost: h\r\n{field}\r\n".encode()).keep is kept


@pytest.mark.parametrize("raw", [GET, PUT, CHUNKED, CHUNKED[:-3], b"nonsense\n"])
def test_a_reader_leaves_nothing_for_the_collector(raw: bytes) -> None:
    gc.collect()
    gc.disable()
    try:
        read(raw)
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_no_content_is_no_chunk() -> None:
    assert (chunk(b""), chunk(b"0123456789abcdef")) == (b"", b"10\r\n0123456789abcdef\r\n")
