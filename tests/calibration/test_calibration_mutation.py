"""The mutations of a known answer change each part that counts, one at a time."""

import pytest

from conformance.calibration.answer_file import read
from conformance.calibration.calibrating import KNOWN_ANSWERS
from conformance.calibration.known_answer import KnownAnswer
from conformance.calibration.mutation import mutations

ALL = tuple(answer for path in KNOWN_ANSWERS for answer in read(path))


def named(identity: str) -> KnownAnswer:
    return next(answer for answer in ALL if answer.id == identity)


@pytest.mark.parametrize("answer", ALL, ids=[answer.id for answer in ALL])
def test_a_mutation_is_never_the_request_itself(answer: KnownAnswer) -> None:
    """It changes what stands on the wire, what the service knows, or its clock."""
    sent = answer.request(answer.expect)
    same = [
        mutation.part
        for mutation in mutations(answer)
        if mutation.request == sent
        and mutation.key == answer.known_key
        and mutation.region == answer.region
        and mutation.clock == answer.clock
    ]
    assert same == []


@pytest.mark.parametrize(
    "part",
    ["method GET", "bucket", "key", "secret", "known region", "signing region", "signing product",
     "signing date", "access key id", "signature in upper case", "value of header x-oss-date",
     "value of query parameter param1", "name of query parameter |param2",
     "header x-oss-security-token left out", "known token"],
)  # fmt: skip
def test_each_part_is_among_the_mutations(part: str) -> None:
    assert part in {mutation.part for mutation in mutations(named("H2-token"))}


@pytest.mark.parametrize(
    "part",
    ["value of query parameter x-oss-credential", "query parameter x-oss-credential left out",
     "query parameter x-oss-credential empty", "x-oss-date, a second later",
     "query parameter x-oss-date left out", "x-oss-expires, a second more",
     "x-oss-expires, too many", "x-oss-expires, none", "query parameter x-oss-expires left out",
     "query parameter x-oss-additional-headers left out", "additional header more",
     "value of query parameter x-oss-signature-version", "query parameter x-oss-signature empty",
     "query parameter x-oss-signature left out", "signing date", "signing region",
     "signing product", "suffix of the scope", "access key id", "too early", "too late"],
)  # fmt: skip
def test_each_part_of_a_presigned_url_is_among_the_mutations(part: str) -> None:
    assert part in {mutation.part for mutation in mutations(named("Q3-additional"))}


@pytest.mark.parametrize(
    ("identity", "part"),
    [("V1-H2-meta", part) for part in (
        "method GET", "bucket", "key", "secret", "known access key id", "access key id",
        "value of header Content-MD5", "header Content-MD5 left out",
        "value of header Content-Type", "header Content-Type left out",
        "value of header x-oss-meta-author", "header x-oss-meta-magic left out",
        "header x-oss-meta-author twice", "a header x-oss-* more", "x-oss-date, a second later",
        "header x-oss-date left out", "prefix of the signature", "header Authorization left out",
        "first digit of the signature", "last digit of the signature", "signature in upper case",
        "signature cut", "signature empty", "too early", "too late")]
    + [("V1-H6-bodies-derived", part) for part in (
        "value of sub-resource x-oss-process", "sub-resource x-oss-process left out",
        "Date, a second later", "a header content-md5 more")]
    + [("V1-H8-bodies-token-derived", part) for part in (
        "known token", "header x-oss-security-token left out",
        "value of header x-oss-security-token")]
    + [("V1-Q2-token", part) for part in (
        "Expires a second later", "Expires a second earlier", "Expires empty",
        "Expires not a number", "Expires left out", "OSSAccessKeyId left out",
        "Signature left out", "access key id", "signature empty", "signature cut",
        "value of sub-resource security-token", "sub-resource security-token left out",
        "value of sub-resource versionId", "too late")],
)  # fmt: skip
def test_each_part_of_v1_is_among_the_mutations(identity: str, part: str) -> None:
    assert part in {mutation.part for mutation in mutations(named(identity))}


@pytest.mark.parametrize("part", ["additional header more", "additional header left out"])
@pytest.mark.parametrize("identity", ["H3-additional", "Q3-additional"])
def test_the_list_of_additional_headers_is_among_the_mutations(identity: str, part: str) -> None:
    assert part in {mutation.part for mutation in mutations(named(identity))}
