"""Finds out why a signature does not match: what the client did and which signed line differs.

Hypotheses are tried one by one: each yields what a client with one known mistake would sign, and
the first that reproduces the signature in the request explains it. This takes milliseconds, and
only mismatches are explained.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

from conformance.mismatch.hypothesis import Hypothesis
from conformance.mismatch.other_calls import (
    NO_OTHERS,
    OtherCalls,
    parallel_call,
    secret_of_another_call,
)
from conformance.mismatch.request_hypotheses import QUERIES, URIS
from conformance.mismatch.scope_hypotheses import other_scopes
from conformance.mismatch.signing_hypotheses import HEADERS, KEYS, SECRETS, TIMES
from conformance.mismatch.signing_input import Facts, SigningInput, differences, service_input
from conformance.mismatch.v1_hypotheses import V1
from conformance.model.case import KnownKey, Turn
from conformance.model.http import Request
from conformance.oss.naming import Pair
from conformance.oss.service_error import ServiceError
from conformance.oss.verification import owner, unsigned, verify

FOR_V4 = (*QUERIES, *HEADERS, *URIS, *TIMES, *SECRETS, *KEYS)
FOR_V1 = (*V1, *SECRETS)
_UNEXPLAINED = "None of the known mistakes reproduces this signature."


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """How the signature in a request differs from that of the service."""

    hypothesis: str | None  # name of the one that reproduces the signature, if any
    sentence: str  # what the client did, for the reader of a report
    # Name of the first line that differs, such as `canonical query` or `timestamp`;
    # "" if there is no explanation or all lines are equal, as with another key.
    line: str
    theirs: str  # that line as the client signed it, "" if it signed no such line
    ours: str  # that line as the service computes it, "" if it has no such line
    canonical: str  # the service's canonical request; V4 only
    string_to_sign: str  # the service's


def explain(  # noqa: PLR0913 - those of `verify`, and what is known of other calls
    request: Request,
    *,
    keys: tuple[KnownKey, ...],
    region: str,
    clock: int,
    bound: tuple[Pair, ...] = (),
    others: OtherCalls = NO_OTHERS,
) -> Explanation | None:
    """Why the signature does not match; None if it matches or names an unknown key.

    others: calls of the same case; the other parameters are those of `verify`. Pairs that the
    service knew earlier may follow in keys.
    """
    read = partial(_facts, keys=keys, region=region, clock=clock, bound=bound)
    facts, error = read(request)
    ours = None if facts is None or error is None else service_input(facts)
    if facts is None or ours is None or ours.signature == facts.authorization.signature:
        return None
    parallel = ((number, read(other)[0]) for number, other in others.parallel)
    hypotheses = chain(
        (
            parallel_call(number, signed)
            for number, its in parallel
            if its is not None and (signed := service_input(its)) is not None
        ),
        FOR_V4 if ours.scope else FOR_V1,
        other_scopes(ours, facts),
        [secret_of_another_call(others.keys)],
    )
    hypothesis, theirs = _search(ours, facts, hypotheses)
    differing = differences(ours, theirs) if theirs else iter(())
    line, our_text, their_text = next(differing, ("", "", ""))
    return Explanation(
        hypothesis=hypothesis.name if hypothesis else None,
        sentence=hypothesis.sentence if hypothesis else _UNEXPLAINED,
        line=line,
        theirs=their_text,
        ours=our_text,
        canonical=ours.canonical if ours.scope else "",
        string_to_sign=ours.string_to_sign,
    )


def _facts(
    request: Request,
    *,
    keys: tuple[KnownKey, ...],
    region: str,
    clock: int,
    bound: tuple[Pair, ...],
) -> tuple[Facts | None, ServiceError | None]:
    """What was read from a request, None if it names an unknown key; the error of verifying it."""
    result = verify(request, keys=keys, region=region, clock=clock, bound=bound)
    key = owner(result.authorization, keys)
    if key is None:
        return None, result.error
    facts = Facts(
        request=request,
        resource=result.resource,
        authorization=result.authorization,
        unsigned=unsigned(request, result.resource, result.authorization),
        key=key,
        keys=keys,
        region=region,
    )
    return facts, result.error


def keys_until(turns: Sequence[Turn], number: int) -> tuple[KnownKey, ...]:
    """The key pairs that the service knows in a turn (from 1), then those that it knew before."""
    scripts = [turn.script for turn in reversed(turns[:number])]
    return tuple(dict.fromkeys(key for script in scripts for key in script.keys))


def _search(
    ours: SigningInput, facts: Facts, hypotheses: Iterable[Hypothesis]
) -> tuple[Hypothesis, SigningInput] | tuple[None, None]:
    """The first hypothesis that reproduces the signature, and the input that it assumes."""
    for hypothesis in hypotheses:
        for theirs in hypothesis.vary(ours, facts):
            # `ours` itself, which is no other signature, results from what does not occur in it.
            if theirs is not ours and theirs.signature == facts.authorization.signature:
                return hypothesis, theirs
    return None, None
