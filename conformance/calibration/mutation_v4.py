"""The mutations of a known answer of Signature V4, in the header and in the URL.

mutation.py says what they are for.
"""

from collections.abc import Iterator
from dataclasses import replace

from conformance.calibration.known_answer import KnownAnswer, Pairs, wired
from conformance.calibration.mutant import Mutation, methods, of_key, of_proof, sent, turned
from conformance.model.http import Header, Request
from conformance.oss import v4
from conformance.oss.authorization import LONGEST, moment_of
from conformance.oss.verify import SKEW

_DAY = 86400


def mutations(answer: KnownAnswer) -> Iterator[Mutation]:
    """All mutations of one known answer whose request is accepted as it stands."""
    whole = answer.request(answer.expect)
    yield from methods(answer, whole)
    for part, request in _on_the_wire(answer, whole):
        yield sent(answer, part, request)
    yield from of_key(answer, whole)
    same = sent(answer, "", whole)
    yield replace(same, part="known region", region=turned(answer.region))
    end = answer.signtime + (SKEW if answer.expires is None else answer.expires)
    yield replace(same, part="too early", clock=answer.signtime - SKEW - 1)
    yield replace(same, part="too late", clock=end + 1)


def _on_the_wire(answer: KnownAnswer, whole: Request) -> Iterator[tuple[str, Request]]:
    asked = answer.asked
    if answer.mode == "query":
        asked = replace(asked, query=(*asked.query, (v4.URL_SIGNATURE, answer.expect)))
    else:
        asked = replace(asked, headers=whole.headers[1:])
    yield "bucket", wired(asked, f"x{answer.host}")
    yield "key", wired(replace(asked, key=f"{asked.key}x"), answer.host)
    yield "key, a slash before it", wired(replace(asked, key=f"/{asked.key}"), answer.host)
    for part, query in _queries(asked.query):
        yield part, wired(replace(asked, query=query), answer.host)
    for part, headers in _headers(asked):
        yield part, wired(replace(asked, headers=headers), answer.host)
    for part, texts in _proofs(answer):
        yield part, _swapped(whole, *texts)


def _queries(query: Pairs) -> Iterator[tuple[str, Pairs]]:
    for at, (name, value) in enumerate(query):
        before, after = query[:at], query[at + 1 :]
        yield f"query parameter {name} left out", before + after
        yield f"query parameter {name} empty", (*before, (name, "" if value else "x"), *after)
        yield f"name of query parameter {name}", (*before, (f"{name}x", value), *after)
        yield f"value of query parameter {name}", (*before, (name, turned(value)), *after)
        if name == "x-oss-date":
            yield f"{name}, a second later", (*before, (name, _later(value)), *after)
        if name == "x-oss-expires":
            for part, seconds in (("a second more", int(value) + 1), ("too many", LONGEST + 1)):
                yield f"{name}, {part}", (*before, (name, str(seconds)), *after)
            yield f"{name}, none", (*before, (name, "0"), *after)
    yield "a query parameter more", (*query, ("x-oss-process", "image/bodies"))


def _headers(asked: v4.Unsigned) -> Iterator[tuple[str, tuple[Header, ...]]]:
    headers = asked.headers
    for at, (name, value) in enumerate(headers):
        if not (v4.signed_by_default(name.lower()) or name.lower() in asked.additional):
            continue
        before, after = headers[:at], headers[at + 1 :]
        yield f"header {name} left out", before + after
        yield f"value of header {name}", (*before, (name, turned(value)), *after)
        yield f"header {name} twice", (*headers, (name, value))
        if name == "x-oss-date":
            yield f"{name}, a second later", (*before, (name, _later(value)), *after)
    for name in v4.SIGNED_BY_DEFAULT:
        if name not in [field.lower() for field, _ in headers]:
            yield f"a header {name} more", (*headers, (name, "text/plain"))
    yield "a header x-oss-* more", (*headers, ("x-oss-mutation", "value"))
    yield "a token more", (*headers, ("x-oss-security-token", "another"))


def _proofs(answer: KnownAnswer) -> Iterator[tuple[str, tuple[str, str]]]:
    """Texts in the Authorization header or the query, each with what it is changed to."""
    scope, proof = answer.scope, answer.expect
    slash = "/" if answer.mode == "header" else "%2F"
    day = f"{slash}{scope.date}{slash}"
    yield "signing date", (day, f"{slash}{v4.timestamp(answer.signtime + _DAY)[:8]}{slash}")
    yield "signing region", (f"{slash}{scope.region}{slash}", f"{slash}x{scope.region}{slash}")
    yield "signing product", (f"{slash}{scope.product}{slash}", f"{slash}x{scope.product}{slash}")
    yield "suffix of the scope", (v4.SUFFIX, "aliyun_v3_request")
    yield "access key id", (f"{answer.ak}{day}", f"x{answer.ak}{day}")
    yield "algorithm", (v4.ALGORITHM, "OSS4-HMAC-SHA1")
    for part, other in of_proof(proof):
        yield part, (proof, other)
    names = v4.listed(answer.additional)
    joint = ";" if answer.mode == "header" else "%3B"
    if names:
        listed = joint.join(names)
        yield "additional header more", (listed, f"{listed}{joint}xyz")
        yield "additional header left out", (listed, joint.join(names[1:]))
    elif answer.mode == "header":
        yield "additional headers listed", ("Signature=", "AdditionalHeaders=host,Signature=")


def _swapped(whole: Request, old: str, new: str) -> Request:
    headers = tuple(
        (n, v.replace(old, new) if n == "Authorization" else v) for n, v in whole.headers
    )
    return replace(whole, headers=headers, target=whole.target.replace(old, new))


def _later(text: str) -> str:
    return v4.timestamp((moment_of(text) or 0) + 1)
