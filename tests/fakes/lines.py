"""Ways to go wrong between a request and its answer: sending again, elsewhere, reading otherwise.

Each stands in for the reference's `send` and gets that as its first argument.
"""

import gzip
import http.client
import io
import re
import socket
import time
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from email.message import Message as Fields
from html import escape
from typing import Any, cast
from urllib.parse import urlsplit
from xml.etree import ElementTree

from fakes.reference import runner
from fakes.twist import Message, Reply, Send, swapped

Sending = Callable[[Send, Any, Message], Reply]
Headers = Mapping[str, str]


def read(change: Callable[[int, Any, bytes], Reply]) -> Sending:
    """Takes what came for something else."""
    return lambda send, request, command: change(*send(request, command))


def refused(change: Callable[[Any, bytes], tuple[Any, bytes]]) -> Sending:
    """Takes what came with an error for something else: header fields and body."""
    return read(lambda status, *rest: (status, *(change(*rest) if status >= 300 else rest)))


def again(times: int, when: Callable[[int], bool]) -> Sending:
    """Sends up to so many times for as long as the status is one of those."""

    def sending(send: Send, request: Any, command: Message) -> Reply:
        reply = send(request, command)
        for _ in range(times - 1):
            if when(reply[0]):
                reply = send(request, command)
        return reply

    return sending


def after_the_wait(send: Send, request: Any, command: Message) -> Reply:
    """Sends again after the time that a response asks for, however long that is."""
    status, headers, body = send(request, command)
    if status < 500 or not headers["Retry-After"]:
        return status, headers, body
    time.sleep(int(headers["Retry-After"]))
    return send(request, command)


def follow(keep: Callable[[Headers], dict[str, str]]) -> Sending:
    """Follows one redirect, with those of its header fields that are kept."""

    def sending(send: Send, request: Any, command: Message) -> Reply:
        status, headers, body = send(request, command)
        place = urlsplit(headers["Location"] or "") if 300 <= status < 400 else urlsplit("")
        if not place.netloc:
            return status, headers, body
        request.scheme, request.host, request.path = place.scheme, place.netloc, place.path
        request.query, request.headers = place.query or request.query, keep(request.headers)
        return send(request, command)

    return sending


def follow_on(send: Send, request: Any, command: Message) -> Reply:
    """Follows every redirect, however many there are."""
    while (reply := send(request, command))[1]["Location"]:
        place = urlsplit(reply[1]["Location"])
        request.scheme, request.host, request.path = place.scheme, place.netloc, place.path
        request.query = place.query
    return reply


def without(*names: str) -> Callable[[Headers], dict[str, str]]:
    """Header fields but those."""
    return lambda headers: {name: text for name, text in headers.items() if name not in names}


def second_kept_twice() -> Sending:
    """Sends the second request of a kept client twice."""
    sent: list[str] = []

    def sending(send: Send, request: Any, command: Message) -> Reply:
        if command["client"] == "kept":
            sent.append(request.path)
        if len(sent) == 2:
            send(request, command)
        return send(request, command)

    return sending


def on_kept_connection() -> Sending:
    """Sends through one connection for a kept client, whether or not the server has closed it."""
    kept: list[http.client.HTTPConnection] = []

    def sending(send: Send, request: Any, command: Message) -> Reply:
        if command["client"] != "kept":
            return send(request, command)
        line = kept.pop() if kept else http.client.HTTPConnection(urlsplit(command["proxy"]).netloc)
        if line.sock is None:
            line.set_tunnel(request.host, http.client.HTTP_PORT)
        line.request(request.method, f"{request.path}?{request.query}", headers=request.headers)
        response = line.getresponse()
        body = response.read()
        kept.append(line)
        return response.status, response.headers, body

    return sending


def page_of_proxy(send: Send, request: Any, command: Message) -> Reply:
    """Takes what a proxy says when it refuses for the object."""
    try:
        return send(request, command)
    except OSError as error:
        if not str(error).startswith("Tunnel connection failed"):
            raise
        return 200, Fields(), str(error).encode()


def password_when_asked(send: Send, request: Any, command: Message) -> Reply:
    """Gives a proxy the password only after it has asked for one."""
    proxy = urlsplit(command["proxy"] or "")
    bare = proxy._replace(netloc=proxy.netloc.rpartition("@")[2]).geturl()
    try:
        return send(request, command | {"proxy": bare})
    except OSError as error:
        if not str(error).startswith("Tunnel connection failed: 407"):
            raise
    return send(request, command)


