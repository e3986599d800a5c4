"""What is special about a case is named, and what is not is not."""

import pytest
from fuzz.drawn import drawn, operation

from conformance.fuzz import Call, Example, Served, case_of
from conformance.fuzz.features import features, valid_value
from conformance.model.case import Credentials
from conformance.operation.definition import Operation
from conformance.operation.reading import bodies

KEYS = Credentials(access_key_id="ExampleId", access_key_secret="s")


def names(example: Example, of: Operation | None = None) -> frozenset[str]:
    return features(case_of(example), of or bodies()).names


def test_the_plain_call_has_no_features() -> None:
    assert names(Example()) == frozenset()


@pytest.mark.parametrize(
    ("example", "feature"),
    [
        (Example(calls=(Call(arguments=(("sen", 0),)),)), "sen 0 to 100"),
        (Example(calls=(Call(arguments=(("sen", 101),)),)), "sen above 100"),
        (Example(calls=(Call(arguments=(("sen", -1),)),)), "sen below 0"),
        (Example(calls=(Call(arguments=(("sen", -(2**31) - 1),)),)), "sen beyond 32 bits"),
        (Example(calls=(Call(key="+"),)), "key: '+'"),
        (Example(calls=(Call(key="a/../b"),)), "key: a segment of dots"),
        (Example(calls=(Call(), Call(), Call())), "3 calls or more on one client"),
        (Example(calls=(Call(process="image/bodies,sen_٥"),)), "string: beyond ASCII"),
        (Example(calls=(Call(process="image/bodies,sen_05"),)), "string: leading zero"),
        (Example(calls=(Call(process="image/bodies,sen_5,sen_6"),)), "string: sen twice"),
        (Example(calls=(Call(served=Served(count=0)),)), "no bodies"),
        (Example(calls=(Call(served=Served(encoding="gzip")),)), "coding: gzip"),
        (Example(calls=(Call(served=Served(pieces=16)),)), "response in pieces"),
        (Example(credentials=KEYS), "another key pair"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_special_about_an_example_is_named(example: Example, feature: str) -> None:
    assert feature in names(example)


@pytest.mark.parametrize("token", ["a\n", "a b", "é", ""])
def test_odd_credentials_have_a_feature_that_no_example_has(token: str) -> None:
    keys = Credentials(access_key_id="Example", access_key_secret="s", security_token=token)
    special = {one for one in names(Example(credentials=keys)) if "credentials" in one}
    assert special
    assert not special & {name for example in drawn() for name in names(example)}


def test_a_longer_sequence_has_the_features_of_a_shorter_one() -> None:
    assert names(Example(calls=(Call(),) * 2)) < names(Example(calls=(Call(),) * 4))


def test_a_valid_value_alone_is_what_counts_as_covered() -> None:
    plain = Example(calls=(Call(arguments=(("sen", 37),)),))
    another = Example(calls=(Call(arguments=(("sen", 37),), key="+"),))
    twice = Example(calls=plain.calls * 2)
    found = [
        valid_value(features(case_of(one), bodies()), bodies()) for one in (plain, another, twice)
    ]
    assert found == [(bodies().parameters[0], 37), None, None]


def test_the_range_of_a_parameter_comes_from_the_operation() -> None:
    narrow = operation("image/bodies", sen=(10, 20))
    example = Example(calls=(Call(arguments=(("sen", 37),)),))
    assert names(example, narrow) == {"sen above 20"}
