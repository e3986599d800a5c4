"""What the strategies draw, for any operation."""

from fuzz.drawn import drawn, operation

from conformance.fuzz.draw import Draws
from conformance.operation.definition import Arguments, Operation

CROP = operation("image/crop", width=(1, 4), height=(10, 20))


def test_keys_keep_to_the_documented_names() -> None:
    for example in drawn():
        for call in example.calls:
            if call.key is not None:
                assert 1 <= len(call.key.encode()) <= 1023
                assert call.key[0] not in "/\\"


def arguments_drawn(of: Operation) -> list[Arguments]:
    draws = Draws(1, of)
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
    assert set(arguments_drawn(operation("image/faces"))) == {()}


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
