"""Processing strings, written and taken apart."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.operation.processing import Action, Chain, parse, write


def test_without_sen_the_documented_spelling_is_bare() -> None:
    assert write(None) == "image/bodies"


@pytest.mark.parametrize("sen", [0, 1, 50, 60, 100])
def test_sen_is_written_behind_a_comma_and_an_underscore(sen: int) -> None:
    assert write(sen) == f"image/bodies,sen_{sen}"


def test_a_string_is_taken_apart_into_module_action_and_parameter() -> None:
    bodies = Action(name="bodies", parameters=(("sen", "50"),))
    assert parse("image/bodies,sen_50").chains == (Chain(module="image", actions=(bodies,)),)


def test_actions_keep_their_order() -> None:
    actions = parse("image/resize,w_100/bodies").chains[0].actions
    assert [action.name for action in actions] == ["resize", "bodies"]


def test_a_pipe_begins_another_chain() -> None:
    assert [chain.module for chain in parse("image/bodies|sys/saveas,o_eA").chains] == [
        "image",
        "sys",
    ]


def test_a_parameter_without_a_value_is_told_from_one_with_an_empty_value() -> None:
    assert parse("image/bodies,sen").meaning != parse("image/bodies,sen_").meaning


def test_the_order_of_parameters_means_nothing() -> None:
    assert parse("image/a,x_1,y_2").meaning == parse("image/a,y_2,x_1").meaning


def test_of_two_parameters_of_one_name_the_later_wins() -> None:
    assert parse("image/a,x_1,x_2").meaning == parse("image/a,x_2").meaning


def test_the_order_of_actions_means_something() -> None:
    assert parse("image/a/b").meaning != parse("image/b/a").meaning


@pytest.mark.parametrize(
    "other",
    ["image/bodies", "image/bodies,sen_51", "image/bodies,Sen_50", "image/faces,sen_50",
     "image/bodies,sen_050", " image/bodies,sen_50", "image%2Fbodies,sen_50", ""],
)  # fmt: skip
def test_another_string_means_something_else(other: str) -> None:
    assert parse(other).meaning != parse("image/bodies,sen_50").meaning


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.text(alphabet="ab/,_|% \x00\ud800é"))
def test_any_text_is_taken_apart_without_an_error(text: str) -> None:
    assert parse(text).meaning == parse(text).meaning
