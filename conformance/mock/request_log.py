"""The log lines of the stand-alone mock.

Pure. One line holds method, target, decoded processing string, verdict and status. If the signature
does not match, the lines after it explain why (see `conformance.mismatch`).
"""

from conformance.mismatch.explain import explain
from conformance.mock.steps import Arrival, Playback, Write
from conformance.model.case import Script
from conformance.model.http import Request
from conformance.oss.naming import Resource
from conformance.oss.verification import Verification


def lines(
    script: Script, arrival: Arrival, verification: Verification | None, playback: Playback
) -> list[str]:
    """The lines for one request; verification: None if it is malformed."""
    request = arrival.request
    if request is None or verification is None:
        return [f"(not HTTP: {printable(arrival.problem)})  400"]
    accepted = verification.verified if script.verify else "not verified"
    columns = (
        printable(f"{request.method} {request.target}"),
        _process(verification.resource),
        playback.refusal or accepted,
        _status(playback),
    )
    line = "  ".join(columns)
    if playback.refusal != "SignatureDoesNotMatch":
        return [line]
    return [line, *_explanation(script, request, arrival.clock)]


def printable(text: str) -> str:
    """Text with control characters and other unprintable ones escaped."""
    return "".join([char if char.isprintable() else ascii(char)[1:-1] for char in text])


def _explanation(script: Script, request: Request, clock: int) -> list[str]:
    mismatch = explain(request, keys=script.keys, region=script.region, clock=clock)
    if mismatch is None:
        return []
    if not mismatch.line:
        return [f"    {mismatch.sentence}"]
    sides = (f"theirs {printable(mismatch.theirs)}", f"ours   {printable(mismatch.ours)}")
    return [f"    {mismatch.sentence}", *(f"    {mismatch.line}: {side}" for side in sides)]


def _process(resource: Resource) -> str:
    values = [printable(value) for name, value in resource.query if name == "x-oss-process"]
    return " and ".join(values) if values else "(no processing)"


def _status(playback: Playback) -> str:
    """The status in the first bytes written; a fault may prevent any."""
    written = next((step.data for step in playback.steps if isinstance(step, Write)), b"")
    return written[9:12].decode("latin-1") or "(nothing)"
