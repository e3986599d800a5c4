"""Every known answer with one part of it changed: requests that the verifier must refuse.

Floor 2. A verifier that accepts everything reproduces every known answer; only what it refuses
shows that each part counts. A mutation changes one part that is signed, on the wire or in what the
service knows, and leaves the signature as it was.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from conformance.model.case import KnownKey
from conformance.model.http import Header, Request
from conformance.oss import v4
from conformance.oss.known import KnownAnswer, Pairs, wired

_METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """A changed request, or changed knowledge of the service; part: what was changed."""

    part: str
    request: Request
    key: KnownKey
    region: str


def mutations(answer: KnownAnswer) -> Iterator[Mutation]:
    """All mutations of one known answer whose request is accepted as it stands."""
    sent = answer.request(answer.expect)
    key = answer.known_key
    for part, request in _on_the_wire(answer, sent):
        yield Mutation(part=part, request=request, key=key, region=answer.region)
    for part, other in (
        ("secret", replace(key, secret=_turned(key.secret))),
        ("secret, a blank behind it", replace(key, secret=key.secret + " ")),
        ("known access key id", replace(key, id=_turned(key.id))),
        ("known token", replace(key, token=f"{key.token or ''}x")),
    ):
        yield Mutation(part=part, request=sent, key=other, region=answer.region)
    yield Mutation(part="known region", request=sent, key=key, region=_turned(answer.region))


def _on_the_wire(answer: KnownAnswer, sent: Request) -> Iterator[tuple[str, Request]]:
    for method in _METHODS:
        if method != sent.method:
            yield f"method {method}", replace(sent, method=method)
    asked = answer.asked
    if answer.mode == "query":
        asked = replace(asked, query=(*asked.query, (v4.URL_SIGNATURE, answer.expect)))
    else:
        asked = replace(asked, headers=sent.headers[1:])
    yield "bucket", wired(asked, f"x{answer.host}")
    yield "key", wired(replace(asked, key=f"{asked.key}x"), answer.host)
    yield "key, a slash before it", wired(replace(asked, key=f"/{asked.key}"), answer.host)
    for part, query in _queries(asked.query):
        yield part, wired(replace(asked, query=query), answer.host)
    for part, headers in _headers(asked):
        yield part, wired(replace(asked, headers=headers), answer.host)
    for part, texts in _proofs(answer):
        yield part, _swapped(sent, *texts)


def _queries(query: Pairs) -> Iterator[tuple[str, Pairs]]:
    for at, (name, value) in enumerate(query):
        before, after = query[:at], query[at + 1 :]
        yield f"query parameter {name} left out", before + after
        yield f"name of query parameter {name}", (*before, (f"{name}x", value), *after)
        yield f"value of query parameter {name}", (*before, (name, _turned(value)), *after)
    yield "a query parameter more", (*query, ("x-oss-process", "image/bodies"))


def _headers(asked: v4.Unsigned) -> Iterator[tuple[str, tuple[Header, ...]]]:
    headers = asked.headers
    for at, (name, value) in enumerate(headers):
        if not (v4.signed_by_default(name.lower()) or name.lower() in asked.additional):
            continue
        before, after = headers[:at], headers[at + 1 :]
        yield f"header {name} left out", before + after
        yield f"value of header {name}", (*before, (name, _turned(value)), *after)
        yield f"header {name} twice", (*headers, (name, value))
    yield "a header x-oss-* more", (*headers, ("x-oss-mutation", "value"))
    yield "a token more", (*headers, ("x-oss-security-token", "another"))


def _proofs(answer: KnownAnswer) -> Iterator[tuple[str, tuple[str, str]]]:
    """Texts in the Authorization header or the query, each with what it is changed to."""
    scope, proof = answer.scope, answer.expect
    slash = "/" if answer.mode == "header" else "%2F"
    day = f"{slash}{scope.date}{slash}"
    yield "signing date", (day, f"{slash}{_next_day(answer)}{slash}")
    yield "signing region", (f"{slash}{scope.region}{slash}", f"{slash}x{scope.region}{slash}")
    yield "signing product", (f"{slash}{scope.product}{slash}", f"{slash}x{scope.product}{slash}")
    yield "suffix of the scope", (v4.SUFFIX, "aliyun_v3_request")
    yield "access key id", (f"{answer.ak}{day}", f"x{answer.ak}{day}")
    yield "algorithm", (v4.ALGORITHM, "OSS4-HMAC-SHA1")
    yield "first digit of the signature", (proof, _digit(proof[0]) + proof[1:])
    yield "last digit of the signature", (proof, proof[:-1] + _digit(proof[-1]))
    yield "signature in upper case", (proof, proof.upper())
    yield "signature cut", (proof, proof[:-1])
    yield "signature empty", (proof, "")
    names = v4.listed(answer.additional)
    joint = ";" if answer.mode == "header" else "%3B"
    if names:
        listed = joint.join(names)
        yield "additional header more", (listed, f"{listed}{joint}xyz")
        yield "additional header left out", (listed, joint.join(names[1:]))
    elif answer.mode == "header":
        yield "additional headers listed", ("Signature=", "AdditionalHeaders=host,Signature=")


def _swapped(sent: Request, old: str, new: str) -> Request:
    headers = tuple(
        (n, v.replace(old, new) if n == "Authorization" else v) for n, v in sent.headers
    )
    return replace(sent, headers=headers, target=sent.target.replace(old, new))


def _turned(text: str) -> str:
    """A text of the same length that differs in its last character; something for nothing."""
    return text[:-1] + ("x" if text[-1] != "x" else "y") if text else "x"


def _digit(old: str) -> str:
    return "0" if old != "0" else "1"


def _next_day(answer: KnownAnswer) -> str:
    return v4.timestamp(answer.signtime + 86400)[:8]
