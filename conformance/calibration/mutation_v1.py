"""The mutations of a known answer of Signature V1, in the header and in the URL.

mutation.py says what they are for. Of the query only sub-resources are signed; a header
counts if it is one of the three that have a line of their own, or one of OSS. In a URL the time is
Expires, and a Date that stands beside it is not signed.
"""

from collections.abc import Iterator
from dataclasses import replace
from email.utils import formatdate

from conformance.calibration.known_answer import Pairs, wired
from conformance.calibration.known_answer_v1 import KnownAnswerV1
from conformance.calibration.mutant import Mutation, methods, of_key, of_proof, sent, turned
from conformance.model.http import Header, Request
from conformance.oss import v1
from conformance.oss.authorization import moment_of
from conformance.oss.v4 import PREFIX
from conformance.oss.verify import SKEW

_OF_CONTENT = ("content-md5", "content-type")
_IDENTITY, _EXPIRES, _PROOF = v1.URL_PARAMETERS


def mutations(answer: KnownAnswerV1) -> Iterator[Mutation]:
    """All mutations of one known answer whose request is accepted as it stands."""
    whole = answer.request(answer.expect)
    yield from methods(answer, whole)
    for part, request in _on_the_wire(answer):
        yield sent(answer, part, request)
    yield from of_key(answer, whole)
    same = sent(answer, "", whole)
    if answer.expires is None:
        yield replace(same, part="too early", clock=answer.clock - SKEW - 1)
        yield replace(same, part="too late", clock=answer.clock + SKEW + 1)
    else:
        yield replace(same, part="too late", clock=answer.expires + 1)


def _on_the_wire(answer: KnownAnswerV1) -> Iterator[tuple[str, Request]]:
    asked = answer.signed(answer.expect)
    yield "bucket", wired(asked, f"x{answer.host}")
    yield "key", wired(replace(asked, key=f"{asked.key}x"), answer.host)
    yield "key, a slash before it", wired(replace(asked, key=f"/{asked.key}"), answer.host)
    for part, query in _queries(asked.query):
        yield part, wired(replace(asked, query=query), answer.host)
    for part, headers in _headers(answer, asked.headers):
        yield part, wired(replace(asked, headers=headers), answer.host)
    for part, other in of_proof(answer.expect):
        yield part, answer.request(other)
    for part, identity in (("access key id", f"x{answer.ak}"), ("access key id empty", "")):
        yield part, replace(answer, ak=identity).request(answer.expect)


def _queries(query: Pairs) -> Iterator[tuple[str, Pairs]]:
    for at, (name, value) in enumerate(query):
        before, after = query[:at], query[at + 1 :]
        if name in v1.URL_PARAMETERS:
            yield f"{name} left out", before + after
            yield f"name {name}", (*before, (name.lower(), value), *after)
            if name == _EXPIRES:
                for part, other in _expiries(int(value)):
                    yield f"{name} {part}", (*before, (name, other), *after)
        elif v1.is_sub_resource(name):
            yield f"sub-resource {name} left out", before + after
            yield f"name of sub-resource {name}", (*before, (f"{name}x", value), *after)
            yield f"value of sub-resource {name}", (*before, (name, turned(value)), *after)
            if value:
                yield f"sub-resource {name} empty", (*before, (name, ""), *after)
            yield f"sub-resource {name} in upper case", (*before, (name.upper(), value), *after)
    yield "a sub-resource more", (*query, ("x-oss-process", "image/bodies"))
    yield "a token more in the query", (*query, ("security-token", "another"))


def _expiries(moment: int) -> Iterator[tuple[str, str]]:
    yield "a second later", str(moment + 1)
    yield "a second earlier", str(moment - 1)
    yield "in milliseconds", str(moment * 1000)
    yield "empty", ""
    yield "not a number", f"{moment}x"


def _headers(
    answer: KnownAnswerV1, headers: tuple[Header, ...]
) -> Iterator[tuple[str, tuple[Header, ...]]]:
    lower = [name.lower() for name, _ in headers]
    for at, (name, value) in enumerate(headers):
        before, after = headers[:at], headers[at + 1 :]
        of_oss = lower[at].startswith(PREFIX)
        timed = answer.mode == "header" and value == answer.date
        if not (of_oss or timed or lower[at] in (*_OF_CONTENT, "authorization")):
            continue
        yield f"header {name} left out", before + after
        if lower[at] == "authorization":
            yield "prefix of the signature", (*before, (name, f"OSX{value[3:]}"), *after)
            continue
        yield f"value of header {name}", (*before, (name, turned(value)), *after)
        if of_oss:
            yield f"header {name} twice", (*headers, (name, value))
        if timed:
            yield f"{name}, a second later", (*before, (name, _later(value)), *after)
    for name in _OF_CONTENT:
        if name not in lower:
            yield f"a header {name} more", (*headers, (name, "text/plain"))
    yield "a header x-oss-* more", (*headers, ("x-oss-mutation", "value"))
    yield "a token more", (*headers, ("x-oss-security-token", "another"))


def _later(text: str) -> str:
    return formatdate((moment_of(text) or 0) + 1, usegmt=True)
