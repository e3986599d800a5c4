"""HTTP messages as bytes with a thin reading of them.

The bytes are the truth (what reached a socket, what was written to one); `Request` and
`Response` are views that `read` makes from them and that keep the raw target, the order and the
case of the header fields. Latin-1 carries any byte through `str` unchanged (RFC 9112 2.2).
"""

from dataclasses import dataclass, field

Header = tuple[str, str]


def first(headers: tuple[Header, ...], name: str) -> str | None:
    """The value of the first field of that name, compared as RFC 9110 5.1 says; None if absent."""
    wanted, length = name.lower(), len(name)
    for key, value in headers:
        if len(key) == length and key.lower() == wanted:
            return value
    return None


def by_name(headers: tuple[Header, ...]) -> dict[str, str]:
    """The first value of each field by its name in lower case."""
    return {name.lower(): value for name, value in reversed(headers)}


def every(headers: tuple[Header, ...], name: str) -> tuple[str, ...]:
    """The values of all fields of that name, in order."""
    wanted, length = name.lower(), len(name)
    return tuple([v for key, v in headers if len(key) == length and key.lower() == wanted])


def split_head(raw: bytes) -> tuple[str, tuple[Header, ...], bytes] | None:
    """Start line, header fields and the rest of one HTTP/1.1 message; None without a whole head."""
    head, blank, rest = raw.partition(b"\r\n\r\n")
    if not blank:
        return None
    start, *lines = head.decode("latin-1").split("\r\n")
    pairs = [line.partition(":") for line in lines]
    return start, tuple([(name, value.strip(" \t")) for name, _, value in pairs]), rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request: `target` is the raw request target (`/key?x-oss-process=…`), never decoded."""

    method: str
    target: str
    version: str
    headers: tuple[Header, ...]
    body: bytes = b""
    # A dozen fields are asked for of each message that is judged, so names are read once.
    _named: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_named", by_name(self.headers))

    @classmethod
    def read(cls, raw: bytes) -> "Request | None":
        """The request whose bytes these are; None if they are not a whole request head."""
        message = split_head(raw)
        if message is None:
            return None
        start, headers, body = message
        words = start.split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/"):
            return None
        return cls(method=words[0], target=words[1], version=words[2], headers=headers, body=body)

    def header(self, name: str) -> str | None:
        """The first value of a header field, None if absent."""
        return self._named.get(name.lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One final response: `body` is the content with the transfer coding taken off."""

    status: int
    headers: tuple[Header, ...]
    body: bytes
    _named: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_named", by_name(self.headers))

    @classmethod
    def read(cls, raw: bytes) -> "Response | None":
        """The final response in these bytes, interim 1xx skipped; None if the head is not whole."""
        while True:
            message = split_head(raw)
            if message is None:
                return None
            start, headers, rest = message
            code = start.split(" ")[1:2]
            if not code or not code[0].isdigit():
                return None
            status = int(code[0])
            if status >= 200 or status == 101:
                break
            raw = rest
        chunked = (first(headers, "transfer-encoding") or "").lower().endswith("chunked")
        return cls(status=status, headers=headers, body=_dechunk(rest) if chunked else rest)

    def header(self, name: str) -> str | None:
        """The first value of a header field, None if absent."""
        return self._named.get(name.lower())


def _dechunk(raw: bytes) -> bytes:
    """The content of a chunked body as far as it goes (RFC 9112 7.1)."""
    parts: list[bytes] = []
    place = 0
    while (end := raw.find(b"\r\n", place)) >= 0:
        try:
            count = int(raw[place:end].split(b";")[0], 16)
        except ValueError:
            break
        if count == 0:
            break
        parts.append(raw[end + 2 : end + 2 + count])
        place = end + 2 + count + 2
    return b"".join(parts)


# What the faults of an exchange call a certificate that is not right begins with this.
CERTIFICATE = "certificate-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request with its response as a listener saw it.

    received: bytes of the request, head and body. sent: bytes written back, faults included.
    scheme: `https` or `http`. connection: number of the connection on this listener, from 1.
    via: `direct` or `connect`. sni, alpn: of the TLS handshake. clock: the mock's time in Unix
    seconds when the head was whole, which signatures are verified against. at: seconds since
    the script was armed. faults: the wire steps other than plain writing that were played, and what
    was wrong with the certificate (`certificate-expired`).
    refusal: the error code the mock itself answered with after verifying (`SignatureDoesNotMatch`),
    None if it accepted or was told not to verify.
    """

    received: bytes
    sent: bytes
    scheme: str
    connection: int
    clock: int
    at: float
    via: str = "direct"
    sni: str | None = None
    alpn: str | None = None
    faults: tuple[str, ...] = ()
    refusal: str | None = None

    @property
    def certificate(self) -> str | None:
        """Which certificate the client was shown, if not the right one: `expired`."""
        named = (f.removeprefix(CERTIFICATE) for f in self.faults if f.startswith(CERTIFICATE))
        return next(named, None)

    @property
    def request(self) -> Request | None:
        """The request as read from its bytes; None if malformed."""
        return Request.read(self.received)

    @property
    def response(self) -> Response | None:
        """The final response as read from the bytes written; None if no whole head was written."""
        return Response.read(self.sent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """All that one listener saw while a script was armed.

    strays: exchanges that came while nothing was armed (before this script). handshakes: TLS
    handshakes that failed, in the TLS library's words, and clients that were shown a wrong
    certificate and then asked for nothing. unused: replies of the script with a
    fault that no request consumed, by position.
    """

    exchanges: tuple[Exchange, ...] = ()
    strays: tuple[Exchange, ...] = field(default=())
    handshakes: tuple[str, ...] = ()
    unused: tuple[int, ...] = ()
