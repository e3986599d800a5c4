"""Which results are alike, in which order they are shown, and the command that repeats them."""

import shlex
from dataclasses import replace

import pytest
from report.run_shown import GO, PHP, REPORT, RETRY, STRING, finished, shown

from conformance.model.verdict import Finding, Outcome, Verdict
from conformance.report.alike_results import AlikeResults, alike_results, repeat_all
from conformance.report.assemble import Report
from conformance.report.sections import result_groups
from conformance.results import PAGE_CASES


def fail(case: str, *findings: Finding, lane: str = GO) -> Verdict:
    return finished(case, lane, Outcome.FAIL, findings=findings or (STRING,))


def alike(*verdicts: Verdict) -> list[AlikeResults]:
    return alike_results(result_groups(verdicts))


def cases(*verdicts: Verdict) -> list[tuple[str, ...]]:
    return [one.cases for one in alike(*verdicts)]


def at(where: str) -> Finding:
    return replace(STRING, where=where)


@pytest.mark.parametrize(
    "where",
    [
        "call 2, request 1: query parameter x-oss-process",
        "call 3, request 1: query parameter x-oss-process",
        "parallel calls 1, 2, 3 (shown: 1), request 1: query parameter x-oss-process",
        "call 2, parallel calls 1, 2 and 24 more (shown: 1), "
        "request 1: query parameter x-oss-process",
    ],
)
def test_which_of_several_calls_it_was_makes_no_difference(where: str) -> None:
    assert cases(fail("a/b/1", at(where)), fail("a/b/2")) == [("a/b/2", "a/b/1")]


def test_the_values_of_a_case_make_no_difference() -> None:
    keys = [replace(STRING, where=f"request 1: key in {key!r}") for key in ("/a b", "/it's")]
    assert len(cases(*(fail(f"a/b/{n}", key) for n, key in enumerate(keys)))) == 1
    texts = [replace(STRING, expected=f"'a {n}'", got=f"b'{n}{n}'") for n in range(3)]
    assert len(cases(*(fail(f"a/b/{n}", text) for n, text in enumerate(texts)))) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (STRING, replace(STRING, rule="process.canonical")),
        (at("request 1: Host"), at("request 2: Host")),
        (replace(STRING, got="'NoSuchKey'"), replace(STRING, got="nothing")),
        (replace(STRING, expected="content"), replace(STRING, expected="error")),
        (
            replace(STRING, got="error, parse: 'ValueError' 'Mon'"),
            replace(STRING, got="error, parse: 'KeyError' 'Mon'"),
        ),
        (
            replace(STRING, got="error, parse: 'ValueError' 'Mon'"),
            replace(STRING, got="error, service: 'ValueError' 'Mon'"),
        ),
    ],
)
def test_another_rule_place_or_kind_of_answer_is_another_cause(
    one: Finding, other: Finding
) -> None:
    assert len(cases(fail("a/b/1", one), fail("a/b/2", other))) == 2


def test_other_lanes_are_another_cause() -> None:
    assert len(cases(fail("a/b/1"), fail("a/b/2", lane=PHP))) == 2


def test_a_recommendation_that_a_failing_case_does_not_follow_makes_no_difference() -> None:
    assert cases(fail("a/b/1", STRING, RETRY), fail("a/b/2")) == [("a/b/2", "a/b/1")]
    noted = [finished(f"a/b/{n}", GO, findings=(one,)) for n, one in enumerate((
        RETRY, replace(RETRY, rule="errors.code")))]  # fmt: skip
    assert len(cases(*noted)) == 2


def test_known_failures_are_alike_by_their_reason() -> None:
    known = [
        replace(fail(f"a/b/{n}", at(f"request {n}")), known_failing="Why." if n < 2 else "Other.")
        for n in range(3)
    ]
    assert cases(*known) == [("a/b/0", "a/b/1"), ("a/b/2",)]


def test_the_cause_of_most_cases_comes_first_after_a_leak_and_before_errors() -> None:
    leak = replace(STRING, rule="auth.secret-leak")
    found = alike(
        *(finished(f"a/err/{n}", GO, Outcome.ERROR, reason="died") for n in range(4)),
        fail("a/few/1", at("a")),
        *(fail(f"b/many/{n}") for n in range(3)),
        fail("c/leak/1", leak),
    )
    assert [one.heading() for one in found] == [
        "c/leak/1", "3 cases alike: process.string", "a/few/1", "4 cases alike",
    ]  # fmt: skip


def test_the_example_is_a_usual_case_of_the_topic_with_the_most_cases() -> None:
    odd = replace(STRING, got="'image/bodies?'")
    found = ["auth/x/1", "process/sen/1", "process/sen/9", "process/sen/50"]
    one, = alike(fail("process/sen/0", odd), *map(fail, found))  # fmt: skip
    assert one.example.case == "process/sen/1"
    assert one.cases[1:] == ("auth/x/1", "process/sen/0", "process/sen/9", "process/sen/50")


def patterns(report: Report, *failing: str) -> tuple[list[str], bool]:
    """The patterns of the command that repeats all, and whether it says that it runs more."""
    one, = alike(*map(fail, failing))  # fmt: skip
    words = shlex.split(repeat_all(one, report), comments=False)
    options = [words[n + 1] for n, word in enumerate(words) if word == "--case"]
    return options, "runs other cases as well" in " ".join(words)


IDS = [f"process/{topic}/{n}" for topic in ("sen", "odd", "far") for n in range(6)]
IDS += [f"auth/v{topic}/{n}" for topic in range(30) for n in range(6)]
RAN = shown(*(finished(case, GO) for case in IDS), lanes=(GO,))


@pytest.mark.parametrize(
    ("failing", "options", "more"),
    [
        (("process/sen/1", "auth/v1/1"), ["auth/v1/1", "process/sen/1"], False),
        (IDS[:2], ["process/sen/0", "process/sen/1"], False),
        (IDS[:6], ["process/sen/*"], False),
        (IDS[:5], ["process/sen/*"], True),
        (IDS[:18], ["process/*"], False),
        ((*IDS[:10], "auth/v1/1"), ["auth/v1/1", "process/*"], True),
        (tuple(f"auth/v{n}/1" for n in range(25)), ["auth/*"], True),
    ],
)
def test_the_command_repeats_all_with_few_patterns_and_says_if_they_select_more(
    failing: tuple[str, ...], options: list[str], more: bool
) -> None:
    found, says_more = patterns(RAN, *failing)
    assert (sorted(found), says_more) == (options, more)


def test_there_is_no_such_command_for_one_case_a_sample_or_a_fuzz() -> None:
    one, = alike(fail("a/b/1"))  # fmt: skip
    two, = alike(fail("a/b/1"), fail("a/b/2"))  # fmt: skip
    assert repeat_all(two, REPORT)
    page = replace(REPORT, run=replace(REPORT.run, vector_files=(PAGE_CASES,)))
    assert repeat_all(one, REPORT) == repeat_all(two, page) == ""
    assert repeat_all(two, replace(REPORT, fuzz={})) == ""
