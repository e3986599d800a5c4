"""What keeps a live trial from being judged: the network, the budget, the account, the service.

If a request is as it must be and the service refuses it all the same, or none of it reached the
service, nothing is said about the SDK. Each trouble is a sentence that says what to do. Pure.
"""

import json
from dataclasses import dataclass

from conformance.model.case import Turn
from conformance.model.content_coding import decoded
from conformance.model.http import ELSEWHERE, Exchange, Response
from conformance.model.verdict import Transcript, TurnRecord
from conformance.oss import service_error
from conformance.oss.verification import verify

# Codes with which the service refuses a request that the suite's verification accepts.
_REMEDIES = {
    "NoSuchBucket": "the bucket does not exist; correct --bucket",
    "NoSuchKey": "the object is not in the bucket; correct --key",
    "RequestTimeTooSkewed": "the clock of this machine is wrong; set it (for example with NTP)",
    "InvalidAccessKeyId": "the access key does not exist or is disabled; use another",
    "SignatureDoesNotMatch": "the secret does not belong to the access key id; correct it",
    "SecurityTokenExpired": "the security token has expired; get new temporary credentials",
    "InvalidSecurityToken": "the security token does not belong to the key; correct it",
    "InvalidArgument": "the region is probably not that of the bucket; correct --region",
}
_ENDPOINT = "the bucket is in another region; correct --region"
_DENIED = "the credentials may not read the object; grant oss:GetObject and imm:DetectImageBodies"
_IMM = "the bucket is bound to no IMM project in its region; bind one (AttachOSSBucket)"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveTrouble:
    """Why a live trial says nothing about the SDK."""

    text: str  # a sentence, with what to do
    ends: bool  # whether the other trials would meet it too, so that the run ends


def trouble_of_trial(turns: tuple[Turn, ...], transcript: Transcript) -> LiveTrouble | None:
    """The first trouble of a trial; None if it can be judged."""
    found = (live_trouble(*pair) for pair in zip(turns, transcript.turns, strict=False))
    return next((one for one in found if one is not None), None)


def live_trouble(turn: Turn, record: TurnRecord) -> LiveTrouble | None:
    """The trouble of one turn; None if it can be judged, or if it is not live."""
    if not turn.script.live:
        return None
    for exchange in record.journal.exchanges:
        elsewhere = (exchange.trouble or "").startswith(ELSEWHERE)  # which other rules judge
        if exchange.trouble is not None and not elsewhere:
            return LiveTrouble(text=_with_remedy(exchange.trouble), ends=True)
        if exchange.omitted:
            text = "the response is too long to be recorded; name an image with --key"
            return LiveTrouble(text=text, ends=True)
    if not record.journal.exchanges:
        return None
    last = record.journal.exchanges[-1]
    response = last.response
    if response is None:
        return None
    return _of_answer(turn, last, response)


def _with_remedy(trouble: str) -> str:
    """What the tap says, with what to do about it."""
    if "budget" in trouble:
        return f"{trouble}; raise --max-requests"
    if "CERTIFICATE" in trouble:
        return f"{trouble}; it needs a certificate for that name by an authority of --ca"
    return f"{trouble}; check the network and --endpoint" if "failed" in trouble else trouble


def _of_answer(turn: Turn, exchange: Exchange, response: Response) -> LiveTrouble | None:
    error = _error(response)
    code = error.get("Code", str(response.status))
    if response.status >= 500:
        text = f"the service answered {response.status} {code}; run again"
        return LiveTrouble(text=text, ends=False)
    request = exchange.request
    if request is None:
        return None
    script = turn.script
    found = verify(request, keys=script.keys, region=script.region, clock=exchange.clock)
    accepted = found.error is None
    if response.status < 400:
        if accepted or not exchange.refusal or exchange.refusal == "AccessDenied":
            return None
        return LiveTrouble(
            text=f"the suite contradicts the service, which accepts what the suite calls "
            f"{exchange.refusal}; please report it with the transcript",
            ends=False,
        )
    if not accepted or not _expects_content(turn):
        return None
    return LiveTrouble(text=f"the service answered {code}: {_remedy(code, error)}", ends=True)


def _remedy(code: str, error: dict[str, str]) -> str:
    message = error.get("Message", "")
    if "Endpoint" in error or "must be addressed" in message:
        return _ENDPOINT
    if "imm" in code.lower() or "bind" in message or "roject" in code:
        return _IMM
    return _DENIED if code == "AccessDenied" else _REMEDIES.get(code, message or "no message")


def _error(response: Response) -> dict[str, str]:
    """The elements of an error: XML of OSS, or JSON as IMM answers (its names in lower case)."""
    coding = (response.header("content-encoding") or "").lower()
    body = (decoded(response.body, coding) if coding else response.body) or b""
    elements = service_error.read(body)
    if elements is not None:
        return elements
    try:
        document = json.loads(body)
    except ValueError:
        return {}
    members = document.items() if isinstance(document, dict) else ()
    return {name.capitalize(): value for name, value in members if isinstance(value, str)}


def _expects_content(turn: Turn) -> bool:
    return any(("answer", "content") in one.values for one in turn.expect)
