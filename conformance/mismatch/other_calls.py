"""Hypotheses about other calls of a case: their request was signed, or their secret was used.

A signer that several threads share without a lock signs what another call has left in it, and a
signing key that is kept without its secret is used for the next key pair.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conformance.mismatch.hypothesis import Hypothesis
from conformance.mismatch.request_hypotheses import PROCESS
from conformance.mismatch.signing_hypotheses import keyed
from conformance.mismatch.signing_input import QUERY, RESOURCE, URI, Facts, SigningInput
from conformance.model.case import KnownKey, Turn
from conformance.model.http import Request

PARALLEL_CALL = "parallel-call"


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherCalls:
    """What is known of the calls of a case besides the one whose request is explained."""

    parallel: tuple[tuple[int, Request], ...] = ()  # number and request of calls made at once
    keys: tuple[KnownKey, ...] = ()  # key pairs of all calls


NO_OTHERS = OtherCalls()


def parallel_call(number: int, its: SigningInput) -> Hypothesis:
    """The request was signed as that parallel call. its: what the service signs for that call."""

    def vary(ours: SigningInput, _: Facts) -> Iterator[SigningInput]:
        yield its
        query = ours.line(QUERY).replace(_process(ours), _process(its))
        for path in (ours, ours.put(URI, its.line(URI))):
            yield from (path, path.put(QUERY, its.line(QUERY)), path.put(QUERY, query))
        yield ours.put(RESOURCE, its.line(RESOURCE))

    sentence = f"It was signed as parallel call {number}."
    return Hypothesis(name=PARALLEL_CALL, sentence=sentence, vary=vary)


def secret_of_another_call(keys: Iterable[KnownKey]) -> Hypothesis:
    """The request was signed with the secret of one of these keys, which other calls have."""
    secrets = tuple(dict.fromkeys(key.secret for key in keys))
    return Hypothesis(
        name="secret-of-another-call",
        sentence="The access key secret of another call of the case was used.",
        vary=lambda ours, _: keyed(ours, *secrets),
    )


def keys_of(turns: Iterable[Turn]) -> tuple[KnownKey, ...]:
    """The key pairs that the calls and the scripts of these turns have."""
    found: dict[KnownKey, None] = {}
    for turn in turns:
        found.update(dict.fromkeys(turn.script.keys))
        for given in turn.inputs:
            held = given.credentials
            if held is not None and held.access_key_id and held.access_key_secret:
                found[KnownKey(id=held.access_key_id, secret=held.access_key_secret)] = None
    return tuple(found)


def _process(signed: SigningInput) -> str:
    """The part of the canonical query that has the processing string, "" if there is none."""
    parts = signed.line(QUERY).split("&")
    return next((part for part in parts if part.startswith(f"{PROCESS}=")), "")
