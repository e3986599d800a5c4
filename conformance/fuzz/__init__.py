"""Property-based fuzzing of SDKs; strategies and properties for anybody's own tests.

`examples()` and the strategies it is made of draw calls; `case_of` makes a case of an
example, which `conformance.judge.judge` holds to the properties. `PROPERTIES` names each property
with the rules that break it. A pytest module of a user's own looks like this:

    @pytest.fixture(scope="module")
    def lanes():
        with open_lanes("python", "go") as opened:
            yield opened

    @settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(examples())
    def test_every_property_holds(lanes, example):
        for trial in lanes.ask(example):
            assert not trial.rules, [property_of(rule) for rule in sorted(trial.rules)]
"""

from conformance.fuzz.example import Call, Client, Example, Served, case_of, expectations
from conformance.fuzz.judged import Judged
from conformance.fuzz.lane_pool import LanePool, open_lanes
from conformance.fuzz.properties import PROPERTIES, Property, property_of
from conformance.fuzz.score import Score
from conformance.fuzz.search import Limits, Search
from conformance.fuzz.strategies import (
    calls,
    contents,
    credentials,
    documents,
    errors,
    examples,
    keys,
    sens,
    served,
    spellings,
    valid_sens,
)

__all__ = [
    "PROPERTIES",
    "Call",
    "Client",
    "Example",
    "Judged",
    "LanePool",
    "Limits",
    "Property",
    "Score",
    "Search",
    "Served",
    "calls",
    "case_of",
    "contents",
    "credentials",
    "documents",
    "errors",
    "examples",
    "expectations",
    "keys",
    "open_lanes",
    "property_of",
    "sens",
    "served",
    "spellings",
    "valid_sens",
]
