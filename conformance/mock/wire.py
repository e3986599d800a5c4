"""Splits the bytes of one connection into requests without changing or losing any of them.

Pure. `Reader` is fed the received bytes and returns complete requests one at a time, so pipelined
requests wait and the bytes after a CONNECT are left for the tunnel. The reader finds the end of the
head, httptools checks that the head is valid HTTP, and the head determines where the body ends.
Reading stops after a malformed request, since the start of the next one is unknown.
"""

from typing import NamedTuple

import httptools

from conformance.model.http import Request, every

_BLANK = b"\r\n\r\n"
# Bytes. OSS allows a header of 32 KiB; twice that leaves room for a client that exceeds it.
HEAD_LIMIT = 64 * 1024
# Bytes, with the chunked coding. A GET needs no body; a defective client that sends one must not
# exhaust the memory, and a body in chunks of one byte takes 0.3 us a byte to read.
BODY_LIMIT = 1024 * 1024
_LENGTH, _CODING = b"content-length:", b"transfer-encoding:"


class Message(NamedTuple):
    """One request. A tuple, like `Arrival`; creating it costs a third of a dataclass."""

    # The bytes exactly as received.
    raw: bytes
    # None if the request is malformed.
    request: Request | None
    # What is wrong with a malformed request, "" if nothing is.
    problem: str = ""
    # False if the client waits for `100 Continue` before it sends the body.
    complete: bool = True
    # Whether the client asks to keep the connection alive.
    keep: bool = False


class Reader:
    """Splits bytes into requests: call `feed`, then `next` until it returns None."""

    def __init__(self) -> None:
        # A bytearray once bytes are added: copying it for each piece would take quadratic time.
        self._data: bytes | bytearray = b""
        self._head: Request | None = None
        self._size = 0  # length of the head with the empty line that ends it, once it is complete
        self._chunks: _Chunks | None = None
        self._without_body = self._keep = True
        self._continued = False
        self._broken = False
        self._probe: _Probe | None = None

    def feed(self, data: bytes) -> None:
        """Add received bytes."""
        if not self._data:
            self._data = data
        elif isinstance(self._data, bytearray):
            self._data += data
        else:
            self._data = bytearray(self._data + data)

    @property
    def waiting(self) -> int:
        """How many bytes `next` has not returned."""
        return len(self._data)

    def rest(self) -> bytes:
        """Remove and return the bytes that `next` has not returned."""
        rest, self._data = bytes(self._data), b""
        return rest

    def next(self) -> Message | None:
        """The next message that is complete or waits for `100 Continue`; None if there is none."""
        if self._broken:
            return None
        if self._head is None:
            if not self._data:
                return None
            problem = self._read_head()
            if problem:
                self._broken = True
                return Message(raw=self.rest(), request=None, problem=problem)
            if self._head is None:
                return None
        return self._read_body(self._head)

    def _read_head(self) -> str:
        """Set `_head` once it is complete; return what is wrong with it, "" if nothing is."""
        self._skip_empty_lines()
        probe = self._probe or _Probe()
        end = self._data.find(_BLANK, max(0, probe.seen - len(_BLANK) + 1), HEAD_LIMIT)
        size = end + len(_BLANK) if end >= 0 else len(self._data)
        if size > HEAD_LIMIT:
            return f"the request head is longer than {HEAD_LIMIT} bytes"
        if self._data in (b"", b"\r"):
            return ""
        if self._data.startswith((b"\r", b"\n")):  # httptools takes it for a part of the method
            return "there is a bare CR or LF before the request line"
        try:
            probe.feed(bytes(self._data[probe.seen : size]))
        except httptools.HttpParserError as error:
            return str(error) or type(error).__name__
        self._probe = None if end >= 0 else probe
        return "" if end < 0 else self._take_head(bytes(self._data[:size]))

    def _take_head(self, raw: bytes) -> str:
        """Set `_head` and what follows from it; return what is wrong with it."""
        head = Request.read(raw)
        if head is None:
            return "the request line is not method, target and version"
        self._head, self._size, self._continued = head, len(raw), False
        lowered = raw.lower()  # searching the bytes is cheaper than looking up fields
        self._without_body = _LENGTH not in lowered and _CODING not in lowered
        self._keep = (b"close" not in lowered and head.version == "HTTP/1.1") or persists(head)
        self._chunks = None
        codings = every(head.headers, "transfer-encoding") if _CODING in lowered else ()
        if not codings:
            return ""
        self._chunks = _Chunks(len(raw))
        return _wrong_coding(", ".join(codings), head.version)

    def _skip_empty_lines(self) -> None:
        """RFC 9112 2.2: ignore empty lines before a request."""
        at = 0
        while self._data.startswith(b"\r\n", at):
            at += 2
        if at:
            self._data = self._data[at:]

    def _read_body(self, head: Request) -> Message | None:
        if self._without_body:
            end = self._size
        elif self._chunks is not None:
            try:
                end = self._chunks.find_end(self._data)
            except httptools.HttpParserError as error:
                self._broken = True
                return Message(raw=self.rest(), request=None, problem=f"chunked body: {error}")
        else:
            end = self._size + int(head.header("content-length") or 0)
        if max(end, len(self._data) if end < 0 else 0) - self._size > BODY_LIMIT:
            self._broken = True
            problem = f"the request body is longer than {BODY_LIMIT} bytes"
            return Message(raw=self.rest(), request=None, problem=problem)
        if end < 0 or len(self._data) < end:
            return self._continue(head)
        raw, self._data = bytes(self._data[:end]), self._data[end:]
        self._head = self._chunks = None
        request = head if end == self._size else Request.read(raw)
        return Message(raw=raw, request=request, keep=self._keep)

    def _continue(self, head: Request) -> Message | None:
        """Report once if the client waits for `100 Continue` (RFC 9110 10.1.1)."""
        wants = (head.header("expect") or "").lower() == "100-continue"
        if self._continued or not wants or head.version == "HTTP/1.0":
            return None
        self._continued = True
        return Message(raw=b"", request=head, complete=False)


