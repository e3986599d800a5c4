"""Property-based fuzzing of SDKs; strategies and properties for anybody's own tests.

Floor 5. `examples()` and the strategies it is made of draw calls; `case_of` makes a case of an
example, which `conformance.judge.judge` holds to the properties. `PROPERTIES` names each property
with the rules that break it. A pytest module of a user's own looks like this:

    from hypothesis import given
    from conformance.fuzz import examples, property_of

    @given(examples())
    def test_my_client_keeps_every_property(field, example):
        for shot in field.ask(example):
            assert not shot.rules, [property_of(rule) for rule in shot.rules]
"""

from conformance.fuzz.example import Call, Client, Example, Served, case_of, expectations
from conformance.fuzz.field import Field
from conformance.fuzz.properties import PROPERTIES, Property, property_of
from conformance.fuzz.score import Score
from conformance.fuzz.search import Limits, Search
from conformance.fuzz.shot import Shot
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
    "Field",
    "Limits",
    "Property",
    "Score",
    "Search",
    "Served",
    "Shot",
    "calls",
    "case_of",
    "contents",
    "credentials",
    "documents",
    "errors",
    "examples",
    "expectations",
    "keys",
    "property_of",
    "sens",
    "served",
    "spellings",
    "valid_sens",
]
