"""What a runner declares: its capabilities with those of the mode, and the SDK that it loaded."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from engine.doubles import STARTED, lane

from conformance.engine.declared import capabilities, wrong_start, wrong_version
from conformance.model.manifest import Lane, ProgramRules
from conformance.model.message import read_started
from conformance.runner.site import PreparedLane

LOADED = read_started(STARTED)


def with_sample(*, host_mode: bool) -> PreparedLane:
    rules = ProgramRules(compile=None, run=("{source}",), host_mode=host_mode)
    manifest = replace(lane().lane.manifest, program=rules, sample="sample.py")
    return PreparedLane(lane=Lane(manifest=manifest))


@pytest.mark.parametrize(
    ("prepared", "mode", "provided"),
    [
        (lane(), "host", {"any-host"}),
        (lane(), "container", {"any-host", "direct"}),
        (with_sample(host_mode=False), "host", {"any-host"}),
        (with_sample(host_mode=True), "host", {"any-host", "sample"}),
        (with_sample(host_mode=False), "container", {"any-host", "direct", "sample"}),
    ],
)
def test_the_mode_provides_capabilities_besides_those_declared(
    prepared: PreparedLane, mode: str, provided: set[str]
) -> None:
    assert capabilities(prepared, LOADED, mode) == {"proxy", "locale", *provided}


def test_a_container_reaches_any_host_through_a_proxy_only() -> None:
    without = read_started(STARTED | {"capabilities": []})
    assert "any-host" not in capabilities(lane(), without, "container")


@pytest.mark.parametrize("version", ["1.0", None])
def test_the_version_that_the_lane_names_is_right(version: str | None) -> None:
    assert wrong_version(lane(version=version), LOADED) is None


@pytest.mark.parametrize(
    ("pinned", "reported", "right"),
    [
        (("http", "1.2"), {"http": "1.2"}, True),
        (("group:http", "1.2"), {"http": "v1.2"}, True),
        (("http", "1.2"), {"http": "1.3"}, False),
        (("http", "1.2"), {}, False),
    ],
)
def test_a_pinned_dependency_is_the_one_that_is_loaded(
    pinned: tuple[str, str], reported: dict[str, str], right: bool
) -> None:
    prepared = PreparedLane(lane=replace(lane(version=None).lane, pins=(pinned,)))
    problem = wrong_version(prepared, read_started(STARTED | {"dependencies": reported}))
    assert (problem is None) == right
    assert problem is None or f"pins {pinned[0]} 1.2" in problem.reason


def test_a_checkout_may_have_any_version() -> None:
    checkout = Lane(manifest=lane().lane.manifest, version="2.0", path=Path("checkout"))
    assert wrong_version(PreparedLane(lane=checkout), LOADED) is None


@pytest.mark.parametrize(
    ("changed", "named"),
    [({"runner": "other"}, "'other'"), ({"capabilities": ["proxy", "kept"]}, "kept")],
)
def test_what_the_manifest_does_not_say_is_a_problem(changed: dict[str, Any], named: str) -> None:
    problem = wrong_start(lane(), read_started(STARTED | changed))
    assert problem is not None
    assert named in problem.reason


def test_fewer_capabilities_than_in_the_manifest_are_no_problem() -> None:
    assert wrong_start(lane(), read_started(STARTED | {"capabilities": []})) is None


def test_another_version_is_a_problem_with_a_remedy() -> None:
    problem = wrong_version(lane(version="2.0"), LOADED)
    assert problem is not None
    assert problem.step == "start"
    assert "ask the SDK for its version" in problem.remedy
