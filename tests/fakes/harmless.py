"""Runners that use a freedom which the service leaves: none of these may become a finding."""

import hashlib
import hmac
import re
import time
from collections.abc import Callable
from email.utils import formatdate
from typing import Any
from urllib.parse import quote

from fakes.reference import runner
from fakes.twist import Message, Twist, main

KEY = {"key": "a folder/~two words+1.jpg", "sen": 50}


def _renamed(change: Callable[[str], str]) -> Callable[[Any, Message], None]:
    def rename(request: Any, command: Message) -> None:
        request.headers = {change(name): value for name, value in request.headers.items()}

    return rename


def _reversed(request: Any, command: Message) -> None:
    request.headers = dict(reversed(request.headers.items()))


def _respelled(pattern: str, change: Callable[[str], str], *parts: str) -> Any:
    """Spells what the pattern finds in path or query otherwise."""

    def respell(request: Any, command: Message) -> None:
        for part in parts:
            text = re.sub(pattern, lambda found: change(found[0]), getattr(request, part))
            setattr(request, part, text)

    return respell


def _headers(**more: str) -> Callable[[Any, Message], None]:
    def add(request: Any, command: Message) -> None:
        request.headers |= {name.replace("_", "-"): value for name, value in more.items()}

    return add


def _escaped_slashes(request: Any, command: Message) -> None:
    """%2F for each slash of the key; those around the bucket are not the key's."""
    before = f"/{command['bucket']}/" if command["addressing"] == "path" else "/"
    key = request.path.removeprefix(before)
    request.path = before + key.replace("/", "%2F")


def _spaced(request: Any, command: Message) -> None:
    """Authorization as oss2 writes it."""
    if "Authorization" in request.headers:
        text = request.headers["Authorization"].replace(",", ", ")
        request.headers["Authorization"] = text


def _signer(*, dated: bool = False, additional: tuple[str, ...] = ()) -> Any:
    """Signature V4 with `Date` for x-oss-date, or with additional headers."""

    def sign(request: Any, command: Message) -> None:
        keys, region, now = command["credentials"], command["region"], time.time()
        if not (keys["access_key_id"] and keys["access_key_secret"] and region):
            raise ValueError("access key id, access key secret and region must be set")
        compact = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
        stamp = formatdate(now, usegmt=True) if dated else compact
        request.headers |= {"x-oss-content-sha256": "UNSIGNED-PAYLOAD"}
        request.headers["Date" if dated else "x-oss-date"] = stamp
        if keys["security_token"]:
            request.headers["x-oss-security-token"] = keys["security_token"]
        lower = {name.lower(): value for name, value in request.headers.items()}
        lower["host"] = request.host
        chosen = sorted(name for name in lower if name.startswith("x-oss-") or name in additional)
        extra = ";".join(additional)
        lines = [
            request.method, quote(f"/{command['bucket']}/{command['key']}"), request.query,
            *(f"{name}:{lower[name]}" for name in chosen), "", extra, "UNSIGNED-PAYLOAD",
        ]  # fmt: skip
        scope = [compact[:8], region, "oss", "aliyun_v4_request"]
        digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        key = f"aliyun_v4{keys['access_key_secret']}".encode()
        for part in [*scope, f"OSS4-HMAC-SHA256\n{stamp}\n{'/'.join(scope)}\n{digest}"]:
            key = hmac.digest(key, part.encode(), "sha256")
        fields = [f"Credential={'/'.join([keys['access_key_id'], *scope])}"]
        fields += [f"AdditionalHeaders={extra}"] if extra else []
        fields += [f"Signature={key.hex()}"]
        request.headers["Authorization"] = f"OSS4-HMAC-SHA256 {','.join(fields)}"

    return sign


ESCAPE = "%[0-9A-F]{2}"

FREEDOMS: dict[str, Twist] = {
    "headers-reversed": Twist(does="sends its headers in another order", sent=_reversed),
    "headers-in-lower-case": Twist(does="writes header names small", sent=_renamed(str.lower)),
    "headers-in-capitals": Twist(does="writes header names in capitals", sent=_renamed(str.upper)),
    "slash-bare": Twist(
        does="leaves / bare in the query", sent=_respelled("%2F", lambda _: "/", "query")
    ),
    "comma-bare": Twist(
        does="leaves , bare in the query", given=KEY,
        sent=_respelled("%2C", lambda _: ",", "query"),
    ),
    "slash-of-the-key-escaped": Twist(
        does="writes %2F for / within the key", given=KEY,
        sent=_escaped_slashes,
    ),
    "escapes-in-lower-case": Twist(
        does="writes %2f for %2F", given=KEY, sent=_respelled(ESCAPE, str.lower, "path", "query")
    ),
    "unreserved-escaped": Twist(
        does="escapes characters that need not be", given=KEY,
        sent=_respelled("[._~]", lambda found: f"%{ord(found):02X}", "path", "query"),
    ),
    "user-agent-with-more-words": Twist(
        does="says more in the User-Agent",
        sent=_headers(User_Agent="app/1.0 (Linux; x86_64) reference python"),
    ),
    "date-for-x-oss-date": Twist(does="sends Date and signs that", sign=_signer(dated=True)),
    "additional-headers-signed": Twist(
        does="signs host and user-agent too", sign=_signer(additional=("host", "user-agent"))
    ),
    "authorization-with-spaces": Twist(
        does="puts a space after each comma of Authorization", sent=_spaced
    ),
    "path-style": Twist(
        does="addresses the bucket in the path",
        command=lambda command: command | {"addressing": "path"},
    ),
    "connection-closed": Twist(
        does="closes each connection and says so", sent=_headers(Connection="close")
    ),
}  # fmt: skip

if __name__ == "__main__":
    main(FREEDOMS, runner)
