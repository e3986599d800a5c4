"""What the strategies draw, for any operation."""

from fuzz.drawn import drawn

from conformance.fuzz import Operation, Parameter
from conformance.fuzz.draw import Draws
from conformance.fuzz.target import Arguments

CROP = Operation(
    action="image/crop",
    parameters=(
        Parameter(name="width", minimum=1, maximum=4),
        Parameter(name="height", minimum=10, maximum=20),
    ),
)


def test_keys_keep_to_the_documented_names() -> None:
    for example in drawn():
        for call in example.calls:
            if call.key is not None:
                assert 1 <= len(call.key.encode()) <= 1023
                assert call.key[0] not in "/\\"


def arguments_drawn(operation: Operation) -> list[Arguments]:
    draws = Draws(1, operation)
    examples = [draws.example(n) for n in range(300)]
    return [call.arguments for one in examples if one is not None for call in one.calls]


def test_the_parameters_of_an_operation_are_drawn_by_name_and_in_and_out_of_range() -> None:
    found = arguments_drawn(CROP)
    assert {name for arguments in found for name, _ in arguments} == {"width", "height"}
    for parameter in CROP.parameters:
        values = {v for arguments in found for name, v in arguments if name == parameter.name}
        assert values & set(parameter.range)
        assert values - set(parameter.range)
    assert any(len(arguments) == 2 for arguments in found)


def test_an_operation_without_parameters_is_drawn_without_arguments() -> None:
    assert set(arguments_drawn(Operation(action="image/faces", parameters=()))) == {()}


def test_strings_are_spelled_with_the_names_of_the_operation() -> None:
    draws = Draws(1, CROP)
    examples = [draws.example(n) for n in range(300)]
    strings = [
        call.process
        for one in examples
        if one is not None
        for call in one.calls
        if call.process is not None
    ]
    assert any("height_" in string for string in strings)
    assert not any("sen" in string for string in strings)