class _End:
    """What the parser calls: not the probe, which holds the parser and would need a collector."""

    reached = False

    def on_message_complete(self) -> None:
        self.reached = True


class _Probe:
    """A parser of httptools for one message; raises HttpParserError if it is malformed."""

    def __init__(self) -> None:
        self._end = _End()
        self._parser = httptools.HttpRequestParser(self._end)
        self.seen = 0

    @property
    def complete(self) -> bool:
        return self._end.reached

    def feed(self, data: bytes) -> None:
        self.seen += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # CONNECT, or an upgrade that the mock ignores: the head is complete and valid.
            return


class _Chunks:
    """Finds the end of a chunked body with a parser of its own.

    httptools does not report where a message ends, but it can end only behind an empty line, so the
    parser is given the body in pieces that end there.
    """

    def __init__(self, start: int) -> None:
        self._probe = _Probe()
        self._probe.feed(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        self._at = start

    def find_end(self, data: bytes | bytearray) -> int:
        """The end of the body; -1 if it has not come. Raises HttpParserError."""
        while not self._probe.complete and self._at < len(data):
            # An empty line may have come in two pieces.
            blank = data.find(_BLANK, self._at - len(_BLANK) + 1)
            end = blank + len(_BLANK) if blank >= 0 else len(data)
            self._probe.feed(bytes(data[self._at : end]))
            self._at = end
        return self._at if self._probe.complete else -1


def _wrong_coding(coding: str, version: str) -> str:
    """What is wrong with the value of all Transfer-Encoding fields; "" if nothing is."""
    if coding.lower() != "chunked":  # httptools reads `identity` and `chunked` as no body
        return f"the transfer coding is {coding!r}, not 'chunked'"
    if version == "HTTP/1.0":  # RFC 9112 6.1
        return "a message of HTTP/1.0 has a transfer coding"
    return ""


def persists(request: Request) -> bool:
    """Whether the client asks to keep the connection alive (RFC 9112 9.3)."""
    options = (request.header("connection") or "").lower().replace(" ", "").split(",")
    if request.version == "HTTP/1.0":
        return "keep-alive" in options
    return "close" not in options


def chunk(content: bytes) -> bytes:
    """Content as one chunk of the chunked coding (RFC 9112 7.1); b"" if it is empty."""
    return b"%x\r\n%b\r\n" % (len(content), content) if content else b""


LAST_CHUNK = b"0\r\n\r\n"
