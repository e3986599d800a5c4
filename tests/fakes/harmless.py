"""Runners that use a freedom which the service leaves: none of these may become a finding."""

import hashlib
import hmac
import re
import time
from collections.abc import Callable
from email.utils import formatdate
from typing import Any
from urllib.parse import quote

from fakes import answers, clocks, lines
from fakes.changes import SIGN, headers
from fakes.reference import runner
from fakes.twist import Message, Twist, main

KEY = {"key": "a folder/~two words+1.jpg", "parameters": {"sen": 50}}


_REFUSED_TIME = clocks.Learning(lambda body: b"RequestTimeTooSkewed" in body)


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


def _parameters_reversed(request: Any, command: Message) -> None:
    """The parameters of a signed URL in another order; V4 sorts them before it signs."""
    request.query = "&".join(reversed(request.query.split("&")))


def _date_too(request: Any, command: Message) -> None:
    request.headers["Date"] = formatdate(usegmt=True)


def _other_words(answer: Message) -> Message:
    """An error of another class with another text, which every SDK words for itself."""
    if answer["kind"] != "error":
        return answer
    return answer | {"error": answer["error"] | {"error_class": "Oops", "text": "It failed."}}


def _members_reversed(value: Any) -> Any:
    """The members of each object in another order, which JSON gives no meaning to."""
    if isinstance(value, list):
        return [_members_reversed(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: _members_reversed(value[name]) for name in reversed(value)}


def _signer(*, dated: bool = False, additional: tuple[str, ...] = ()) -> Any:
    """Signature V4 with `Date` for x-oss-date, or with additional headers."""

    def sign(request: Any, command: Message) -> None:
        if command["sign"] != "header":
            SIGN(request, command)
            return
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
    "space-as-plus": Twist(
        does="writes + for a space in the query",
        given={"process": "image/bodies,note_two words"},
        sent=_respelled("%20", lambda _: "+", "query"),
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
        sent=headers(User_Agent="app/1.0 (Linux; x86_64) reference python"),
    ),
    "date-for-x-oss-date": Twist(does="sends Date and signs that", sign=_signer(dated=True)),
    "additional-headers-signed": Twist(
        does="signs host and user-agent too", sign=_signer(additional=("host", "user-agent"))
    ),
    "authorization-with-spaces": Twist(
        does="puts a space after each comma of Authorization", sent=_spaced
    ),
    "connection-closed": Twist(
        does="closes each connection and says so", sent=headers(Connection="close")
    ),
    "gzip-asked-and-decoded": Twist(
        does="asks for gzip and decodes it", replies=("gzip",),
        sent=headers(Accept_Encoding="gzip"), send=lines.read(lines.gunzip),
    ),
    "identity-asked": Twist(
        does="asks for no coding, and says what it accepts",
        sent=headers(Accept_Encoding="identity;q=1, *;q=0", Accept="application/json"),
    ),
    "clock-set-by-a-refusal-for-it": Twist(
        does="sets its clock by the Date of a refusal for the time of the request", alone=False,
        given={"client": "kept"}, sign=_REFUSED_TIME.sign, send=_REFUSED_TIME.send,
    ),
    "clock-read-each-second": Twist(
        does="signs with a time that is up to a second old", alone=False,
        given={"client": "kept"}, sign=clocks.stopped(1),
    ),
    "url-for-an-hour-rounded-down": Twist(
        does="signs URLs for a second less than an hour, as rounding gives",
        given={"sign": "url"}, sign=clocks.valid_for(3599),
    ),
    "url-valid-before-the-call-too": Twist(
        does="signs URLs whose hour ends when it should and that are valid five minutes before",
        given={"sign": "url"}, sign=clocks.valid_for(3900, before=300),
    ),
    "url-parameters-reversed": Twist(
        does="writes the parameters of a signed URL in another order",
        given={"sign": "url"}, sent=_parameters_reversed,
    ),
    "date-beside-x-oss-date": Twist(does="sends Date as well", sent=_date_too),
    "port-named": Twist(
        does="names the port in Host", unsigned=lambda request, _: setattr(
            request, "host", f"{request.host}:{443 if request.scheme == 'https' else 80}"
        ),
    ),
    "reals-with-exponent": Twist(
        does="parses 0.733 and tells of it as 7.33e-01",
        answer=answers.each_number("$real", lambda text: f"{float(text):.17e}"),
    ),
    "numbers-of-unknown-kind": Twist(
        does="does not tell integers and reals apart",
        answer=answers.whole(answers.of_unknown_kind),
    ),
    "members-in-another-order": Twist(
        does="keeps the members of an object in another order",
        answer=answers.whole(_members_reversed),
    ),
    "error-in-other-words": Twist(
        does="has a class and a text of its own for an error", replies=("error",),
        answer=_other_words,
    ),
    "asked-again-after-503": Twist(
        does="asks again after a 503", replies=("busy-once",),
        send=lines.again(2, lambda status: status == 503),
    ),
    "proxy-password-when-asked": Twist(
        does="gives a proxy the password after a 407", send=lines.password_when_asked, alone=False,
    ),
    "redirect-followed-bare": Twist(
        does="follows a redirect without credentials", replies=("moved-once",),
        send=lines.follow(lines.without("Authorization", "x-oss-security-token")),
    ),
}  # fmt: skip

if __name__ == "__main__":
    main(FREEDOMS, runner)