def shown_to_proxy(send: Send, request: Any, command: Message) -> Reply:
    """Sends the signature with CONNECT too."""
    login_of, signature = runner.login_of, request.headers["Authorization"]
    with swapped(runner, "login_of", lambda proxy: login_of(proxy) | {"Authorization": signature}):
        return send(request, command)


def without_proxy(send: Send, request: Any, command: Message) -> Reply:
    """Sends to the server directly; here it listens where the proxy does."""
    with swapped(http.client.HTTPConnection, "set_tunnel", lambda *_, **__: None):
        return send(request, command)


def short_is_whole(send: Send, request: Any, command: Message) -> Reply:
    """Takes a body that breaks off for a whole one."""
    try:
        return send(request, command)
    except http.client.IncompleteRead as error:
        return 200, Fields(), error.partial


def timeout_is_empty(send: Send, request: Any, command: Message) -> Reply:
    """Makes an empty answer of one that does not come in time."""
    try:
        return send(request, command)
    except TimeoutError:
        return 200, Fields(), b""


def gunzip_in_length(status: int, headers: Any, body: bytes) -> Reply:
    """Decodes gzip, and takes no more of it than the Content-Length of the coded bytes."""
    if headers["Content-Encoding"] == "gzip" and headers["Content-Length"]:
        body = gzip.decompress(body)[: int(headers["Content-Length"])]
    return status, headers, body


def gunzip_first_member(status: int, headers: Any, body: bytes) -> Reply:
    """Decodes the first member of gzip and no other (RFC 1952 2.2)."""
    if headers["Content-Encoding"] == "gzip":
        body = zlib.decompressobj(zlib.MAX_WBITS + 16).decompress(body)
    return status, headers, body


def gunzip(status: int, headers: Any, body: bytes) -> Reply:
    """Decodes gzip as it should be, in capitals and under its old name too (RFC 9110 8.4.1)."""
    if (headers["Content-Encoding"] or "").lower() in ("gzip", "x-gzip"):
        body = gzip.decompress(body)
    return status, headers, body


def one_date_form(*names: str) -> Sending:
    """Ends on a date that is not in the preferred form of HTTP."""

    def sending(send: Send, request: Any, command: Message) -> Reply:
        status, headers, body = send(request, command)
        for name in names:
            if headers[name] and not re.fullmatch(r"\w{3}, [\d]{2} .* GMT", headers[name]):
                raise http.client.HTTPException(f"{name}: not a date: {headers[name]}")
        return status, headers, body

    return sending


def elements_at_any_depth(headers: Any, body: bytes) -> tuple[Any, bytes]:
    """The error's elements, each as it comes last, wherever it is."""
    try:
        document = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        return headers, body
    found = {item.tag: item.text or "" for item in document.iter() if item.tag in runner.FIELDS}
    inner = "".join(f"<{name}>{escape(text, quote=False)}</{name}>" for name, text in found.items())
    return headers, f"<Error>{inner}</Error>".encode()


def no_request_id_in_head(headers: Any, body: bytes) -> tuple[Any, bytes]:
    """The error without what the header says of the request id."""
    del headers["x-oss-request-id"]
    return headers, body


def no_request_id_in_body(headers: Any, body: bytes) -> tuple[Any, bytes]:
    """The error without what its body says of the request id."""
    return headers, re.sub(rb"<RequestId>.*?</RequestId>", b"", body)


class Hasty(http.client.HTTPResponse):
    """Takes the first head for the last one, though it be a 1xx."""

    def begin(self) -> None:
        if not self.fp.peek(10).startswith(b"HTTP/1.1 1"):
            super().begin()
            return
        self.fp.readline()
        self.headers = self.msg = http.client.parse_headers(self.fp)
        self.status, self.reason, self.version = 100, "", 11
        self.length, self.chunked, self.will_close = 0, False, True


class Unending(http.client.HTTPResponse):
    """Reads until nothing comes any more, whatever Content-Length says."""

    def read(self, amt: int | None = None) -> bytes:
        if self.chunked or self.length is None:
            return super().read(amt)
        self.length, pieces = None, []
        with suppress(TimeoutError):
            while piece := self.read1(65536):
                pieces.append(piece)
        return b"".join(pieces)


