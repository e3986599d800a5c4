"""Runners that are wrong on purpose: one defect each, seen before in SDKs or easily imagined.

The test of the judge runs every one of them and asks for a finding of the rule that names it.
"""

import base64
import hmac
import json
import string
import struct
from collections.abc import Callable
from email.utils import formatdate
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from fakes.reference import runner
from fakes.twist import Message, Reply, Send, Twist, main

TOKEN = {
    "access_key_id": "STS.NUexample",
    "access_key_secret": "anotherSecretOf30Characters000",
    "security_token": "CAISexample/token+of=some/length==",
}


def _credential(name: str, change: Callable[[str], str | None]) -> Callable[[Message], Message]:
    """The command with one of its credentials changed, where it has that."""

    def changed(command: Message) -> Message:
        held = command["credentials"]
        if held is None or held[name] is None:
            return command
        return command | {"credentials": held | {name: change(held[name])}}

    return changed


_forget_token = _credential("security_token", lambda _: None)


def _put(**parts: str) -> Callable[[Any, Message], None]:
    def change(request: Any, command: Message) -> None:
        for part, text in parts.items():
            setattr(request, part, text)

    return change


def _swap(part: str, old: str, new: str) -> Callable[[Any, Message], None]:
    def change(request: Any, command: Message) -> None:
        setattr(request, part, getattr(request, part).replace(old, new))

    return change


def _into_header(request: Any, command: Message) -> None:
    request.headers["x-oss-process"], request.query = runner.process_of(command), ""


def _query_twice(request: Any, command: Message) -> None:
    request.query = f"{request.query}&{request.query}"


def _query_again(request: Any, command: Message) -> None:
    request.query = f"x-oss-process={quote(runner.process_of(command), safe='')}"


def _hold_token_back(command: Message) -> Message:
    token = (command["credentials"] or {}).get("security_token")
    return _forget_token(command) | {"held_back": token}


def _token_after_all(request: Any, command: Message) -> None:
    if command["held_back"]:
        request.headers["x-oss-security-token"] = command["held_back"]


def _sign_v1(request: Any, command: Message) -> None:
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


def _tell_secret(request: Any, command: Message) -> None:
    if command["credentials"]:
        request.headers["User-Agent"] += f" secret/{command['credentials']['access_key_secret']}"


def _head_first(send: Send, request: Any, command: Message) -> Reply:
    ask = runner.request_of(command)
    ask.method = "HEAD"
    if command["credentials"] is not None:
        runner.sign(ask, command)
    send(ask, command)
    return send(request, command)


def _twice(send: Send, request: Any, command: Message) -> Reply:
    send(request, command)
    return send(request, command)


def _raw_key(request: Any, command: Message) -> None:
    request.path = f"/{quote(command['key'], safe=string.punctuation)}"


def _no_bucket(request: Any, command: Message) -> None:
    request.host = urlsplit(command["endpoint"]).netloc
    request.path = f"/{quote(command['key'])}"


def _parsed(change: Callable[[Any], Any]) -> Callable[[Message], Message]:
    """Changes the parsed document, if it has bodies."""

    def changed(answer: Message) -> Message:
        document = answer.get("parsed")
        if not isinstance(document, dict) or not isinstance(document.get("Bodies"), list):
            return answer
        return answer | {"parsed": document | {"Bodies": change(document["Bodies"])}}

    return changed


def _each_number(tag: str, change: Callable[[str], str]) -> Callable[[Message], Message]:
    """Makes a real of each number of one type in the bodies."""

    def walk(value: Any) -> Any:
        if isinstance(value, list):
            return [walk(item) for item in value]
        if not isinstance(value, dict):
            return value
        if set(value) == {tag}:
            return {"$real": change(value[tag])}
        return {name: walk(item) for name, item in value.items()}

    return _parsed(walk)


def _float32(text: str) -> str:
    try:
        (single,) = struct.unpack("f", struct.pack("f", float(text)))
    except OverflowError:
        return text
    return repr(single)


def _cut(answer: Message) -> Message:
    if answer["kind"] != "content":
        return answer
    return runner.content(base64.b64decode(answer["content"]["base64"])[:-1])


