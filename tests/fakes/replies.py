"""What an endpoint answers when a twist is played: the names that its `replies` may have."""

import gzip
import json
import threading
import time
from collections.abc import Callable

from fakes.endpoint import IDLE, reply

ERROR = (
    b"<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message>"
    b"<RequestId>64BA4685</RequestId><HostId>examplebucket.oss</HostId><EC>0026-00000001</EC></Error>"
)
LATE = threading.Event()  # until then an answer that is late does not come


def bodies(number: int) -> bytes:
    """A document with two bodies, another one for each number."""
    boundary = {"Left": 115, "Top": 97, "Height": 103, "Width": 63}
    found = [{"Confidence": value, "Boundary": boundary} for value in (0.733, 0.656)]
    return json.dumps({"RequestId": str(number), "Bodies": found}).encode()


def refused(*elements: str, status: str = "404 Not Found") -> bytes:
    return reply(f"<Error>{''.join(elements)}</Error>".encode(), status=status)


def chunked(body: bytes, status: str = "200 OK") -> bytes:
    """Two chunks."""
    parts = [b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:9], body[9:], b"")]
    return f"HTTP/1.1 {status}\r\nTransfer-Encoding: chunked\r\n\r\n".encode() + b"".join(parts)


def checked(body: bytes, checksum: str) -> bytes:
    head, _, content = reply(body).partition(b"\r\n\r\n")
    return head + f"\r\nx-oss-hash-crc64ecma: {checksum}\r\n\r\n".encode() + content


def coded(packed: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    return head.encode() + packed


def slow(body: bytes) -> bytes:
    """After 0.3 seconds."""
    time.sleep(0.3)
    return reply(body)


def moved(place: str) -> bytes:
    head = f"HTTP/1.1 307 Temporary Redirect\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n"
    return head.encode()


ANOTHER = ERROR.replace(b"NoSuchKey", b"NoSuchTag")
CODE = "<Code>NoSuchKey</Code>"
ELSEWHERE = "elsewhere.oss-cn-hangzhou.aliyuncs.com/example.jpg"
# What the names in a twist's `replies` stand for: the bytes of an answer, given those of the body
# that would have been right.
REPLIES: dict[str, Callable[[bytes], bytes]] = {
    "bodies": reply,
    "with-checksum": lambda body: checked(body, "13420962247653419692"),
    "error": lambda _: reply(ERROR, status="404 Not Found"),
    "error-499": lambda _: refused("<Code>Gone</Code>", status="499 Gone"),
    "another-error": lambda _: reply(
        ERROR.replace(b"NoSuchKey", b"NoSuchTag"), status="404 Not Found"
    ),
    "empty-error": lambda _: reply(b"", status="404 Not Found"),
    "page": lambda _: reply(b"<html><h1>Bad Gateway</h1></html>", status="502 Bad Gateway"),
    "nested-error": lambda _: refused(CODE, "<Detail><Code>Inner</Code></Detail>"),
    "chunked-error": lambda _: chunked(f"<Error>{CODE}</Error>".encode(), "404 Not Found"),
    "markup-error": lambda _: refused(CODE, "<Message>a &lt; b</Message>"),
    "non-ascii-error": lambda _: refused(CODE, "<Message>对象</Message>"),
    "dated": lambda body: reply(body).replace(
        b"\r\n\r\n", b"\r\nDate: Fri Jul 21 08:49:07 2023\r\nExpires: 0\r\n\r\n", 1
    ),
    "chunked": chunked,
    "gzip": lambda body: coded(gzip.compress(body * 2)),
    "gzip-members": lambda body: coded(gzip.compress(body) + gzip.compress(body)),
    "longer": lambda body: reply(body + b" and more", length=len(body)),
    "forged": lambda body: reply(body + reply(b"{}"), length=len(body)),
    "cut": lambda body: reply(body, length=len(body) + 100),
    "interim": lambda body: b"HTTP/1.1 100 Continue\r\n\r\n" + reply(body),
    "late": lambda body: reply(body) if LATE.wait(IDLE) else b"",
    "slow": slow,
    "hung-up": lambda _: b"",
    "elsewhere": lambda _: moved(f"https://{ELSEWHERE}"),
    "to-http": lambda _: moved(f"http://{ELSEWHERE}"),
}
# The first is for the first request of a call (or the first MANY), the second for those after.
ONCE = {
    "busy-once": (reply(b"", status="503 Service Unavailable"), "bodies"),
    "cut-once": (reply(b'{"Bodies":', length=100), "bodies"),
    "moved-once": (moved(f"https://{ELSEWHERE}"), "bodies"),
    "busy-long": (reply(b"", status="503 Service Unavailable"), "bodies"),
    "moved-long": (moved("https://examplebucket.oss-cn-hangzhou.aliyuncs.com/a?b=c"), "bodies"),
}
MANY = 20  # requests that get the first answer of those whose name ends in -long


def answering(asked: str | bytes, number: int) -> Callable[[bytes], bytes]:
    """What the endpoint answers to the requests of one call."""
    if isinstance(asked, bytes):
        return lambda _: reply(asked)
    first, name = ONCE.get(asked, (None, asked))
    times = MANY if asked.endswith("-long") else 1
    seen: list[bytes] = []

    def answer(request: bytes) -> bytes:
        seen.append(request)
        return first if first and len(seen) <= times else REPLIES[name](bodies(number))

    return answer
