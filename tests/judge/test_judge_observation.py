"""What a trial shows of the behaviour that the documentation leaves open."""

import gzip
from dataclasses import replace
from typing import Any

import pytest
from judge.notation import CLOCK, TOKEN, Json, transcript
from judge.rule_examples import exchange, failure, lane, reply, request
from judge.trials import BUSY, CASE, UNREACHABLE, asked, changed, delayed

from conformance.judge.observation import Observation, observe, unversioned
from conformance.model.case import Case, Input
from conformance.model.message import Content

SECOND = CLOCK + 1


def redirect(location: str) -> Json:
    return {"request": request(), **reply("307 Temporary Redirect", "", f"Location: {location}")}


def seen(data: Json, of: Case = CASE, *changes: dict[str, Any]) -> dict[str, str]:
    """Name and value of each observation; changes: to the exchanges, one by one."""
    return named(observe(of, changed(transcript(data), *changes)))


def named(observations: tuple[Observation, ...]) -> dict[str, str]:
    return {item.name: item.value for item in observations}


def test_a_second_request_after_an_error_status_is_a_retry() -> None:
    assert seen(lane(BUSY, exchange()))["retries-on-503"] == "yes"


def test_an_error_status_that_ends_the_turn_is_not_retried() -> None:
    assert seen(lane(BUSY, answer=failure(status=503)))["retries-on-503"] == "no"


@pytest.mark.parametrize(
    ("body", "media_type", "name"),
    [
        ("", "text/html", "retries-on-502-without-content"),
        ("<html/>", "text/html; charset=utf-8", "retries-on-502-with-html"),
        ("{}", "application/json", "retries-on-502-with-json"),
        ("<Error/>", "application/xml", "retries-on-502"),
    ],
)
def test_a_retry_is_named_with_the_content_of_the_error(
    body: str, media_type: str, name: str
) -> None:
    failed = reply("502 Bad Gateway", body, f"Content-Type: {media_type}")
    assert seen(lane({"request": request(), **failed}, exchange()))[name] == "yes"


def test_handshakes_with_a_bad_certificate_are_counted() -> None:
    (turn,) = CASE.turns
    script = replace(turn.script, certificate="expired")
    of = replace(CASE, turns=(replace(turn, script=script),))
    trial = {"turns": [{"answer": UNREACHABLE, "exchanges": [], "handshakes": ["alert"] * 4}]}
    assert seen(trial, of)["handshakes-with-expired-certificate"] == "4"


def test_a_behaviour_without_an_occasion_is_absent() -> None:
    assert not [name for name in seen(lane(exchange())) if name.startswith(("retries", "follows"))]


def test_attempts_are_counted_while_the_error_persists() -> None:
    observed = seen(lane(BUSY, BUSY, BUSY, answer=failure(status=503)))
    assert observed["attempts-on-persistent-503"] == "3"
    assert "attempts-on-persistent-503" not in seen(lane(BUSY, exchange()))


@pytest.mark.parametrize(("number", "same"), [(1, "yes"), (2, "no")])
def test_a_retry_is_observed_with_its_connection(number: int, same: str) -> None:
    observed = seen(lane(BUSY, exchange()), CASE, {}, {"connection": number})
    assert observed["retries-on-same-connection"] == same


def test_an_equal_signature_in_a_later_second_was_not_made_again() -> None:
    trial = lane(BUSY, exchange())
    assert seen(trial, CASE, {}, {"clock": SECOND})["re-signs-retries"] == "no"


def test_an_equal_signature_in_the_same_second_proves_nothing() -> None:
    assert "re-signs-retries" not in seen(lane(BUSY, exchange()))


def test_a_different_signature_was_made_again() -> None:
    other = exchange(request(extra=(("x-oss-more", "1"),)))
    assert seen(lane(BUSY, other))["re-signs-retries"] == "yes"


