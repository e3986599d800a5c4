"""The cases of a page are those of the corpus's samples, with what the page's programs say."""

import json
from typing import Any

import pytest
from fakes.printed import PAGE
from pages.forms import MARKDOWN

from conformance.assets import VECTORS
from conformance.corpus.load import loaded, terms
from conformance.corpus.selection import hosts, needs, of_lane
from conformance.judge.expectations import EXPECTATIONS
from conformance.model.case import Case, Level
from conformance.model.manifest import Lane
from conformance.operation.reading import shipped
from conformance.pages.page_cases import page_document, program_of_lane
from conformance.pages.sample_page import read_page
from conformance.runner.discovery import builtin

CORPUS: Any = json.loads((VECTORS / "samples" / "program.json").read_text(encoding="utf-8"))
TYPES = ("OSSException", "OssError", "error", "OssException", "ServiceError")


def cases(text: str) -> dict[str, Case]:
    """The cases of a page by the end of their ids, through the checks of every vector file."""
    page = read_page(text)
    document = page_document(page, [(one, TYPES) for one in page.programs], CORPUS, shipped())
    data = json.dumps(document).encode()
    found = loaded(json.loads(data), data, name="page-cases.json").cases
    return {case.id.removeprefix("samples/page/"): case for case in found}


def expected(case: Case) -> dict[str, tuple[Level, Any]]:
    return {
        name: (one.claim, value)
        for turn in case.turns
        for one in turn.expect
        for name, value in one.values
    }


def python(text: str) -> str:
    return f"```python\nimport oss2\n{text}\n```\n"


def test_each_program_has_a_case_for_each_situation_of_the_corpus() -> None:
    situations = [case["id"].rpartition("/")[2] for case in CORPUS["cases"]]
    assert list(cases(MARKDOWN)) == [
        f"{name}/{situation}"
        for name in ("java", "python", "go", "php")
        for situation in situations
    ]


def test_a_case_asks_for_what_its_program_asks_for() -> None:
    for case in cases(MARKDOWN).values():
        given = case.turns[0].input
        assert (given.endpoint, given.bucket, given.key, given.process) == (
            "https://oss-cn-shanghai.aliyuncs.com",
            "photo-archive",
            "people/street.jpg",
            "image/bodies,sen_50",
        )
        assert case.turns[0].script.region == "cn-shanghai"
        assert "photo-archive.oss-cn-shanghai.aliyuncs.com" in hosts([case])
        assert needs(case) == {"sample"}


def test_the_mock_answers_with_the_content_that_the_page_prints() -> None:
    reply = cases(MARKDOWN)["go/success"].turns[0].script.replies[0]
    assert json.loads(reply.body)["Bodies"][0]["Confidence"] == 0.912
    assert b"\n" not in reply.body


def test_what_a_program_does_not_say_is_taken_from_the_rest_of_the_page() -> None:
    text = python("client.get_object(name, process=string)") + PAGE[PAGE.index("```http") :]
    given = cases(text)["python/success"].turns[0].input
    assert (given.endpoint, given.bucket, given.key, given.process) == (
        "https://oss-cn-shanghai.aliyuncs.com",
        "photo-archive",
        "people/street.jpg",
        "image/bodies",
    )


def test_only_an_object_that_the_program_itself_names_is_judged() -> None:
    text = python("client.get_object(name, process=string)") + PAGE[PAGE.index("```http") :]
    assert "target" not in expected(cases(text)["python/success"])
    assert "target" in expected(cases(PAGE)["python/success"])


def test_the_mock_is_in_the_region_of_the_endpoint() -> None:
    text = PAGE.replace("region='cn-shanghai'", "region='cn-beijing'")
    turn = cases(text)["python/success"].turns[0]
    assert (turn.input.region, turn.script.region) == ("cn-beijing", "cn-shanghai")


@pytest.mark.parametrize("situation", ["denied", "no-such-key", "percent-in-message"])
def test_a_clause_for_the_errors_of_the_sdk_has_to_catch_them(situation: str) -> None:
    found = expected(cases(PAGE)[f"python/{situation}"])
    assert found["handled"] == (Level.REQUIRED, True)
    assert found["exit"] == (Level.RECOMMENDED, "nonzero")


@pytest.mark.parametrize("situation", ["content-cut", "credentials-missing"])
def test_other_errors_are_only_shown_to_be_caught_or_not(situation: str) -> None:
    found = expected(cases(PAGE)[f"python/{situation}"])
    assert found["handled"] == (Level.OBSERVED, None)
    assert found["exit"] == (Level.RECOMMENDED, "nonzero")


def test_a_program_without_such_a_clause_need_not_catch_anything() -> None:
    text = PAGE.replace("except sdk.ServiceError", "except ValueError")
    assert expected(cases(text)["python/denied"])["handled"][0] is Level.OBSERVED


def test_only_a_program_that_asks_for_v4_has_to_sign_with_it() -> None:
    assert expected(cases(MARKDOWN)["php/success"])["auth"] == (Level.REQUIRED, "v4-header")
    assert expected(cases(PAGE)["python/success"])["auth"][0] is Level.OBSERVED


@pytest.mark.parametrize(
    ("endpoint", "scheme"),
    [("http://oss-cn-shanghai.aliyuncs.com", "http"), ("oss-cn-shanghai.aliyuncs.com", None)],
)
def test_the_scheme_is_that_of_the_program(endpoint: str, scheme: str | None) -> None:
    text = PAGE.replace("https://oss-cn-shanghai.aliyuncs.com", endpoint)
    found = expected(cases(text)["python/success"])
    assert found.get("scheme") == (None if scheme is None else (Level.REQUIRED, scheme))


def test_a_page_of_another_operation_is_judged_by_what_it_prints() -> None:
    text = PAGE.replace("image/bodies", "image/faces").replace("Bodies", "Faces")
    case = cases(text)["python/success"]
    assert expected(case)["process"] == (Level.REQUIRED, "image/faces")
    assert b'"Faces":' in case.turns[0].script.replies[0].body


def test_the_characters_that_look_like_others_are_named_if_it_does_not_compile() -> None:
    _, named = expected(cases(PAGE.replace("'photo-archive'", "“photo-archive”"))["python/denied"])[
        "compiles"
    ]
    assert named[0] == "line 5, column 10: U+201C LEFT DOUBLE QUOTATION MARK"


def test_a_lane_runs_only_the_cases_of_its_own_programs() -> None:
    page = read_page(MARKDOWN)
    all_cases = tuple(cases(MARKDOWN).values())
    go = next(one for one in builtin() if one.name == "go")
    programs = tuple(program_of_lane(one) for one in page.programs if one.language.slug == "go")
    own = of_lane(all_cases, Lane(manifest=go, programs=programs))
    assert {case.id.split("/")[2] for case in own} == {"go"}
    assert of_lane(all_cases, Lane(manifest=go)) == ()


def test_the_sample_of_a_lane_is_run_by_cases_of_the_corpus() -> None:
    case = next(iter(cases(MARKDOWN).values()))
    assert case.turns[0].input.program == "page/java"
    assert set(terms().schemas["vectors"]["$defs"]["expectations"]["properties"]) == {*EXPECTATIONS}
