"""Hypotheses about what a client signs with V1.

Sources: aliyun-oss-c-sdk #15 and aliyun-oss-java-sdk #21 (x-oss-process missing from the
sub-resources), AlibabaCloudDocs/oss #35 (another value in place of the date) and
aliyun-oss-csharp-sdk #3.
"""

from collections.abc import Iterable, Iterator
from itertools import islice, permutations

from conformance.mismatch.hypothesis import table
from conformance.mismatch.request_hypotheses import METHODS, PROCESS
from conformance.mismatch.signing_hypotheses import TYPES, http_time
from conformance.mismatch.signing_input import (
    DATE,
    HEADER,
    MD5,
    METHOD,
    RESOURCE,
    TYPE,
    Facts,
    SigningInput,
)
from conformance.oss import v1, v4
from conformance.oss.encoding import encode

_ORDERS = 720  # all orders of six sub-resources
_VALID = 3600  # seconds: runners/README.md, rule 6


def _each_left_out(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    request = facts.unsigned
    for at in range(len(request.query)):
        rest = request.query[:at] + request.query[at + 1 :]
        yield ours.put(RESOURCE, v1.resource_line(request.bucket, request.key, rest))


def _process_left_out(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    request = facts.unsigned
    rest = [pair for pair in request.query if pair[0] != PROCESS]
    yield ours.put(RESOURCE, v1.resource_line(request.bucket, request.key, rest))


def _encoded(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    request = facts.unsigned
    for keep in ("", "/", "/,"):
        pairs = [(name, encode(value, keep=keep)) for name, value in request.query]
        yield ours.put(RESOURCE, v1.resource_line(request.bucket, request.key, pairs))


def _key_encoded(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    request = facts.unsigned
    for keep in ("/", ""):
        key = encode(request.key, keep=keep)
        yield ours.put(RESOURCE, v1.resource_line(request.bucket, key, request.query))


def _bucket_left_out(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    line = v1.resource_line("", facts.unsigned.key, facts.unsigned.query)
    yield ours.put(RESOURCE, line.removeprefix("/"))


def _reordered(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    """In every order, that of sending first."""
    subs = [pair for pair in facts.unsigned.query if v1.is_sub_resource(pair[0])]
    for order in islice(permutations(subs), _ORDERS):
        yield ours.put(RESOURCE, _resource(facts, order))


def _resource(facts: Facts, pairs: Iterable[tuple[str, str]]) -> str:
    """The resource with these parameters, in this order."""
    path = v1.resource_line(facts.unsigned.bucket, facts.unsigned.key, ())
    return f"{path}?{'&'.join(f'{name}={value}' if value else name for name, value in pairs)}"


def _everything_signed(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    yield ours.put(RESOURCE, _resource(facts, sorted(facts.unsigned.query)))


def _other_date(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    for name in ("date", "x-oss-date"):
        yield ours.put(DATE, facts.request.header(name) or "")
    yield ours.put(DATE, "")


def _header_left_out(ours: SigningInput, _: Facts) -> Iterator[SigningInput]:
    for name, _text in ours.headers():
        yield ours.drop(name)
    yield ours.put(MD5, "")
    yield ours.put(TYPE, "")


def _not_sent(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    """A header that is no part of the request, with the values that a client would give it."""
    for value in TYPES if not ours.line(TYPE) else ():
        yield ours.put(TYPE, value)
    signed = facts.authorization.expires - _VALID  # of a URL; a runner makes it for so long
    for moment in range(signed - 2, signed + 3) if facts.authorization.expires else ():
        for write in (http_time, v4.timestamp):
            yield ours.put(DATE, write(moment))
            yield ours.add_header("x-oss-date", write(moment))


V1 = table(
    ("process-not-signed", "x-oss-process is missing from the sub-resources.", _process_left_out),
    ("parameter-not-signed", "A sub-resource is not signed.", _each_left_out),
    ("sub-resources-not-sorted", "Sub-resources were signed in another order than sorted by name.",
     _reordered),
    ("query-encoded", "Sub-resources were signed percent-encoded.", _encoded),
    ("everything-signed", "A parameter that is not a sub-resource was signed.", _everything_signed),
    ("key-encoded", "The object key was signed percent-encoded.", _key_encoded),
    ("bucket-left-out", "The bucket is missing from the resource.", _bucket_left_out),
    ("time-other", "Another value was signed as the date.", _other_date),
    ("token-not-signed", "The security token is sent but not signed.",
     lambda ours, _: [ours.drop(HEADER + "x-oss-security-token")]),
    ("header-not-signed", "A header that is always signed was left out.", _header_left_out),
    ("header-not-sent", "A header was signed that is not in the request.", _not_sent),
    ("method-other", "Another method was signed than was sent.",
     lambda ours, _: [ours.put(METHOD, method) for method in METHODS]),
)  # fmt: skip
