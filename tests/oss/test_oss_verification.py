"""The verifier accepts what the service accepts and refuses the rest with its errors."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.calibration.known_answer import on_the_wire
from conformance.model.case import Credentials, KnownKey
from conformance.model.http import Header, Request
from conformance.oss import authorization, v1, v4
from conformance.oss.naming import resolve
from conformance.oss.v4 import Unsigned
from conformance.oss.verification import Verification, verify

HOST = "examplebucket.oss-cn-hangzhou.aliyuncs.com"
REGION = "cn-hangzhou"
CLOCK = 1689929347  # 20230721T084907Z
HTTP_DATE = "Fri, 21 Jul 2023 08:49:07 GMT"
PAIR = Credentials(access_key_id="ak", access_key_secret="sk")
TEMPORARY = Credentials(access_key_id="sts", access_key_secret="sk", security_token="token")
KEYS = (
    KnownKey(id="ak", secret="sk"),
    KnownKey(id="sts", secret="sk", token="token"),
    KnownKey(id="old", secret="sk", token="token", state="expired"),
    KnownKey(id="off", secret="sk", state="disabled"),
)
ASKED = Unsigned(
    method="GET",
    bucket="examplebucket",
    key="example.jpg",
    query=(("x-oss-process", "image/bodies,sen_50"),),
)


def checked(request: Request, *, clock: int = CLOCK, region: str = REGION) -> Verification:
    return verify(request, keys=KEYS, region=region, clock=clock)


def header_signed(
    asked: Unsigned = ASKED, *, keys: Credentials = PAIR, region: str = REGION, product: str = "oss"
) -> Request:
    headers = v4.sign(asked, credentials=keys, region=region, clock=CLOCK, product=product)
    return on_the_wire(replace(asked, headers=headers), HOST)


def url_signed(
    asked: Unsigned = ASKED, *, keys: Credentials = PAIR, expires: int = 3600
) -> Request:
    query = v4.presign(asked, credentials=keys, region=REGION, clock=CLOCK, expires=expires)
    return on_the_wire(replace(asked, query=query), HOST)


def v1_signed(asked: Unsigned = ASKED, *, keys: Credentials = PAIR) -> Request:
    return on_the_wire(
        replace(asked, headers=v1.sign(asked, credentials=keys, date=HTTP_DATE)), HOST
    )


def v1_url_signed(*, keys: Credentials = PAIR) -> Request:
    query = v1.presign(ASKED, credentials=keys, expires=CLOCK + 60)
    return on_the_wire(replace(ASKED, query=query), HOST)


def headed(request: Request, name: str, value: str | None) -> Request:
    """The request with one header field set, or taken away."""
    kept = tuple(field for field in request.headers if field[0].lower() != name)
    added: tuple[Header, ...] = () if value is None else ((name, value),)
    return replace(request, headers=kept + added)


def authorized(request: Request, write: Callable[[str], str]) -> Request:
    return headed(request, "authorization", write(request.header("authorization") or ""))


def retargeted(request: Request, old: str, new: str) -> Request:
    assert old in request.target
    return replace(request, target=request.target.replace(old, new))


SIGNED = [
    ("v4-header", header_signed), ("v4-query", url_signed),
    ("v1-header", v1_signed), ("v1-query", v1_url_signed),
]  # fmt: skip


@pytest.mark.parametrize(("auth", "make"), SIGNED)
def test_a_request_that_is_signed_as_documented_is_accepted(
    auth: str, make: Callable[[], Request]
) -> None:
    found = checked(make())
    assert (found.verified, found.auth) == ("accepted", auth)


@pytest.mark.parametrize(("auth", "make"), SIGNED)
def test_a_token_that_is_the_key_s_is_accepted(auth: str, make: Callable[..., Request]) -> None:
    found = checked(make(keys=TEMPORARY))
    assert (found.verified, found.token) == ("accepted", "token")


@pytest.mark.parametrize(("auth", "make"), SIGNED)
def test_another_secret_does_not_match(auth: str, make: Callable[..., Request]) -> None:
    wrong = Credentials(access_key_id="ak", access_key_secret="SK")
    assert checked(make(keys=wrong)).verified == "SignatureDoesNotMatch"


def test_what_the_request_says_of_itself_can_be_read_off() -> None:
    found = checked(header_signed())
    assert (found.access_key_id, found.signing_region, found.resource.key) == (
        "ak", REGION, "example.jpg",
    )  # fmt: skip


def test_what_was_signed_can_be_shown() -> None:
    found = checked(header_signed())
    assert found.canonical.startswith(
        "GET\n/examplebucket/example.jpg\nx-oss-process=image%2Fbodies%2Csen_50\n"
    )
    assert found.string_to_sign.startswith("OSS4-HMAC-SHA256\n20230721T084907Z\n")


# -- harmless freedom ----------------------------------------------------------------------------


def test_the_order_of_header_fields_does_not_matter() -> None:
    request = header_signed()
    assert checked(replace(request, headers=request.headers[::-1])).verified == "accepted"


def test_the_case_of_header_names_does_not_matter() -> None:
    request = header_signed()
    upper = tuple((name.upper(), value) for name, value in request.headers)
    assert checked(replace(request, headers=upper)).verified == "accepted"


def test_a_header_that_is_not_signed_may_be_there() -> None:
    assert checked(headed(header_signed(), "user-agent", "any words")).verified == "accepted"


@pytest.mark.parametrize(
    ("one", "other"), [("%2F", "/"), ("%2C", ","), ("%2F", "%2f"), ("sen", "%73en")]
)
def test_another_spelling_of_the_same_query_is_accepted(one: str, other: str) -> None:
    assert checked(retargeted(header_signed(), one, other)).verified == "accepted"


SPACE = replace(ASKED, query=(("x-oss-process", "image/bodies,note_a b"),))
PLUS = replace(ASKED, query=(("x-oss-process", "image/bodies,note_a+b"),))


@pytest.mark.parametrize(("asked", "escape"), [(SPACE, "%20"), (PLUS, "%2B")])
@pytest.mark.parametrize("sign", [header_signed, url_signed, v1_signed])
def test_a_bare_plus_is_read_as_it_was_signed(
    asked: Unsigned, escape: str, sign: Callable[[Unsigned], Request]
) -> None:
    found = checked(retargeted(sign(asked), escape, "+"))
    assert found.verified == "accepted"
    assert dict(found.resource.query)["x-oss-process"] == asked.query[0][1]


def test_an_escaped_plus_is_no_space() -> None:
    assert checked(retargeted(header_signed(SPACE), "%20", "%2B")).verified != "accepted"


def in_path_style(host: str) -> Request:
    request = headed(header_signed(), "host", host)
    return replace(request, target=f"/examplebucket{request.target}")


@pytest.mark.parametrize("host", ["192.0.2.7", "localhost:8443", "oss.gateway.example"])
def test_a_request_in_path_style_is_signed_alike(host: str) -> None:
    assert checked(in_path_style(host)).verified == "accepted"


@pytest.mark.parametrize(
    "endpoint",
    [
        "oss-cn-hangzhou.aliyuncs.com",
        "OSS-cn-hangzhou.aliyuncs.com:443",
        "oss-cn-hangzhou-internal.aliyuncs.com",
        "cn-hangzhou.oss.aliyuncs.com",
        "oss-accelerate.aliyuncs.com",
        "oss-accelerate-overseas.aliyuncs.com",
    ],
)
def test_path_style_is_refused_at_every_endpoint_of_the_service(endpoint: str) -> None:
    verification = checked(in_path_style(endpoint))
    assert verification.error is not None
    assert (verification.error.status, verification.error.code) == (
        403,
        "SecondLevelDomainForbidden",
    )


def test_the_service_itself_has_no_bucket_to_refuse() -> None:
    request = headed(header_signed(), "host", "oss-cn-hangzhou.aliyuncs.com")
    assert checked(replace(request, target="/")).verified == "SignatureDoesNotMatch"


def test_a_request_in_absolute_form_is_signed_alike() -> None:
    request = header_signed()
    assert checked(replace(request, target=f"http://{HOST}{request.target}")).verified == "accepted"


WITH_MORE = replace(ASKED, headers=(("Abc", "1"), ("ZAbc", "2")), additional=("ZAbc", "abc"))


def test_additional_headers_are_verified() -> None:
    assert checked(header_signed(WITH_MORE)).verified == "accepted"


def test_the_field_order_and_spacing_of_oss2_is_accepted() -> None:
    def as_oss2(value: str) -> str:
        credential, additional, signature = value.split(",")
        return f"{credential}, {signature}, {additional}"

    assert checked(authorized(header_signed(WITH_MORE), as_oss2)).verified == "accepted"


def test_a_date_in_http_form_is_signed_as_it_stands() -> None:
    """The first-generation Go SDK sends Date only and signs its text."""
    headers = (("Date", HTTP_DATE), ("x-oss-content-sha256", v4.PAYLOAD))
    scope = v4.Scope(date="20230721", region=REGION)
    text = v4.string_to_sign(
        v4.canonical(replace(ASKED, headers=headers)).text, timestamp=HTTP_DATE, scope=scope
    )
    proof = v4.signature(text, secret="sk", scope=scope)
    value = f"{v4.ALGORITHM} Credential=ak/{scope.text},Signature={proof}"
    request = on_the_wire(replace(ASKED, headers=(*headers, ("Authorization", value))), HOST)
    assert checked(request).verified == "accepted"


def test_of_two_dates_the_one_of_the_service_wins() -> None:
    request = headed(header_signed(), "date", "Fri, 21 Jul 2000 08:49:07 GMT")
    assert checked(request).verified == "accepted"


def test_a_parameter_sent_twice_may_be_signed_with_both_values() -> None:
    twice = replace(ASKED, query=(("a", "2"), ("a", "1")))
    assert checked(header_signed(twice)).verified == "accepted"


def test_a_parameter_sent_twice_may_be_signed_with_its_last_value_only() -> None:
    once = header_signed(replace(ASKED, query=(("a", "2"),)))
    assert checked(retargeted(once, "?a=2", "?a=1&a=2")).verified == "accepted"


def test_a_parameter_sent_twice_is_not_signed_by_its_first_value() -> None:
    once = header_signed(replace(ASKED, query=(("a", "1"),)))
    assert checked(retargeted(once, "?a=1", "?a=1&a=2")).verified == "SignatureDoesNotMatch"


def test_a_cname_is_verified_under_the_bucket_it_is_bound_to() -> None:
    request = headed(header_signed(), "host", "img.example.com")
    bound = (("img.example.com", "examplebucket"),)
    found = verify(request, keys=KEYS, region=REGION, clock=CLOCK, bound=bound)
    assert found.verified == "accepted"


def test_the_token_of_a_java_url_may_have_the_short_name() -> None:
    asked = replace(ASKED, query=(*ASKED.query, ("security-token", "token")))
    keys = Credentials(access_key_id="sts", access_key_secret="sk")
    found = checked(url_signed(asked, keys=keys))
    assert (found.verified, found.token) == ("accepted", "token")


# -- refusals ------------------------------------------------------------------------------------


def ec(request: Request, *, clock: int = CLOCK, region: str = REGION) -> str:
    found = checked(request, clock=clock, region=region)
    assert found.error is not None
    return found.error.ec


def test_an_anonymous_request_is_denied() -> None:
    found = checked(on_the_wire(ASKED, HOST))
    assert (found.auth, found.verified, found.canonical) == ("anonymous", "AccessDenied", "")


@pytest.mark.parametrize(("auth", "make"), SIGNED)
def test_a_key_that_nobody_knows_is_named_in_the_error(
    auth: str, make: Callable[..., Request]
) -> None:
    found = checked(make(keys=Credentials(access_key_id="who", access_key_secret="sk")))
    assert found.error is not None
    assert (found.error.ec, found.error.extra) == ("0002-00000902", (("OSSAccessKeyId", "who"),))


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        (("off", None), "InvalidAccessKeyId"),
        (("old", "token"), "SecurityTokenExpired"),
        (("sts", "other"), "InvalidSecurityToken"),
        (("sts", None), "InvalidAccessKeyId"),
        (("ak", "token"), "AccessKeyIdAndSecurityTokenNotMatch"),
    ],
    ids=["disabled", "expired", "wrong token", "token missing", "token of no key"],
)
@pytest.mark.parametrize(("auth", "make"), SIGNED)
def test_key_and_token_must_belong_together(
    auth: str, make: Callable[..., Request], keys: tuple[str, str | None], code: str
) -> None:
    identity, token = keys
    given = Credentials(access_key_id=identity, access_key_secret="sk", security_token=token)
    assert checked(make(keys=given)).verified == code


def test_two_keys_of_one_id_are_told_apart_by_the_token() -> None:
    keys = (KnownKey(id="ak", secret="old", token="first"), KnownKey(id="ak", secret="sk"))
    assert verify(header_signed(), keys=keys, region=REGION, clock=CLOCK).verified == "accepted"


def test_another_region_is_refused() -> None:
    assert ec(header_signed(region="oss-cn-hangzhou")) == "0002-00000226"


def test_another_product_is_refused() -> None:
    assert ec(header_signed(product="oss-cloudbox")) == "0002-00000227"


@pytest.mark.parametrize("offset", [-900, 900])
def test_a_skew_of_15_minutes_is_accepted(offset: int) -> None:
    assert checked(header_signed(), clock=CLOCK + offset).verified == "accepted"


@pytest.mark.parametrize("make", [header_signed, v1_signed])
@pytest.mark.parametrize("offset", [-901, 901])
def test_a_skew_of_more_than_15_minutes_is_refused(
    make: Callable[[], Request], offset: int
) -> None:
    found = checked(make(), clock=CLOCK + offset)
    assert found.error is not None
    assert (found.error.code, dict(found.error.extra)["RequestTime"]) == (
        "RequestTimeTooSkewed", "2023-07-21T08:49:07.000Z",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("offset", "expected"),
    [(-901, "0002-00000235"), (-900, ""), (3600, ""), (3601, "0002-00000236")],
)
def test_a_url_is_good_from_15_minutes_before_its_start_to_its_end(
    offset: int, expected: str
) -> None:
    error = checked(url_signed(), clock=CLOCK + offset).error
    assert (error.ec if error else "") == expected


@pytest.mark.parametrize(
    ("expires", "good"), [(1, True), (604800, True), (0, False), (604801, False)]
)
def test_a_url_is_good_for_a_second_to_seven_days(expires: int, good: bool) -> None:
    error = checked(url_signed(expires=expires)).error
    assert (error.ec if error else "") == ("" if good else "0002-00000232")


def test_a_v1_url_expires() -> None:
    assert checked(v1_url_signed(), clock=CLOCK + 60).verified == "accepted"
    assert ec(v1_url_signed(), clock=CLOCK + 61) == "0002-00000069"


MALFORMED: list[tuple[str, Callable[[str], str], str]] = [
    ("algorithm", lambda v: v.replace("SHA256", "SHA1"), "0002-00000203"),
    ("no fields", lambda v: v.partition(" ")[0] + " nonsense", "0002-00000203"),
    ("unknown field", lambda v: v + ",Other=x", "0002-00000203"),
    ("field twice", lambda v: v + ",Signature=x", "0002-00000203"),
    ("no credential", lambda v: v.replace("Credential=ak", "Credential=,X=ak"), "0002-00000203"),
    ("empty credential", lambda v: f"{v.split()[0]} Credential=,Signature=0", "0002-00000205"),
    ("empty signature", lambda v: v.partition("Signature=")[0] + "Signature=", "0002-00000208"),
    ("empty list", lambda v: v + ",AdditionalHeaders=", "0002-00000209"),
    ("empty item", lambda v: v + ",AdditionalHeaders=host;", "0002-00000210"),
    ("short date", lambda v: v.replace("20230721", "2023072"), "0002-00000212"),
    ("impossible date", lambda v: v.replace("20230721", "20230231"), "0002-00000212"),
    ("date of another day", lambda v: v.replace("20230721", "20230722"), "0002-00000212"),
    ("suffix", lambda v: v.replace("aliyun_v4_request", "aws4_request"), "0002-00000213"),
    ("parts", lambda v: v.replace("/oss/", "/"), "0002-00000213"),
    ("prefix", lambda _: "Bearer x", "0002-00000061"),
    ("v1 without id", lambda _: "OSS :x", "0002-00000063"),
    ("v1 without signature", lambda _: "OSS ak:", "0002-00000065"),
    ("v1 without colon", lambda _: "OSS ak", "0002-00000065"),
]


@pytest.mark.parametrize(
    ("name", "write", "expected"), MALFORMED, ids=[row[0] for row in MALFORMED]
)
def test_a_malformed_authorization_has_its_error(
    name: str, write: Callable[[str], str], expected: str
) -> None:
    assert ec(authorized(header_signed(), write)) == expected


def test_two_authorization_headers_are_refused() -> None:
    request = header_signed()
    twice = replace(request, headers=(*request.headers, request.headers[-1]))
    assert checked(twice).verified == "InvalidArgument"


def test_a_signature_in_the_header_and_one_in_the_url_are_refused() -> None:
    proof = header_signed().header("authorization")
    assert checked(headed(url_signed(), "authorization", proof)).verified == "InvalidArgument"


def test_neither_date_nor_x_oss_date_is_refused() -> None:
    assert ec(headed(header_signed(), "x-oss-date", None)) == "0002-00000503"


@pytest.mark.parametrize(
    "text", ["yesterday", "20230231T000000Z", "2023-07-21T08:49:07Z", HTTP_DATE]
)
def test_a_date_of_the_service_in_another_form_is_refused(text: str) -> None:
    assert checked(headed(header_signed(), "x-oss-date", text)).verified == "AccessDenied"


@pytest.mark.parametrize("value", [None, "", "unsigned-payload", "0" * 64])
def test_only_an_unsigned_payload_is_supported(value: str | None) -> None:
    assert ec(headed(header_signed(), "x-oss-content-sha256", value)) == "0002-00000214"


URLS = [
    ("x-oss-signature-version=OSS4-HMAC-SHA256", "x-oss-signature-version=OSS4", ""),
    ("x-oss-expires=3600", "y=1", "0002-00000215"),
    ("x-oss-expires=3600", "x-oss-expires=", "0002-00000216"),
    ("x-oss-expires=3600", "x-oss-expires=1h", "0002-00000232"),
    ("x-oss-expires=3600", "x-oss-expires=-1", "0002-00000232"),
    ("x-oss-credential=", "y=", "0002-00000217"),
    ("x-oss-credential=ak", "x-oss-credential=&y=ak", "0002-00000218"),
    ("x-oss-credential=ak%2F20230721", "x-oss-credential=ak%2F20230722", "0002-00000224"),
    ("aliyun_v4_request", "aliyun_v3_request", "0002-00000224"),
    ("x-oss-signature=", "y=", "0002-00000219"),
    ("x-oss-signature=", "x-oss-signature=&y=", "0002-00000220"),
    ("x-oss-date=20230721T084907Z", "x-oss-date=20230721", "0002-00000223"),
]


@pytest.mark.parametrize(("old", "new", "expected"), URLS)
def test_a_malformed_url_has_its_error(old: str, new: str, expected: str) -> None:
    assert ec(retargeted(url_signed(), old, new)) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [("Signature=", "y=", "0002-00000067"), ("Expires=1689929407", "Expires=", "0002-00000068"),
     ("Expires=1689929407", "Expires=soon", "0002-00000070")],
)  # fmt: skip
def test_a_malformed_v1_url_has_its_error(old: str, new: str, expected: str) -> None:
    assert ec(retargeted(v1_url_signed(), old, new)) == expected


def test_a_mismatch_shows_what_was_compared() -> None:
    wrong = Credentials(access_key_id="ak", access_key_secret="SK")
    found = checked(header_signed(keys=wrong))
    assert found.error is not None
    extra = dict(found.error.extra)
    assert extra["StringToSign"] == found.string_to_sign
    assert bytes.fromhex(extra["StringToSignBytes"]).decode() == found.string_to_sign


def test_a_signature_in_upper_case_does_not_match() -> None:
    def upper(value: str) -> str:
        head, name, proof = value.partition("Signature=")
        return head + name + proof.upper()

    assert checked(authorized(header_signed(), upper)).verified == "SignatureDoesNotMatch"


# -- properties ----------------------------------------------------------------------------------

MODEST = settings(derandomize=True, max_examples=60, deadline=None)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
PROCESSES = st.one_of(TEXTS, st.integers(-5, 105).map(lambda sen: f"image/bodies,sen_{sen}"))


def asking(key: str, process: str) -> Unsigned:
    return replace(ASKED, key=key, query=(("x-oss-process", process),))


@MODEST
@given(key=TEXTS, process=PROCESSES)
def test_what_is_signed_in_the_header_is_accepted_and_read_back(key: str, process: str) -> None:
    found = checked(header_signed(asking(key, process)))
    assert (found.verified, found.resource.key) == ("accepted", key)
    assert found.resource.query == (("x-oss-process", process),)


@MODEST
@given(key=TEXTS, process=PROCESSES)
def test_what_is_signed_in_the_url_is_accepted(key: str, process: str) -> None:
    assert checked(url_signed(asking(key, process))).verified == "accepted"


@MODEST
@given(key=TEXTS, process=PROCESSES, other=PROCESSES)
def test_another_processing_string_than_was_signed_is_refused(
    key: str, process: str, other: str
) -> None:
    signed = header_signed(asking(key, process))
    sent = on_the_wire(asking(key, other), HOST).target
    expected = "accepted" if process == other else "SignatureDoesNotMatch"
    assert checked(replace(signed, target=sent)).verified == expected


@MODEST
@given(key=TEXTS, other=TEXTS)
def test_another_key_than_was_signed_is_refused(key: str, other: str) -> None:
    signed = header_signed(asking(key, "image/bodies"))
    sent = on_the_wire(asking(other, "image/bodies"), HOST).target
    expected = "accepted" if key == other else "SignatureDoesNotMatch"
    assert checked(replace(signed, target=sent)).verified == expected


@MODEST
@given(at=st.integers(0, 63), digit=st.sampled_from("0123456789abcdefABCDEF "))
def test_another_digit_in_the_signature_is_refused(at: int, digit: str) -> None:
    request = header_signed()
    head, name, proof = (request.header("authorization") or "").partition("Signature=")
    changed = proof[:at] + digit + proof[at + 1 :]
    sent = headed(request, "authorization", f"{head}{name}{changed}")
    assert (checked(sent).verified == "accepted") == (changed == proof)


@MODEST
@given(
    method=TEXTS, target=TEXTS, authorization=TEXTS,
    names=st.sampled_from(["Authorization", "x-oss-date", "Date", "Host", "x-oss-content-sha256"]),
)  # fmt: skip
def test_whatever_is_sent_is_answered(
    method: str, target: str, authorization: str, names: str
) -> None:
    start = f"{v4.ALGORITHM} {authorization}" if names == "Authorization" else authorization
    request = Request(
        method=method, target=f"/{target}?{target}", version="HTTP/1.1", headers=((names, start),)
    )
    assert checked(request).verified != "accepted"


_FIELDS = (
    "",
    "OSS ak:x",
    "oss ak:x",
    f"{v4.ALGORITHM} x",
    "OSS4-X",
    " Bearer x",
    "AWS4-HMAC-SHA256",
)
_PARAMETERS = ("", "x-oss-signature=1", "Signature=1", "OSSAccessKeyId=a&x-oss-signature=1")


@pytest.mark.parametrize("field", _FIELDS)
@pytest.mark.parametrize("parameters", _PARAMETERS)
def test_the_form_of_an_authorization_is_that_of_reading_all_of_it(
    field: str, parameters: str
) -> None:
    headers = (("Host", HOST), *((("Authorization", field),) if field else ()))
    for fields in (headers, (*headers, ("Authorization", "OSS b:y"))):
        request = Request(
            method="GET", target=f"/k?{parameters}", version="HTTP/1.1", headers=fields
        )
        resource = resolve(host=HOST, target=request.target)
        read = authorization.read(request, resource)
        assert authorization.form(request, resource) == read.auth


def test_an_authorization_has_the_form_of_its_scheme() -> None:
    forms = [checked(_with_field(field)).auth for field in _FIELDS]
    assert forms[:4] == ["anonymous", "v1-header", "unknown", "v4-header"]
    assert forms[4:] == ["v4-header", "bearer", "aws4-header"]


def _with_field(field: str) -> Request:
    headers = (("Host", HOST), *((("Authorization", field),) if field else ()))
    return Request(method="GET", target="/k", version="HTTP/1.1", headers=headers)
