"""A script decides what is answered, from the request and nothing else."""

from dataclasses import replace

import pytest

from conformance.mock.script import State, arm, request_id, respond, unused
from conformance.mock.steps import Arrival, Playback, Write
from conformance.model.case import Credentials, KnownKey, Reply, Script
from conformance.model.http import Request
from conformance.oss.service_error import read
from conformance.oss.v4 import Unsigned, sign

CLOCK = 1689929347
PAIR = Credentials(access_key_id="id", access_key_secret="secret")
SCRIPT = Script(
    keys=(KnownKey(id="id", secret="secret"),),
    replies=(
        Reply(status=200, headers=(), body=b"first"),
        Reply(status=200, headers=(), body=b"second", faults=(("close", True),)),
    ),
)


def request(
    credentials: Credentials | None = PAIR,
    key: str = "example.jpg",
    accepts: str | None = None,
    process: str = "image/bodies",
) -> Request:
    asked = Unsigned(
        method="GET",
        bucket="examplebucket",
        key=key,
        query=(("x-oss-process", process),),
        headers=(("Host", "examplebucket.oss-cn-hangzhou.aliyuncs.com"),),
    )
    headers = asked.headers
    if credentials is not None:
        headers = sign(asked, credentials=credentials, region="cn-hangzhou", clock=CLOCK)
    if accepts is not None:
        headers += (("Accept-Encoding", accepts),)
    target = f"/{key}?x-oss-process={process}"
    return Request(method="GET", target=target, version="HTTP/1.1", headers=headers)


def arrival(of: Request | None, clock: int = CLOCK) -> Arrival:
    return Arrival(request=of, scheme="https", clock=clock, problem="no blank line")


def play(script: Script, *requests: Request | None) -> tuple[State, list[Playback]]:
    armed, state, playbacks = arm("lane", 7, script), State(), []
    for one in requests:
        state, playback = respond(armed, state, arrival(one))
        playbacks.append(playback)
    return state, playbacks


def written(playback: Playback) -> bytes:
    return b"".join(step.data for step in playback.steps if isinstance(step, Write))


def body(playback: Playback) -> bytes:
    return written(playback).partition(b"\r\n\r\n")[2]


def test_replies_come_in_order_and_the_last_again_and_again() -> None:
    _, playbacks = play(SCRIPT, *[request()] * 4)
    assert [body(playback) for playback in playbacks] == [b"first", b"second", b"second", b"second"]


def test_a_refusal_is_answered_with_the_services_error() -> None:
    _, (playback,) = play(SCRIPT, request(replace(PAIR, access_key_secret="wrong")))
    assert playback.refusal == "SignatureDoesNotMatch"
    assert written(playback).startswith(b"HTTP/1.1 403 Forbidden\r\n")
    assert (read(body(playback)) or {})["Code"] == "SignatureDoesNotMatch"


def test_a_refused_request_uses_no_reply() -> None:
    _, playbacks = play(SCRIPT, request(None), request())
    assert body(playbacks[1]) == b"first"


def test_an_accepted_request_is_no_refusal() -> None:
    assert play(SCRIPT, request())[1][0].refusal is None


def test_a_script_without_verification_answers_every_request() -> None:
    _, (playback,) = play(replace(SCRIPT, verify=False), request(None))
    assert (playback.refusal, body(playback)) == (None, b"first")


def test_a_signature_is_verified_against_the_clock_of_the_arrival() -> None:
    _, playback = respond(arm("lane", 7, SCRIPT), State(), arrival(request(), CLOCK + 901))
    assert playback.refusal == "RequestTimeTooSkewed"


def test_what_is_not_http_is_answered_400_and_the_connection_ends() -> None:
    state, (playback,) = play(replace(SCRIPT, verify=False), None)
    assert written(playback).startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"no blank line" in body(playback)
    assert b"\r\nConnection: close\r\n" in written(playback)
    assert state.used == frozenset()


def test_every_answer_carries_another_request_id() -> None:
    _, playbacks = play(SCRIPT, *[request()] * 3)
    ids = [
        written(playback).partition(b"x-oss-request-id: ")[2][:24].decode()
        for playback in playbacks
    ]
    assert ids == [request_id("lane", 7, number) for number in (1, 2, 3)]
    assert len(set(ids)) == 3


