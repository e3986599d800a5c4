"""What clients do differently when they sign with V1.

Rows of `hypotheses.Hypothesis`. From aliyun-oss-c-sdk #15 and aliyun-oss-java-sdk #21
(x-oss-process missing from the sub-resources), AlibabaCloudDocs/oss #35 (another value in the
Date slot) and aliyun-oss-csharp-sdk #3.
"""

from collections.abc import Iterator

from conformance.mismatch.hypotheses import table
from conformance.mismatch.request_hypotheses import METHODS, PROCESS
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
from conformance.oss import v1
from conformance.oss.encode import encode


def _each_left_out(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    asked = facts.asked
    for at in range(len(asked.query)):
        rest = asked.query[:at] + asked.query[at + 1 :]
        yield draft.put(RESOURCE, v1.resource_line(asked.bucket, asked.key, rest))


def _process_left_out(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    asked = facts.asked
    rest = [pair for pair in asked.query if pair[0] != PROCESS]
    yield draft.put(RESOURCE, v1.resource_line(asked.bucket, asked.key, rest))


def _encoded(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    asked = facts.asked
    for keep in ("", "/", "/,"):
        pairs = [(name, encode(value, keep=keep)) for name, value in asked.query]
        yield draft.put(RESOURCE, v1.resource_line(asked.bucket, asked.key, pairs))


def _key_encoded(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    asked = facts.asked
    for keep in ("/", ""):
        key = encode(asked.key, keep=keep)
        yield draft.put(RESOURCE, v1.resource_line(asked.bucket, key, asked.query))


def _bucket_left_out(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    line = v1.resource_line("", facts.asked.key, facts.asked.query)
    yield draft.put(RESOURCE, line.removeprefix("/"))


def _everything_signed(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    asked = facts.asked
    path = v1.resource_line(asked.bucket, asked.key, ())
    pairs = [f"{name}={value}" if value else name for name, value in sorted(asked.query)]
    yield draft.put(RESOURCE, f"{path}?{'&'.join(pairs)}")


def _other_date(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    for name in ("date", "x-oss-date"):
        yield draft.put(DATE, facts.request.header(name) or "")
    yield draft.put(DATE, "")


def _header_left_out(draft: SigningInput, _: Facts) -> Iterator[SigningInput]:
    for name, _text in draft.headers():
        yield draft.drop(name)
    yield draft.put(MD5, "")
    yield draft.put(TYPE, "")


V1 = table(
    ("process-not-signed", "x-oss-process is missing from the sub-resources.", _process_left_out),
    ("parameter-not-signed", "A sub-resource is not signed.", _each_left_out),
    ("query-encoded", "Sub-resources were signed percent-encoded.", _encoded),
    ("everything-signed", "A parameter that is no sub-resource was signed.", _everything_signed),
    ("key-encoded", "The object key was signed percent-encoded.", _key_encoded),
    ("bucket-left-out", "The bucket is missing from the resource.", _bucket_left_out),
    ("time-other", "Another value stands in the place of the date.", _other_date),
    ("token-not-signed", "The security token is sent but not signed.",
     lambda draft, _: [draft.drop(HEADER + "x-oss-security-token")]),
    ("header-not-signed", "A header that is always signed was left out.", _header_left_out),
    ("method-other", "Another method was signed than was sent.",
     lambda draft, _: [draft.put(METHOD, method) for method in METHODS]),
)  # fmt: skip
