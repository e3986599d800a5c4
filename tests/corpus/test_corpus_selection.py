"""Choosing cases, lanes and shards, and what each case asks of a lane."""

from collections.abc import Callable
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from conformance.corpus.decode import Terms, decode
from conformance.corpus.load import load
from conformance.corpus.selection import (
    USUAL_TIMEOUT,
    environment_of,
    hosts,
    in_running_order,
    needs,
    select,
    shard,
    side_by_side,
    trials,
)
from conformance.errors import SelectionError
from conformance.model.case import Case
from conformance.model.manifest import Lane, Manifest

IDS = ("process/sen/0", "process/sen/50", "auth/token/wrong", "naming/keys/space")


def _lane(name: str, version: str | None = "1.0") -> Lane:
    manifest = Manifest(
        folder=Path("runners") / name,
        name=name,
        language="x",
        sdk_package=None,
        sdk_version=None,
        capabilities=(),
        exposes=(),
        run=("run",),
        environment=(),
        tools=(),
        build=None,
        dockerfile=None,
        program=None,
        sample=None,
    )
    return Lane(manifest=manifest, version=version)


@pytest.fixture
def make(right: dict[str, Any], suite_terms: Terms) -> Callable[..., Case]:
    """A case with the given input, turns or replies laid over the right one."""

    def made(**parts: Any) -> Case:
        case = right["cases"][0]
        case["input"] = {}
        case["expect"] = {"required": {"method": "GET"}}
        case.update(parts)
        right["defaults"]["expect"] = {}
        return decode(right, file="f", terms=suite_terms).cases[0]

    return made


@pytest.fixture
def cases(make: Callable[..., Case]) -> tuple[Case, ...]:
    """Four cases with ids of three families."""
    case = make()
    return tuple(replace(case, id=case_id) for case_id in IDS)


@pytest.mark.parametrize(
    ("patterns", "chosen"),
    [
        ((), IDS),
        (("process/*",), IDS[:2]),
        (("*/50",), IDS[1:2]),
        (("naming/*", "auth/token/wrong"), IDS[2:]),
        (("process/sen/[1-9]*", "process/*"), IDS[:2]),
    ],
)
def test_patterns_choose_in_corpus_order_and_once(
    cases: tuple[Case, ...], patterns: tuple[str, ...], chosen: tuple[str, ...]
) -> None:
    assert tuple(case.id for case in select(cases, patterns)) == chosen


@pytest.mark.parametrize(
    ("pattern", "remedy"),
    [
        ("process", "did you mean 'process/*'?"),
        ("process/sen", "did you mean 'process/sen/*'?"),
        ("proces/sen/50", "process/sen/50"),
        ("xyzzy", "auth/*, naming/*, process/*"),
    ],
)
def test_a_pattern_that_matches_nothing_is_told_with_what_is_near(
    cases: tuple[Case, ...], pattern: str, remedy: str
) -> None:
    with pytest.raises(SelectionError) as caught:
        select(cases, ["auth/*", pattern])
    assert caught.value.place == pattern
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    ("given", "needed"),
    [
        ({}, set()),
        ({"parameters": {"sen": 5}}, set()),
        ({"process": "image/bodies"}, {"process"}),
        ({"version_id": "null"}, {"version"}),
        ({"addressing": "path"}, {"path-style"}),
        ({"credentials": None}, {"anonymous"}),
        ({"credentials": {"access_key_id": None, "access_key_secret": None}}, set()),
        (
            {"credentials": {"access_key_id": "", "access_key_secret": "", "security_token": ""}},
            {"token"},
        ),
        ({"client": "kept", "signature": "v1"}, {"kept", "v1"}),
        ({"read_timeout": 300}, {"timeouts"}),
        ({"connect_timeout": 300}, {"timeouts"}),
        ({"program": "sample"}, {"sample"}),
        ({"endpoint": "https://192.0.2.7:8443"}, {"any-host"}),
        ({"endpoint": "https://oss-cn-hangzhou.aliyuncs.com:8443"}, set()),
        ({"endpoint": "https://oss-cn-hangzhou.aliyuncs.com:9000"}, {"any-host"}),
        ({"endpoint": "HTTPS://oss-cn-hangzhou.aliyuncs.com"}, {"any-host"}),
        ({"endpoint": "https://oss-cn-hangzhou.aliyuncs.com:9"}, {"direct"}),
        ({"endpoint": "http://oss-cn-hangzhou.invalid"}, {"direct"}),
    ],
)
def test_an_input_needs_these_capabilities(
    make: Callable[..., Case], given: dict[str, Any], needed: set[str]
) -> None:
    assert needs(make(input=given)) == needed


def test_a_case_needs_what_any_of_its_turns_needs(make: Callable[..., Case]) -> None:
    assert needs(make(turns=[{}, {"input": {"client": "kept"}}])) == {"kept"}


def test_a_lane_is_asked_early_for_what_makes_it_wait_and_first_for_something_plain() -> None:
    cases = load().cases
    ordered = in_running_order(cases)
    assert sorted(case.id for case in ordered) == sorted(case.id for case in cases)
    names = [case.id for case in ordered]
    waiting = names.index("transport/waiting/stall-before-head")
    assert names[0] == cases[0].id
    assert 50 <= waiting < names.index("transport/framing/chunked") - 200
    for case in (
        "transport/certificate/expired",
        "transport/trouble/throttled",
        "transport/readers/late",
    ):
        assert abs(names.index(case) - waiting) < 250


