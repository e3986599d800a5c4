"""Which example is simpler, and what a cause says of its input."""

from fuzz.drawn import drawn

from conformance.fuzz import Call, Example, Served
from conformance.fuzz.cause import ValueRange, neighbours, simpler, weight
from conformance.operation.reading import bodies

(SEN,) = bodies().parameters


def test_neighbouring_values_belong_together() -> None:
    assert neighbours([5, 3, 4, 9]) == ((3, 5), (9, 9))


def test_a_range_of_values_says_its_ends_once_if_they_are_the_same() -> None:
    texts = [str(ValueRange(parameter=SEN, first=37, last=last)) for last in (37, 40)]
    assert texts == ["sen 37", "sen 37 to 40"]


def test_a_range_holds_the_values_of_its_own_parameter_only() -> None:
    found = ValueRange(parameter=SEN, first=37, last=40)
    assert found.holds_one_of([("sen", 40)])
    assert not found.holds_one_of([("sen", 41)])
    assert not found.holds_one_of([("other", 40)])


def test_every_simpler_example_weighs_less() -> None:
    for example in drawn():
        for other in simpler(example):
            assert weight(other) < weight(example)


def test_nothing_is_simpler_than_the_plain_call() -> None:
    assert list(simpler(Example())) == []


def test_one_special_value_is_simpler_than_two_and_than_two_calls() -> None:
    one = Example(calls=(Call(arguments=(("sen", 100),)),))
    two = Example(calls=(Call(arguments=(("sen", 1),), served=Served(pieces=16)),))
    assert weight(one) < weight(two) < weight(Example(calls=(Call(), Call())))
