"""The linter lets a case be live only if the service can answer it as its verdict needs."""

from collections.abc import Callable
from typing import Any

import pytest

from conformance.corpus.decode import Terms, mistakes
from conformance.corpus.load import load

Spoil = Callable[[Callable[[Any], object]], dict[str, Any]]
WHY = "One GetObject and one ImageDetect, as any documented call."


def made_live(document: Any, **more: Any) -> None:
    case = document["cases"][0]
    del case["script"]
    case.update(live=True, why_safe=WHY, **more)


def _script(**members: Any) -> dict[str, Any]:
    return {"script": members}


def _reply(**members: Any) -> dict[str, Any]:
    return _script(replies=[{"status": 200, "body": {"detections": 2}, **members}])


MISSING = {"status": 404, "error": {"code": "NoSuchKey", "message": "It does not exist."}}
UNSAFE: dict[str, tuple[dict[str, Any], str, str]] = {
    "a fault": (_reply(faults=[{"delay": 1}]), "/script/replies", "a fault"),
    "another status": (_reply(status=503), "/script/replies", "scripted reply"),
    "a header of its own": (_reply(headers=[["X-A", "b"]]), "/script/replies", "scripted reply"),
    "a body of its own": (_reply(body={"json": {}}), "/script/replies", "usual one"),
    "an object that is there": (_script(replies=[MISSING]), "/script/replies", "scripted reply"),
    "a clock": (_script(clock_offset=60), "/script/clock_offset", "clock_offset"),
    "a key of the script": (_script(keys=[]), "/script/keys", "keys"),
    "an invalid sen": ({"input": {"parameters": {"sen": 101}}}, "/input", "needs explore"),
    "an endpoint": ({"input": {"endpoint": "https://h.example"}}, "/input/endpoint", "endpoint"),
    "a literal message": (
        {"expect": {"required": {"answer": "error", "message": "No."}}},
        "/expect/required/message", "message",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", UNSAFE)
def test_a_live_case_is_refused_with(name: str, spoil: Spoil, suite_terms: Terms) -> None:
    members, place, rule = UNSAFE[name]
    found = mistakes(spoil(lambda d: made_live(d, **members)), suite_terms)
    assert any(place in one.place and rule in one.rule for one in found), found


@pytest.mark.parametrize("more", [
    {},
    {"input": {"key": "none.jpg"}, **_script(replies=[MISSING])},
    {"explore": True, "input": {"parameters": {"sen": 101}}, "expect": {"observed": ["status"]}},
])  # fmt: skip
def test_a_live_case_may_be(more: dict[str, Any], spoil: Spoil, suite_terms: Terms) -> None:
    def change(document: Any) -> None:
        made_live(document, **more)
        document["defaults"].pop("expect")
        document["cases"][0]["expect"] = {"required": {"method": "GET"}}

    assert mistakes(spoil(change), suite_terms) == ()


@pytest.mark.parametrize("without", ["live", "why_safe"])
def test_live_and_why_safe_go_together(without: str, spoil: Spoil, suite_terms: Terms) -> None:
    def change(document: Any) -> None:
        made_live(document)
        del document["cases"][0][without]

    assert mistakes(spoil(change), suite_terms)


def test_the_corpus_has_live_cases_of_results_refusals_and_unknown_answers() -> None:
    live = [case for case in load().cases if case.live]
    assert {case.family for case in live} == {"process", "auth", "errors"}
    assert any(case.explore for case in live)
    assert all(case.why_safe for case in live)
