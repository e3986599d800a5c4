"""Why a signature was refused, for the page: what the service signs, and the line that differs.

The stored transcript is masked, and a signature is over what was sent, so the transcript is
restored with the secrets of its case before a request is explained, and the explanation is masked.
"""

from collections.abc import Sequence
from dataclasses import fields, replace

from conformance.judge.calls import other_calls, separated
from conformance.judge.masking import restored_transcript
from conformance.judge.signing_scopes import scopes_of
from conformance.mismatch.explain import Explanation, explain, keys_until
from conformance.model.case import Case
from conformance.model.verdict import Transcript
from conformance.oss.secret import Secret, masked_text, secrets

_REFUSAL = "SignatureDoesNotMatch"


def explanations(case: Case, transcript: Transcript) -> dict[tuple[int, int], Explanation]:
    """The explanations by turn and exchange, from 0; none for requests that were not refused."""
    refused = any(
        exchange.refusal == _REFUSAL
        for turn in transcript.turns
        for exchange in turn.journal.exchanges
    )
    if not refused:
        return {}
    found = {}
    original = restored_transcript(case, transcript)
    known = secrets(case.turns, scopes_of(case.turns, original))
    for number, (turn, record) in enumerate(zip(case.turns, original.turns, strict=False)):
        script, parts = turn.script, separated(turn, record)
        call_of = {id(one): call for call, _, own in parts for one in own.journal.exchanges}
        for place, exchange in enumerate(record.journal.exchanges):
            request = exchange.request
            if exchange.refusal != _REFUSAL or request is None:
                continue
            explanation = explain(
                request,
                keys=keys_until(case.turns, number + 1),
                region=script.region,
                clock=exchange.clock,
                bound=script.bound,
                others=other_calls(parts, call_of.get(id(exchange), 0), case.turns),
            )
            if explanation is not None:
                found[number, place] = _masked(known, explanation)
    return found


def _masked(known: Sequence[Secret], explanation: Explanation) -> Explanation:
    texts = {
        field.name: masked_text(value, known)
        for field in fields(explanation)
        if isinstance(value := getattr(explanation, field.name), str)
    }
    return replace(explanation, **texts)
