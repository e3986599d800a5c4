"""A schema's refusals in words: the place, what was unknown, what may have been meant."""

from collections.abc import Callable
from typing import Any

import pytest

from conformance.corpus.decode import Terms
from conformance.corpus.shape import near, schema_mistakes

Spoil = Callable[[Callable[[Any], object]], dict[str, Any]]


def _reply(**members: Any) -> Callable[[Any], object]:
    return lambda d: d["cases"][0]["script"]["replies"][0].update(members)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            _reply(faults=[{"delayy": 1}]),
            (
                "/cases/0/script/replies/0/faults/0",
                "unknown: 'delayy'",
                "did you mean delay?",
            ),
        ),
        (
            _reply(faults=[{"stall": {"after": 1}}]),
            (
                "/cases/0/script/replies/0/faults/0/stall",
                "'seconds' is a required property",
                "",
            ),
        ),
        (
            _reply(body={"jsn": {}}),
            ("/cases/0/script/replies/0/body", "unknown: 'jsn'", "did you mean json?"),
        ),
        (
            lambda d: d["cases"][0]["input"].update(sing=5),
            ("/cases/0/input", "unknown: 'sing'", "did you mean sign?"),
        ),
        (
            lambda d: d["cases"][0]["expect"]["required"].update(auth="v4"),
            ("/cases/0/expect/required/auth", '"v4" is not known here', "known: v4-header"),
        ),
        (
            lambda d: d["cases"][0]["expect"]["required"].update(status="sent"),
            ("/cases/0/expect/required/status", "\"sent\" is none of: integer, 'as-sent'", ""),
        ),
        (
            lambda d: d["defaults"]["provenance"].update(source="documentation"),
            ("/defaults/provenance", "'reference' is a required property", ""),
        ),
        (lambda d: d.pop("about"), ("", "'about' is a required property", "")),
        (
            lambda d: d["cases"][0]["input"].update(connect_timeout=0),
            (
                "/cases/0/input/connect_timeout",
                "0 is less than the minimum of 1",
                "Milliseconds",
            ),
        ),
    ],
)
def test_a_refusal_says_place_rule_and_remedy(
    spoil: Spoil,
    suite_terms: Terms,
    change: Callable[[Any], object],
    told: tuple[str, str, str],
) -> None:
    place, rule, remedy = told
    first = schema_mistakes(spoil(change), suite_terms.schemas["vectors"])[0]
    assert (first.place, first.rule) == (place, rule)
    assert first.remedy.startswith(remedy)


def test_every_refusal_is_told_not_only_the_first(spoil: Spoil, suite_terms: Terms) -> None:
    def change(document: Any) -> None:
        document["topic"] = "nowhere"
        document["cases"][0]["title"] = "short"

    found = schema_mistakes(spoil(change), suite_terms.schemas["vectors"])
    assert {mistake.place for mistake in found} == {"/topic", "/cases/0/title"}


def test_a_word_near_nothing_gets_the_list_of_what_there_is() -> None:
    assert near("xyz", ["delay", "cut"]) == "known: delay, cut"
