"""Ways to change a command or a request: what the defects are made of, with answers.py."""

import atexit
import base64
import hmac
import netrc
import os
import string
import sys
import threading
import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from fakes.reference import runner
from fakes.twist import Message, Reply, Send

SIGN = runner.sign  # the reference's own, which a twist may stand in for


def credential(name: str, change: Callable[[str], str | None]) -> Callable[[Message], Message]:
    """The command with one of its credentials changed, where it has that."""

    def changed(command: Message) -> Message:
        held = command["credentials"]
        if held is None or held[name] is None:
            return command
        return command | {"credentials": held | {name: change(held[name])}}

    return changed


forget_token = credential("security_token", lambda _: None)


def put(**parts: str) -> Callable[[Any, Message], None]:
    """Sets parts of the request."""

    def change(request: Any, command: Message) -> None:
        for part, text in parts.items():
            setattr(request, part, text)

    return change


def headers(**more: str) -> Callable[[Any, Message], None]:
    """Adds header fields; an underscore stands for a hyphen."""

    def add(request: Any, command: Message) -> None:
        request.headers |= {name.replace("_", "-"): value for name, value in more.items()}

    return add


def swap(part: str, old: str, new: str) -> Callable[[Any, Message], None]:
    """Replaces a text in a part of the request."""

    def change(request: Any, command: Message) -> None:
        setattr(request, part, getattr(request, part).replace(old, new))

    return change


def swap_slowly(part: str, old: str, new: str, seconds: float) -> Callable[[Any, Message], None]:
    """Replaces a text in a part of the request, and waits first where there is that text."""
    swapped = swap(part, old, new)

    def change(request: Any, command: Message) -> None:
        if old in getattr(request, part):
            time.sleep(seconds)
        swapped(request, command)

    return change


def swap_header(name: str, old: str, new: str) -> Callable[[Any, Message], None]:
    """Replaces a text in a header, if there is that header."""

    def change(request: Any, command: Message) -> None:
        if name in request.headers:
            request.headers[name] = request.headers[name].replace(old, new)

    return change


def into_header(request: Any, command: Message) -> None:
    """Moves the processing string into a header, before signing."""
    request.headers["x-oss-process"], request.query = runner.process_of(command), ""


def query_twice(request: Any, command: Message) -> None:
    """Repeats the query."""
    request.query = f"{request.query}&{request.query}"


def query_again(request: Any, command: Message) -> None:
    """Writes the query, after signing."""
    request.query = f"x-oss-process={quote(runner.process_of(command), safe='')}"


def hold_token_back(command: Message) -> Message:
    """The command without its token, which is kept for later."""
    token = (command["credentials"] or {}).get("security_token")
    return forget_token(command) | {"held_back": token}


def token_after_all(request: Any, command: Message) -> None:
    """Adds the token that was held back."""
    if command["held_back"]:
        request.headers["x-oss-security-token"] = command["held_back"]


def token_under(name: str) -> Callable[[Any, Message], None]:
    """Sends the token that was held back in a header of this name."""

    def change(request: Any, command: Message) -> None:
        if command["held_back"]:
            request.headers[name] = command["held_back"]

    return change


def sign_unsent(name: str, value: str) -> Callable[[Any, Message], None]:
    """Signs a header for a URL that is then not sent."""

    def sign(request: Any, command: Message) -> None:
        if command["sign"] == "url":
            request.headers[name] = value
        SIGN(request, command)
        if command["sign"] == "url":
            del request.headers[name]

    return sign


def sign_v1(request: Any, command: Message) -> None:
    """Signs with V1."""
    keys, date = command["credentials"], formatdate(usegmt=True)
    if not (keys["access_key_id"] and keys["access_key_secret"]):
        raise ValueError("access key id and access key secret must be set")
    request.headers["Date"], token = date, keys["security_token"]
    if token:
        request.headers["x-oss-security-token"] = token
    oss = f"x-oss-security-token:{token}\n" if token else ""
    resource = f"/{command['bucket']}/{command['key']}?{unquote(request.query)}"
    text = f"{request.method}\n\n\n{date}\n{oss}{resource}"
    digest = hmac.digest(keys["access_key_secret"].encode(), text.encode(), "sha1")
    signature = base64.b64encode(digest).decode()
    request.headers["Authorization"] = f"OSS {keys['access_key_id']}:{signature}"


