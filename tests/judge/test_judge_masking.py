"""A transcript is stored without the secrets of its case, and restored to what was recorded."""

import base64
from dataclasses import replace
from typing import Any

import pytest

from conformance.corpus.load import load
from conformance.judge.masking import masked_transcript, restored_transcript
from conformance.model.case import Case
from conformance.model.http import Exchange, Journal
from conformance.model.message import Content, Ended, Failure, Several
from conformance.model.verdict import Problem, Transcript, TurnRecord
from conformance.oss.secret import KEY_SECRET, secrets
from conformance.oss.v4 import Scope, signing_keys

CASE: Case = next(case for case in load().cases if case.id == "auth/token/accepted")
SECRET = secrets(CASE.turns)[0].value
SECRET_OF_KEY = next(one.value for one in secrets(CASE.turns) if one.kind == KEY_SECRET)
DATA = SECRET.encode()
EMPTY = Journal()
NONE = Exchange(received=b"", sent=b"", scheme="https", connection=1, clock=0, at=0.0)
OF_A_PROXY = Journal(proxy=(replace(NONE, received=DATA),))
DOCUMENT = Content(content=f'{{"{SECRET}":0}}'.encode(), parsed={SECRET: 0}, parse_error=None)
FAILURE = Failure(origin="transport", error_class="Error", text=f"no answer: {SECRET}")


def transcript(answer: Any = None, journal: Journal = EMPTY, **more: Any) -> Transcript:
    record = TurnRecord(answer=answer, journal=journal, elapsed=0.0)
    return Transcript(case=CASE.id, lane="rest", mode="host", turns=(record,), exposes=(), **more)


PLACES = {
    "standard error": transcript(stderr=f"leak: {SECRET}"),
    "problem": transcript(problem=Problem(step="death", reason=SECRET, remedy="")),
    "error": transcript(FAILURE),
    "document": transcript(DOCUMENT),
    "output": transcript(Ended(exit=0, stdout=DATA, stderr=b"")),
    "calls at once": transcript(Several(answers=(FAILURE, FAILURE))),
    "request": transcript(journal=Journal(exchanges=(replace(NONE, received=DATA),))),
    "response": transcript(journal=Journal(exchanges=(replace(NONE, sent=DATA),))),
    "server name": transcript(journal=Journal(strays=(replace(NONE, sni=SECRET),))),
    "proxy": transcript(journal=OF_A_PROXY),
    "handshake": transcript(journal=Journal(handshakes=(SECRET,))),
}


@pytest.mark.parametrize("recorded", PLACES.values(), ids=list(PLACES))
def test_a_secret_is_masked_and_restored_wherever_it_was_recorded(recorded: Transcript) -> None:
    stored = masked_transcript(CASE, recorded)
    assert SECRET in repr(recorded)
    assert SECRET not in repr(stored)
    assert restored_transcript(CASE, stored) == recorded


def test_a_signing_key_is_masked_and_restored_to_the_byte() -> None:
    scope = Scope(date="19700101", region="cn-hangzhou")
    key = signing_keys(SECRET_OF_KEY, scope)[2]
    texts = (key.hex(), key.hex().upper(), base64.b64encode(key).decode())
    recorded = transcript(
        replace(FAILURE, text=" ".join(texts)), Journal(exchanges=(NONE,)), stderr=texts[0]
    )
    stored = masked_transcript(CASE, recorded)
    assert not any(text.rstrip("=") in repr(stored) for text in texts)
    assert restored_transcript(CASE, stored) == recorded


def test_a_transcript_without_masks_is_restored_to_itself() -> None:
    recorded = transcript(replace(FAILURE, text="no answer", status=500, caught=True))
    assert restored_transcript(CASE, recorded) is recorded
