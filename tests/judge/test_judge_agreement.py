"""Agreement across lanes, and the case as the suspect."""

from dataclasses import replace
from typing import Any

import pytest
from judge.notation import Json, case, transcript
from judge.rule_examples import BODIES, DENIED, ended, exchange, failure, lane, reply, request

from conformance.judge import judge, suspect
from conformance.judge.agreement import compare
from conformance.judge.comparable import Comparable, read_for_agreement
from conformance.model.verdict import Agreement, Transcript

ONE_CASE = case({"about": "a case", "expect": {"required": {"process": BODIES}}})


def named(name: str, data: Json, **more: Any) -> Transcript:
    return transcript({**data, "lane": name, **more})


def agreed(*transcripts: Transcript) -> Agreement:
    return compare(ONE_CASE.id, [read_for_agreement(ONE_CASE, lane) for lane in transcripts])


def sen(value: int) -> Json:
    return lane(exchange(request(query=(("x-oss-process", f"image/bodies,sen_{value}"),))))


def denied(**got: Any) -> Json:
    return lane({**exchange(), **reply("403 Forbidden", DENIED)}, answer=failure(**got))


def test_lanes_that_got_the_same_agree() -> None:
    agreement = agreed(named("java", sen(50)), named("go", sen(50)))
    assert agreement.agree
    assert [lanes for _, lanes in agreement.groups] == [("go", "java")]


def test_the_raw_query_is_not_compared() -> None:
    bare = request()
    bare[0] = "GET /example.jpg?x-oss-process=image/bodies,sen_50 HTTP/1.1"
    assert agreed(named("java", sen(50)), named("go", lane(exchange(bare)))).agree


def test_a_lane_that_sends_another_string_is_a_group_with_the_string_in_its_label() -> None:
    agreement = agreed(named("java", sen(50)), named("go", sen(50)), named("php", sen(51)))
    assert not agreement.agree
    assert [lanes for _, lanes in agreement.groups] == [("go", "java"), ("php",)]
    assert "'image/bodies,sen_51'" in agreement.groups[1][0]
    assert "answer" not in agreement.groups[1][0]


def test_another_spelling_of_a_number_is_the_same_document() -> None:
    one = sen(50)
    other = sen(50)
    other["turns"][0]["answer"] = {"kind": "content", "content": "", "parsed": {"$real": "1e0"}}
    one["turns"][0]["answer"] = {"kind": "content", "content": "", "parsed": {"$real": "1.0"}}
    assert agreed(named("java", one), named("go", other)).agree


def test_a_parser_that_reads_other_values_is_a_group_of_its_own() -> None:
    bytes_and_documents = {
        "java": ("[0.70]", [{"$real": "0.7"}]),
        "go": ("[ 0.7 ]", [{"$real": "0.70"}]),
        "php": ("[0.70]", [{"$real": "0.7000001"}]),
    }
    transcripts = []
    for name, (content, parsed) in bytes_and_documents.items():
        one = sen(50)
        one["turns"][0]["answer"] = {"kind": "content", "content": content, "parsed": parsed}
        transcripts.append(named(name, one))
    agreement = agreed(*transcripts)
    assert [lanes for _, lanes in agreement.groups] == [("go", "java"), ("php",)]


def test_a_number_of_unknown_kind_divides_nobody_beside_a_value_that_all_have_wrong() -> None:
    parsed = {
        "java": [{"$real": "1.0"}, {"$int": "2"}, {"$int": "9"}],
        "node": [{"$number": "1"}, {"$number": "2"}, {"$number": "9"}],
    }
    told = []
    for name, document in parsed.items():
        one = sen(50)
        one["turns"][0]["answer"] = {
            "kind": "content",
            "content": "[1.0, 2, 3]",
            "parsed": document,
        }
        told.append(named(name, one))
    assert agreed(*told).agree


def test_an_error_field_that_one_lane_does_not_expose_divides_nobody() -> None:
    hiding = named("php", denied(code=None), exposes=["status"])
    assert agreed(named("java", denied()), hiding).agree
    assert not agreed(named("java", denied()), named("php", denied(code=None))).agree


def test_a_lane_with_a_problem_is_left_out() -> None:
    problem = {"step": "death", "reason": "it died", "remedy": ""}
    agreement = agreed(named("java", sen(50)), named("php", sen(51), problem=problem))
    assert agreement.agree
    assert agreement.groups[0][1] == ("java",)


def test_a_case_that_every_lane_fails_by_the_same_rules_is_the_suspect() -> None:
    verdicts = [judge(ONE_CASE, named(name, sen(51))) for name in ("java", "go")]
    assert suspect(verdicts)


def test_failures_that_are_all_known_do_not_make_the_case_a_suspect() -> None:
    """Somebody has looked them up; one that nobody knows is reason enough."""
    java, go = (judge(ONE_CASE, named(name, sen(51))) for name in ("java", "go"))
    known = replace(java, known_failing="it says 51")
    assert not suspect([known, replace(go, known_failing="it says 51")])
    assert suspect([known, go])


def test_one_lane_that_passes_clears_the_case() -> None:
    transcripts = [named("java", sen(51)), named("go", sen(50))]
    assert not suspect([judge(ONE_CASE, item) for item in transcripts])


def test_one_lane_alone_cannot_make_the_case_a_suspect() -> None:
    assert not suspect([judge(ONE_CASE, named("java", sen(51)))])


def test_two_versions_of_one_sdk_cannot_make_the_case_a_suspect() -> None:
    names = ("java@3.17.4", "java@3.18.4")
    assert not suspect([judge(ONE_CASE, named(name, sen(51))) for name in names])


