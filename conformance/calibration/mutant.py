"""A known answer with one part of it changed, and the changes that V4 and V1 have alike.

A mutation changes one part that is signed, on the wire, in what the service knows or in
its clock, and leaves the signature as it was. A change keeps the form of what it changes where it
can: a date that is no date is refused whether it is signed or not, and shows nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from conformance.calibration.known_form import Answer
from conformance.model.case import KnownKey
from conformance.model.http import Request

METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """A changed request, or changed knowledge of the service; part: what was changed.

    clock: the service's, Unix seconds.
    """

    part: str
    request: Request
    key: KnownKey
    region: str
    clock: int


def sent(answer: Answer, part: str, request: Request) -> Mutation:
    """A mutation of what goes over the wire."""
    key = answer.known_key
    return Mutation(part=part, request=request, key=key, region=answer.region, clock=answer.clock)


def methods(answer: Answer, request: Request) -> Iterator[Mutation]:
    """The same request with each other method."""
    for method in METHODS:
        if method != request.method:
            yield sent(answer, f"method {method}", replace(request, method=method))


def of_key(answer: Answer, request: Request) -> Iterator[Mutation]:
    """The same request, and a service that knows the key pair otherwise."""
    key, same = answer.known_key, sent(answer, "", request)
    for part, other in (
        ("secret", replace(key, secret=turned(key.secret))),
        ("secret, a blank behind it", replace(key, secret=key.secret + " ")),
        ("known access key id", replace(key, id=turned(key.id))),
        ("known token", replace(key, token=f"{key.token or ''}x")),
    ):
        yield replace(same, part=part, key=other)


def of_proof(proof: str) -> Iterator[tuple[str, str]]:
    """A signature that is changed, with the name of the change."""
    yield "first digit of the signature", digit(proof[0]) + proof[1:]
    yield "last digit of the signature", _last(proof)
    yield "signature in upper case", proof.upper()
    yield "signature cut", proof[:-1]
    yield "signature empty", ""


def turned(text: str) -> str:
    """A text of the same length that differs in its last character; something for nothing."""
    return text[:-1] + ("x" if text[-1] != "x" else "y") if text else "x"


def digit(old: str) -> str:
    """Another digit, of hexadecimal numbers and of Base64."""
    return "0" if old != "0" else "1"


def _last(proof: str) -> str:
    bare = proof.rstrip("=")
    return bare[:-1] + digit(bare[-1]) + proof[len(bare) :]
