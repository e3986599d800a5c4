"""The one layout of vector files."""

import json
from typing import Any

import pytest

from conformance.corpus.decode import Terms
from conformance.corpus.layout import WIDTH, format_vector
from conformance.documents.strict_json import read


def _laid(document: Any, terms: Terms) -> str:
    return format_vector(document, terms.schemas["vectors"])


def _again(text: str, terms: Terms) -> str:
    document, found = read(text.encode())
    assert found == ()
    return _laid(document, terms)


def test_laying_out_twice_changes_nothing(right: dict[str, Any], suite_terms: Terms) -> None:
    once = _laid(right, suite_terms)
    assert _again(once, suite_terms) == once


def test_laying_out_keeps_the_document(right: dict[str, Any], suite_terms: Terms) -> None:
    assert json.loads(_laid(right, suite_terms)) == right


def test_names_stand_in_the_order_of_the_schema(right: dict[str, Any], suite_terms: Terms) -> None:
    mixed = dict(reversed(right.items()))
    mixed["cases"] = [dict(reversed(case.items())) for case in mixed["cases"]]
    assert _laid(mixed, suite_terms) == _laid(right, suite_terms)


def test_a_document_of_the_service_keeps_its_order(
    right: dict[str, Any], suite_terms: Terms
) -> None:
    right["cases"][0]["script"]["replies"][0]["body"] = {"json": {"sen": 1, "input": 2, "id": 3}}
    assert '{"json": {"sen": 1, "input": 2, "id": 3}}' in _laid(right, suite_terms)


def test_what_fits_stands_on_one_line_and_cases_stand_open(
    right: dict[str, Any], suite_terms: Terms
) -> None:
    lines = _laid(right, suite_terms).splitlines()
    assert '      "input": {"parameters": {"sen": 50}},' in lines
    assert '      "id": "process/example/one",' in lines


def test_no_line_that_can_be_broken_is_wider_than_the_page(
    right: dict[str, Any], suite_terms: Terms
) -> None:
    for width in range(60, 110):
        right["cases"][0]["input"]["key"] = "k" * width
        wide = [line for line in _laid(right, suite_terms).splitlines() if len(line) > WIDTH]
        assert all('"key": "' in line and line.startswith('        "key"') for line in wide)


@pytest.mark.parametrize("spelling", ["0.10", "1e-7", "-0"])
def test_numbers_keep_their_spelling(
    right: dict[str, Any], suite_terms: Terms, spelling: str
) -> None:
    text = json.dumps(right).replace("[1, 0.5]", f"[1, {spelling}]")
    assert f"[1, {spelling}]" in _again(text, suite_terms)


def test_letters_stand_as_they_are_and_what_cannot_be_seen_is_escaped(
    right: dict[str, Any], suite_terms: Terms
) -> None:
    right["cases"][0]["input"]["key"] = "é\u200d\u00a0照"
    assert '"key": "é\\u200d\\u00a0照"' in _laid(right, suite_terms)


def test_names_that_the_schema_does_not_know_are_kept(
    right: dict[str, Any], suite_terms: Terms
) -> None:
    right["surprise"] = 1
    assert json.loads(_laid(right, suite_terms))["surprise"] == 1
