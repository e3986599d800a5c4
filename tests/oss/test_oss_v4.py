"""Signature V4 reproduces what others published, and what was derived for this suite."""

from hashlib import sha256

import pytest

from conformance.assets import VECTORS
from conformance.calibration.answer_file import read
from conformance.calibration.known_answer import KnownAnswerV4
from conformance.model.case import Credentials
from conformance.model.http import first
from conformance.oss import v4
from conformance.oss.v4 import Scope, Unsigned

KNOWN = read(VECTORS / "signature-v4-known-answers.json")
PAIR = Credentials(access_key_id="ak", access_key_secret="sk")
WITH_TOKEN = Credentials(access_key_id="ak", access_key_secret="sk", security_token="token")
REGION = "cn-hangzhou"


def proof(headers: tuple[tuple[str, str], ...]) -> str:
    return (first(headers, "authorization") or "").rpartition("Signature=")[2]


@pytest.mark.parametrize("answer", KNOWN, ids=[answer.id for answer in KNOWN])
def test_a_published_signature_is_reproduced(answer: KnownAnswerV4) -> None:
    assert answer.computed == answer.expect


# -- the documentation's own examples ------------------------------------------------------------

DOCUMENTED = Unsigned(
    method="PUT",
    bucket="examplebucket",
    key="exampleobject",
    headers=(
        ("Content-MD5", "eB5eJF1ptWaXm4bijSPyxw"),
        ("Content-Type", "text/html"),
        ("Host", "examplebucket.oss-cn-hangzhou.aliyuncs.com"),
        ("x-oss-meta-author", "alice"),
        ("x-oss-meta-magic", "abracadabra"),
    ),
    additional=("host",),
)
DOCUMENTED_PAIR = Credentials(access_key_id="accesskeyid", access_key_secret="accesskeysecret")
DOCUMENTED_TIME = 1701605532  # 20231203T121212Z


def test_the_documented_header_example_of_2023_is_reproduced() -> None:
    signed = v4.sign(DOCUMENTED, credentials=DOCUMENTED_PAIR, region=REGION, clock=DOCUMENTED_TIME)
    assert proof(signed) == "4b663e424d2db9967401ff6ce1c86f8c83cabd77d9908475239d9110642c63fa"


def presigned_example(method: str) -> str:
    asked = Unsigned(
        method=method, bucket="examplebucket", key="exampleobject",
        headers=DOCUMENTED.headers[2:], additional=("host",),
    )  # fmt: skip
    query = v4.presign(
        asked, credentials=DOCUMENTED_PAIR, region=REGION, clock=DOCUMENTED_TIME, expires=86400
    )
    return dict(query)["x-oss-signature"]


def test_the_documented_url_example_of_2023_is_reproduced() -> None:
    expected = "2c6c9f10d8950fb150290ef6f42570e33cd45d6a57ec7887de75fa2ec45b4c72"
    assert presigned_example("PUT") == expected


def test_the_method_is_part_of_a_presigned_url() -> None:
    got = presigned_example("GET")
    assert (got[:8], got[-4:]) == ("f20e20ed", "06c2")


CURRENT = Unsigned(
    method="PUT",
    bucket="examplebucket",
    key="exampleobject",
    headers=(
        ("content-disposition", "attachment"),
        ("content-length", "3"),
        ("content-md5", "ICy5YqxZB1uWSwcVLSNLcA=="),
        ("content-type", "text/plain"),
        ("x-oss-content-sha256", "UNSIGNED-PAYLOAD"),
        ("x-oss-date", "20250411T064124Z"),
    ),
    additional=("content-disposition", "content-length"),
)
CURRENT_SCOPE = Scope(date="20250411", region=REGION)


def test_the_canonical_request_of_the_current_documented_example_is_reproduced() -> None:
    digest = sha256(v4.canonical(CURRENT).text.encode()).hexdigest()
    assert digest == "c46d96390bdbc2d739ac9363293ae9d710b14e48081fcb22cd8ad54b63136eca"


def test_the_key_of_the_current_documented_example_is_the_one_of_its_printed_secret() -> None:
    """The page prints another key; it does not follow from the secret it prints."""
    key = v4.signing_key("yourAccessKeySecret", CURRENT_SCOPE)
    assert key.hex() == "8a01ff4efcc65ca2cbc75375045c61ab5f3fa8b9a2d84f0add27ef16a25feb3c"