def test_lanes_that_fail_by_different_rules_do_not_make_the_case_a_suspect() -> None:
    twice = (("x-oss-process", "image/bodies"), ("x-oss-process", "image/bodies"))
    transcripts = [named("java", sen(51)), named("go", lane(exchange(request(query=twice))))]
    assert not suspect([judge(ONE_CASE, item) for item in transcripts])


def test_the_order_in_which_lanes_finish_does_not_matter() -> None:
    lanes = [
        Comparable(lane=lane, complete=True, exposes=(), got=(("answer", kind),))
        for lane, kind in (("go", "content"), ("java", "error"), ("php", "content"))
    ]
    assert compare("a/b", lanes) == compare("a/b", reversed(lanes))


def test_an_empty_query_is_not_taken_for_no_request() -> None:
    bare = lane(exchange(request(query=())))
    labels = {lanes: got for got, lanes in agreed(named("go", sen(50)), named("php", bare)).groups}
    assert "canonical query empty" in labels["php",]
    both = lane(exchange(request(query=())), exchange())
    labels = {lanes: got for got, lanes in agreed(named("go", sen(50)), named("php", both)).groups}
    assert "canonical query empty, x-oss-process=" in labels["php",]


@pytest.mark.parametrize(
    ("change", "label"),
    [
        ({"ec": "0003-00000002"}, "ec '0003-00000002'"),
        ({"request_id": None}, "request_id absent"),
        ({"host_id": None}, "host_id absent"),
        ({"caught": False}, "caught no"),
    ],
)
def test_lanes_differ_by_every_part_of_an_error(change: Json, label: str) -> None:
    right, other = denied(caught=True), denied(**{"caught": True, **change})
    agreement = agreed(named("go", right), named("java", right), named("php", other))
    assert agreement.groups[1] == (label, ("php",))


def test_ids_are_compared_by_their_presence() -> None:
    assert agreed(named("go", denied()), named("php", denied(request_id="another"))).agree


def test_whether_an_error_is_caught_divides_nobody_if_one_runner_does_not_say() -> None:
    assert agreed(named("go", denied(caught=True)), named("php", denied())).agree
    lanes = (named("go", denied(caught=True)), named("php", denied(caught=False)))
    assert not agreed(*lanes).agree
    assert agreed(*lanes, named("java", denied())).agree


def test_lanes_differ_by_the_exit_code() -> None:
    one, other = (lane(exchange(), answer=ended(code, "")) for code in (1, 255))
    agreement = agreed(named("go", one), named("php", other))
    assert [got for got, _ in agreement.groups] == ["exit 1", "exit 255"]


@pytest.mark.parametrize(
    ("lines", "label"),
    [
        (request(anonymous=True), "auth anonymous"),
        (request(host="192.0.2.7", target="/image-demo/example.jpg"), "addressing path"),
        ([*request(), "Range: bytes=0-"], "unusual fields range"),
        ([*request(), "Content-Type:"], "unusual fields content-type (empty)"),
    ],
    ids=["auth", "addressing", "range", "empty"],
)
def test_lanes_differ_by_what_their_requests_are(lines: list[str], label: str) -> None:
    agreement = agreed(named("go", sen(50)), named("php", lane(exchange(lines))))
    assert label in agreement.groups[1][0]


def test_a_field_that_an_sdk_adds_to_every_request_divides_nobody() -> None:
    lines = [*request(), "Accept: */*", "Referer: https://example.com", "Content-Type: text/plain"]
    assert agreed(named("go", sen(50)), named("php", lane(exchange(lines)))).agree


def test_every_observed_value_is_compared() -> None:
    observing = case({"about": "a case", "expect": {"observed": ["requests", "content"]}})
    seen = []
    for name, data in (("go", sen(50)), ("php", lane(exchange(), exchange()))):
        trial = named(name, data)
        profile = judge(observing, trial).profile
        seen.append(read_for_agreement(observing, trial, profile))
    agreement = compare(observing.id, seen)
    assert [got for got, _ in agreement.groups] == ["requests 1", "requests 2"]


def test_how_often_a_lane_tries_is_not_compared_where_replies_are_delayed() -> None:
    script = {"faults": [["delay", 2.0]]}
    waiting = case({"about": "a case", "script": script, "expect": {"observed": ["requests"]}})
    seen = []
    for name, data in (("go", sen(50)), ("php", lane(exchange(), exchange()))):
        trial = named(name, data)
        profile = judge(waiting, trial).profile
        assert any(item == "observed-requests" for item, _ in profile)
        seen.append(read_for_agreement(waiting, trial, profile))
    assert "requests" not in {name for one in seen for name, _ in one.got}


def test_a_long_value_is_shown_around_its_first_difference() -> None:
    lanes = []
    for name, end in (("go", "x"), ("php", "y")):
        text = "a" * 300 + end + "b" * 100
        query = (("x-oss-process", f"image/bodies,{text}"),)
        lanes.append(named(name, lane(exchange(request(query=query)))))
    for (got, _), end in zip(agreed(*lanes).groups, "xy", strict=True):
        assert f"a{end}b" in got
        assert len(got) < 260


def test_a_lane_that_sends_nothing_is_told_once() -> None:
    observing = case({"about": "a case", "expect": {"observed": ["verified", "token"]}})
    seen = []
    for name, data in (("go", sen(50)), ("php", lane())):
        trial = named(name, data)
        seen.append(read_for_agreement(observing, trial, judge(observing, trial).profile))
    (_, (label, _)) = compare(observing.id, seen).groups
    assert label == "sent no request"
