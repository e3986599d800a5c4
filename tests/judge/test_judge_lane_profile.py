"""The profile of a lane over all its cases."""

import pickle
from dataclasses import replace

from judge.notation import transcript
from judge.rule_examples import exchange, lane
from judge.trials import BUSY, CASE, UNREACHABLE, changed, delayed

from conformance.judge.lane_profile import EVIDENCE, ProfileCount, lane_profile
from conformance.judge.observation import Observation, observe


def test_the_delays_before_retries_are_medians_over_all_cases() -> None:
    observations = [
        item
        for wait in (0.6, 0.61, 0.9)
        for item in observe(
            CASE, changed(transcript(lane(BUSY, exchange())), {"at": 0.0}, {"at": wait})
        )
    ]
    (item,) = [item for item in lane_profile(observations) if item.name == "retry-delays"]
    assert (item.value, item.count) == ("0.6 s", 3)


def test_the_read_timeout_is_shown_beside_the_configured_one() -> None:
    late = delayed("delay", 6)
    trial = changed(transcript(lane(exchange(), answer=UNREACHABLE)), {"faults": ("delay",)})
    trial = replace(trial, turns=(replace(trial.turns[0], elapsed=1.01),))
    (item,) = [i for i in lane_profile(observe(late, trial)) if i.name == "read-timeout"]
    assert item.value == "1.0 s, configured 0.4 s"


def test_values_that_differ_between_cases_are_listed_with_their_evidence() -> None:
    observations = [
        Observation(name="decodes-gzip", value=value, case=case_)
        for case_, value in (("b/2", "yes"), ("b/1", "yes"), ("c/3", "returned encoded"))
    ]
    assert [(i.value, i.count, i.cases) for i in lane_profile(observations)] == [
        ("returned encoded", 1, ("c/3",)),
        ("yes", 2, ("b/1", "b/2")),
    ]
    assert lane_profile(observations) == lane_profile(reversed(observations))


def test_a_profile_takes_no_more_memory_for_more_trials() -> None:
    count, sizes = ProfileCount(), []
    for number in range(20_000):
        measured = Observation(name="delays", value="{}", case=f"a/{number:05}", times=(0.1, 0.2))
        count.add((measured, Observation(name="retries", value="2", case="b/1")))
        if number in (2_000, 19_999):
            sizes.append(len(pickle.dumps(count)))
    assert sizes[1] < sizes[0] * 1.01
    delays, retries = count.items()
    assert (delays.count, retries.count) == (20_000, 20_000)
    assert delays.cases == tuple(f"a/{number:05}" for number in range(EVIDENCE))