@pytest.mark.parametrize(("wait", "value"), [(1.05, "yes"), (0.6, "no")])
def test_retry_after_is_honoured_or_not(wait: float, value: str) -> None:
    busy = {"request": request(), **reply("503 Service Unavailable", "", "Retry-After: 1")}
    observed = seen(lane(busy, exchange()), CASE, {"at": 0.0}, {"at": wait})
    assert observed["honours-retry-after"] == value


def test_a_reset_before_the_answer_is_no_cut_body() -> None:
    broken = {"faults": ("reset",), "sent": b""}
    observed = seen(lane(exchange(), exchange()), CASE, broken)
    assert observed["retries-on-reset"] == "yes"
    assert "retries-on-cut-body" not in observed


def test_a_reset_inside_the_body_is_a_cut_body() -> None:
    observed = seen(lane(exchange(), answer=UNREACHABLE), CASE, {"faults": ("reset",)})
    assert observed["retries-on-cut-body"] == "no"


def test_a_reused_client_is_distinguished_when_a_connection_breaks() -> None:
    broken = {"faults": ("reset",), "sent": b""}
    observed = seen(lane(exchange(), exchange()), asked(CASE, client="kept"), broken)
    assert observed["retries-on-reset-with-reused-client"] == "yes"
    assert "retries-on-reset" not in observed


def test_a_delay_within_the_read_timeout_is_no_failure() -> None:
    short = delayed("delay", 0.1)
    observed = seen(lane(exchange()), short, {"faults": ("delay",)})
    assert [name for name in observed if "timeout" in name] == []


HERE = "https://image-demo.oss-cn-hangzhou.aliyuncs.com/moved.jpg"
THERE = "https://elsewhere.example/moved.jpg"


def moved(host: str, **more: Any) -> Json:
    return exchange(request(host=host, key="moved.jpg", **more))


def test_a_request_to_the_host_of_the_location_follows_the_redirect() -> None:
    observed = seen(lane(redirect(THERE), moved("elsewhere.example")))
    assert observed["follows-redirects-to-other-host"] == "yes"


def test_a_redirect_that_ends_the_turn_was_not_followed() -> None:
    observed = seen(lane(redirect(HERE), answer=failure(status=307)))
    assert observed["follows-redirects-to-same-host"] == "no"


@pytest.mark.parametrize(("anonymous", "value"), [(False, "yes"), (True, "no")])
def test_authorization_at_the_other_host_is_observed(anonymous: bool, value: str) -> None:
    observed = seen(lane(redirect(THERE), moved("elsewhere.example", anonymous=anonymous)))
    assert observed["sends-authorization-to-other-host"] == value
    assert "sends-token-to-other-host" not in observed


def test_a_token_at_the_other_host_without_authorization_is_observed() -> None:
    sent = {**redirect(THERE), "request": request(token=TOKEN)}
    there = moved("elsewhere.example", anonymous=True, extra=(("x-oss-security-token", TOKEN),))
    observed = seen(lane(sent, there))
    assert observed["sends-token-to-other-host"] == "yes"
    assert observed["sends-authorization-to-other-host"] == "no"


def test_a_redirect_from_https_to_http_is_distinguished() -> None:
    host = "image-demo.oss-cn-hangzhou.aliyuncs.com"
    observed = seen(
        lane(redirect(HERE.replace("https", "http")), moved(host)), CASE, {}, {"scheme": "http"}
    )
    assert observed["follows-redirects-to-http"] == "yes"
    assert observed["sends-authorization-over-http"] == "yes"


def test_an_endless_redirect_shows_how_many_are_followed() -> None:
    loop = redirect(HERE)
    assert seen(lane(loop, loop, loop))["max-redirects"] == "2"


