"""Where a processing string must not be."""

from typing import Any

import pytest
from judge.notation import Json, case, transcript
from judge.rule_examples import BODIES, exchange, lane, request

from conformance.judge import judge
from conformance.operation.processing import asked

QUERY = ("x-oss-process", BODIES)


def places(data: Json, **given: Any) -> list[str]:
    verdict = judge(case({"about": "a case", **given}), transcript(lane(data)))
    assert {finding.rule for finding in verdict.findings} <= {"process.place"}, verdict
    return [finding.where for finding in verdict.findings]


@pytest.mark.parametrize("name", ["X-Oss-Process", "X-Process"])
def test_a_processing_string_in_a_header_is_misplaced(name: str) -> None:
    lines = request(extra=((name, BODIES),))
    assert places(exchange(lines)) == [f"request 1: header {name}"]


def test_an_encoded_processing_string_in_a_header_is_misplaced() -> None:
    lines = request(after=(("X-Query", "image%252Fbodies%252Csen_50"),))
    assert places(exchange(lines)) == ["request 1: header X-Query"]


@pytest.mark.parametrize(
    "parameter", [("X-Oss-Process", "x"), ("process", BODIES), ("image/bodies", "")]
)
def test_a_processing_string_under_another_name_is_misplaced(parameter: tuple[str, str]) -> None:
    lines = request(query=(QUERY, parameter))
    assert places(exchange(lines)) == [f"request 1: query parameter {parameter[0]}"]


def test_a_processing_string_in_the_body_is_misplaced() -> None:
    lines = request(after=(("Content-Length", str(len(BODIES))),))
    assert places(exchange(lines, request_body=BODIES)) == ["request 1: body"]


def test_a_processing_string_in_the_path_is_misplaced_unless_the_key_has_it() -> None:
    key = "example.jpg&x-oss-process=image"
    data = exchange(request(key=key))
    assert places(data) == ["request 1: path"]
    assert places(data, input={"key": key}) == []


def test_ordinary_header_fields_are_not_misplaced() -> None:
    assert places(exchange(request(extra=(("Accept", "image/*"),)))) == []


def test_a_processing_string_that_is_passed_through_is_the_one_asked_for() -> None:
    (turn,) = case({"about": "a case", "input": {"process": "image/x"}}).turns
    assert asked(turn.input) == "image/x"