def sign_version(request: Any, command: Message) -> None:
    """Signs with the `version` that the command has."""
    (sign_v1 if command["version"] == "v1" else SIGN)(request, command)


def whole_url(request: Any, command: Message) -> None:
    """Writes scheme and host before the path."""
    request.path = f"{request.scheme}://{request.host}{request.path}"


def tell(name: str) -> Callable[[Any, Message], None]:
    """Writes one of the credentials into the User-Agent."""

    def change(request: Any, command: Message) -> None:
        if command["credentials"] and command["credentials"][name]:
            request.headers["User-Agent"] += f" {name}/{command['credentials'][name]}"

    return change


def netrc_instead(request: Any, command: Message) -> None:
    """Takes the login of .netrc for the host in place of the signature (RFC 7617)."""
    file = Path.home() / ".netrc"
    found = netrc.netrc(str(file)).authenticators(request.host) if file.is_file() else None
    if found:
        pair = base64.b64encode(f"{found[0]}:{found[2]}".encode()).decode()
        request.headers["Authorization"] = f"Basic {pair}"


def key_of_other_tools(command: Message) -> Message:
    """The command with the access key id that other tools are configured with, if there is one."""
    return credential(
        "access_key_id", lambda name: os.environ.get("ALIBABA_CLOUD_ACCESS_KEY_ID", name)
    )(command)


def spelled(value: str) -> tuple[str, ...]:
    """A value as it is and in the ways in which programs write it."""
    data = value.encode()
    percent = "".join(f"%{byte:02X}" for byte in data)
    return value, percent, base64.b64encode(b"id" + data).decode(), data.hex()


def printed(*names: str, spelling: int = 0) -> Callable[[Any, Message], None]:
    """Prints credentials on standard error, as a log of the request would."""

    def change(request: Any, command: Message) -> None:
        for name in names:
            if command["credentials"] and command["credentials"][name]:
                text = spelled(command["credentials"][name])[spelling]
                sys.stderr.write(f"GET {request.path} {name}={text}\n")

    return change


def printed_at_exit(request: Any, command: Message) -> None:
    """Prints the secret on standard error when the process ends, once."""
    secret = (command["credentials"] or {}).get("access_key_secret")
    if secret:
        atexit.unregister(_closed)
        atexit.register(_closed, secret)


def _closed(secret: str) -> None:
    sys.stderr.write(f"closed the client of {secret}\n")


def thread_stays(request: Any, command: Message) -> None:
    """Leaves a thread behind which waits without end, once."""
    if not any(thread.name == "oss-pool" for thread in threading.enumerate()):
        threading.Thread(target=threading.Event().wait, name="oss-pool").start()


def prints_target(request: Any, command: Message) -> None:
    """Prints the request, as an SDK does that was released with its debug output."""
    sys.stderr.write(f"GET {request.path}\n")


def told_everywhere(request: Any, command: Message) -> None:
    """Writes secret and token into header fields and on standard error, in all spellings."""
    for name in ("access_key_secret", "security_token"):
        value = (command["credentials"] or {}).get(name)
        for number, text in enumerate(spelled(value) if value else ()):
            request.headers[f"X-Trace-{name.replace('_', '-')}-{number}"] = text
            sys.stderr.write(f"{name}={text}\n")


def basic(request: Any, command: Message) -> None:
    """Writes id and secret into a header as Basic credentials (RFC 7617)."""
    keys = command["credentials"]
    if keys:
        pair = f"{keys['access_key_id']}:{keys['access_key_secret']}".encode()
        request.headers["Proxy-Authorization"] = f"Basic {base64.b64encode(pair).decode()}"


def login_of_proxy(request: Any, command: Message) -> None:
    """Writes the password for the proxy into the request that goes through its tunnel."""
    request.headers |= runner.login_of(urlsplit(command["proxy"] or ""))


def token_in_query(request: Any, command: Message) -> None:
    """Writes the token into the query, before signing."""
    token = (command["credentials"] or {}).get("security_token")
    if token:
        request.query = f"security-token={quote(token, safe='')}&{request.query}"


def clear_when_anonymous(request: Any, command: Message) -> None:
    """Takes http where nothing is signed."""
    if command["credentials"] is None:
        request.scheme = "http"


def clear_for_capitals(request: Any, command: Message) -> None:
    """Takes http unless the endpoint begins with https in lower case."""
    if not command["endpoint"].startswith("https:"):
        request.scheme = "http"