@pytest.mark.parametrize(
    ("plain", "value"), [(True, "yes"), (False, "returned encoded")], ids=["decoded", "raw"]
)
def test_a_coding_is_decoded_or_returned_as_it_came(plain: bool, value: str) -> None:
    packed = gzip.compress(b"{}")
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
    got = Content(content=b"{}" if plain else packed, parsed=None, parse_error=None)
    trial = changed(transcript(lane(exchange())), {"sent": head + packed})
    trial = replace(trial, turns=(replace(trial.turns[0], answer=got),))
    assert named(observe(CASE, trial))["decodes-gzip"] == value


def test_a_coding_in_several_members_is_another_behaviour() -> None:
    packed = gzip.compress(b"{") + gzip.compress(b"}")
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
    trial = changed(transcript(lane(exchange(), answer=failure())), {"sent": head + packed})
    behaviour = named(observe(CASE, trial))
    assert behaviour["decodes-gzip-members"] == "rejected"
    assert "decodes-gzip" not in behaviour


@pytest.mark.parametrize(("number", "value"), [(1, "yes"), (2, "no")])
def test_a_reused_client_reuses_its_connection_or_not(number: int, value: str) -> None:
    two = asked(replace(CASE, turns=CASE.turns * 2), client="kept")
    first, second = (changed(transcript(lane(exchange())), {"connection": n}) for n in (1, number))
    trial = replace(first, turns=first.turns + second.turns)
    assert named(observe(two, trial))["reuses-connections"] == value


def test_a_call_rejected_before_sending_is_observed_by_its_topic() -> None:
    observed = seen(lane(answer=failure(origin="client")))
    assert observed == {"rejected-before-sending": "transport/retry"}


def test_the_extra_headers_leave_out_those_of_signing() -> None:
    observed = seen(lane(exchange(request(after=(("Accept", "*/*"),)))))
    assert observed["extra-headers"] == "accept, user-agent"


def test_a_trial_that_could_not_be_judged_shows_nothing() -> None:
    assert observe(CASE, replace(transcript(lane(BUSY)), skipped="path-style")) == ()


def test_a_sample_program_is_not_observed() -> None:
    given: Input = CASE.turns[0].input
    assert seen(lane(BUSY), asked(CASE, program="sample")) == {}
    assert given.program is None


def test_version_numbers_are_no_part_of_a_unversioned() -> None:
    text = "aliyun-sdk-java/3.17.4(Linux/6.18.44-fc/amd64;17.0.15)"
    assert unversioned(text) == "aliyun-sdk-java/*(Linux/*/amd64;*)"
    assert unversioned(text) == unversioned(text.replace("3.17.4", "3.18.4"))


def test_a_single_redirect_does_not_show_how_many_are_followed() -> None:
    assert "max-redirects" not in seen(lane(redirect(HERE), redirect(HERE)))


def test_an_error_outside_the_documented_types_is_named_by_its_class() -> None:
    answer = failure(status=503, caught=False, error_class="ValueError")
    assert seen(lane(BUSY, answer=answer))["errors-outside-the-sdk-types"] == "ValueError"
    nothing_sent = failure(origin="client", caught=False, error_class="TypeError")
    assert seen(lane(answer=nothing_sent))["errors-outside-the-sdk-types"] == "TypeError"


@pytest.mark.parametrize("caught", [True, None])
def test_an_error_of_a_documented_or_unknown_type_is_none_of_them(caught: bool | None) -> None:
    answer = failure(status=503, caught=caught)
    assert "errors-outside-the-sdk-types" not in seen(lane(BUSY, answer=answer))


def test_the_fields_that_a_program_gets_of_an_error_are_those_that_the_sdk_exposes() -> None:
    trial = {**lane(BUSY, answer=failure(status=503)), "exposes": ["request_id", "status"]}
    assert seen(trial)["error-fields"] == "status, request_id"
    assert seen({**trial, "exposes": []})["error-fields"] == "none"
    assert "error-fields" not in seen(lane(BUSY, answer=UNREACHABLE))


def test_an_empty_header_field_is_shown_as_empty() -> None:
    assert (
        "content-type (empty)"
        in seen(lane(exchange([*request(), "Content-Type:"])))["extra-headers"]
    )
