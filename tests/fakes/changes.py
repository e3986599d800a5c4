"""Ways to change a command, a request or an answer: what the defects of wrong.py are made of."""

import base64
import hmac
import string
import struct
from collections.abc import Callable
from email.utils import formatdate
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from fakes.reference import runner
from fakes.twist import Message, Reply, Send


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


def swap(part: str, old: str, new: str) -> Callable[[Any, Message], None]:
    """Replaces a text in a part of the request."""

    def change(request: Any, command: Message) -> None:
        setattr(request, part, getattr(request, part).replace(old, new))

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


def tell_secret(request: Any, command: Message) -> None:
    """Writes the secret into the User-Agent."""
    if command["credentials"]:
        request.headers["User-Agent"] += f" secret/{command['credentials']['access_key_secret']}"


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


def no_bucket(request: Any, command: Message) -> None:
    """Leaves the bucket out of host and path."""
    request.host = urlsplit(command["endpoint"]).netloc
    request.path = f"/{quote(command['key'])}"


def parsed(change: Callable[[Any], Any]) -> Callable[[Message], Message]:
    """Changes the parsed document, if it has bodies."""

    def changed(answer: Message) -> Message:
        document = answer.get("parsed")
        if not isinstance(document, dict) or not isinstance(document.get("Bodies"), list):
            return answer
        return answer | {"parsed": document | {"Bodies": change(document["Bodies"])}}

    return changed


def each_number(tag: str, change: Callable[[str], str]) -> Callable[[Message], Message]:
    """Makes a real of each number of one type in the bodies."""

    def walk(value: Any) -> Any:
        if isinstance(value, list):
            return [walk(item) for item in value]
        if not isinstance(value, dict):
            return value
        if set(value) == {tag}:
            return {"$real": change(value[tag])}
        return {name: walk(item) for name, item in value.items()}

    return parsed(walk)


def float32(text: str) -> str:
    """A real as 32 bits hold it."""
    try:
        (single,) = struct.unpack("f", struct.pack("f", float(text)))
    except OverflowError:
        return text
    return repr(single)


def cut(answer: Message) -> Message:
    """The content without its last byte."""
    if answer["kind"] != "content":
        return answer
    return runner.content(base64.b64decode(answer["content"]["base64"])[:-1])


def third_cut() -> Callable[[Message, Message], Message]:
    """Loses the last byte of the content of the third call on one client."""
    made: dict[str, int] = {}
    settings = ("endpoint", "region", "credentials", "addressing", "proxy", "timeouts")

    def third(command: Message, answer: Message) -> Message:
        if command["client"] != "kept":
            return answer
        name = repr([command[part] for part in settings])
        made[name] = made.get(name, 0) + 1
        return cut(answer) if made[name] == 3 else answer

    return third


def cache() -> Callable[[Message], Message]:
    """Hands out the content of the call before, if there was one."""
    kept: list[Message] = []

    def before(answer: Message) -> Message:
        if answer["kind"] == "content":
            kept.append(answer)
            answer = kept[-2:][0]
        return answer

    return before


def error(**changed: Any) -> Callable[[Message], Message]:
    """Changes fields of a service error; a function is given the error as it was."""

    def change(answer: Message) -> Message:
        if answer["kind"] != "error" or answer["error"]["origin"] != "service":
            return answer
        error = answer["error"]
        news = {name: v(error) if callable(v) else v for name, v in changed.items()}
        return answer | {"error": error | news}

    return change


def swallow(raw: bytes) -> Callable[[Message], Message]:
    """Makes content of every error."""

    def change(answer: Message) -> Message:
        return runner.content(raw) if answer["kind"] == "error" else answer

    return change


def alarm(answer: Message) -> Message:
    """Makes an error of all content."""
    if answer["kind"] == "error":
        return answer
    return runner.failure("service", "ServiceError", "no image in the response", status=200)


def sen(old: int | None, new: int | None) -> Callable[[Message], Message]:
    """The command with one value of `sen` taken for another."""
    return lambda command: command | ({"sen": new} if command["sen"] == old else {})


def sen_once(old: int, new: int) -> Callable[[Message], Message]:
    """The command with one value of `sen` taken for another, the first time that it comes."""
    seen: list[int] = []

    def first(command: Message) -> Message:
        if command["sen"] != old or seen:
            return command
        seen.append(old)
        return command | {"sen": new}

    return first


def written(change: Callable[[str], str]) -> Callable[[Message], Message]:
    """The command with its processing string written otherwise."""
    return lambda command: command | {"process": change(runner.process_of(command))}
