"""Cases and transcripts from a notation that is easy to read: requests as lines, bodies as text.

What a case does not say is taken from `BASE`.
"""

import base64
from typing import Any

from conformance.corpus.decode import input_value
from conformance.model.case import (
    Case,
    Expectation,
    KnownKey,
    Level,
    Provenance,
    Reply,
    Script,
    Source,
    Turn,
)
from conformance.model.http import Exchange, Journal
from conformance.model.message import (
    ERROR_FIELDS,
    Answer,
    Content,
    Ended,
    Failure,
    Several,
    Unsupported,
)
from conformance.model.verdict import Problem, Transcript, TurnRecord

Json = dict[str, Any]

ID, SECRET = "LTAI5tExampleKeyId", "ExampleSecretOf30Characters0000"
TOKEN = "CAISexampleToken/with+reserved=characters"
CLOCK = 1689929347  # Fri, 21 Jul 2023 08:49:07 GMT, as in the documented exchange

BASE: Json = {
    "input": {
        "action": "image/bodies",
        "parameters": {"sen": 50},
        "process": None,
        "sign": "header",
        "program": None,
        "endpoint": "https://oss-cn-hangzhou.aliyuncs.com",
        "region": "cn-hangzhou",
        "bucket": "image-demo",
        "key": "example.jpg",
        "version_id": None,
        "signature": "v4",
        "credentials": {"access_key_id": ID, "access_key_secret": SECRET},
        "addressing": "virtual",
        "client": "fresh",
        "connect_timeout": 5000,
        "read_timeout": 5000,
        "provider": "environment",
        "into": "memory",
        "consume": None,
        "proxy": None,
        "environment": None,
    },
    "script": {"keys": [{"id": ID, "secret": SECRET}], "verify": True, "faults": []},
}


def case(data: Json) -> Case:
    """A case: what `data` says, and BASE for the rest."""
    turns = data.get("turns", [{}])
    return Case(
        id=data.get("id", "process/sen/50"),
        title=data["about"],
        provenance=Provenance(source=Source.DERIVED, note="Made as an example of one rule."),
        turns=tuple(_turn(data, turn) for turn in turns),
    )


def _turn(data: Json, turn: Json) -> Turn:
    given = {**BASE["input"], **data.get("input", {}), **turn.get("input", {})}
    return Turn(
        input=input_value(given),
        script=_script({**BASE["script"], **data.get("script", {}), **turn.get("script", {})}),
        expect=_expect(data.get("expect", {})),
        calls=tuple(input_value({**given, **call}) for call in turn.get("calls", ())),
    )


def _script(data: Json) -> Script:
    faults = tuple((kind, argument) for kind, argument in data["faults"])
    return Script(
        keys=tuple(KnownKey(**key) for key in data["keys"]),
        replies=(Reply(status=200, headers=(), body=b"", faults=faults),),
        verify=data["verify"],
        clock_offset=data.get("clock_offset", 0),
        bound=tuple((host, bucket) for host, bucket in data.get("bound", ())),
        certificate=data.get("certificate", "trusted"),
        proxy=data.get("proxy"),
        live=data.get("live", False),
    )


def _expect(data: Json) -> tuple[Expectation, ...]:
    expectations = []
    for claim, values in data.items():
        pairs = values.items() if isinstance(values, dict) else ((name, None) for name in values)
        expectations.append(Expectation(claim=Level(claim), values=tuple(pairs)))
    return tuple(expectations)


def transcript(data: Json) -> Transcript:
    """The transcript of one trial."""
    problem = data.get("problem")
    return Transcript(
        case=data.get("case", "process/sen/50"),
        lane=data.get("lane", "php@2.7.0"),
        mode="container",
        turns=tuple(_record(turn) for turn in data["turns"]),
        exposes=tuple(data.get("exposes", ERROR_FIELDS)),
        stderr=data.get("stderr", ""),
        problem=None if problem is None else Problem(**problem),
        skipped=data.get("skipped"),
    )


def _record(data: Json) -> TurnRecord:
    return TurnRecord(
        answer=answer(data["answer"]),
        journal=Journal(
            exchanges=tuple(exchange(item) for item in data.get("exchanges", ())),
            strays=tuple(exchange(item) for item in data.get("strays", ())),
            unused=tuple(data.get("unused", ())),
            handshakes=tuple(data.get("handshakes", ())),
            proxy=tuple(exchange(item) for item in data.get("proxy", ())),
            exceeded=data.get("exceeded"),
            open=data.get("open", 0),
            earlier=data.get("earlier", 0),
        ),
        elapsed=0.01,
    )


def exchange(data: Json) -> Exchange:
    """One exchange; lines are joined by CRLF, the body is text or bytes."""
    return Exchange(
        received=_message(data["request"], data.get("request_body", "")),
        sent=_message(data["response"], data.get("response_body", "")) if data["response"] else b"",
        scheme=data.get("scheme", "https"),
        connection=1,
        clock=data.get("clock", CLOCK),
        at=data.get("at", 0.01),
        via=data.get("via", "direct"),
        authority=data.get("authority"),
        port=data.get("port"),
        refusal=data.get("refusal"),
        trouble=data.get("trouble"),
        omitted=data.get("omitted", 0),
        faults=tuple(data.get("faults", ())),
    )


def _message(lines: list[str], body: str | bytes) -> bytes:
    content = body if isinstance(body, bytes) else body.encode("utf-8")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + content


def answer(data: Json | None) -> Answer | None:
    """An answer; content is text, or `base64`, and its parsed form is taken as it is."""
    if data is None:
        return None
    kind = data["kind"]
    if kind == "content":
        content = base64.b64decode(data["base64"]) if "base64" in data else data["content"].encode()
        return Content(content=content, parsed=data["parsed"], parse_error=data.get("parse_error"))
    if kind == "several":
        return Several(answers=tuple(one for item in data["answers"] if (one := answer(item))))
    if kind == "error":
        return Failure(**{name: value for name, value in data.items() if name != "kind"})
    if kind == "ended":
        return Ended(
            exit=data["exit"],
            stdout=data.get("stdout", "").encode(),
            stderr=data.get("stderr", "").encode(),
            compiled=data.get("compiled", True),
        )
    return Unsupported(reason=data["reason"])
