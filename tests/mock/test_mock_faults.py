"""Each fault becomes wire steps, and says its name in them."""

import json
from typing import Any

import pytest

from conformance.assets import SCHEMAS
from conformance.mock.answer import answer, prepare
from conformance.mock.faults import KINDS, SETTLE
from conformance.mock.steps import Arrival, Close, Pause, Reset, Step, Write
from conformance.model.case import Reply
from conformance.model.http import Request

REQUEST = Request(method="GET", target="/k", version="HTTP/1.1", headers=(("Host", "h"),))
ARRIVAL = Arrival(request=REQUEST, scheme="http", clock=0)
# A head of 18 bytes, so that offsets can be counted by hand.
HEAD = "HTTP/1.1 200 X"
HEAD_BYTES = b"HTTP/1.1 200 X\r\n\r\n"


def play(*faults: tuple[str, Any], framing: str = "length", body: bytes = b"body") -> list[Step]:
    reply = Reply(status=200, headers=(), body=body, framing=framing, faults=faults)
    return list(answer(prepare(reply), ARRIVAL, "0" * 24).steps)


def short(*faults: tuple[str, Any], **more: Any) -> list[Step]:
    """The same with the short head."""
    return play(("raw_head", HEAD), *faults, **more)


def test_raw_head_is_written_as_it_is() -> None:
    assert short() == [Write(data=HEAD_BYTES + b"body", fault="raw_head")]


def test_a_percent_sign_in_raw_head_is_only_a_percent_sign() -> None:
    (written,) = play(("raw_head", "HTTP/1.1 200 100%(id)b%"))
    assert isinstance(written, Write)
    assert written.data.startswith(b"HTTP/1.1 200 100%(id)b%\r\n\r\n")


def test_length_lies_in_the_head_and_leaves_the_body() -> None:
    (written,) = play(("length", 999))
    assert isinstance(written, Write)
    assert written.fault == "length"
    assert b"\r\nContent-Length: 999\r\n" in written.data
    assert written.data.endswith(b"\r\n\r\nbody")


def test_length_beside_chunked_stands_beside_it() -> None:
    (written,) = play(("length", 9), framing="chunked")
    assert isinstance(written, Write)
    assert b"\r\nContent-Length: 9\r\n" in written.data
    assert b"\r\nTransfer-Encoding: chunked" in written.data


def test_delay_comes_before_the_first_byte() -> None:
    assert short(("delay", 1.5))[0] == Pause(seconds=1.5, fault="delay")


def test_interim_answers_come_first_with_their_fields() -> None:
    hints = {"status": 103, "headers": [["Link", "</x>"]]}
    steps = short(("interim", [{"status": 102}, hints]))
    assert steps[:2] == [
        Write(data=b"HTTP/1.1 102 Processing\r\n\r\n", fault="interim"),
        Write(data=b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", fault="interim"),
    ]


def test_interim_and_delay_keep_their_order() -> None:
    first, second, *_ = short(("interim", [{"status": 100}]), ("delay", 1))
    assert (first.fault, second.fault) == ("interim", "delay")


def test_stall_pauses_after_so_many_bytes_of_the_response() -> None:
    assert short(("stall", {"after": 20, "seconds": 2})) == [
        Write(data=HEAD_BYTES + b"bo", fault="raw_head"),
        Pause(seconds=2, fault="stall"),
        Write(data=b"dy", fault="raw_head"),
    ]


def test_stall_after_nothing_sends_nothing_first() -> None:
    assert short(("stall", {"after": 0, "seconds": 2}))[0] == Pause(seconds=2, fault="stall")


def test_drip_pauses_between_pieces_and_not_after_the_last() -> None:
    steps = short(("drip", {"bytes": 9, "pause": 0.5}))
    assert steps == [
        Write(data=b"HTTP/1.1 ", fault="raw_head"),
        Pause(seconds=0.5, fault="drip"),
        Write(data=b"200 X\r\n\r\n", fault="raw_head"),
        Pause(seconds=0.5, fault="drip"),
        Write(data=b"body", fault="raw_head"),
    ]


def test_cut_closes_after_so_many_bytes_of_the_body() -> None:
    assert short(("cut", 3)) == [
        Write(data=HEAD_BYTES + b"bod", fault="raw_head"),
        Close(fault="cut"),
    ]


def test_cut_in_a_chunked_body_leaves_out_its_end() -> None:
    assert short(("cut", 3), framing="chunked")[0] == Write(
        data=HEAD_BYTES + b"3\r\nbod\r\n", fault="raw_head"
    )


def test_cut_leaves_the_length_that_the_whole_body_has() -> None:
    (written, _) = play(("cut", 1))
    assert isinstance(written, Write)
    assert b"\r\nContent-Length: 4\r\n" in written.data


def test_reset_comes_after_so_many_bytes_once_they_are_on_the_wire() -> None:
    assert short(("reset", 4)) == [
        Write(data=b"HTTP", fault="raw_head"),
        Pause(seconds=SETTLE),
        Reset(fault="reset"),
    ]


@pytest.mark.parametrize("after", [-1, 0])
def test_reset_before_anything_writes_nothing(after: int) -> None:
    assert short(("reset", after)) == [Reset(fault="reset")]


def test_close_follows_a_whole_response_that_promised_to_stay() -> None:
    written, end = play(("close", True))
    assert isinstance(written, Write)
    assert b"\r\nConnection: keep-alive\r\n" in written.data
    assert end == Close(fault="close")


def test_the_kinds_are_those_of_the_vector_schema() -> None:
    definitions = json.loads((SCHEMAS / "vectors.schema.json").read_text())["$defs"]
    kinds = (kind["required"] for kind in definitions["faults"]["items"]["oneOf"])
    assert {name for names in kinds for name in names} == KINDS