def odd_header(request: Any, command: Message) -> None:
    """Adds a header whose name is no token (RFC 9110 5.1)."""
    request.headers["X Client"] = "reference"


def anonymous_without_keys(command: Message) -> Message:
    """The command without credentials, where a part of them is missing."""
    keys = command["credentials"]
    whole = keys is None or (keys["access_key_id"] and keys["access_key_secret"])
    return command if whole else command | {"credentials": None}


def head_first(send: Send, request: Any, command: Message) -> Reply:
    """Sends a signed HEAD before the request."""
    ask = runner.request_of(command)
    ask.method = "HEAD"
    if command["credentials"] is not None:
        runner.sign(ask, command)
    send(ask, command)
    return send(request, command)


def twice(send: Send, request: Any, command: Message) -> Reply:
    """Sends the request twice."""
    send(request, command)
    return send(request, command)


def raw_key(request: Any, command: Message) -> None:
    """Leaves every reserved character of the key as it is."""
    request.path = f"/{quote(command['key'], safe=string.punctuation)}"


def key_in(encoding: str) -> Callable[[Any, Message], None]:
    """Encodes the key otherwise, after signing; `cesu-8`: the halves of UTF-16, each as UTF-8."""

    def change(request: Any, command: Message) -> None:
        key = command["key"]
        if encoding == "cesu-8":
            wide = key.encode("utf-16-be")
            halves = [
                wide[at : at + 2].decode("utf-16-be", "surrogatepass")
                for at in range(0, len(wide), 2)
            ]
            raw = "".join(halves).encode("utf-8", "surrogatepass")
        else:
            raw = key.encode(encoding, "replace")
        before = f"/{command['bucket']}/" if command["addressing"] == "path" else "/"
        request.path = before + quote(raw)

    return change


def bucket_in_host(request: Any, command: Message) -> None:
    """Writes the bucket into the host, wherever it is besides."""
    if not request.host.startswith(f"{command['bucket']}."):
        request.host = f"{command['bucket']}.{request.host}"


def no_bucket(request: Any, command: Message) -> None:
    """Leaves the bucket out of host and path."""
    request.host = urlsplit(command["endpoint"]).netloc
    request.path = f"/{quote(command['key'])}"


def sen(old: int | None, new: int | None) -> Callable[[Message], Message]:
    """The command with one value of `sen` taken for another; None: without it."""
    return lambda command: (
        _with_sen(command, new) if command["parameters"].get("sen") == old else command
    )


def each_sen(change: Callable[[int], int]) -> Callable[[Message], Message]:
    """The command with its `sen` changed, where it has one."""

    def changed(command: Message) -> Message:
        value = command["parameters"].get("sen")
        return command if value is None else _with_sen(command, change(value))

    return changed


def sen_once(old: int, new: int) -> Callable[[Message], Message]:
    """The command with one value of `sen` taken for another, the first time that it comes."""
    seen: list[int] = []

    def first(command: Message) -> Message:
        if command["parameters"].get("sen") != old or seen:
            return command
        seen.append(old)
        return _with_sen(command, new)

    return first


def _with_sen(command: Message, value: int | None) -> Message:
    others = {name: one for name, one in command["parameters"].items() if name != "sen"}
    return command | {"parameters": others if value is None else others | {"sen": value}}


def written(change: Callable[[str], str]) -> Callable[[Message], Message]:
    """The command with its processing string written otherwise."""
    return lambda command: command | {"process": change(runner.process_of(command))}


def key(change: Callable[[str], str]) -> Callable[[Message], Message]:
    """The command with another key."""
    return lambda command: command | {"key": change(command["key"])}


def version(change: Callable[[str], str | None]) -> Callable[[Message], Message]:
    """The command with another version of the object, where it names one."""

    def changed(command: Message) -> Message:
        asked = command["version_id"]
        return command if asked is None else command | {"version_id": change(asked)}

    return changed


def signed_as(change: Callable[[Message], Message]) -> Callable[[Any, Message], None]:
    """Signs what another command would ask for."""
    return lambda request, command: SIGN(request, change(command))


def no_bucket_without_style(request: Any, command: Message) -> None:
    """The host of the endpoint alone where no style of addressing is set."""
    if command["addressing"] is None:
        request.host = urlsplit(command["endpoint"]).netloc
