"""What is shown of a transcript: the requests, the responses, and what the program got.

Pure. The result is JSON of lists with the texts as the page and `oss-bodies show` show them. Its
size is bounded: of a trial with many requests the first are shown, of a long text the beginning.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.mismatch.explain import Explanation
from conformance.model.http import Exchange
from conformance.model.message import Answer, Content, Ended, Failure, Several, Unsupported
from conformance.model.verdict import Transcript, TurnRecord
from conformance.report.html.shared_strings import (
    LONGEST,
    shown_bytes,
    shown_content,
    shown_line,
    shown_text,
)

Json = Any
Explanations = Mapping[tuple[int, int], Explanation]
_NOTES = 6  # strays and failed handshakes of one turn
_TO_PROXY = "proxy"  # `Exchange.via` of what the proxy answered itself
_FAILURE = (
    ("status", "status"),
    ("code", "code"),
    ("message", "message"),
    ("request_id", "request id"),
    ("host_id", "host id"),
    ("ec", "EC"),
)
_ORIGINS = {
    "client": "the SDK, before it sent a request",
    "service": "an error response",
    "transport": "the connection",
    "parse": "the SDK, which could not read the response",
    "crash": "a crash",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much is shown; the transcript has all."""

    text: int = LONGEST  # characters of a text, and bytes of a message or of content
    requests: int = 12  # of one turn


PAGE = Bounds()


def trial_evidence(
    transcript: Transcript, explained: Explanations, bounds: Bounds = PAGE
) -> dict[str, Json]:
    """`turns`, and if there are any `stderr`, `problem` and `skipped`."""
    out: dict[str, Json] = {
        "turns": [
            _turn(number, turn, explained, bounds) for number, turn in enumerate(transcript.turns)
        ]
    }
    if transcript.stderr:
        out["stderr"] = shown_text(transcript.stderr.rstrip("\n"), bounds.text)
    if transcript.problem is not None:
        out["problem"] = shown_text(transcript.problem.text, bounds.text)
    if transcript.skipped is not None:
        out["skipped"] = shown_text(f"missing capability: {transcript.skipped}")
    return out


def _turn(number: int, record: TurnRecord, explained: Explanations, bounds: Bounds) -> list[Json]:
    """What the program got, the exchanges, the notes, the milliseconds that it took, and the
    exchanges with the proxy, which reached no server."""
    exchanges = record.journal.exchanges
    got = [[name, value] for name, value in _got(record.answer, bounds)]
    shown = [
        _exchange(exchange, explained.get((number, place)), bounds)
        for place, exchange in enumerate(exchanges[: bounds.requests])
    ]
    notes = [shown_text(text) for text in _notes(record, bounds)]
    to_proxy = [_exchange(one, None, bounds) for one in _with_proxy(record)[: bounds.requests]]
    return [got, shown, notes, round(record.elapsed * 1000), to_proxy]


def _with_proxy(record: TurnRecord) -> list[Exchange]:
    """What the proxy answered itself, before the call and in it."""
    strays = (one for one in record.journal.strays if one.via == _TO_PROXY)
    return [*strays, *record.journal.proxy]


def _exchange(exchange: Exchange, explanation: Explanation | None, bounds: Bounds) -> list[Json]:
    """Request lines, its body, response lines, its body, how it was sent, milliseconds."""
    out: list[Json] = [
        *_message(exchange.received, bounds.text),
        *_message(exchange.sent, bounds.text),
        shown_text(", ".join(_how(exchange))),
        round(exchange.at * 1000),
    ]
    if explanation is not None:
        names = ("sentence", "line", "theirs", "ours", "canonical", "string_to_sign")
        out.append([shown_text(getattr(explanation, name)) for name in names])
    return out


def _message(raw: bytes, longest: int) -> tuple[list[str], str]:
    head, blank, body = raw.partition(b"\r\n\r\n")
    if not raw:
        return [], ""
    lines = [shown_line(line, longest) for line in head.split(b"\r\n")]
    return lines, shown_content(
        body, longest
    ) if body else "" if blank else "the head is incomplete"


def _how(exchange: Exchange) -> Iterator[str]:
    yield f"{exchange.scheme}, connection {exchange.connection}"
    if exchange.via == "connect":
        yield f"through CONNECT {exchange.authority or ''}".rstrip()
    if exchange.sni is not None:
        yield f"SNI {exchange.sni}"
    if exchange.alpn is not None:
        yield f"ALPN {exchange.alpn}"
    if exchange.faults:
        yield f"fault: {' '.join(exchange.faults)}"
    if exchange.refusal is not None:
        yield f"refused by the mock: {exchange.refusal}"


def _notes(record: TurnRecord, bounds: Bounds) -> Iterator[str]:
    journal = record.journal
    most = bounds.requests
    if len(journal.exchanges) > most:
        yield f"{len(journal.exchanges)} requests, of which the first {most} are shown"
    if journal.exceeded is not None:
        yield f"the mock stopped answering after {journal.exceeded}"
    for text in journal.handshakes[:_NOTES]:
        yield f"TLS handshake failed: {text}"
    if (asked := len(_with_proxy(record))) > most:
        yield f"{asked} requests to the proxy, of which the first {most} are shown"
    for exchange in [one for one in journal.strays if one.via != _TO_PROXY][:_NOTES]:
        line = shown_bytes(exchange.received.partition(b"\r\n")[0], 200)
        yield f"request outside the call: {line}"
    if journal.unused:
        yield f"replies that no request received: {', '.join(map(str, journal.unused))}"


def _got(answer: Answer | None, bounds: Bounds, place: str = "") -> Iterator[tuple[str, str]]:
    """Names and values of what the program got, as the page shows them."""
    if isinstance(answer, Several):
        for number, one in enumerate(answer.answers, start=1):
            yield from _got(one, bounds, f"parallel call {number}: ")
        return
    for name, value in _of_one(answer, bounds.text):
        yield place + name, value


def _of_one(answer: Answer | None, longest: int) -> Iterator[tuple[str, str]]:
    if answer is None:
        yield "result", "no answer"
    elif isinstance(answer, Content):
        yield "result", "content"
        yield "content", shown_content(answer.content, longest) or "(empty)"
        yield "length", f"{len(answer.content):,} bytes"
        yield "SHA-256", hashlib.sha256(answer.content).hexdigest()
        if answer.parse_error is not None:
            yield "the JSON parser says", shown_text(answer.parse_error)
    elif isinstance(answer, Failure):
        yield "result", "error"
        yield "reported by", _ORIGINS.get(answer.origin) or shown_text(answer.origin)
        yield "class", shown_text(answer.error_class)
        for name, label in _FAILURE:
            value = getattr(answer, name)
            yield label, "(not exposed)" if value is None else shown_text(str(value), longest)
        if answer.caught is not None:
            yield "caught by the SDK's error types", "yes" if answer.caught else "no"
        yield "text", shown_text(answer.text, longest)
    elif isinstance(answer, Ended):
        yield "result", f"the program ended with exit code {answer.exit}"
        yield "standard output", shown_content(answer.stdout, longest)
        yield "standard error", shown_content(answer.stderr, longest)
    elif isinstance(answer, Unsupported):
        yield "result", "not supported"
        yield "reason", shown_text(answer.reason)
