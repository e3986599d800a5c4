"""Header fields that nobody asked for, and the grammar of User-Agent."""

import pytest
from judge.notation import Json, case, transcript
from judge.rule_examples import exchange, lane, request

from conformance.judge import judge

CASE = {"about": "a case", "expect": {"required": {"answer": "content"}}}


def rules(*exchanges: Json) -> list[str]:
    return [finding.rule for finding in judge(case(CASE), transcript(lane(*exchanges))).findings]


def with_agent(value: str) -> list[str]:
    lines = [line for line in request() if not line.startswith("User-Agent:")]
    return [*lines, f"User-Agent: {value}"]


@pytest.mark.parametrize(
    "value",
    [
        "aliyun-sdk-go/v3.0.2 (linux/-/amd64;go1.26.8)",
        "aliyun-sdk-python/2.18.4(Linux/6.18.44-fc-v782/x86_64;3.11.7)",
        "reference",
        "a/1 b/2 (c (d); e) f",
    ],
)
def test_products_and_comments_are_a_user_agent(value: str) -> None:
    assert rules(exchange(with_agent(value))) == []


@pytest.mark.parametrize("value", ["", "(comment)", "a/1 (b", "a, b", "a/1/2", "sdk é", "a (é)"])
def test_anything_else_is_none(value: str) -> None:
    assert rules(exchange(with_agent(value))) == ["transport.user-agent"]


def test_a_long_user_agent_is_read_in_no_time() -> None:
    assert rules(exchange(with_agent("a" + " (b)" * 1000 + ","))) == ["transport.user-agent"]


@pytest.mark.parametrize("name", ["Range", "if-none-match", "If-Modified-Since"])
def test_a_range_or_condition_that_nobody_asked_for_is_found(name: str) -> None:
    assert rules(exchange(request(after=((name, "x"),)))) == ["transport.unasked-field"]


def test_a_client_may_ask_for_the_rest_of_an_answer_that_broke_off() -> None:
    rest = exchange(request(after=(("Range", "bytes=9-"), ("If-Match", '"x"'))))
    assert rules(exchange(faults=["cut"]), rest) == []
