"""Requests of a known answer with one part changed and the signature unchanged.

Only signed parts are changed, because a change to any other must be accepted: in V1 a query
parameter that is not a sub-resource, in both versions a header that is neither listed nor x-oss-*.
Where possible the changed value is still well-formed: a malformed date is rejected whether it is
signed or not, which proves nothing.
"""

from collections.abc import Iterator
from dataclasses import replace
from email.utils import formatdate

from conformance.calibration.known_answer import (
    KnownAnswer,
    KnownAnswerV1,
    KnownAnswerV4,
    Pairs,
    on_the_wire,
)
from conformance.model.http import Header, Request
from conformance.oss import v1, v4
from conformance.oss.authorization import LONGEST, moment_of
from conformance.oss.v4 import Unsigned

METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE")

_DAY = 86400  # seconds
_EXPIRES = v1.URL_PARAMETERS[1]

Fields = tuple[Header, ...]


def changed_requests(answer: KnownAnswer) -> Iterator[tuple[str, Request]]:
    """(name of the changed part, request) for each change."""
    signed, host = answer.signed(answer.expect), answer.host
    sent = on_the_wire(signed, host)
    for method in METHODS:
        if method != sent.method:
            yield f"method {method}", replace(sent, method=method)
    yield "bucket", on_the_wire(signed, f"x{host}")
    yield "key", on_the_wire(replace(signed, key=f"{signed.key}x"), host)
    yield "key, a slash before it", on_the_wire(replace(signed, key=f"/{signed.key}"), host)
    for part, query in _queries(answer, signed.query):
        yield part, on_the_wire(replace(signed, query=query), host)
    for part, headers in _headers(answer, signed):
        yield part, on_the_wire(replace(signed, headers=headers), host)
    for part, signature in _signatures(answer.expect):
        yield part, answer.request(signature)
    if isinstance(answer, KnownAnswerV4):
        for part, old, new in _texts_v4(answer):
            yield part, _replaced(sent, old, new)
    else:
        for part, identity in (("access key id", f"x{answer.ak}"), ("access key id empty", "")):
            yield part, replace(answer, ak=identity).request(answer.expect)


def other_end(text: str) -> str:
    """The text with another last character; `x` for an empty text."""
    return text[:-1] + ("x" if text[-1] != "x" else "y") if text else "x"


def _signatures(signature: str) -> Iterator[tuple[str, str]]:
    bare = signature.rstrip("=")
    padding = signature[len(bare) :]
    yield "first digit of the signature", _other_digit(signature[0]) + signature[1:]
    yield "last digit of the signature", bare[:-1] + _other_digit(bare[-1]) + padding
    yield "signature in upper case", signature.upper()
    yield "signature cut", signature[:-1]
    yield "signature empty", ""


def _other_digit(digit: str) -> str:
    """Another digit, hexadecimal or Base64."""
    return "0" if digit != "0" else "1"


def _queries(answer: KnownAnswer, query: Pairs) -> Iterator[tuple[str, Pairs]]:
    changes = _pair_v4 if isinstance(answer, KnownAnswerV4) else _pair_v1
    for at, (name, value) in enumerate(query):
        for part, pairs in changes(name, value):
            yield part, (*query[:at], *pairs, *query[at + 1 :])
    process = ("x-oss-process", "image/bodies")
    if isinstance(answer, KnownAnswerV4):
        yield "a query parameter more", (*query, process)
    else:
        yield "a sub-resource more", (*query, process)
        yield "a token more in the query", (*query, ("security-token", "another"))


def _pair_v4(name: str, value: str) -> Iterator[tuple[str, Pairs]]:
    """(name of the change, parameters to send in place of this one)."""
    yield f"query parameter {name} left out", ()
    yield f"query parameter {name} empty", ((name, "" if value else "x"),)
    yield f"name of query parameter {name}", ((f"{name}x", value),)
    yield f"value of query parameter {name}", ((name, other_end(value)),)
    if name == "x-oss-date":
        yield f"{name}, a second later", ((name, _later_v4(value)),)
    if name == "x-oss-expires":
        yield f"{name}, a second more", ((name, str(int(value) + 1)),)
        yield f"{name}, too many", ((name, str(LONGEST + 1)),)
        yield f"{name}, none", ((name, "0"),)


