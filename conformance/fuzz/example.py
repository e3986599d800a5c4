"""An example: calls on one client with what the server answers, smaller than a case and hashable.

Pure. An example is what the strategies draw and what is shrunk. `case_of` makes the case
that is run and judged, `entry_of` the same case as an entry of a vector file; a test holds the two
together through `corpus.decode`. What is claimed depends on where the documented contract ends:
see `expectations`.
"""

import re
from dataclasses import dataclass, replace
from typing import Any

from conformance.corpus.render import detections, encode
from conformance.corpus.undocumented import DOCUMENTED
from conformance.model.case import (
    JSON,
    Case,
    Credentials,
    Expectation,
    Input,
    KnownKey,
    Level,
    Provenance,
    Reply,
    Script,
    Source,
    Turn,
)
from conformance.model.message import ERROR_FIELDS
from conformance.operation.processing import write

# The call and the key pair of vectors/defaults.json, which a test holds this to.
PLAIN = Input(
    operation="bodies",
    endpoint="https://oss-cn-hangzhou.aliyuncs.com",
    region="cn-hangzhou",
    bucket="examplebucket",
    key="example.jpg",
    sen=None,
    process=None,
    version_id=None,
    signature="v4",
    credentials=Credentials(
        access_key_id="LTAI5tExampleKeyForTests",
        access_key_secret="ExampleSecretForTestsOnly00001",
    ),
    addressing="virtual",
    client="fresh",
    connect_timeout=5000,
    read_timeout=5000,
)
DOT_SEGMENT = re.compile(r"(\A|/)\.\.?(/|\Z)")
# The first call of an example gets so many bodies, the next one more, and so on: an answer that
# belongs to another call cannot be taken for the right one.
FIRST_ANSWER = 2

