"""A known answer has the fields of its schema and makes the request that it stands for."""

from dataclasses import fields

import pytest

from conformance.calibration.answer_file import read
from conformance.calibration.calibrating import KNOWN_ANSWERS
from conformance.calibration.known_answer import (
    KnownAnswer,
    KnownAnswerV1,
    KnownAnswerV4,
    on_the_wire,
)
from conformance.documents.schema import schema
from conformance.oss.v4 import Unsigned

ALL = tuple(answer for path in KNOWN_ANSWERS for answer in read(path))


@pytest.mark.parametrize(
    ("kind", "name", "beyond"),
    [(KnownAnswerV4, "known-answers", set()), (KnownAnswerV1, "known-answers-v1", {"region"})],
)
def test_the_fields_of_an_answer_are_those_of_its_schema(
    kind: type[KnownAnswer], name: str, beyond: set[str]
) -> None:
    properties = schema(name)["properties"]["vectors"]["items"]["properties"]
    assert {field.name for field in fields(kind)} - beyond == set(properties)


@pytest.mark.parametrize("answer", ALL, ids=[answer.id for answer in ALL])
def test_the_request_has_the_signature_where_the_mode_says(answer: KnownAnswer) -> None:
    request = answer.request("THE-SIGNATURE")
    in_header = "THE-SIGNATURE" in (request.header("authorization") or "")
    in_url = "THE-SIGNATURE" in request.target
    assert (in_header, in_url) == (answer.mode == "header", answer.mode == "query")


def test_a_request_goes_to_its_host_with_its_query_in_order() -> None:
    unsigned = Unsigned(method="GET", bucket="b", key="a b/ü", query=(("z", "1,2"), ("a", "")))
    request = on_the_wire(unsigned, "b.example")
    assert request.target == "/a%20b/%C3%BC?z=1%2C2&a"
    assert request.header("host") == "b.example"
