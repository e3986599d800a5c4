"""Finds where a response ends in the bytes of a connection, and keeps none of them.

Pure. The head is read, and the framing of the body (RFC 9112 6.3): none, by length, in chunks, or
to the end of the connection.
"""

from conformance.model.http import split_head

_BLANK = b"\r\n\r\n"
_LONGEST = 64 * 1024  # bytes of a head, or of a line between chunks
_WITHOUT_BODY = (204, 304)


class ResponseEnd:
    """The end of one response: feed it bytes until it is complete."""

    def __init__(self, method: str) -> None:
        self._method = method  # of the request: a response to HEAD has no body
        self._kept = b""  # of a head or a line that is incomplete
        self._left = 0  # bytes of the body or of a chunk that have not come
        self._chunks = self._trailer = False
        self._reading = self._read_head
        self.complete = False
        self.with_connection = False  # it ends when the connection does
        self.last = False  # the connection ends with the response

    def feed(self, data: bytes) -> int:
        """How many of these bytes belong to the response. Raises ValueError if it is malformed."""
        at = 0
        while at < len(data) and not self.complete:
            at = self._reading(data, at)
        return at

    def _read_head(self, data: bytes, at: int) -> int:
        head, at = self._until(_BLANK, data, at)
        message = split_head(head)
        if message is None:
            return at
        start, headers, _ = message
        status = int(start.partition(" ")[2][:3])
        if status < 200 and status != 101:
            return at
        fields = {name.lower(): value.lower() for name, value in headers}
        self.last = "close" in fields.get("connection", "") or start.startswith("HTTP/1.0")
        if self._method == "HEAD" or status in _WITHOUT_BODY:
            self.complete = True
        elif "transfer-encoding" in fields:
            self._reading = self._read_line
        elif "content-length" in fields:
            if not fields["content-length"].isdigit():
                raise ValueError(f"the Content-Length {fields['content-length']!r}")
            self._left = int(fields["content-length"])
            self.complete = self._left == 0
            self._reading = self._read_bytes
        else:
            self.with_connection = self.last = True
            self._reading = self._read_all
        return at

    def _read_all(self, data: bytes, at: int) -> int:
        return max(at, len(data))

    def _read_bytes(self, data: bytes, at: int) -> int:
        count = min(self._left, len(data) - at)
        self._left -= count
        if not self._left:
            self.complete = not self._chunks
            self._reading = self._read_line
        return at + count

    def _read_line(self, data: bytes, at: int) -> int:
        """A line with the size of a chunk, or of the trailer."""
        line, at = self._until(b"\r\n", data, at)
        if not line:
            return at
        self._chunks = True
        if self._trailer:
            self.complete = line == b"\r\n"
            return at
        size = int(line.split(b";")[0], 16)
        self._trailer = size == 0
        if size:
            self._left = size + 2
            self._reading = self._read_bytes
        return at

    def _until(self, end: bytes, data: bytes, at: int) -> tuple[bytes, int]:
        """What is kept and the data up to and with `end`, b"" if it has not come; where it ends."""
        before = len(self._kept)
        kept = self._kept + data[at : at + _LONGEST]
        found = kept.find(end)
        if found < 0:
            if len(kept) >= _LONGEST:
                raise ValueError(f"a head or line of more than {_LONGEST} bytes")
            self._kept = kept
            return b"", len(data)
        self._kept = b""
        return kept[: found + len(end)], at + found + len(end) - before
