"""What a lane does where it is free, read from what reached the wire."""

import gzip
from dataclasses import replace
from typing import Any

import pytest
from judge.build_transcripts import exchange, failure, lane, reply, request
from judge.transcript_files import CLOCK, TOKEN, Json, case, transcript

from conformance.judge.lane_profile import Observation, lane_profile, observe, user_agent
from conformance.model.case import Case, Input, Reply
from conformance.model.http import Exchange
from conformance.model.message import Content
from conformance.model.verdict import Transcript

CASE = case({"about": "a case", "id": "transport/retry/after-503", "expect": {}})
BUSY = {"request": request(), **reply("503 Service Unavailable", "")}
NOT_THERE = failure(origin="transport")
SECOND = CLOCK + 1


def redirect(location: str) -> Json:
    return {"request": request(), **reply("307 Temporary Redirect", "", f"Location: {location}")}


def asked(case_: Case, **more: Any) -> Case:
    turns = tuple(replace(turn, input=replace(turn.input, **more)) for turn in case_.turns)
    return replace(case_, turns=turns)


def seen(told: Json, of: Case = CASE, *changes: dict[str, Any]) -> dict[str, str]:
    """Name and value of each behaviour; changes: laid over the exchanges one by one."""
    return named(observe(of, changed(transcript(told), *changes)))


def named(traits: tuple[Observation, ...]) -> dict[str, str]:
    return {trait.name: trait.value for trait in traits}


def changed(told: Transcript, *changes: dict[str, Any]) -> Transcript:
    (record,) = told.turns
    exchanges: list[Exchange] = list(record.journal.exchanges)
    for number, change in enumerate(changes):
        exchanges[number] = replace(exchanges[number], **change)
    journal = replace(record.journal, exchanges=tuple(exchanges))
    return replace(told, turns=(replace(record, journal=journal),))


def holding(kind: str, argument: Any, read_timeout: int = 400) -> Case:
    """A case whose reply comes late, or breaks off."""
    made = asked(CASE, read_timeout=read_timeout)
    late = Reply(status=200, headers=(), body=b"", faults=((kind, argument),))
    (turn,) = made.turns
    return replace(made, turns=(replace(turn, script=replace(turn.script, replies=(late,))),))


def test_a_second_request_after_an_error_status_is_a_retry() -> None:
    assert seen(lane(BUSY, exchange()))["retries-on-503"] == "yes"


def test_an_error_status_that_ends_the_turn_is_not_retried() -> None:
    assert seen(lane(BUSY, answer=failure(status=503)))["retries-on-503"] == "no"


def test_a_behaviour_that_no_trial_brought_about_is_absent() -> None:
    assert not [name for name in seen(lane(exchange())) if name.startswith(("retries", "follows"))]


def test_requests_are_counted_while_the_trouble_lasts() -> None:
    told = seen(lane(BUSY, BUSY, BUSY, answer=failure(status=503)))
    assert told["requests-while-503-lasts"] == "3"
    assert "requests-while-503-lasts" not in seen(lane(BUSY, exchange()))


@pytest.mark.parametrize(("number", "same"), [(1, "yes"), (2, "no")])
def test_a_retry_is_told_by_its_connection(number: int, same: str) -> None:
    told = seen(lane(BUSY, exchange()), CASE, {}, {"connection": number})
    assert told["retries-on-the-same-connection"] == same


def test_a_signature_of_a_later_second_that_is_the_same_was_not_made_anew() -> None:
    told = lane(BUSY, exchange())
    assert seen(told, CASE, {}, {"clock": SECOND})["signs-retries-anew"] == "no"


def test_a_signature_of_the_same_second_proves_nothing() -> None:
    assert "signs-retries-anew" not in seen(lane(BUSY, exchange()))


def test_another_signature_was_made_anew() -> None:
    other = exchange(request(extra=(("x-oss-more", "1"),)))
    assert seen(lane(BUSY, other))["signs-retries-anew"] == "yes"


def test_the_waits_before_retries_are_medians_over_all_cases() -> None:
    traits = [
        trait
        for wait in (0.6, 0.61, 0.9)
        for trait in observe(
            CASE, changed(transcript(lane(BUSY, exchange())), {"at": 0.0}, {"at": wait})
        )
    ]
    (item,) = [item for item in lane_profile(traits) if item.name == "retry-waits"]
    assert (item.value, item.count) == ("0.6 s", 3)


@pytest.mark.parametrize(("wait", "value"), [(1.05, "yes"), (0.6, "no")])
def test_retry_after_is_waited_for_or_not(wait: float, value: str) -> None:
    busy = {"request": request(), **reply("503 Service Unavailable", "", "Retry-After: 1")}
    told = seen(lane(busy, exchange()), CASE, {"at": 0.0}, {"at": wait})
    assert told["waits-for-retry-after"] == value


def test_a_reset_before_the_answer_is_no_cut_body() -> None:
    broken = {"faults": ("reset",), "sent": b""}
    told = seen(lane(exchange(), exchange()), CASE, broken)
    assert told["retries-on-reset"] == "yes"
    assert "retries-on-cut-body" not in told


def test_a_reset_inside_the_body_is_a_cut_body() -> None:
    told = seen(lane(exchange(), answer=NOT_THERE), CASE, {"faults": ("reset",)})
    assert told["retries-on-cut-body"] == "no"


def test_a_kept_client_is_told_apart_when_a_connection_breaks() -> None:
    broken = {"faults": ("reset",), "sent": b""}
    told = seen(lane(exchange(), exchange()), asked(CASE, client="kept"), broken)
    assert told["retries-on-reset-when-kept"] == "yes"
    assert "retries-on-reset" not in told


