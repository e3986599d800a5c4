"""What is not published cannot be expected; that what was sent is passed on can always be."""

from typing import Any

import pytest

from conformance.corpus.decode import Terms, mistakes
from conformance.corpus.undocumented import CONDITIONS, TABLE
from conformance.operation.reading import bodies

ERROR = {"code": "Imm Client", "message": "m"}


def _document(
    right: dict[str, Any],
    given: dict[str, Any],
    claims: dict[str, Any],
    *,
    error: dict[str, str] | None = None,
    claim: str = "required",
) -> dict[str, Any]:
    right["defaults"]["expect"] = {"observed": ["requests"]}
    case = right["cases"][0]
    case["input"] = given
    case["expect"] = {claim: claims}
    if error is not None:
        case["script"] = {"replies": [{"status": 400, "error": error}]}
    return right


ANONYMOUS = {"credentials": None}
REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, str] | None, str]] = {
    "ec of anonymous": (ANONYMOUS, {"ec": "as-sent"}, None, "anonymous"),
    "code of anonymous": (ANONYMOUS, {"code": "AccessDenied"}, None, "anonymous"),
    "status of anonymous": (ANONYMOUS, {"status": 403}, None, "anonymous"),
    "verified of anonymous": (ANONYMOUS, {"verified": "AccessDenied"}, None, "anonymous"),
    "answer to sen 101": (
        {"parameters": {"sen": 101}},
        {"answer": "error"},
        None,
        "outside 0..100",
    ),
    "content for sen -1": (
        {"parameters": {"sen": -1}},
        {"content": "as-sent"},
        None,
        "outside 0..100",
    ),
    "answer to a sen with a leading zero": (
        {"process": "image/bodies,sen_050"},
        {"answer": "content"},
        None,
        "any other string",
    ),
    "answer to a chain": (
        {"process": "image/resize,w_100/bodies"},
        {"answer": "content"},
        None,
        "any other string",
    ),
    "what sen 100 detects": (
        {"parameters": {"sen": 100}},
        {"parsed": {"Bodies": []}},
        None,
        "sen 0 and sen 100",
    ),
    "HEAD": ({}, {"method": "HEAD"}, None, "HEAD"),
    "a range": ({}, {"status": 206}, None, "Range"),
    "a particular EC": ({}, {"ec": "0026-00000001"}, None, "not stable"),
    "CanonicalRequest": (
        {"program": "sample"},
        {"prints": ["CanonicalRequest"]},
        None,
        "V4 mismatch",
    ),
    "status of a format error": (
        {},
        {"status": 400},
        {"code": "InvalidArgument", "message": "m", "ec": "0002-00000210"},
        "format errors",
    ),
    "code of a window error": (
        {},
        {"code": "AccessDenied"},
        {"code": "AccessDenied", "message": "m", "ec": "0002-00000236"},
        "outside its window",
    ),
    "status of a detection error": ({}, {"status": 400}, ERROR, "detection service"),
}


@pytest.mark.parametrize("claim", ["required", "recommended"])
@pytest.mark.parametrize("name", REFUSED)
def test_what_no_public_document_supports_cannot_be_expected(
    right: dict[str, Any], suite_terms: Terms, name: str, claim: str
) -> None:
    given, claims, error, words = REFUSED[name]
    found = mistakes(_document(right, given, claims, error=error, claim=claim), suite_terms)
    place = f"/cases/0/expect/{claim}/{next(iter(claims))}"
    assert [(m.place, words in m.rule) for m in found] == [(place, True)]


@pytest.mark.parametrize(
    ("given", "claims", "error"),
    [
        (ANONYMOUS, {"answer": "error", "origin": "service", "code": "as-sent"}, None),
        ({"parameters": {"sen": 100}}, {"answer": "content", "parsed": "as-sent"}, None),
        ({"parameters": {"sen": 101}}, {"process": "image/bodies,sen_101", "method": "GET"}, None),
        ({}, {"answer": "error", "status": "as-sent"}, ERROR),
        (
            {},
            {"answer": "error", "status": 400},
            {"code": "InvalidArgument", "message": "m", "ec": "0002-00000226"},
        ),
        ({}, {"answer": "error", "status": 404}, {"code": "NoSuchKey", "message": "m"}),
    ],
)
def test_what_a_public_document_supports_can_be_expected(
    right: dict[str, Any],
    suite_terms: Terms,
    given: dict[str, Any],
    claims: dict[str, Any],
    error: dict[str, str] | None,
) -> None:
    assert mistakes(_document(right, given, claims, error=error), suite_terms) == ()


def test_anything_can_be_observed(right: dict[str, Any], suite_terms: Terms) -> None:
    document = _document(right, ANONYMOUS, {"auth": "anonymous"})
    document["cases"][0]["expect"]["observed"] = ["ec", "code", "status", "verified"]
    assert mistakes(document, suite_terms) == ()


def test_every_row_refuses_something_here() -> None:
    reasons = [row.reason for row in TABLE]
    reasons += [row.reason for row in bodies().undocumented]
    quoted = {words for *_, words in REFUSED.values()}
    assert all(any(words in reason for words in quoted) for reason in reasons)


def test_every_condition_of_the_schema_is_known(suite_terms: Terms) -> None:
    rows = suite_terms.schemas["operation"]["properties"]["undocumented"]["items"]["properties"]
    assert {option["required"][0] for option in rows["when"]["oneOf"]} == set(CONDITIONS)
