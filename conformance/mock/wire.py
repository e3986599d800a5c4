"""The bytes of one connection -> requests, none of them changed and none of them lost.

Pure. `Reader` is fed what arrives and returns whole messages one at a time, so that pipelined
requests wait and the bytes after a CONNECT are left for the tunnel. The end of the head is found
here, httptools says whether the head is HTTP, and where a body ends follows from the head. A
message that is not HTTP ends the reading, since nothing after it has a known boundary.
"""

from typing import NamedTuple

import httptools

from conformance.model.http import Request

_BLANK = b"\r\n\r\n"
# No standard's limit: OSS allows 32 KiB of header, and no SDK sends twice that.
HEAD_LIMIT = 64 * 1024
# The operation is a GET; a longer body is a client's defect and must not exhaust memory.
BODY_LIMIT = 16 * 1024 * 1024
_LENGTH, _CODING = b"content-length:", b"transfer-encoding:"


class Message(NamedTuple):
    """One request. A tuple, as `Arrival` is: it costs a third of a dataclass to make."""

    # Exactly as received.
    raw: bytes
    # None if it is malformed.
    request: Request | None
    # What is wrong with a malformed request, "" if nothing is.
    problem: str = ""
    # False: the body is still to come, and the client waits for `100 Continue` first.
    whole: bool = True
    # The client wants the connection kept.
    keep: bool = False


class Reader:
    """Requests out of bytes: `feed` what arrived, then call `next` until it returns None."""

    def __init__(self) -> None:
        self._data = b""
        self._head: Request | None = None
        self._size = 0  # length of the head with its blank line, once it is whole
        self._chunks: _Chunks | None = None
        self._bare = self._keep = True
        self._asked = False
        self._broken = False
        self._probe: _Probe | None = None

    def feed(self, data: bytes) -> None:
        """Take what arrived."""
        self._data = self._data + data if self._data else data

    def rest(self) -> bytes:
        """What arrived and was not returned by `next`; the reader is empty afterwards."""
        rest, self._data = self._data, b""
        return rest

    def next(self) -> Message | None:
        """The next message if it is whole or waits for `100 Continue`; None for want of bytes."""
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
        """Set `_head` when it is whole; returns what is wrong with it, "" if nothing is."""
        while self._data.startswith(b"\r\n"):  # RFC 9112 2.2: empty lines before it are ignored
            self._data = self._data[2:]
        end = self._data.find(_BLANK)
        size = end + len(_BLANK) if end >= 0 else len(self._data)
        if size > HEAD_LIMIT:
            return f"the head is longer than {HEAD_LIMIT} bytes"
        if size == 0 or self._data == b"\r":
            return ""
        probe = self._probe or _Probe()
        try:
            probe.feed(self._data[probe.seen : size])
        except httptools.HttpParserError as error:
            return str(error) or type(error).__name__
        self._probe = None if end >= 0 else probe
        if end < 0:
            return ""
        raw = self._data[:size]
        head = Request.read(raw)
        if head is None:
            return "the request line is not method, target and version"
        self._head, self._size, self._asked = head, size, False
        lowered = raw.lower()  # searching the bytes once is cheaper than the fields
        self._bare = _LENGTH not in lowered and _CODING not in lowered
        self._keep = (b"close" not in lowered and head.version == "HTTP/1.1") or persists(head)
        self._chunks = _Chunks(probe, size) if not self._bare and _chunked(head) else None
        return ""

    def _read_body(self, head: Request) -> Message | None:
        if self._bare:
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
            problem = f"the body is longer than {BODY_LIMIT} bytes"
            return Message(raw=self.rest(), request=None, problem=problem)
        if end < 0 or len(self._data) < end:
            return self._ask(head)
        raw, self._data = self._data[:end], self._data[end:]
        self._head = self._chunks = None
        request = head if end == self._size else Request.read(raw)
        return Message(raw=raw, request=request, keep=self._keep)

    def _ask(self, head: Request) -> Message | None:
        """Report once that the client waits for `100 Continue` (RFC 9110 10.1.1)."""
        wants = (head.header("expect") or "").lower() == "100-continue"
        if self._asked or not wants or head.version == "HTTP/1.0":
            return None
        self._asked = True
        return Message(raw=b"", request=head, whole=False)


class _Probe:
    """httptools for one message; raises HttpParserError for what is not HTTP."""

    def __init__(self) -> None:
        self._parser = httptools.HttpRequestParser(self)
        self.seen = 0
        self.complete = False

    def on_message_complete(self) -> None:
        self.complete = True

    def feed(self, data: bytes) -> None:
        self.seen += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # CONNECT, or an upgrade that the mock does not take: the head is whole and valid.
            return


class _Chunks:
    """Where a chunked body ends; fed byte by byte, since httptools does not say where it stopped.

    That costs 0.2 us a byte, but no SDK sends a GET with a chunked body today.
    """

    def __init__(self, probe: _Probe, start: int) -> None:
        self._probe = probe
        self._at = start

    def find_end(self, data: bytes) -> int:
        while not self._probe.complete and self._at < len(data):
            self._probe.feed(data[self._at : self._at + 1])
            self._at += 1
        return self._at if self._probe.complete else -1


def _chunked(head: Request) -> bool:
    return (head.header("transfer-encoding") or "").lower().endswith("chunked")


def persists(request: Request) -> bool:
    """Whether the client wants the connection kept (RFC 9112 9.3)."""
    words = (request.header("connection") or "").lower().replace(" ", "").split(",")
    if request.version == "HTTP/1.0":
        return "keep-alive" in words
    return "close" not in words


def chunk(content: bytes) -> bytes:
    """Content as one chunk of the chunked coding (RFC 9112 7.1); b"" for no content."""
    return b"%x\r\n%b\r\n" % (len(content), content) if content else b""


LAST_CHUNK = b"0\r\n\r\n"
