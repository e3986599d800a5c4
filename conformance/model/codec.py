"""Scripts, journals and transcripts as JSON objects and back.

They are written to the pipe to the mock and to the transcripts file; bytes are base64. A test
proves `x_from(x_to(value)) == value` for each. Only objects written here are read here, so a
missing key is a defect and raises KeyError.
"""

import base64
import hashlib
from dataclasses import asdict
from typing import Any

from conformance.model.case import KnownKey, Reply, Script
from conformance.model.http import Exchange, Journal
from conformance.model.message import (
    Answer,
    Content,
    Ended,
    Failure,
    Unsupported,
    read_answer,
)
from conformance.model.verdict import Problem, Transcript, TurnRecord

Json = dict[str, Any]


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def script_to(script: Script) -> Json:
    """The `script` of the mock's `arm` message."""
    return {
        "keys": [[key.id, key.secret, key.token, key.state] for key in script.keys],
        "region": script.region,
        "verify": script.verify,
        "clock_offset": script.clock_offset,
        "bound": [list(pair) for pair in script.bound],
        "certificate": script.certificate,
        "proxy": None if script.proxy is None else list(script.proxy),
        "live": script.live,
        "replies": [
            {
                "status": reply.status,
                "headers": [list(pair) for pair in reply.headers],
                "body": _text(reply.body),
                "error": None if reply.error is None else [list(pair) for pair in reply.error],
                "framing": reply.framing,
                "when": [list(pair) for pair in reply.when],
                "faults": [list(pair) for pair in reply.faults],
            }
            for reply in script.replies
        ],
    }


def script_from(data: Json) -> Script:
    """The inverse of `script_to`."""
    return Script(
        keys=tuple(KnownKey(id=i, secret=s, token=t, state=st) for i, s, t, st in data["keys"]),
        region=data["region"],
        verify=data["verify"],
        clock_offset=data["clock_offset"],
        bound=tuple((host, bucket) for host, bucket in data["bound"]),
        certificate=data["certificate"],
        proxy=None if data["proxy"] is None else (data["proxy"][0], data["proxy"][1]),
        live=data["live"],
        replies=tuple(
            Reply(
                status=reply["status"],
                headers=tuple((name, value) for name, value in reply["headers"]),
                body=base64.b64decode(reply["body"]),
                error=None
                if reply["error"] is None
                else tuple((name, value) for name, value in reply["error"]),
                framing=reply["framing"],
                when=tuple((name, value) for name, value in reply["when"]),
                faults=tuple((kind, argument) for kind, argument in reply["faults"]),
            )
            for reply in data["replies"]
        ),
    )


def _exchange_to(exchange: Exchange) -> Json:
    return {
        "received": _text(exchange.received),
        "sent": _text(exchange.sent),
        "scheme": exchange.scheme,
        "connection": exchange.connection,
        "clock": exchange.clock,
        "at": exchange.at,
        "via": exchange.via,
        "authority": exchange.authority,
        "port": exchange.port,
        "sni": exchange.sni,
        "alpn": exchange.alpn,
        "faults": list(exchange.faults),
        "refusal": exchange.refusal,
        **({"trouble": exchange.trouble} if exchange.trouble else {}),
        **({"omitted": exchange.omitted} if exchange.omitted else {}),
    }


def _exchange_from(data: Json) -> Exchange:
    return Exchange(
        received=base64.b64decode(data["received"]),
        sent=base64.b64decode(data["sent"]),
        scheme=data["scheme"],
        connection=data["connection"],
        clock=data["clock"],
        at=data["at"],
        via=data["via"],
        authority=data["authority"],
        port=data["port"],
        sni=data["sni"],
        alpn=data["alpn"],
        faults=tuple(data["faults"]),
        refusal=data["refusal"],
        trouble=data.get("trouble"),
        omitted=data.get("omitted", 0),
    )


def journal_to(journal: Journal) -> Json:
    """The `journal` of the mock's answer to `arm`."""
    return {
        "exchanges": [_exchange_to(exchange) for exchange in journal.exchanges],
        "strays": [_exchange_to(exchange) for exchange in journal.strays],
        "handshakes": list(journal.handshakes),
        "proxy": [_exchange_to(exchange) for exchange in journal.proxy],
        "unused": list(journal.unused),
        "open": journal.open,
        "earlier": journal.earlier,
        "exceeded": journal.exceeded,
    }


def journal_from(data: Json) -> Journal:
    """The inverse of `journal_to`."""
    return Journal(
        exchanges=tuple(_exchange_from(item) for item in data["exchanges"]),
        strays=tuple(_exchange_from(item) for item in data["strays"]),
        handshakes=tuple(data["handshakes"]),
        proxy=tuple(_exchange_from(item) for item in data["proxy"]),
        unused=tuple(data["unused"]),
        open=data["open"],
        earlier=data["earlier"],
        exceeded=data["exceeded"],
    )


def answer_to(answer: Answer) -> Json:
    """An answer in the form of `schemas/answer.schema.json` without `type` and `seq`."""
    if isinstance(answer, Content):
        return {
            "kind": "content",
            "content": {
                "base64": _text(answer.content),
                "length": len(answer.content),
                "sha256": hashlib.sha256(answer.content).hexdigest(),
            },
            "parsed": answer.parsed,
            "parse_error": answer.parse_error,
        }
    if isinstance(answer, Failure):
        return {"kind": "error", "error": asdict(answer)}
    if isinstance(answer, Ended):
        return {
            "kind": "ended",
            "exit": answer.exit,
            "stdout": _text(answer.stdout),
            "stderr": _text(answer.stderr),
            **({} if answer.compiled else {"compiled": False}),
        }
    if isinstance(answer, Unsupported):
        return {"kind": "unsupported", "reason": answer.reason}
    return {"kind": "several", "answers": [answer_to(one) for one in answer.answers]}


def transcript_to(transcript: Transcript) -> Json:
    """One line of `transcripts.jsonl`."""
    problem = transcript.problem
    return {
        "type": "transcript",
        "case": transcript.case,
        "lane": transcript.lane,
        "mode": transcript.mode,
        "turns": [
            {
                "answer": None if turn.answer is None else answer_to(turn.answer),
                "journal": journal_to(turn.journal),
                "elapsed": turn.elapsed,
            }
            for turn in transcript.turns
        ],
        "exposes": list(transcript.exposes),
        "stderr": transcript.stderr,
        "problem": None if problem is None else [problem.step, problem.reason, problem.remedy],
        "skipped": transcript.skipped,
        **({"at_end": transcript.at_end} if transcript.at_end else {}),
        **({"outlives": True} if transcript.outlives else {}),
    }


def transcript_from(data: Json) -> Transcript:
    """The inverse of `transcript_to`."""
    problem = data["problem"]
    return Transcript(
        case=data["case"],
        lane=data["lane"],
        mode=data["mode"],
        turns=tuple(
            TurnRecord(
                answer=None if turn["answer"] is None else read_answer(turn["answer"]),
                journal=journal_from(turn["journal"]),
                elapsed=turn["elapsed"],
            )
            for turn in data["turns"]
        ),
        exposes=tuple(data["exposes"]),
        stderr=data["stderr"],
        problem=None
        if problem is None
        else Problem(step=problem[0], reason=problem[1], remedy=problem[2]),
        skipped=data["skipped"],
        at_end=data.get("at_end", ""),
        outlives=data.get("outlives", False),
    )
