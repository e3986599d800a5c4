"""What a schema does not allow, in words: the place, the rule and the remedy."""

from typing import Any

import pytest

from conformance.documents.mistake import Mistake, near
from conformance.documents.schema import schema, schema_mistakes

TEXT = {"type": "string", "description": "A text."}
NAMED: dict[str, Any] = {"enum": ["one", "two"]}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["title"],
    "properties": {
        "title": TEXT,
        "a/b": {"type": "object", "additionalProperties": TEXT},
        "kind": NAMED,
        "delay": {"type": "integer", "minimum": 1, "description": "Milliseconds."},
        "status": {"oneOf": [{"type": "integer"}, {"const": "as-sent"}]},
        "body": {
            "oneOf": [
                {
                    "type": "object",
                    "additionalProperties": False,
                    "required": [name],
                    "properties": {name: TEXT},
                }
                for name in ("json", "text")
            ]
        },
        "proof": {"type": "object", "anyOf": [{"required": ["link"]}, {"required": ["repro"]}]},
        "never": {"not": {}, "description": "Only in the other mode."},
    },
}


def found(**members: Any) -> tuple[Mistake, ...]:
    return schema_mistakes({"title": "x", **members}, SCHEMA)


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"titel": "x"}, ("", "unknown: 'titel'", "did you mean title?")),
        ({"title": 1}, ("/title", "1 is not of type 'string'", "A text.")),
        ({"a/b": {"c~d": 1}}, ("/a~1b/c~0d", "1 is not of type 'string'", "A text.")),
        ({"kind": "tow"}, ("/kind", '"tow" is not allowed here', "did you mean two?")),
        ({"delay": 0}, ("/delay", "0 is less than the minimum of 1", "Milliseconds.")),
        ({"status": "sent"}, ("/status", "\"sent\" is none of: integer, 'as-sent'", "")),
        ({"body": {"jsn": "x"}}, ("/body", "unknown: 'jsn'", "did you mean json?")),
        ({"body": {"json": 1}}, ("/body/json", "1 is not of type 'string'", "A text.")),
        ({"proof": {}}, ("/proof", "has neither 'link' nor 'repro'", "add one of them")),
        ({"never": 1}, ("/never", "is not allowed here", "Only in the other mode.")),
    ],
)
def test_a_mistake_has_place_rule_and_remedy(
    members: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    (mistake,) = found(**members)
    assert (mistake.place, mistake.rule, mistake.remedy) == expected


def test_a_missing_name_is_named_with_its_description() -> None:
    (mistake,) = schema_mistakes({}, SCHEMA)
    assert (mistake.place, mistake.rule) == ("", "'title' is missing")
    assert mistake.remedy == "add it: A text."


def test_each_of_several_missing_names_is_named() -> None:
    closed = {"type": "object", "required": ["a", "ab"]}
    assert [m.rule for m in schema_mistakes({}, closed)] == ["'a' is missing", "'ab' is missing"]


def test_every_mistake_is_found_not_only_the_first() -> None:
    assert {mistake.place for mistake in found(title=1, delay=0)} == {"/title", "/delay"}


def test_a_long_value_is_cut_in_a_message() -> None:
    (mistake,) = found(delay=["x" * 10_000])
    assert len(mistake.rule) < 300


def test_a_mistake_without_another_remedy_names_the_schema() -> None:
    (mistake, *_) = schema_mistakes({"vectors": [1], "about": "x"}, schema("known-answers"))
    assert (mistake.place, mistake.remedy) == (
        "/vectors/0",
        "see schemas/known-answers.schema.json",
    )


def test_a_document_that_is_right_has_no_mistakes() -> None:
    assert found(**{"a/b": {"c": "d"}, "kind": "one", "body": {"text": "x"}}) == ()


def test_more_schemas_than_are_kept_compiled_can_be_asked() -> None:
    schemas = [{"type": "object", "required": [f"n{number}"]} for number in range(40)]
    for _ in range(2):
        assert all(schema_mistakes({}, one) for one in schemas)


def test_a_schema_of_the_suite_is_read_once() -> None:
    assert schema("vectors") is schema("vectors")


def test_a_word_near_nothing_gets_the_list_of_what_is_known() -> None:
    assert near("xyz", ["delay", "cut"]) == "known: delay, cut"
