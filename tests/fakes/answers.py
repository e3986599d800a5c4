"""Ways to change an answer: content, the document in it, errors."""

import base64
import hmac
import struct
import sys
import time
from collections.abc import Callable
from typing import Any

from fakes.reference import runner
from fakes.twist import Message


def handed(change: Callable[[bytes], bytes]) -> Callable[[Message], Message]:
    """Changes the bytes of content."""

    def changed(answer: Message) -> Message:
        if answer["kind"] != "content":
            return answer
        return runner.content(change(base64.b64decode(answer["content"]["base64"])))

    return changed


cut = handed(lambda raw: raw[:-1])


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


def parsed(change: Callable[[Any], Any]) -> Callable[[Message], Message]:
    """Changes the parsed document, if it has bodies."""

    def changed(answer: Message) -> Message:
        document = answer.get("parsed")
        if not isinstance(document, dict) or not isinstance(document.get("Bodies"), list):
            return answer
        return answer | {"parsed": document | {"Bodies": change(document["Bodies"])}}

    return changed


def each_number(tag: str, change: Callable[[str], Any]) -> Callable[[Message], Message]:
    """Makes another number of each of one type in the bodies; a text is that of a real."""

    def walk(value: Any) -> Any:
        if isinstance(value, list):
            return [walk(item) for item in value]
        if not isinstance(value, dict):
            return value
        if set(value) == {tag}:
            made = change(value[tag])
            return {"$real": made} if isinstance(made, str) else made
        return {name: walk(item) for name, item in value.items()}

    return parsed(walk)


def of_unknown_kind(value: Any) -> Any:
    """The document with every number told as one of unknown kind."""
    if isinstance(value, list):
        return [of_unknown_kind(item) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) in ({"$int"}, {"$real"}):
        return {"$number": next(iter(value.values()))}
    return {name: of_unknown_kind(item) for name, item in value.items()}


def float32(text: str) -> str:
    """A real as 32 bits hold it."""
    try:
        (single,) = struct.unpack("f", struct.pack("f", float(text)))
    except OverflowError:
        return text
    return repr(single)


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


def whole(change: Callable[[Any], Any]) -> Callable[[Message], Message]:
    """Changes the parsed document, whatever it is."""

    def changed(answer: Message) -> Message:
        if answer.get("parsed") is None:
            return answer
        return answer | {"parsed": change(answer["parsed"])}

    return changed


def origin(old: str, new: str) -> Callable[[Message], Message]:
    """Takes the errors of one origin for those of another."""

    def change(answer: Message) -> Message:
        if answer["kind"] != "error" or answer["error"]["origin"] != old:
            return answer
        return answer | {"error": answer["error"] | {"origin": new}}

    return change


def secret_in_text(command: Message, answer: Message) -> Message:
    """Names the secret, in base64 and as it is, in the text of every error."""
    secret = (command["credentials"] or {}).get("access_key_secret")
    if not secret or answer["kind"] != "error":
        return answer
    coded = base64.b64encode(secret.encode()).decode()
    text = f"{answer['error']['text']} (signed with {secret}, {coded})"
    return answer | {"error": answer["error"] | {"text": text}}


def signing_key(secret: str, region: str) -> str:
    """The V4 signing key of today, in hexadecimal."""
    key = f"aliyun_v4{secret}".encode()
    for part in (time.strftime("%Y%m%d", time.gmtime()), region, "oss", "aliyun_v4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key.hex()


def signing_key_in_text(command: Message, answer: Message) -> Message:
    """Names the V4 signing key in the text of every error."""
    secret = (command["credentials"] or {}).get("access_key_secret")
    if not secret or answer["kind"] != "error":
        return answer
    key = signing_key(secret, command["region"])
    text = f"{answer['error']['text']} (signed with {key})"
    return answer | {"error": answer["error"] | {"text": text}}


def prints_error(answer: Message) -> Message:
    """Prints the text of an error besides returning it."""
    if answer["kind"] == "error":
        sys.stderr.write(f"Warning: {answer['error']['text']}\n")
    return answer