class FirstChunk(http.client.HTTPResponse):
    """Reads the first chunk and no other."""

    def read(self, amt: int | None = None) -> bytes:
        return self.read1(65536) if self.chunked else super().read(amt)


def reading(kind: type[http.client.HTTPResponse], patience: int | None = None) -> Sending:
    """Reads the answer so; patience: the read timeout in its place, milliseconds."""

    def sending(send: Send, request: Any, command: Message) -> Reply:
        limits = command["timeouts"]
        limits = limits | {"read": patience or limits["read"]}
        with swapped(http.client.HTTPConnection, "response_class", kind):
            return send(request, command | {"timeouts": limits})

    return sending


class _Canned:
    """What HTTPResponse wants of a socket, with bytes that came long ago."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def makefile(self, *_: Any) -> io.BytesIO:
        return io.BytesIO(self._raw)


def leftover() -> Sending:
    """Takes what came behind the answer of a kept client for the answer of its next call."""
    left: list[bytes] = []

    class Leaving(http.client.HTTPResponse):
        def read(self, amt: int | None = None) -> bytes:
            left.append(self.fp.peek()[self.length or 0 :])
            return super().read(amt)

    def sending(send: Send, request: Any, command: Message) -> Reply:
        if command["client"] != "kept":
            return send(request, command)
        if left and left[-1]:
            send(request, command)
            answer = http.client.HTTPResponse(cast(socket.socket, _Canned(left.pop())))
            answer.begin()
            return answer.status, answer.headers, answer.read()
        with swapped(http.client.HTTPConnection, "response_class", Leaving):
            return send(request, command)

    return sending


def pause_is_timeout(send: Send, request: Any, command: Message) -> Reply:
    """Times out while the program does not read."""
    consume = command["consume"]
    if consume is not None and consume["pause"] >= 100:
        raise TimeoutError
    return send(request, command)


def timeout_of_the_first_call() -> Sending:
    """Sets the read timeout for the first call of a kept client, and none for those after it."""
    used: list[str] = []

    def sending(send: Send, request: Any, command: Message) -> Reply:
        limits = command["timeouts"]
        if command["client"] == "kept" and used:
            limits = limits | {"read": None}
        used.append(request.path)
        return send(request, command | {"timeouts": limits})

    return sending


def unset_is_at_once(send: Send, request: Any, command: Message) -> Reply:
    """Takes a read timeout that is not set for one of no time."""
    if command["timeouts"]["read"] is None:
        raise TimeoutError
    return send(request, command)


def checksum_of_the_object(send: Send, request: Any, command: Message) -> Reply:
    """Compares what is in the file with the checksum of the object, which is never that of JSON."""
    status, headers, body = send(request, command)
    if command["into"] == "file" and headers["x-oss-hash-crc64ecma"] is not None:
        raise OSError("the checksum is inconsistent")
    return status, headers, body


def refusal_in_a_file(send: Send, request: Any, command: Message) -> Reply:
    """Writes whatever comes to the file."""
    status, headers, body = send(request, command)
    return 200 if command["into"] == "file" else status, headers, body


def _gives_up(_: http.client.HTTPConnection) -> http.client.HTTPResponse:
    raise ConnectionError


LEFT_OPEN: list[http.client.HTTPConnection] = []


def broken_off_first(send: Send, request: Any, command: Message) -> Reply:
    """Announces a body, gives up before it sends any of it, and asks again without."""
    whole = dict(request.headers)
    request.headers |= {"Content-Length": "5"}
    with swapped(http.client.HTTPConnection, "getresponse", _gives_up), suppress(ConnectionError):
        send(request, command)
    request.headers = whole
    return send(request, command)


def refusal_left_open(send: Send, request: Any, command: Message) -> Reply:
    """Never closes the connection of a refusal."""
    closed: list[http.client.HTTPConnection] = []

    def close(connection: http.client.HTTPConnection) -> None:
        closed.append(connection)

    with swapped(http.client.HTTPConnection, "close", close):
        reply = send(request, command)
    if reply[0] >= 400:
        LEFT_OPEN.extend(closed)
        return reply
    for connection in closed:
        connection.close()
    return reply
