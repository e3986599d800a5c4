"""Mutations of known answers, which a verifier must reject.

A verifier that accepts everything would pass all known answers; only a rejection shows that a part
is verified. A mutation changes one part of the request, of the service's key pair or region, or of
its clock, and keeps the signature.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from conformance.calibration.changed_request import changed_requests, other_end
from conformance.calibration.known_answer import KnownAnswer, KnownAnswerV4
from conformance.model.case import KnownKey
from conformance.model.http import Request
from conformance.oss.verification import SKEW


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """A request and the state of the service that verifies it."""

    part: str  # what was changed; "" if nothing was
    request: Request
    key: KnownKey  # the key pair that the service knows
    region: str  # of the bucket
    clock: int  # of the service, Unix seconds


def mutations(answer: KnownAnswer) -> Iterator[Mutation]:
    """All mutations of a known answer; its unchanged request must be accepted."""
    key, same = answer.known_key, unchanged(answer)
    for part, request in changed_requests(answer):
        yield replace(same, part=part, request=request)
    for part, other in (
        ("secret", replace(key, secret=other_end(key.secret))),
        ("secret, a blank behind it", replace(key, secret=key.secret + " ")),
        ("known access key id", replace(key, id=other_end(key.id))),
        ("known token", replace(key, token=f"{key.token or ''}x")),
    ):
        yield replace(same, part=part, key=other)
    if isinstance(answer, KnownAnswerV4):  # V1 does not sign the region
        yield replace(same, part="known region", region=other_end(answer.region))
    for part, clock in _other_clocks(answer):
        yield replace(same, part=part, clock=clock)


def unchanged(answer: KnownAnswer) -> Mutation:
    """The request of a known answer and a service that accepts it."""
    return Mutation(
        part="",
        request=answer.request(answer.expect),
        key=answer.known_key,
        region=answer.region,
        clock=answer.clock,
    )


def _other_clocks(answer: KnownAnswer) -> Iterator[tuple[str, int]]:
    if isinstance(answer, KnownAnswerV4):
        yield "too early", answer.signtime - SKEW - 1
        yield "too late", answer.signtime + (answer.expires or SKEW) + 1
    elif answer.expires is None:
        yield "too early", answer.clock - SKEW - 1
        yield "too late", answer.clock + SKEW + 1
    else:  # a V1 URL has no time before which it is invalid
        yield "too late", answer.expires + 1