def _cache() -> Callable[[Message], Message]:
    """Hands out the content of the call before, if there was one."""
    kept: list[Message] = []

    def before(answer: Message) -> Message:
        if answer["kind"] == "content":
            kept.append(answer)
            answer = kept[-2:][0]
        return answer

    return before


def _error(**changed: Any) -> Callable[[Message], Message]:
    """Changes fields of a service error; a function is given the error as it was."""

    def change(answer: Message) -> Message:
        if answer["kind"] != "error" or answer["error"]["origin"] != "service":
            return answer
        error = answer["error"]
        news = {name: v(error) if callable(v) else v for name, v in changed.items()}
        return answer | {"error": error | news}

    return change


def _swallow(raw: bytes) -> Callable[[Message], Message]:
    def change(answer: Message) -> Message:
        return runner.content(raw) if answer["kind"] == "error" else answer

    return change


def _alarm(answer: Message) -> Message:
    if answer["kind"] == "error":
        return answer
    return runner.failure("service", "ServiceError", "no image in the response", status=200)


def _sen(old: int | None, new: int | None) -> Callable[[Message], Message]:
    """The command with one value of `sen` taken for another."""
    return lambda command: command | ({"sen": new} if command["sen"] == old else {})


def _written(change: Callable[[str], str]) -> Callable[[Message], Message]:
    """The command with its processing string written otherwise."""
    return lambda command: command | {"process": change(runner.process_of(command))}


EMPTY = json.dumps({"RequestId": "", "Bodies": []}).encode()
REGION = "cn-shanghai"
SEN = {"sen": 50}
SIGNED = {"credentials": TOKEN}

