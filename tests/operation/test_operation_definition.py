"""An operation as a value: what its documented strings are, and what a document may not say."""

from typing import Any

import pytest

from conformance.operation.definition import Operation, definition, inconsistencies

PAGE = {"reference": "A page."}


def parameter(name: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name, "type": "integer", "minimum": -5, "maximum": 100, "default": 60,
        "meaning": "What it does.", "source": PAGE, **more,
    }  # fmt: skip


def document(**more: Any) -> dict[str, Any]:
    return {
        "name": "example",
        "action": "image/example",
        "parameters": [parameter("a"), parameter("b", minimum=0, maximum=3, default=None)],
        "response": {"schema": "example.schema.json", "list": "Examples"},
        "answers": [{"parameters": {"b": 2}, "body": {"x": [1, 0.5], "é": None}, "source": PAGE}],
        "undocumented": [
            {
                "when": {"parameters": [{"b": 0}, {"a": 1, "b": 3}]},
                "expectations": ["parsed"],
                "unless_as_sent": True,
                "reason": "nothing is published",
            },
            {
                "when": {"anonymous": True},
                "expectations": ["code"],
                "unless_as_sent": False,
                "reason": "nothing is published either",
            },
        ],
        **more,
    }


@pytest.fixture
def operation() -> Operation:
    return definition(document(), {"type": "object"})


@pytest.mark.parametrize(
    ("string", "arguments"),
    [
        ("image/example", ()),
        ("image/example,a_-5", (("a", -5),)),
        ("image/example,b_0,a_100", (("b", 0), ("a", 100))),
    ],
)
def test_a_documented_string_has_documented_values_in_any_order(
    operation: Operation, string: str, arguments: tuple[tuple[str, int], ...]
) -> None:
    assert operation.arguments(string) == arguments
    assert operation.string(arguments) == string


@pytest.mark.parametrize(
    "string",
    [
        "", "image/other", "image/example,", "image/example,c_1", "image/example,a",
        "image/examples",
        "image/example,a_", "image/example,a_101", "image/example,a_-6", "image/example,a_05",
        "image/example,a_-0", "image/example,a_+5", "image/example,a_5.0", "image/example,a_ 5",
        "image/example,a_٥", "image/example,a_5,a_5", "image/example|a_5", "Image/example",
        "image/example,a_" + "1" * 5000,
    ],
)  # fmt: skip
def test_any_other_string_is_undocumented(operation: Operation, string: str) -> None:
    assert not operation.documented(string)


def test_the_strings_are_the_bare_one_and_every_value_of_each_parameter_alone(
    operation: Operation,
) -> None:
    strings = list(operation.strings())
    assert (len(strings), len(set(strings))) == (1 + 106 + 4, 111)
    assert strings[0] == "image/example"
    assert strings[-1] == "image/example,b_3"
    assert all(map(operation.documented, strings))


def test_a_parameter_is_found_by_its_name(operation: Operation) -> None:
    found = operation.parameter("b")
    assert found is not None
    assert (found.range, found.default, found.source) == (range(4), None, "A page.")
    assert operation.parameter("c") is None


def test_an_answer_is_compact_json_with_its_names_in_order(operation: Operation) -> None:
    (answer,) = operation.answers
    assert (answer.parameters, answer.body) == ((("b", 2),), '{"x":[1,0.5],"é":null}'.encode())


def test_a_row_about_parameters_lists_their_strings(operation: Operation) -> None:
    first, second = operation.undocumented
    assert first.among == ("image/example,b_0", "image/example,a_1,b_3")
    assert (second.condition, second.among, second.unless_as_sent) == ("anonymous", (), False)


def test_an_operation_can_be_hashed(operation: Operation) -> None:
    assert len({operation, definition(document(), {"type": "array"})}) == 1


def test_a_consistent_document_has_no_mistake() -> None:
    assert list(inconsistencies(document())) == []


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        ({"parameters": [parameter("b"), parameter("b")]}, ("parameters", 1, "name"), "already"),
        (
            {"parameters": [parameter("b", minimum=101)]},
            ("parameters", 0, "minimum"),
            "greater than the maximum",
        ),
        (
            {"parameters": [parameter("b", default=101)]},
            ("parameters", 0, "default"),
            "outside the range",
        ),
        (
            {"answers": [{"parameters": {"b": 4}, "body": {}, "source": PAGE}]},
            ("answers", 0, "parameters"),
            "'image/example,b_4' is not a documented string",
        ),
    ],
)
def test_a_document_that_contradicts_itself_is_refused(
    change: dict[str, Any], place: tuple[str | int, ...], words: str
) -> None:
    found = [(at, rule) for at, rule, remedy in inconsistencies(document(**change)) if remedy]
    assert place in [at for at, rule in found if words in rule]
