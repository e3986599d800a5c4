"""The log lines of the stand-alone mock.

Pure. One line holds method, target, decoded processing string, verdict and status; for an error its
EC and message follow. The lines after it say what the request has and what the service expects. If
the signature does not match, they show the first line that differs (see `conformance.mismatch`).
Signatures and security tokens are masked, because the key pair may be one of the service.
"""

import re
from urllib.parse import quote

from conformance.mismatch.explain import explain
from conformance.mock.documented_service import Answered
from conformance.mock.steps import Arrival, Playback, Write
from conformance.model.case import Script
from conformance.model.http import Request
from conformance.oss import service_error as errors
from conformance.oss.naming import Resource
from conformance.oss.service_error import ServiceError
from conformance.oss.v4 import timestamp
from conformance.oss.verification import Verification

_SECRET = re.compile(r"((?:\bx-oss-signature|\bSignature|security-token)[=:])[^&\s]+")
_MASK = "***"
_OTHER_SECRET = "Perhaps the access key secret is another one. The string to sign of the service:"


def lines(
    script: Script, arrival: Arrival, verification: Verification | None, answered: Answered
) -> list[str]:
    """The lines for one request; verification: None if it is malformed or was not looked at."""
    found = _lines(script, arrival, verification, answered)
    tokens = [key.token for key in script.keys if key.token]
    return [_masked(line, tokens) for line in found]


def printable(text: str) -> str:
    """Text with control characters and other unprintable ones escaped."""
    return "".join([char if char.isprintable() else ascii(char)[1:-1] for char in text])


def _masked(line: str, tokens: list[str]) -> str:
    for token in tokens:
        line = line.replace(token, _MASK).replace(quote(token, safe=""), _MASK)
    return _SECRET.sub(rf"\1{_MASK}", line)


def _lines(
    script: Script, arrival: Arrival, verification: Verification | None, answered: Answered
) -> list[str]:
    request, error, playback = arrival.request, answered.error, answered.playback
    if request is None:
        return [f"(not HTTP: {printable(arrival.problem)})  400"]
    columns = [
        printable(f"{request.method} {request.target}"),
        _process(verification.resource) if verification else "(not verified)",
        error.code if error else _verdict(script, verification, playback),
        _status(playback),
    ]
    if error is not None:
        columns += [error.ec or "no EC", printable(error.message)]
    line = "  ".join(columns)
    if error is None or verification is None:
        return [line]
    if error.code == "SignatureDoesNotMatch":
        return [line, *_explanation(script, request, arrival.clock)]
    return [line, *(f"    {printable(one)}" for one in _reason(script, error, verification))]


def _verdict(script: Script, verification: Verification | None, playback: Playback) -> str:
    if playback.refusal:
        return playback.refusal
    return verification.verified if script.verify and verification else "not verified"


def _explanation(script: Script, request: Request, clock: int) -> list[str]:
    mismatch = explain(request, keys=script.keys, region=script.region, clock=clock)
    if mismatch is None:
        return []
    if not mismatch.line:
        ours = [f"    ours: {printable(line)}" for line in mismatch.string_to_sign.split("\n")]
        return [f"    {printable(mismatch.sentence)} {_OTHER_SECRET}", *ours]
    sides = (f"theirs {printable(mismatch.theirs)}", f"ours   {printable(mismatch.ours)}")
    sentence = f"    {printable(mismatch.sentence)}"
    return [sentence, *(f"    {mismatch.line}: {side}" for side in sides)]


# What a request has and what is expected, for errors whose message does not say it.
_REASONS = (
    (errors.KEY_UNKNOWN, "theirs {key}; known access key ids: {known}"),
    (errors.V4_REGION, "theirs {signed}; the region of this endpoint is {region}"),
    (errors.V4_SIGN_DATE, "scope {scope}; time {time}"),
    (errors.V4_CREDENTIAL, "scope {scope}; time {time}"),
    (errors.TOKEN_INVALID, "the token of {key} is another one"),
    (errors.TOKEN_MISSING, "{key} needs a security token; the request has none"),
    (errors.TOKEN_NOT_OF_KEY, "{key} has no security token; the request has one"),
    (errors.ANONYMOUS, "the request has no Authorization field and no signature in its URL"),
    (errors.PATH_STYLE, "the bucket {bucket} is in the path, not in the host name"),
)
# Elements of an error that tell more than its message.
_TELLING = ("BucketName", "Key", "Endpoint", "ActualObjectSize", "RequestTime", "ServerTime")


def _reason(script: Script, error: ServiceError, verification: Verification) -> list[str]:
    given = verification.authorization
    facts = {
        "key": given.access_key_id,
        "known": ", ".join(dict.fromkeys(key.id for key in script.keys)),
        "signed": verification.signing_region,
        "region": script.region,
        "scope": given.scope.text if given.scope else "unreadable",
        "time": "unreadable" if given.moment is None else timestamp(given.moment),
        "bucket": verification.resource.bucket,
    }
    for known, text in _REASONS:
        if (known.code, known.ec, known.message) == (error.code, error.ec, error.message):
            return [text.format_map(facts)]
    return [f"{name}: {value}" for name, value in error.extra if name in _TELLING]


def _process(resource: Resource) -> str:
    values = [printable(value) for name, value in resource.query if name == "x-oss-process"]
    return " and ".join(values) if values else "(no processing)"


def _status(playback: Playback) -> str:
    """The status in the first bytes written; a fault may prevent any."""
    written = next((step.data for step in playback.steps if isinstance(step, Write)), b"")
    return written[9:12].decode("latin-1") or "(nothing)"