def test_the_current_documented_example_is_reproduced_as_corrected() -> None:
    text = v4.string_to_sign(
        v4.canonical(CURRENT).text, timestamp="20250411T064124Z", scope=CURRENT_SCOPE
    )
    got = v4.signature(text, secret="yourAccessKeySecret", scope=CURRENT_SCOPE)
    assert got == "d3694c2dfc5371ee6acd35e88c4871ac95a7ba01d3a2f476768fe61218590097"


# -- the SDKs' own vectors -----------------------------------------------------------------------

QUERY = (
    ("param1", "value1"), ("+param1", "value3"), ("|param1", "value4"),
    ("+param2", ""), ("|param2", ""), ("param2", ""),
)  # fmt: skip
SENT = (("x-oss-head1", "value"), ("abc", "value"), ("ZAbc", "value"), ("XYZ", "value"))


def sdk_vector(content_type: str, additional: tuple[str, ...]) -> Unsigned:
    return Unsigned(
        method="PUT", bucket="bucket", key="1234+-/123/1.txt", query=QUERY,
        headers=(*SENT, ("content-type", content_type)), additional=additional,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("keys", "additional", "clock", "expected"),
    [
        (PAIR, (), 1702743657, "e21d18daa82167720f9b1047ae7e7f1ce7cb77a31e8203a7d5f4624fa0284afe"),
        (WITH_TOKEN, (), 1702784856,
         "b94a3f999cf85bcdc00d332fbd3734ba03e48382c36fa4d5af5df817395bd9ea"),
        (PAIR, ("abc", "ZAbc"), 1702747512,
         "4a4183c187c07c8947db7620deb0a6b38d9fbdd34187b6dbaccb316fa251212f"),
    ],
    ids=["plain", "token", "additional"],
)  # fmt: skip
def test_signing_headers_gives_what_the_sdks_assert(
    keys: Credentials, additional: tuple[str, ...], clock: int, expected: str
) -> None:
    asked = sdk_vector("text/plain", additional)
    assert proof(v4.sign(asked, credentials=keys, region=REGION, clock=clock)) == expected


@pytest.mark.parametrize(
    ("keys", "additional", "clock", "expected"),
    [
        (PAIR, (), 1702781677, "a39966c61718be0d5b14e668088b3fa07601033f6518ac7b523100014269c0fe"),
        (WITH_TOKEN, (), 1702785388,
         "3817ac9d206cd6dfc90f1c09c00be45005602e55898f26f5ddb06d7892e1f8b5"),
        (PAIR, ("abc", "ZAbc"), 1702783809,
         "6bd984bfe531afb6db1f7550983a741b103a8c58e5e14f83ea474c2322dfa2b7"),
    ],
    ids=["plain", "token", "additional"],
)  # fmt: skip
def test_signing_a_url_gives_what_the_sdks_assert(
    keys: Credentials, additional: tuple[str, ...], clock: int, expected: str
) -> None:
    asked = sdk_vector("application/octet-stream", additional)
    query = v4.presign(asked, credentials=keys, region=REGION, clock=clock, expires=599)
    assert query[-1] == ("x-oss-signature", expected)


def test_an_additional_header_that_is_signed_anyway_is_dropped_silently() -> None:
    """As the SDKs do: otherwise the list would differ from theirs."""
    listed = sdk_vector("text/plain", ("abc", "ZAbc", "x-oss-head1", "Content-Type"))
    got = v4.sign(listed, credentials=PAIR, region=REGION, clock=1702747512)
    assert proof(got) == "4a4183c187c07c8947db7620deb0a6b38d9fbdd34187b6dbaccb316fa251212f"


# -- derived for this suite, not published: the operation itself ---------------------------------