def test_what_may_wait_has_a_runner_of_its_own_and_every_case_has_one() -> None:
    corpus = load().cases
    own = {case.id for case in corpus if environment_of(case) is not None}
    first, *others = ([case.id for case in share] for share in side_by_side(corpus))
    assert sorted(chain(first, *others)) == sorted(case.id for case in corpus)
    waiting = {case.id for case in in_running_order(corpus)[50:150]}
    assert waiting <= set(chain(*others))
    for other in others:
        assert not waiting & set(other[:50]), "the first calls of a runtime are slow"
    assert len(others) == 2
    slow = {"auth/moving-clock/over-midnight", "auth/program-environment/ca-variables-empty"}
    assert set(others[0][-len(slow) :]) == slow
    assert abs(len(others[0]) - len(slow) - len(others[1])) <= 1
    assert set(first[-len(own - slow) :]) == own - slow


def test_few_cases_have_one_runner() -> None:
    cases = select(load().cases, ["process/sen/*", "transport/trouble/*", "bodies/count/one"])
    assert side_by_side(cases) == (in_running_order(cases),)


def test_few_cases_are_asked_in_their_own_order_but_for_those_that_wait() -> None:
    cases = select(
        load().cases, ["process/sen/*", "transport/trouble/throttled", "bodies/count/one"]
    )
    plain = [case.id for case in cases if case.id != "transport/trouble/throttled"]
    ordered = [case.id for case in in_running_order(cases)]
    assert [name for name in ordered if name in plain] == plain


def test_the_usual_timeouts_are_those_of_the_suites_defaults(suite_terms: Terms) -> None:
    given = suite_terms.suite["input"]
    assert {given["connect_timeout"], given["read_timeout"]} == {USUAL_TIMEOUT}


def test_a_location_that_is_no_uri_names_no_host(make: Callable[..., Case]) -> None:
    reply = {"status": 302, "headers": [["Location", "https://[not-a-host/"]]}
    assert hosts([make(script={"replies": [reply]})]) == hosts([make()])


def test_hosts_are_those_of_endpoints_and_of_redirects(make: Callable[..., Case]) -> None:
    replies = [
        {"status": 302, "headers": [["location", "https://other.example/x"]]},
        {"status": 302, "headers": [["Location", None]]},
        {"status": 302, "headers": [["Location", "/relative"]]},
        {
            "status": 302,
            "faults": [{"raw_head": "HTTP/1.1 302 Found\r\nLocation: http://raw.example:8/\r\n"}],
        },
    ]
    found = hosts([make(script={"replies": replies})])
    assert found == {
        "oss-cn-hangzhou.aliyuncs.com",
        "examplebucket.oss-cn-hangzhou.aliyuncs.com",
        "other.example",
        "raw.example",
    }


def test_trials_go_lane_by_lane(cases: tuple[Case, ...]) -> None:
    planned = trials(cases[:2], [_lane("java"), _lane("go")])
    assert [(t.lane.manifest.name, t.case.id) for t in planned] == [
        ("java", IDS[0]),
        ("java", IDS[1]),
        ("go", IDS[0]),
        ("go", IDS[1]),
    ]


def test_a_shard_keeps_a_case_on_all_its_lanes(cases: tuple[Case, ...]) -> None:
    part = shard(trials(cases, [_lane("java"), _lane("go")]), "2/3")
    assert {(t.lane.manifest.name, t.case.id) for t in part} == {("java", IDS[1]), ("go", IDS[1])}


def test_all_shards_together_are_the_whole_once(cases: tuple[Case, ...]) -> None:
    planned = trials(cases, [_lane("java"), _lane("go")])
    parts = [trial for n in (1, 2, 3) for trial in shard(planned, f"{n}/3")]
    assert sorted(map(id, parts)) == sorted(map(id, planned))


def test_no_shard_is_the_whole(cases: tuple[Case, ...]) -> None:
    planned = trials(cases, [_lane("java")])
    assert shard(planned, None) == planned


@pytest.mark.parametrize("part", ["0/3", "4/3", "1", "1/0", "a/b", "-1/2", "1/2/3", ""])
def test_a_shard_that_cannot_be_read_is_told(cases: tuple[Case, ...], part: str) -> None:
    with pytest.raises(SelectionError, match="is not I/N"):
        shard(trials(cases, [_lane("java")]), part)


def test_shards_have_equally_many_cases_of_each_kind() -> None:
    corpus = load().cases
    planned = trials(corpus, [_lane("java")])
    everything = {case.id for case in corpus}
    own = {case.id for case in corpus if environment_of(case) is not None}
    waiting = {case.id for case in in_running_order(corpus)[50:200]}
    parts = [{trial.case.id for trial in shard(planned, f"{n}/4")} for n in (1, 2, 3, 4)]
    for group in (everything, own, waiting):
        sizes = [len(part & group) for part in parts]
        assert max(sizes) - min(sizes) <= 1, sizes