def test_a_request_id_depends_on_lane_and_arming() -> None:
    assert len({request_id("a", 1, 1), request_id("b", 1, 1), request_id("a", 2, 1)}) == 3


def test_a_request_id_has_the_services_form() -> None:
    name = request_id("lane", 1, 1)
    assert len(name) == 24
    assert set(name) <= set("0123456789ABCDEF")


def test_a_fault_that_no_request_reached_is_unused() -> None:
    state, _ = play(SCRIPT, request())
    assert unused(SCRIPT, state) == (1,)


def test_a_fault_that_was_played_is_not_unused() -> None:
    state, _ = play(SCRIPT, request(), request())
    assert unused(SCRIPT, state) == ()


def test_a_reply_without_faults_is_never_unused() -> None:
    assert unused(replace(SCRIPT, replies=SCRIPT.replies[:1]), State()) == ()


def test_a_reply_goes_to_requests_for_its_key() -> None:
    replies = tuple(
        Reply(status=200, headers=(), body=name.encode(), when=(("key", name),)) for name in "abc"
    )
    script = replace(SCRIPT, replies=replies)
    _, playbacks = play(script, *(request(key=name) for name in "cacb"))
    assert [body(playback) for playback in playbacks] == [b"c", b"a", b"c", b"b"]


def test_a_reply_goes_to_requests_of_which_each_condition_holds() -> None:
    whens = [
        (("key", "a"), ("process", "image/bodies,sen_3")),
        (("process", "image/bodies,sen_3"),),
        (("key", "a"),),
    ]
    replies = tuple(
        Reply(status=200, headers=(), body=str(number).encode(), when=when)
        for number, when in enumerate(whens)
    )
    asked = [
        request(key=key, process=f"image/bodies,sen_{sen}")
        for key, sen in (("b", 3), ("a", 6), ("a", 3))
    ]
    _, playbacks = play(replace(SCRIPT, replies=replies), *asked)
    assert [body(playback) for playback in playbacks] == [b"1", b"2", b"0"]


def test_a_reply_with_a_condition_that_does_not_hold_stays_unused() -> None:
    conditional = replace(SCRIPT.replies[1], when=(("key", "another.jpg"),))
    script = replace(SCRIPT, replies=(conditional, SCRIPT.replies[0]))
    state, playbacks = play(script, request(), request())
    assert [body(playback) for playback in playbacks] == [b"first", b"first"]
    assert unused(script, state) == (0,)


def test_an_object_that_no_reply_is_for_does_not_exist() -> None:
    script = replace(SCRIPT, replies=(replace(SCRIPT.replies[0], when=(("key", "a"),)),))
    _, (playback,) = play(script, request(key="b"))
    assert (read(body(playback)) or {})["Code"] == "NoSuchKey"
    assert playback.refusal is None


@pytest.mark.parametrize(
    ("accepts", "gets"),
    [
        ("gzip", b"coded"),
        ("deflate, GZIP;q=0.5", b"coded"),
        ("*", b"coded"),
        ("x-gzip", b"coded"),
        ("gzip;q=0, *", b"plain"),
        ("gzip; q=0.000", b"plain"),
        ("identity", b"plain"),
        ("", b"plain"),
        (None, b"plain"),
    ],
)
def test_a_reply_goes_to_requests_that_ask_for_its_coding(accepts: str | None, gets: bytes) -> None:
    coded = Reply(status=200, headers=(), body=b"coded", when=(("accept_encoding", "gzip"),))
    plain = Reply(status=200, headers=(), body=b"plain")
    _, (playback,) = play(replace(SCRIPT, replies=(coded, plain)), request(accepts=accepts))
    assert body(playback) == gets


@pytest.mark.parametrize("count", [0, 2])
def test_a_request_needs_exactly_one_host_field(count: int) -> None:
    asked = request()
    fields = tuple(field for field in asked.headers if field[0] != "Host")
    hosts = (("Host", "examplebucket.oss-cn-hangzhou.aliyuncs.com"),) * count
    _, (playback,) = play(replace(SCRIPT, verify=False), replace(asked, headers=fields + hosts))
    assert playback.refusal == "BadRequest"
    assert f"it has {count} Host fields".encode() in body(playback)


def test_http_1_0_needs_no_host_field() -> None:
    asked = replace(request(), headers=(), version="HTTP/1.0")
    _, (playback,) = play(replace(SCRIPT, verify=False), asked)
    assert playback.refusal is None
