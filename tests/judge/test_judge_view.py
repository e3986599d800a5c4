"""The view of a turn: requests parsed and verified once."""

from typing import Any

from judge.notation import case, transcript
from judge.rule_examples import BODIES, exchange, lane, refused, request

from conformance.judge.view import TurnView, view_turn

CASE = case({"about": "a case"})


def viewed(*exchanges: Any) -> TurnView:
    (record,) = transcript(lane(*exchanges)).turns
    assert record.answer is not None
    return view_turn(1, CASE.turns[0], record, record.answer, ())


def test_a_request_is_verified_by_the_keys_of_the_script() -> None:
    right, wrong = viewed(exchange(), exchange(request(secret="AnotherSecret"))).requests
    assert (right.verification.verified, wrong.verification.verified) == (
        "accepted",
        "SignatureDoesNotMatch",
    )


def test_every_value_of_the_processing_parameter_is_decoded() -> None:
    query = (("x-oss-process", BODIES), ("x-oss-process", "a b"))
    (only,) = viewed(exchange(request(query=query))).requests
    assert only.process == (BODIES, "a b")


def test_the_host_is_in_lower_case_and_without_its_port() -> None:
    (only,) = viewed(exchange(request(host="Image-Demo.example:8443"))).requests
    assert only.host == "image-demo.example"


def test_requests_that_cannot_be_read_are_counted_and_numbered() -> None:
    view = viewed(exchange(["not HTTP"]), exchange(), refused("BadRequest", request()))
    assert (view.request_count, view.malformed) == (3, (1, 3))
    assert [one.number for one in view.requests] == [2]


def test_a_turn_without_requests_has_no_response() -> None:
    assert viewed().response is None
