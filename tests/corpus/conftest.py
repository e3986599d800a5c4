"""What the tests of the corpus start from: one small vector file that is right in every respect."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from conformance.corpus.decode import Terms
from conformance.corpus.load import terms

RIGHT: dict[str, Any] = {
    "$schema": "../../schemas/vectors.schema.json",
    "topic": "process/example",
    "about": "A file that is right in every respect, for tests to spoil.",
    "flags": {"marked": "A flag that one case has."},
    "defaults": {
        "provenance": {"source": "derived", "note": "Made up for the tests of the linter."},
        "expect": {"required": {"requests": 1, "answer": "content"}},
    },
    "cases": [
        {
            "id": "process/example/one",
            "title": "One case shows one thing.",
            "flags": ["marked"],
            "input": {"parameters": {"sen": 50}},
            "script": {"replies": [{"status": 200, "body": {"json": {"a": [1, 0.5]}}}]},
            "expect": {"required": {"process": "image/bodies,sen_50"}},
        }
    ],
}


@pytest.fixture(scope="session")
def suite_terms() -> Terms:
    """The schemas and defaults of the suite."""
    return terms()


@pytest.fixture
def right() -> dict[str, Any]:
    """A right document, fresh for each test."""
    return copy.deepcopy(RIGHT)


@pytest.fixture
def spoil() -> Callable[[Callable[[Any], object]], dict[str, Any]]:
    """The right document with one thing changed by the given function."""

    def spoiled(change: Callable[[Any], object]) -> dict[str, Any]:
        document = copy.deepcopy(RIGHT)
        change(document)
        return document

    return spoiled
