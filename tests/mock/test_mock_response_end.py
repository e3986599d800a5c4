"""The end of a response is found wherever the bytes are cut."""

import pytest

from conformance.mock.response_end import ResponseEnd

OK = b"HTTP/1.1 200 OK\r\n"
WHOLE = {
    "length": OK + b"Content-Length: 5\r\n\r\n12345",
    "length 0": OK + b"content-length: 0\r\n\r\n",
    "chunks": OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\n\r\n1\r\n2;x\r\nab\r\n0\r\n\r\n",
    "a trailer": OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-A: 1\r\nX-B: 2\r\n\r\n",
    "no content": b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
    "interim": b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 1\r\n\r\n1",
}


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("form", WHOLE)
def test_the_end_is_found(form: str, size: int) -> None:
    data, end = WHOLE[form] + b"HTTP/1.1 next", ResponseEnd("GET")
    taken = 0
    for at in range(0, len(data), size):
        if end.complete:
            break
        taken += end.feed(data[at : at + size])
    assert (end.complete, data[:taken], end.last) == (True, WHOLE[form], False)


def test_a_response_to_head_has_no_body() -> None:
    end = ResponseEnd("HEAD")
    assert end.feed(WHOLE["length"]) == len(WHOLE["length"]) - 5
    assert end.complete


@pytest.mark.parametrize("head", [
    OK + b"Connection: close\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
])  # fmt: skip
def test_a_connection_that_ends_with_the_response_is_noticed(head: bytes) -> None:
    end = ResponseEnd("GET")
    end.feed(head)
    assert (end.complete, end.last) == (True, True)


def test_without_a_framing_the_connection_ends_the_body() -> None:
    end = ResponseEnd("GET")
    assert end.feed(OK + b"\r\nabc") == len(OK) + 5
    assert (end.complete, end.with_connection, end.last) == (False, True, True)


@pytest.mark.parametrize("data", [
    OK + b"Content-Length: x\r\n\r\n",
    OK + b"Content-Length: -1\r\n\r\n",
    b"HTTP/1.1\r\n\r\n",
    OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"HTTP/1.1 OK\r\n\r\n",
    b"x" * 70_000,
])  # fmt: skip
def test_what_cannot_be_read_is_malformed(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        ResponseEnd("GET").feed(data)