def _pair_v1(name: str, value: str) -> Iterator[tuple[str, Pairs]]:
    if name in v1.URL_PARAMETERS:
        yield f"{name} left out", ()
        yield f"name {name}", ((name.lower(), value),)
    elif v1.is_sub_resource(name):
        yield f"sub-resource {name} left out", ()
        yield f"name of sub-resource {name}", ((f"{name}x", value),)
        yield f"value of sub-resource {name}", ((name, other_end(value)),)
        if value:
            yield f"sub-resource {name} empty", ((name, ""),)
        yield f"sub-resource {name} in upper case", ((name.upper(), value),)
    if name == _EXPIRES:
        moment = int(value)
        yield f"{name} a second later", ((name, str(moment + 1)),)
        yield f"{name} a second earlier", ((name, str(moment - 1)),)
        yield f"{name} in milliseconds", ((name, str(moment * 1000)),)
        yield f"{name} empty", ((name, ""),)
        yield f"{name} not a number", ((name, f"{moment}x"),)


def _headers(answer: KnownAnswer, signed: Unsigned) -> Iterator[tuple[str, Fields]]:
    headers = signed.headers
    for at, (name, value) in enumerate(headers):
        if name.lower() == "host":
            continue  # a request has one in any case; that of another bucket is a change above
        if isinstance(answer, KnownAnswerV4):
            changes = _field_v4(name, value, signed.additional)
        else:
            assert isinstance(answer, KnownAnswerV1)
            changes = _field_v1(name, value, answer)
        for part, fields in changes:
            yield part, (*headers[:at], *fields, *headers[at + 1 :])
    names = [name.lower() for name, _ in headers]
    for name in v4.SIGNED_BY_DEFAULT:  # in V1 as well
        if name not in names:
            yield f"a header {name} more", (*headers, (name, "text/plain"))
    yield "a header x-oss-* more", (*headers, ("x-oss-mutation", "value"))
    yield "a token more", (*headers, ("x-oss-security-token", "another"))


def _field_v4(name: str, value: str, additional: tuple[str, ...]) -> Iterator[tuple[str, Fields]]:
    """(name of the change, fields to send in place of this one); nothing for an unsigned header."""
    field = (name, value)
    if not (v4.signed_by_default(name.lower()) or name.lower() in additional):
        return
    yield f"header {name} left out", ()
    yield f"value of header {name}", ((name, other_end(value)),)
    yield f"header {name} twice", (field, field)
    if name == "x-oss-date":
        yield f"{name}, a second later", ((name, _later_v4(value)),)


def _field_v1(name: str, value: str, answer: KnownAnswerV1) -> Iterator[tuple[str, Fields]]:
    field, lower = (name, value), name.lower()
    is_of_oss = lower.startswith(v4.PREFIX)
    is_time = answer.mode == "header" and value == answer.date
    if lower == "authorization":
        yield f"header {name} left out", ()
        yield "prefix of the signature", ((name, f"OSX{value[3:]}"),)
    elif is_of_oss or is_time or lower in v4.SIGNED_BY_DEFAULT:
        yield f"header {name} left out", ()
        yield f"value of header {name}", ((name, other_end(value)),)
        if is_of_oss:
            yield f"header {name} twice", (field, field)
        if is_time:
            later = formatdate((moment_of(value) or 0) + 1, usegmt=True)
            yield f"{name}, a second later", ((name, later),)


def _texts_v4(answer: KnownAnswerV4) -> Iterator[tuple[str, str, str]]:
    """(part, text, another text) for each signed text in the Authorization header or the query."""
    scope, in_header = answer.scope, answer.mode == "header"
    slash, separator = ("/", ";") if in_header else ("%2F", "%3B")
    day = f"{slash}{scope.date}{slash}"
    next_day = v4.timestamp(answer.signtime + _DAY)[:8]
    yield "signing date", day, f"{slash}{next_day}{slash}"
    for part, text in (("region", scope.region), ("product", scope.product)):
        yield f"signing {part}", f"{slash}{text}{slash}", f"{slash}x{text}{slash}"
    yield "suffix of the scope", v4.SUFFIX, "aliyun_v3_request"
    yield "access key id", f"{answer.ak}{day}", f"x{answer.ak}{day}"
    yield "algorithm", v4.ALGORITHM, "OSS4-HMAC-SHA1"
    names = v4.listed(answer.additional)
    if names:
        listed = separator.join(names)
        yield "additional header more", listed, f"{listed}{separator}xyz"
        yield "additional header left out", listed, separator.join(names[1:])
    elif in_header:
        yield "additional headers listed", "Signature=", "AdditionalHeaders=host,Signature="


def _replaced(request: Request, old: str, new: str) -> Request:
    headers = tuple(
        (n, v.replace(old, new) if n == "Authorization" else v) for n, v in request.headers
    )
    return replace(request, headers=headers, target=request.target.replace(old, new))


def _later_v4(text: str) -> str:
    return v4.timestamp((moment_of(text) or 0) + 1)