def test_giving_up_at_the_read_timeout_is_told_beside_what_was_asked() -> None:
    late = holding("delay", 6)
    told = changed(transcript(lane(exchange(), answer=NOT_THERE)), {"faults": ("delay",)})
    told = replace(told, turns=(replace(told.turns[0], elapsed=1.01),))
    (item,) = [i for i in lane_profile(observe(late, told)) if i.name == "gives-up-at-read-timeout"]
    assert item.value == "1.0 s, asked for 0.4 s"


def test_a_pause_within_the_read_timeout_is_no_trouble() -> None:
    short = holding("delay", 0.1)
    told = seen(lane(exchange()), short, {"faults": ("delay",)})
    assert [name for name in told if "timeout" in name] == []


HERE = "https://image-demo.oss-cn-hangzhou.aliyuncs.com/moved.jpg"
THERE = "https://elsewhere.example/moved.jpg"


def moved(host: str, **more: Any) -> Json:
    return exchange(request(host=host, key="moved.jpg", **more))


def test_a_request_to_the_host_of_the_location_follows_the_redirect() -> None:
    told = seen(lane(redirect(THERE), moved("elsewhere.example")))
    assert told["follows-redirects-to-other-host"] == "yes"


def test_a_redirect_that_ends_the_turn_was_not_followed() -> None:
    told = seen(lane(redirect(HERE), answer=failure(status=307)))
    assert told["follows-redirects-to-same-host"] == "no"


@pytest.mark.parametrize(("anonymous", "value"), [(False, "yes"), (True, "no")])
def test_whether_authorization_goes_to_the_other_host_is_told(anonymous: bool, value: str) -> None:
    told = seen(lane(redirect(THERE), moved("elsewhere.example", anonymous=anonymous)))
    assert told["sends-authorization-to-other-host"] == value
    assert "sends-token-to-other-host" not in told


def test_a_token_that_goes_to_the_other_host_alone_is_told() -> None:
    sent = {**redirect(THERE), "request": request(token=TOKEN)}
    there = moved("elsewhere.example", anonymous=True, extra=(("x-oss-security-token", TOKEN),))
    told = seen(lane(sent, there))
    assert told["sends-token-to-other-host"] == "yes"
    assert told["sends-authorization-to-other-host"] == "no"


def test_a_redirect_from_https_to_http_is_told_apart() -> None:
    host = "image-demo.oss-cn-hangzhou.aliyuncs.com"
    told = seen(
        lane(redirect(HERE.replace("https", "http")), moved(host)), CASE, {}, {"scheme": "http"}
    )
    assert told["follows-redirects-to-http"] == "yes"
    assert told["sends-authorization-over-http"] == "yes"


def test_an_endless_redirect_tells_how_many_are_followed() -> None:
    loop = redirect(HERE)
    assert seen(lane(loop, loop, loop))["redirects-followed-at-most"] == "2"


@pytest.mark.parametrize(
    ("plain", "value"), [(True, "yes"), (False, "as it came")], ids=["decoded", "raw"]
)
def test_a_coding_is_decoded_or_handed_over(plain: bool, value: str) -> None:
    packed = gzip.compress(b"{}")
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
    got = Content(content=b"{}" if plain else packed, parsed=None, parse_error=None)
    told = changed(transcript(lane(exchange())), {"sent": head + packed})
    told = replace(told, turns=(replace(told.turns[0], answer=got),))
    assert named(observe(CASE, told))["decodes-gzip"] == value


@pytest.mark.parametrize(("number", "value"), [(1, "yes"), (2, "no")])
def test_a_kept_client_reuses_its_connection_or_not(number: int, value: str) -> None:
    two = asked(replace(CASE, turns=CASE.turns * 2), client="kept")
    first, second = (changed(transcript(lane(exchange())), {"connection": n}) for n in (1, number))
    told = replace(first, turns=first.turns + second.turns)
    assert named(observe(two, told))["reuses-connections"] == value


def test_a_refusal_without_a_request_is_told_by_its_topic() -> None:
    told = seen(lane(answer=failure(origin="client")))
    assert told == {"refuses-without-sending": "transport/retry"}


def test_the_headers_that_a_client_adds_leave_out_those_of_signing() -> None:
    told = seen(lane(exchange(request(after=(("Accept", "*/*"),)))))
    assert told["adds-headers"] == "accept, user-agent"


def test_a_trial_that_could_not_be_told_shows_nothing() -> None:
    assert observe(CASE, replace(transcript(lane(BUSY)), skipped="path-style")) == ()


def test_a_sample_program_is_not_the_sdk_alone() -> None:
    given: Input = CASE.turns[0].input
    assert seen(lane(BUSY), asked(CASE, program="sample")) == {}
    assert given.program is None


def test_values_that_differ_between_cases_stand_side_by_side_with_their_evidence() -> None:
    traits = [
        Observation(name="decodes-gzip", value=value, case=case_)
        for case_, value in (("b/2", "yes"), ("b/1", "yes"), ("c/3", "as it came"))
    ]
    assert [(i.value, i.count, i.cases) for i in lane_profile(traits)] == [
        ("as it came", 1, ("c/3",)),
        ("yes", 2, ("b/1", "b/2")),
    ]
    assert lane_profile(traits) == lane_profile(reversed(traits))


def test_version_numbers_are_no_part_of_a_user_agent() -> None:
    text = "aliyun-sdk-java/3.17.4(Linux/6.18.44-fc/amd64;17.0.15)"
    assert user_agent(text) == "aliyun-sdk-java/*(Linux/*/amd64;*)"
    assert user_agent(text) == user_agent(text.replace("3.17.4", "3.18.4"))
