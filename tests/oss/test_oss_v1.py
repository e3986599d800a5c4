"""Signature V1 reproduces what the SDKs assert and what was derived for this suite."""

import pytest

from conformance.model.case import Credentials
from conformance.oss import v1
from conformance.oss.v4 import Unsigned

DATE = "Wed, 28 Dec 2022 10:27:41 GMT"
HEADERS = (
    ("Content-MD5", "eB5eJF1ptWaXm4bijSPyxw=="),
    ("Content-Type", "text/html"),
    ("x-oss-date", DATE),
    ("x-oss-meta-author", "alice"),
    ("x-oss-meta-magic", "abracadabra"),
)
PAIR = Credentials(access_key_id="ak", access_key_secret="sk")
WITH_TOKEN = Credentials(access_key_id="ak", access_key_secret="sk", security_token="token")


@pytest.mark.parametrize(
    ("query", "expected"),
    [((), "kSHKmLxlyEAKtZPkJhG9bZb5k7M="), ((("acl", ""),), "/afkugFbmWDQ967j1vr6zygBLQk=")],
    ids=["plain", "sub-resource"],
)
def test_a_published_header_signature_is_reproduced(
    query: tuple[tuple[str, str], ...], expected: str
) -> None:
    asked = Unsigned(
        method="PUT", bucket="examplebucket", key="nelson", query=query, headers=HEADERS
    )
    assert v1.signature(v1.lines(asked, date=DATE).text, secret="sk") == expected


def test_a_parameter_that_is_no_sub_resource_is_not_signed() -> None:
    asked = Unsigned(
        method="GET", bucket="examplebucket", key="", headers=(("x-oss-date", DATE),),
        query=(("resourceGroup", ""), ("non-resousce", "")),
    )  # fmt: skip
    got = v1.signature(v1.lines(asked, date=DATE).text, secret="sk")
    assert got == "vkQmfuUDyi1uDi3bKt67oemssIs="


@pytest.mark.parametrize(
    ("key", "keys", "expires", "expected"),
    [
        ("key", PAIR, 1699807420, "dcLTea+Yh9ApirQ8o8dOPqtvJXQ="),
        ("key+123", WITH_TOKEN, 1699808204, "jzKYRrM5y6Br0dRFPaTGOsbrDhY="),
    ],
    ids=["plain", "token"],
)
def test_a_published_url_signature_is_reproduced(
    key: str, keys: Credentials, expires: int, expected: str
) -> None:
    asked = Unsigned(method="GET", bucket="bucket", key=key, query=(("versionId", "versionId"),))
    query = v1.presign(asked, credentials=keys, expires=expires)
    assert dict(query)["Signature"] == expected


@pytest.mark.parametrize(
    ("process", "expected"),
    [
        ("image/bodies", "kC9zVl67OZ7fBlivKKoF4f9czbo="),
        ("image/bodies,sen_50", "8yZgcNVWkEOJWpZBS6+JZ3G/Zcs="),
    ],
)
def test_derived_the_header_signature_of_the_operation(process: str, expected: str) -> None:
    """Derived for this suite, not published."""
    asked = Unsigned(
        method="GET", bucket="image-demo", key="example.jpg", query=(("x-oss-process", process),)
    )
    signed = v1.sign(asked, credentials=PAIR, date="Fri, 21 Jul 2023 08:49:07 GMT")
    assert dict(signed)["Authorization"] == f"OSS ak:{expected}"


def test_the_string_to_sign_can_be_read_line_by_line() -> None:
    asked = Unsigned(
        method="GET", bucket="b", key="ü,+", headers=(("X-OSS-B", " 2 "), ("x-oss-a", "1")),
        query=(("x-oss-process", "image/bodies"), ("acl", ""), ("other", "x")),
    )  # fmt: skip
    assert v1.lines(asked, date="0").text.split("\n") == [
        "GET", "", "", "0", "x-oss-a:1", "x-oss-b:2", "/b/ü,+?acl&x-oss-process=image/bodies",
    ]  # fmt: skip