DEFECTS: dict[str, Twist] = {
    "comma-encoded-twice": Twist(
        does="percent-encodes the comma of the processing string twice", rule="process.string",
        given=SEN, unsigned=_swap("query", "%2C", "%252C"),
    ),
    "sen-dropped": Twist(
        does="leaves sen out", rule="process.string",
        given=SEN, command=lambda command: command | {"sen": None},
    ),
    "sen-100-as-99": Twist(
        does="takes 100 for one past the end", rule="process.string",
        given={"sen": 100}, command=_sen(100, 99),
    ),
    "sen-0-dropped": Twist(
        does="takes 0 for no sen", rule="process.string",
        given={"sen": 0}, command=_sen(0, None),
    ),
    "sen-default-written": Twist(
        does="writes the default when no sen is asked for", rule="process.string",
        given={"sen": None}, command=_sen(None, 60),
    ),
    "sen-as-real": Twist(
        does="writes sen_50.0", rule="process.string",
        given=SEN, command=_written(lambda text: text + ".0" if "sen_" in text else text),
    ),
    "process-upper-cased": Twist(
        does="writes the processing string in capitals", rule="process.string",
        command=_written(str.upper),
    ),
    "parameter-renamed": Twist(
        does="calls the parameter X-Oss-Process", rule="process.place",
        unsigned=_swap("query", "x-oss-process", "X-Oss-Process"),
    ),
    "parameter-twice": Twist(
        does="sends the parameter twice", rule="process.duplicate", unsigned=_query_twice,
    ),
    "process-in-header": Twist(
        does="sends the processing string as a header", rule="process.place",
        unsigned=_into_header,
    ),
    "process-not-signed": Twist(
        does="appends the query after it has signed", rule="process.canonical",
        unsigned=_put(query=""), sent=_query_again,
    ),
    "token-unsigned": Twist(
        does="adds the STS token after it has signed", rule="auth.token",
        given=SIGNED, command=_hold_token_back, sent=_token_after_all,
    ),
    "token-missing": Twist(
        does="forgets the STS token", rule="auth.token",
        given=SIGNED, command=_forget_token,
    ),
    "v1-for-v4": Twist(
        does="signs with V1 when asked for V4", rule="auth.scheme", sign=_sign_v1,
    ),
    "unsigned": Twist(
        does="sends nothing of the credentials it was given", rule="auth.scheme",
        command=lambda command: command | {"credentials": None},
    ),
    "secret-with-newline": Twist(
        does="signs with a secret that kept the newline of its file", rule="auth.signature",
        command=_credential("access_key_secret", lambda secret: secret + "\n"),
    ),
    "access-key-changed": Twist(
        does="changes the access key id", rule="auth.access-key",
        command=_credential("access_key_id", lambda name: name + "x"),
    ),
    "wrong-region": Twist(
        does="signs for a region of its own choice", rule="auth.region",
        command=lambda command: command | {"region": command["region"] and REGION},
    ),
    "secret-in-user-agent": Twist(
        does="sends the access key secret in the User-Agent", rule="auth.secret-leak",
        sent=_tell_secret,
    ),
    "plain-http": Twist(
        does="talks plain http to an https endpoint", rule="auth.clear-text",
        unsigned=_put(scheme="http"),
    ),
    "head-first": Twist(
        does="asks with HEAD before it gets", rule="transport.requests", send=_head_first,
    ),
    "every-request-twice": Twist(
        does="sends every request twice", rule="transport.requests", send=_twice,
    ),
    "post-for-get": Twist(
        does="uses POST", rule="transport.method", unsigned=_put(method="POST"),
    ),
    "key-space-as-plus": Twist(
        does="writes + for a space in the key", rule="naming.target",
        given={"key": "two words.jpg"}, sent=_swap("path", "%20", "+"),
    ),
    "key-not-encoded": Twist(
        does="does not encode reserved characters of the key", rule="naming.target",
        given={"key": "50%25?#.jpg"}, sent=_raw_key,
    ),
    "key-encoded-twice": Twist(
        does="percent-encodes the key twice", rule="naming.target",
        given={"key": "two words.jpg"}, sent=_swap("path", "%", "%25"),
    ),
    "bucket-left-out": Twist(
        does="leaves the bucket out", rule="naming.target", sent=_no_bucket,
    ),
    "body-cut": Twist(
        does="loses the last byte of the content", rule="bodies.bytes", answer=_cut,
    ),
    "answer-of-the-call-before": Twist(
        does="hands out the content of the call before", rule="bodies.bytes",
        calls=2, memory=_cache,
    ),
    "confidence-as-float32": Twist(
        does="keeps Confidence in 32 bits", rule="bodies.parsed",
        answer=_each_number("$real", _float32),
    ),
    "integers-as-reals": Twist(
        does="makes reals of pixels", rule="bodies.parsed",
        answer=_each_number("$int", lambda text: f"{text}.0"),
    ),
    "bodies-reversed": Twist(
        does="changes the order of the bodies", rule="bodies.parsed",
        answer=_parsed(lambda bodies: bodies[::-1]),
    ),
    "first-body-dropped": Twist(
        does="loses the first body", rule="bodies.parsed",
        answer=_parsed(lambda bodies: bodies[1:]),
    ),
    "error-as-empty-success": Twist(
        does="makes an answer without bodies of an error", rule="errors.kind",
        reply="error", answer=_swallow(EMPTY),
    ),
    "success-as-error": Twist(
        does="reports an error when there is content", rule="errors.kind", answer=_alarm,
    ),
    "origin-wrong": Twist(
        does="takes an error of the service for one of the transport", rule="errors.origin",
        reply="error", answer=_error(origin="transport"),
    ),
    "status-wrong": Twist(
        does="reports status 400 for every error", rule="errors.status",
        reply="error", answer=_error(status=400),
    ),
    "code-lost": Twist(
        does="loses the error code", rule="errors.code",
        reply="error", answer=_error(code=None),
    ),
    "message-lost": Twist(
        does="loses the error message", rule="errors.message",
        reply="error", answer=_error(message=None),
    ),
    "message-for-code": Twist(
        does="reports the code where the message belongs", rule="errors.message",
        reply="error", answer=_error(message=lambda error: error["code"]),
    ),
    "request-id-swapped": Twist(
        does="reports the host id as the request id", rule="errors.request-id",
        reply="error", answer=_error(request_id=lambda error: error["host_id"]),
    ),
    "host-id-lost": Twist(
        does="loses the host id", rule="errors.host-id",
        reply="error", answer=_error(host_id=None),
    ),
    "ec-lost": Twist(
        does="loses the EC", rule="errors.ec", reply="error", answer=_error(ec=None),
    ),
}  # fmt: skip

if __name__ == "__main__":
    main(DEFECTS, runner)
