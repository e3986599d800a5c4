"""Every valid value is tried, and failures of neighbouring values are one group."""

from fuzz.drawn import operation, trial

from conformance.fuzz import Example
from conformance.fuzz.exhaustive import ExampleFailure, failure_groups, valid_examples
from conformance.operation.reading import bodies


def failure(example: Example, *rules: str) -> ExampleFailure:
    return ExampleFailure(example=example, trial=trial(example, *rules), number=-1)


def groups(failures: list[ExampleFailure]) -> list[tuple[set[str], str | None]]:
    return [
        (set(group.rules), None if group.values is None else str(group.values))
        for group in failure_groups(failures, bodies())
    ]


def test_each_valid_value_is_tried_by_itself_and_the_call_without_any() -> None:
    examples = valid_examples(bodies())
    assert [one.calls[0].arguments for one in examples] == [
        (),
        *((("sen", n),) for n in range(101)),
    ]


def test_a_parameter_of_too_many_values_is_left_to_the_draws() -> None:
    wide = operation("a/b", x=(0, 10**9))
    assert len(valid_examples(wide)) == 1


def test_neighbours_that_fail_alike_are_one_group() -> None:
    examples = valid_examples(bodies())
    failing = [failure(examples[1 + n], "process.string") for n in (64, 65, 66, 80)]
    assert groups(failing) == [
        ({"process.string"}, "sen 64 to 66"),
        ({"process.string"}, "sen 80"),
    ]


def test_what_fails_without_parameters_too_is_not_about_values() -> None:
    examples = valid_examples(bodies())
    failing = [failure(one, "auth.signature") for one in examples]
    failing[38] = failure(examples[38], "auth.signature", "process.string")
    assert groups(failing) == [({"auth.signature"}, None), ({"process.string"}, "sen 37")]
