"""HTTP exchanges as raw bytes, and a minimal parser for them.

The bytes that were received and sent are the evidence. `Request` and `Response` are parsed from
them and preserve the raw target and the order and case of the header fields. Header fields are
decoded as Latin-1, which preserves every byte (RFC 9112 2.2).
"""

from dataclasses import dataclass, field
from functools import lru_cache

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
    """Start line, header fields and rest of an HTTP/1.1 message; None if its head is incomplete."""
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
    # The judge looks up a dozen fields of each message, so the names are indexed once.
    _named: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_named", by_name(self.headers))

    @classmethod
    def read(cls, raw: bytes) -> "Request | None":
        """Parse the bytes of a request; None if they are not a complete request head."""
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

    def values(self, name: str) -> tuple[str, ...]:
        """The values of all fields of that name, in order."""
        if len(self._named) < len(self.headers):  # a name occurs twice
            return every(self.headers, name)
        value = self._named.get(name.lower())
        return () if value is None else (value,)


def asks_for(request: Request, coding: str) -> bool:
    """Whether the request's Accept-Encoding accepts this content coding (RFC 9110 12.5.3)."""
    weights: dict[str, bool] = {}
    for item in ",".join(every(request.headers, "accept-encoding")).lower().split(","):
        name, _, weight = item.partition(";")
        quality = weight.strip().removeprefix("q=")
        weights[name.strip().removeprefix("x-")] = quality.strip("0.") != "" or not weight
    return weights.get(coding, weights.get("*", False))


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One final response: `body` is the content without its transfer coding."""

    status: int
    headers: tuple[Header, ...]
    body: bytes
    _named: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_named", by_name(self.headers))

    @classmethod
    def read(cls, raw: bytes) -> "Response | None":
        """Parse the final response, skipping interim 1xx; None if its head is incomplete."""
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
    """The content of a chunked body, up to where it breaks off (RFC 9112 7.1)."""
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


# Prefix of the entries of `Exchange.faults` that name a wrong certificate.
CERTIFICATE = "certificate-"
# The beginning of `Exchange.trouble` for a request to a place that it was not meant for.
ELSEWHERE = "the request names the host"
# `Exchange.via` of a request that the mock answered as a proxy.
PROXY = "proxy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its response, as a listener of the mock recorded them."""

    received: bytes  # the request, head and body
    sent: bytes  # the response as written, faults included
    scheme: str  # `https` or `http`
    connection: int  # number of the connection on this listener, from 1
    clock: int  # the mock's Unix time when the head was complete; signatures are verified by it
    at: float  # seconds since the script was armed
    via: str = "direct"  # `direct` or `connect`; `proxy`: see `Journal.proxy`
    authority: str | None = None  # that CONNECT named: `host:port`; None: no CONNECT
    port: int | None = None  # that the client connected to; None in host mode: that of the proxy
    sni: str | None = None  # of the TLS handshake
    alpn: str | None = None  # of the TLS handshake
    # Faults that were injected, and what was wrong with the certificate (`certificate-expired`).
    faults: tuple[str, ...] = ()
    # Error code that the mock's own verification answered with (`SignatureDoesNotMatch`), or in a
    # live run found; None if the request was accepted or not verified.
    refusal: str | None = None
    # In a live run: why the request was not forwarded, or its answer did not come whole; a clause.
    trouble: str | None = None
    omitted: int = 0  # bytes at the end of a long response that were forwarded and not recorded

    @property
    def certificate(self) -> str | None:
        """What was wrong with the certificate that the client got (`expired`); None if nothing."""
        named = (f.removeprefix(CERTIFICATE) for f in self.faults if f.startswith(CERTIFICATE))
        return next(named, None)

    @property
    def request(self) -> Request | None:
        """The parsed request; None if malformed."""
        return _request(self.received)

    @property
    def response(self) -> Response | None:
        """The parsed final response; None if no complete head was sent."""
        return _response(self.sent)


# Rules ask for the messages of a trial again and again. Few are kept: content can be long.
_request = lru_cache(maxsize=16)(Request.read)
_response = lru_cache(maxsize=16)(Response.read)


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """Everything that one listener recorded while a script was armed."""

    exchanges: tuple[Exchange, ...] = ()
    strays: tuple[Exchange, ...] = ()  # exchanges before this script, while none was armed
    # Failed TLS handshakes, as the TLS library reports them, and clients that got a wrong
    # certificate and sent no request.
    handshakes: tuple[str, ...] = ()
    # Requests to which the mock as a proxy gave its own answer, a refusal. They and their responses
    # belong to no server.
    proxy: tuple[Exchange, ...] = ()
    unused: tuple[int, ...] = ()  # positions of replies with a fault that no request got
    # Connections that were opened since the case began and were open at the end.
    open: int = 0
    # Highest number of a connection that was opened before this script was armed. A case that is
    # the continuation of another, as in fuzzing, has 0.
    earlier: int = 0
    # The bound of a trial that was passed, after which the mock did not answer: `1,000 requests`.
    exceeded: str | None = None
