"""Makes a vector file of the exchanges of a run, so that `run --vectors` replays them.

A case keeps its input and what it expects, which is `as-sent` where the service has the word; its
script is what the service answered. An expectation of status or code becomes a value if it is
stable in several recordings. Faults cannot be recorded: their cases are left out. Pure.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from conformance.live.stability import Stability, content_of, stability
from conformance.mock import head
from conformance.model.case import Case, Input, Level, Provenance, Script, Turn
from conformance.model.http import Exchange, Response
from conformance.model.verdict import Transcript
from conformance.oss import service_error

Json = Any
# Header fields that the mock fills in for each response, or that follow from the framing.
_FILLED = frozenset({
    "date", "connection", "keep-alive", "content-length", "transfer-encoding", "content-encoding",
    "x-oss-request-id", "x-oss-server-time", "x-oss-ec",
})  # fmt: skip
_NEW = ("RequestId", "HostId", "RecommendDoc")  # elements that the mock writes itself
_CODINGS = ("gzip", "deflate")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRecording:
    """The transcripts of one case, the one to replay first."""

    case: Case  # in its live form if the run was live
    transcripts: tuple[Transcript, ...]  # restored, at least one


def unrecordable(recording: CaseRecording) -> str:
    """Why a case cannot be replayed from its exchanges; "" if it can."""
    case, transcript = recording.case, recording.transcripts[0]
    if any(reply.faults for turn in case.turns for reply in turn.script.replies):
        return "a fault is in no exchange"
    if any(turn.calls or turn.input.program for turn in case.turns):
        return "it makes no single call"
    if len(transcript.turns) != len(case.turns):
        return "its trial is incomplete"
    if any(_last(transcript, number) is None for number in range(len(case.turns))):
        return "nothing was sent or answered"
    return ""


def vector_document(
    topic: str,
    about: str,
    recordings: Iterable[CaseRecording],
    source: Provenance | None,
    suite: Json,
) -> Json:
    """The document. source: of a live run; None: each case keeps its own. suite: the defaults."""
    return {
        "$schema": "../../schemas/vectors.schema.json",
        "topic": topic,
        "about": about,
        "cases": [_case(topic, one, source, suite) for one in recordings],
    }


def as_sent_again(document: Json, place: str) -> None:
    """Make the value at a pointer `as-sent` again, for one that the linter does not allow."""
    *path, name = place.split("/")[1:]
    value = document
    for step in path:
        value = value[int(step) if isinstance(value, list) else step]
    value[name] = "as-sent"


def case_stability(recording: CaseRecording) -> Stability:
    """What the recordings of a case have in common, in their last turn."""
    number = len(recording.case.turns) - 1
    last = (_last(transcript, number) for transcript in recording.transcripts)
    return stability([pair[1] for pair in last if pair is not None])


def _last(transcript: Transcript, number: int) -> tuple[Exchange, Response] | None:
    """The last exchange of a turn that has a whole response."""
    exchanges = transcript.turns[number].journal.exchanges if number < len(transcript.turns) else ()
    pairs = ((one, one.response) for one in reversed(exchanges) if one.trouble is None)
    return next(((one, response) for one, response in pairs if response is not None), None)


def _case(topic: str, recording: CaseRecording, source: Provenance | None, suite: Json) -> Json:
    case, transcript = recording.case, recording.transcripts[0]
    found = case_stability(recording)
    turns = []
    for number, turn in enumerate(case.turns):
        last = _last(transcript, number)
        assert last is not None, "unrecordable"
        turns.append(_turn(turn, *last, found, suite))
    provenance = asdict(source or case.provenance)
    return {
        "id": f"{topic}/{case.id}",
        "title": case.title,
        "provenance": {name: value for name, value in provenance.items() if value is not None},
        "notes": [f"Recorded with the case {case.id}.", *filter(None, [found.note])],
        **(turns[0] if len(turns) == 1 else {"turns": turns}),
    }


def _turn(
    turn: Turn, exchange: Exchange, response: Response, found: Stability, suite: Json
) -> Json:
    script = _changed(_script(turn.script), suite["script"])
    if exchange.refusal is not None and turn.script.live:
        script["verify"] = False  # the mock would refuse in its own words
    return {
        "input": _changed(_input(turn.input), suite["input"]),
        "script": script | {"replies": [_reply(response)]},
        "expect": _expect(turn, response, found),
    }


def _changed(value: Mapping[str, Json], usual: Json) -> dict[str, Json]:
    return {name: member for name, member in value.items() if member != usual[name]}


def _input(given: Input) -> dict[str, Json]:
    found = {**asdict(given), "parameters": dict(given.parameters)}
    if given.environment is not None:
        pairs = {name: dict(getattr(given.environment, name)) for name in ("variables", "home")}
        members = asdict(given.environment) | pairs
        found["environment"] = {name: value for name, value in members.items() if value}
    return found


def _script(script: Script) -> dict[str, Json]:
    keys = [
        {
            "id": key.id,
            "secret": key.secret,
            **({"token": key.token} if key.token else {}),
            **({"state": key.state} if key.state != "active" else {}),
        }
        for key in script.keys
    ]
    return {
        "keys": keys,
        "region": script.region,
        "verify": script.verify,
        "clock_offset": script.clock_offset,
        "bound": [list(pair) for pair in script.bound],
        "certificate": script.certificate,
        "proxy": None if script.proxy is None else dict([script.proxy]),
    }


def _reply(response: Response) -> Json:
    content = content_of(response)
    elements = service_error.read(content) if response.status >= 400 else None
    reply: dict[str, Json] = {"status": response.status}
    usual: tuple[head.Pair, ...]
    if elements is not None and {"Code", "Message"} <= elements.keys():
        usual = head.service_fields("application/xml")
        named = {"Code": "code", "Message": "message", "EC": "ec"}
        kept = {name: text for name, text in elements.items() if name not in _NEW}
        reply["error"] = {named.get(name, name): text for name, text in kept.items()}
    else:
        succeeded = 200 <= response.status < 300
        usual = head.service_fields(head.JSON_TYPE, *(head.OBJECT if succeeded else ()))
        reply["body"] = _body(content)
        coding = (response.header("content-encoding") or "").lower()
        if coding in _CODINGS and content is not response.body:
            reply["encoding"] = coding
        if (response.header("transfer-encoding") or "").lower() == "chunked":
            reply["framing"] = "chunked"
    headers = _headers(response, usual)
    return reply | ({"headers": headers} if headers else {})


def _headers(response: Response, usual: Sequence[head.Pair]) -> list[list[Json]]:
    """The changes to the fields that the mock sends."""
    expected = {name.lower(): value for name, value in usual}
    sent = [(name, value) for name, value in response.headers if name.lower() not in _FILLED]
    names = {name.lower() for name, _ in sent}
    changes: list[list[Json]] = [
        [name, value] for name, value in sent if expected.get(name.lower()) != value
    ]
    removed = (name for name, _ in usual if name.lower() not in names | _FILLED)
    return changes + [[name, None] for name in removed]


def _body(content: bytes) -> Json:
    try:
        return {"text": content.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode("ascii")}


def _expect(turn: Turn, response: Response, found: Stability) -> Json:
    """The expectations of the case; what is stable in several recordings as a value."""
    expect: dict[str, Json] = {
        one.claim.value: dict(one.values)
        for one in turn.expect
        if one.claim is not Level.OBSERVED and one.values
    }
    unjudged = [one for one in turn.expect if one.claim is Level.OBSERVED]
    observed = [name for one in unjudged for name, _ in one.values]
    if observed:
        expect["observed"] = observed
    required = expect.get("required", {})
    if found.count > 1 and required.get("status") == "as-sent" and "status" in found.stable:
        required["status"] = response.status
    elements = service_error.read(content_of(response)) or {}
    if found.count > 1 and required.get("code") == "as-sent" and "element Code" in found.stable:
        required["code"] = elements["Code"]
    return expect