# The names in the order of schemas/vectors.schema.json: so a case is the same after it was written.
_ORDER = (
    *("requests", "method", "scheme", "target", "process", "auth", "verified", "access_key_id"),
    *("token", "answer", "origin", *ERROR_FIELDS, "content", "parsed"),
)
_REQUEST: dict[str, JSON] = {
    "method": "GET",
    "scheme": "https",
    "target": "as-asked",
    "auth": "v4-header",
    "verified": "accepted",
    "access_key_id": "as-given",
    "token": "as-given",
}
_ERROR: dict[str, JSON] = {
    "answer": "error",
    "origin": "service",
    **dict.fromkeys(ERROR_FIELDS, "as-sent"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What the server answers to one call.

    text: the body; None: `count` bodies by the rule of vectors/README.md, where count None means
    the position of the call plus two. error: code, message and EC of an XML error in place of a
    body. pieces: the response is written so many bytes at a time, 0: at once.
    """

    status: int = 200
    text: str | None = None
    count: int | None = None
    error: tuple[str, str, str] | None = None
    framing: str = "length"
    encoding: str | None = None
    pieces: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call: `process` is passed through as it is when given, else the string follows `sen`."""

    sen: int | None = None
    process: str | None = None
    key: str = PLAIN.key
    served: Served = Served()

    @property
    def string(self) -> str:
        """The processing string that is asked for."""
        return write(self.sen) if self.process is None else self.process

    @property
    def documented(self) -> bool:
        """Whether the documented contract covers this call: see `documented`."""
        return documented(self.string, self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Calls one after the other; credentials None: the suite's invented key pair."""

    calls: tuple[Call, ...] = (Call(),)
    credentials: Credentials | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Which client an example gets: `fresh` ones, or a kept one.

    number: a kept client of that number, which no other example shares; 0: the shared one; -1: a
    fresh one. The protocol keeps a client by its settings, so the number is added to the read
    timeout.
    """

    kept: bool = False
    number: int = -1


FRESH = Client()


def documented(string: str, key: str) -> bool:
    """Whether the contract covers a call.

    The documentation gives the string a meaning for sen 0 to 100 or none. Of names it excludes no
    dot segments, but URIs have a meaning of their own for them (RFC 3986 6.2.2.3), and nobody says
    that the service takes such a name.
    """
    return DOCUMENTED.fullmatch(string) is not None and DOT_SEGMENT.search(key) is None


def expectations(call: Call) -> dict[str, Any]:
    """What is expected of a call, as `expect` of a vector file.

    Of a documented call: who is asked, the string, that what was signed is what was sent, one
    request, and the answer. Where the contract ends the same of the request is recommended and the
    answer observed: told, never failed. That no secret leaves its place is always required; it
    needs no expectation.
    """
    if not call.documented:
        return {
            "recommended": _ordered({**_REQUEST, "process": call.string}),
            "observed": ["requests", "answer"],
        }
    required = {**_REQUEST, "process": call.string}
    if call.served.error is not None:
        return {"required": _ordered({**required, **_ERROR}), "observed": ["requests"]}
    required |= {"requests": 1, "answer": "content", "content": "as-sent"}
    if call.served.encoding is not None:
        # A content coding that was not asked for may be handed over as it is.
        return {"required": _ordered(required), "observed": ["parsed"]}
    return {"required": _ordered({**required, "parsed": "as-sent"})}


def _ordered(values: dict[str, JSON]) -> dict[str, JSON]:
    return {name: values[name] for name in _ORDER if name in values}


def case_of(
    example: Example, client: Client = FRESH, *, name: str = "process/fuzz/example"
) -> Case:
    """The case that is run and judged for an example."""
    return Case(
        id=name,
        title="A generated example.",
        provenance=_WORD,
        turns=tuple(_turn(example, index, client) for index in range(len(example.calls))),
    )


def alone(example: Example, index: int) -> Example:
    """One call of several as an example of its own, with the answer that it got there."""
    call = example.calls[index]
    if len(example.calls) > 1 and call.served.count is None:
        call = replace(call, served=replace(call.served, count=FIRST_ANSWER + index))
    return replace(example, calls=(call,))


_WORD = Provenance(source=Source.DERIVED, note="Generated; see the properties of fuzzing.")
_CLAIMS = (Level.REQUIRED, Level.RECOMMENDED)


def _turn(example: Example, index: int, client: Client) -> Turn:
    call = example.calls[index]
    keys = example.credentials or PLAIN.credentials
    assert keys is not None
    expected = expectations(call)
    claimed = [
        Expectation(claim=claim, values=tuple(expected[claim].items()))
        for claim in _CLAIMS
        if claim in expected
    ]
    if "observed" in expected:
        values = tuple((name, None) for name in expected["observed"])
        claimed.append(Expectation(claim=Level.OBSERVED, values=values))
    known = KnownKey(
        id=keys.access_key_id or "", secret=keys.access_key_secret or "", token=keys.security_token
    )
    return Turn(
        input=replace(
            PLAIN,
            key=call.key,
            sen=call.sen,
            process=call.process,
            credentials=keys,
            client="kept" if client.kept else "fresh",
            read_timeout=PLAIN.read_timeout + max(0, client.number),
        ),
        script=Script(keys=(known,), replies=(_reply(call.served, index),)),
        expect=tuple(claimed),
    )


def _reply(served: Served, index: int) -> Reply:
    headers: tuple[tuple[str, str | None], ...] = ()
    body = b""
    if served.error is None:
        body = detections(_count(served, index)) if served.text is None else served.text.encode()
        if served.encoding is not None:
            body = encode(body, served.encoding)
            headers = (("Content-Encoding", served.encoding),)
    drip = (("drip", {"bytes": served.pieces, "pause": 0}),) if served.pieces else ()
    return Reply(
        status=served.status,
        headers=headers,
        body=body,
        error=None if served.error is None else tuple(_error(served.error).items()),
        framing=served.framing,
        faults=drip,
    )


def _count(served: Served, index: int) -> int:
    return FIRST_ANSWER + index if served.count is None else served.count


def _error(error: tuple[str, str, str]) -> dict[str, str]:
    code, message, ec = error
    return {"code": code, "message": message, "ec": ec}


def entry_of(example: Example, *, name: str, title: str, kept: bool) -> dict[str, Any]:
    """The example as a case of a vector file, without what vectors/defaults.json says already."""
    given: dict[str, Any] = {"client": "kept"} if kept else {}
    script: dict[str, Any] = {}
    keys = example.credentials
    if keys is not None:
        given["credentials"] = {
            "access_key_id": keys.access_key_id,
            "access_key_secret": keys.access_key_secret,
            "security_token": keys.security_token,
        }
        known = {"id": keys.access_key_id, "secret": keys.access_key_secret}
        script["keys"] = [known | ({"token": keys.security_token} if keys.security_token else {})]
    entry: dict[str, Any] = {"id": name, "title": title}
    parts = [_parts(call, index) for index, call in enumerate(example.calls)]
    shared = {key: value for key, value in (("input", given), ("script", script)) if value}
    if len(parts) == 1:
        (only,) = parts
        for part in ("input", "script"):
            only[part] = {**shared.get(part, {}), **only.get(part, {})}
        return entry | {part: value for part, value in only.items() if value}
    return entry | shared | {"turns": parts}


def _parts(call: Call, index: int) -> dict[str, Any]:
    given: dict[str, Any] = {}
    if call.process is not None:
        given["process"] = call.process
    elif call.sen is not None:
        given["sen"] = call.sen
    if call.key != PLAIN.key:
        given["key"] = call.key
    parts: dict[str, Any] = {"input": given} if given else {}
    reply = _reply_entry(call.served, index)
    if reply != {"status": 200, "body": {"detections": FIRST_ANSWER}}:
        parts["script"] = {"replies": [reply]}
    return parts | {"expect": expectations(call)}


def _reply_entry(served: Served, index: int) -> dict[str, Any]:
    reply: dict[str, Any] = {"status": served.status}
    if served.error is not None:
        reply["error"] = _error(served.error)
    elif served.text is not None:
        reply["body"] = {"text": served.text}
    else:
        reply["body"] = {"detections": _count(served, index)}
    if served.framing != "length":
        reply["framing"] = served.framing
    if served.encoding is not None and served.error is None:
        reply["encoding"] = served.encoding
    if served.pieces:
        reply["faults"] = [{"drip": {"bytes": served.pieces, "pause": 0}}]
    return reply
