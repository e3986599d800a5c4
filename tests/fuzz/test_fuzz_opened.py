"""What a test module of a user's own does with the public names of `conformance.fuzz`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.build import write_runner
from hypothesis import HealthCheck, given, settings

from conformance.errors import CannotRunError, SelectionError
from conformance.fuzz import Call, Example, LanePool, examples, open_lanes, property_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanePool]:
    folder = tmp_path_factory.mktemp("own")
    runners = [write_runner(folder, kind=kind) for kind in ("reference", "sen-dropped")]
    with open_lanes("reference", "sen-dropped", runners=runners) as lanes:
        yield lanes


@settings(deadline=None, max_examples=20, suppress_health_check=list(HealthCheck), database=None)
@given(examples())
def test_every_property_holds_on_a_right_lane(pool: LanePool, example: Example) -> None:
    (trial,) = pool.ask(example, ["reference"])
    assert not trial.rules, [property_of(rule) for rule in sorted(trial.rules)]


def test_an_unknown_lane_is_refused_by_name() -> None:
    with pytest.raises(SelectionError, match="no-such-lane"), open_lanes("no-such-lane"):
        pass


def test_a_lane_that_does_not_start_is_named(tmp_path: Path) -> None:
    runner = write_runner(tmp_path, kind="dies-at-start")
    with (
        pytest.raises(CannotRunError, match="dies-at-start"),
        open_lanes("dies-at-start", runners=[runner]),
    ):
        pass


def test_a_wrong_lane_breaks_a_property_by_its_name(pool: LanePool) -> None:
    (trial,) = pool.ask(Example(calls=(Call(arguments=(("sen", 37),)),)), ["sen-dropped"])
    assert {property_of(rule) for rule in trial.rules} == {"the-string-arrives"}
