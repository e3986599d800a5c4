"""A reply becomes the bytes that the service would send."""

from dataclasses import replace

import pytest

from conformance.mock.answer import answer, of_error, prepare
from conformance.mock.head import lay
from conformance.mock.steps import Arrival, Close, Write
from conformance.model.case import Reply
from conformance.model.http import Request
from conformance.oss.service_error import ServiceError, read

REQUEST = Request(
    method="GET",
    target="/example.jpg?x-oss-process=image/bodies",
    version="HTTP/1.1",
    headers=(("Host", "image-demo.oss-cn-hangzhou.aliyuncs.com"),),
)
ARRIVAL = Arrival(request=REQUEST, scheme="https", clock=1689929349)
OK = Reply(status=200, headers=(), body=b"{}")
ID = "64BA4685A645AE37313CBD14"


def steps(reply: Reply, arrival: Arrival = ARRIVAL) -> tuple[object, ...]:
    return answer(prepare(reply), arrival, ID)


def sent(reply: Reply, arrival: Arrival = ARRIVAL) -> bytes:
    return b"".join(step.data for step in steps(reply, arrival) if isinstance(step, Write))


def as_head() -> Arrival:
    return ARRIVAL._replace(request=replace(REQUEST, method="HEAD"))


def test_an_answer_has_the_fields_of_the_documented_exchange() -> None:
    assert sent(OK) == (
        b"HTTP/1.1 200 OK\r\n"
        b"Server: AliyunOSS\r\n"
        b"Date: Fri, 21 Jul 2023 08:49:09 GMT\r\n"
        b"Content-Type: application/json;charset=utf-8\r\n"
        b"Content-Length: 2\r\n"
        b"Connection: keep-alive\r\n"
        b"x-oss-request-id: 64BA4685A645AE37313CBD14\r\n"
        b'ETag: "2CE2EA370531B7CC1D23BE6015CF5DA5"\r\n'
        b"Last-Modified: Mon, 10 Jul 2023 13:07:30 GMT\r\n"
        b"x-oss-object-type: Normal\r\n"
        b"x-oss-hash-crc64ecma: 13420962247653419692\r\n"
        b"x-oss-storage-class: Standard\r\n"
        b"x-oss-server-time: 329\r\n"
        b"\r\n{}"
    )


def test_a_laid_over_field_stands_where_the_usual_one_stood() -> None:
    assert lay((("A", "1"), ("B", "2")), (("a", "3"),)) == (("a", "3"), ("B", "2"))


def test_a_field_laid_over_with_none_is_gone() -> None:
    assert lay((("A", "1"), ("B", "2")), (("a", None),)) == (("B", "2"),)


def test_a_field_laid_over_twice_stands_there_twice() -> None:
    assert lay((("A", "1"),), (("A", "2"), ("A", "3"))) == (("A", "2"), ("A", "3"))


def test_a_field_that_is_new_follows_the_usual_ones() -> None:
    assert lay((("A", "1"),), (("B", "2"), ("B", "3"))) == (("A", "1"), ("B", "2"), ("B", "3"))


def test_a_percent_sign_in_a_field_is_only_a_percent_sign() -> None:
    assert b"\r\nX: 100%(id)b%\r\n" in sent(replace(OK, headers=(("X", "100%(id)b%"),)))


def test_an_error_holds_the_request_id_of_its_own_head_and_the_host() -> None:
    error = (("code", "NoSuchKey"), ("message", "gone"), ("ec", "0026-00000001"), ("Key", "k"))
    head, _, body = sent(Reply(status=404, headers=(), body=b"", error=error)).partition(
        b"\r\n\r\n"
    )
    assert f"x-oss-request-id: {ID}".encode() in head
    assert read(body) == {
        "Code": "NoSuchKey",
        "Message": "gone",
        "RequestId": ID,
        "HostId": "image-demo.oss-cn-hangzhou.aliyuncs.com",
        "Key": "k",
        "EC": "0026-00000001",
        "RecommendDoc": "https://api.aliyun.com/troubleshoot?q=0026-00000001",
    }


def test_the_head_of_an_error_is_that_of_an_xml_answer() -> None:
    error = ServiceError(status=404, code="NoSuchKey", message="gone", ec="0026-00000001")
    head, _, body = sent(of_error(error)).partition(b"\r\n\r\n")
    assert head == (
        b"HTTP/1.1 404 Not Found\r\n"
        b"Server: AliyunOSS\r\n"
        b"Date: Fri, 21 Jul 2023 08:49:09 GMT\r\n"
        b"Content-Type: application/xml\r\n"
        b"Content-Length: %d\r\n"
        b"Connection: keep-alive\r\n"
        b"x-oss-request-id: 64BA4685A645AE37313CBD14\r\n"
        b"x-oss-ec: 0026-00000001\r\n"
        b"x-oss-server-time: 329"
    ) % len(body)


def test_an_answer_to_head_has_the_head_of_get_and_no_body() -> None:
    assert sent(OK, as_head()) == sent(OK).removesuffix(b"{}")


def test_an_error_answered_to_head_has_no_body() -> None:
    assert sent(of_error(ServiceError(status=403, code="A", message="m")), as_head()).endswith(
        b"\r\n\r\n"
    )


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_content_has_neither_body_nor_length(status: int) -> None:
    written = sent(replace(OK, status=status))
    assert written.endswith(b"\r\n\r\n")
    assert b"content-length" not in written.lower()


def test_a_chunked_body_is_framed_and_ended() -> None:
    head, _, body = sent(replace(OK, framing="chunked")).partition(b"\r\n\r\n")
    assert body == b"2\r\n{}\r\n0\r\n\r\n"
    assert b"\r\nTransfer-Encoding: chunked" in head
    assert b"Content-Length" not in head


def test_a_body_framed_by_close_has_no_length_and_ends_the_connection() -> None:
    played = steps(replace(OK, framing="close"))
    assert played[-1] == Close()
    head = sent(replace(OK, framing="close"))
    assert b"Content-Length" not in head
    assert b"\r\nConnection: close\r\n" in head


def test_a_client_that_asks_to_close_is_told_so_and_obeyed() -> None:
    asked = ARRIVAL._replace(keep=False)
    assert b"\r\nConnection: close\r\n" in sent(OK, asked)
    assert steps(OK, asked)[-1] == Close()


def test_a_scripted_connection_close_is_meant() -> None:
    assert steps(replace(OK, headers=(("Connection", "close"),)))[-1] == Close()


def test_a_status_without_a_registered_phrase_has_an_empty_one() -> None:
    assert sent(replace(OK, status=799)).startswith(b"HTTP/1.1 799 \r\n")


def test_an_answer_that_is_no_content_does_not_speak_of_the_object() -> None:
    assert b"ETag" not in sent(replace(OK, status=503))


def test_an_answer_without_detours_is_one_write() -> None:
    assert len(steps(OK)) == 1