DERIVED_TIME = 1689929347  # 20230721T084907Z
DERIVED = [
    ("image/bodies", "x-oss-process=image%2Fbodies",
     "fa9153d9a652b9a187df36e2c97203d3865151e472cd771345e7489a9606b548",
     "4057fc8b841edd442f1dd97e4c4c852f59e32e15263c76eb531459ddf08e8a48",
     "af66a57ebc216376deb4e47b25ac6b25f35f038ead4f2344addcd121d6d61ad5"),
    ("image/bodies,sen_50", "x-oss-process=image%2Fbodies%2Csen_50",
     "f1d2bdf7b9b0a91b6182a4f68da3942fb6f8640ec3274aa53414a7466b239aef",
     "8cdc3828876ca621a92fdecbff526ae2d65543fe51e1258208f50f5ce334eee2",
     "791f6994c549328ac1708d63dde9923a94fdd46ab94879ca4446b192c72f9897"),
]  # fmt: skip


def operation(process: str) -> Unsigned:
    query = (("x-oss-process", process),)
    return Unsigned(method="GET", bucket="image-demo", key="example.jpg", query=query)


@pytest.mark.parametrize(("process", "query", "digest", "header", "url"), DERIVED)
def test_derived_the_canonical_query_of_the_operation(
    process: str, query: str, digest: str, header: str, url: str
) -> None:
    assert v4.canonical(operation(process)).query == query


@pytest.mark.parametrize(("process", "query", "digest", "header", "url"), DERIVED)
def test_derived_the_canonical_hash_of_the_operation(
    process: str, query: str, digest: str, header: str, url: str
) -> None:
    headers = (("x-oss-content-sha256", v4.PAYLOAD), ("x-oss-date", "20230721T084907Z"))
    text = v4.canonical(
        Unsigned(
            method="GET", bucket="image-demo", key="example.jpg",
            query=(("x-oss-process", process),), headers=headers,
        )
    ).text  # fmt: skip
    assert sha256(text.encode()).hexdigest() == digest


@pytest.mark.parametrize(("process", "query", "digest", "header", "url"), DERIVED)
def test_derived_the_header_signature_of_the_operation(
    process: str, query: str, digest: str, header: str, url: str
) -> None:
    signed = v4.sign(operation(process), credentials=PAIR, region=REGION, clock=DERIVED_TIME)
    assert proof(signed) == header


@pytest.mark.parametrize(("process", "query", "digest", "header", "url"), DERIVED)
def test_derived_the_url_signature_of_the_operation(
    process: str, query: str, digest: str, header: str, url: str
) -> None:
    signed = v4.presign(
        operation(process), credentials=PAIR, region=REGION, clock=DERIVED_TIME, expires=3600
    )
    assert signed[-1][1] == url


# -- pieces --------------------------------------------------------------------------------------


def test_the_canonical_request_can_be_read_line_by_line() -> None:
    headers = (("X-OSS-Date", " 20230721T084907Z "), ("User-Agent", "x"), ("Host", "h"))
    asked = Unsigned(
        method="GET", bucket="b", key="a b/ü", query=(("x", ""),), headers=headers,
        additional=("host",),
    )  # fmt: skip
    assert v4.canonical(asked).text.split("\n") == [
        "GET", "/b/a%20b/%C3%BC", "x", "host:h", "x-oss-date:20230721T084907Z", "", "host",
        "UNSIGNED-PAYLOAD",
    ]  # fmt: skip


def test_the_bucket_itself_ends_in_a_slash() -> None:
    assert v4.canonical_uri("bucket", "") == "/bucket/"


def test_a_request_without_a_bucket_is_a_slash() -> None:
    assert v4.canonical_uri(None, "") == "/"


def test_parameters_are_sorted_by_their_encoded_names() -> None:
    assert v4.canonical_query([("a", "1"), ("|", "2"), ("B", "3")]) == "%7C=2&B=3&a=1"


def test_fields_of_one_name_are_joined() -> None:
    assert v4.canonical_headers([("x-oss-a", "1"), ("X-OSS-A", "2")], ()) == (("x-oss-a", "1,2"),)


def test_signing_puts_no_second_date_beside_one_that_is_there() -> None:
    asked = Unsigned(method="GET", bucket="b", key="k", headers=(("X-Oss-Date", "old"),))
    signed = v4.sign(asked, credentials=PAIR, region=REGION, clock=DERIVED_TIME)
    assert [value for name, value in signed if name.lower() == "x-oss-date"] == ["20230721T084907Z"]
