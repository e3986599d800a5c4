"""Property-based fuzzing of SDKs, with strategies and properties for use in other tests.

`examples()` draws calls and combines the other strategies. `case_of` converts an example to a case,
and `conformance.judge.judge` checks the properties of its transcript. `PROPERTIES` lists each
property with the rules of the findings that violate it. Example of a pytest module:

    @pytest.fixture(scope="module")
    def pool():
        with open_lanes("python", "go") as lanes:
            yield lanes

    @settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(examples())
    def test_every_property_holds(pool, example):
        for trial in pool.ask(example):
            assert not trial.rules, [property_of(rule) for rule in sorted(trial.rules)]
"""

from conformance.fuzz.contract import expectations
from conformance.fuzz.entry import case_of
from conformance.fuzz.example import Call, Example, Served
from conformance.fuzz.judged import Judged
from conformance.fuzz.lane_pool import LanePool, open_lanes
from conformance.fuzz.properties import PROPERTIES, Property, property_of
from conformance.fuzz.score import Score
from conformance.fuzz.search import Limits, Search, SearchListener
from conformance.fuzz.strategies import (
    arguments,
    calls,
    contents,
    credentials,
    documents,
    errors,
    examples,
    keys,
    served,
    spellings,
    valid_values,
    values,
)

__all__ = [
    "PROPERTIES",
    "Call",
    "Example",
    "Judged",
    "LanePool",
    "Limits",
    "Property",
    "Score",
    "Search",
    "SearchListener",
    "Served",
    "arguments",
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
    "served",
    "spellings",
    "valid_values",
    "values",
]
