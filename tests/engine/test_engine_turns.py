"""Playing the turns of a case, and what a program of the corpus finds in its environment."""

from dataclasses import replace

import pytest
from engine.doubles import CASE, DIED

from conformance.engine.turns import environment, play, problem_of
from conformance.errors import CannotRunError
from conformance.model.case import Credentials, Script, Turn
from conformance.model.http import Journal
from conformance.model.message import Answer, Failure, Several, Unsupported

THREE = replace(CASE, turns=CASE.turns * 3)


def nothing(_script: Script) -> Journal:
    return Journal()


def test_a_case_ends_at_the_first_turn_that_is_not_answered() -> None:
    asked: list[Turn] = []

    def ask(turn: Turn) -> Answer:
        asked.append(turn)
        if len(asked) == 2:
            raise DIED
        return Unsupported(reason="made up")

    records, problem = play(THREE, arm=nothing, armed=lambda _: None, ask=ask)
    assert [record.answer for record in records] == [Unsupported(reason="made up"), None]
    assert problem == problem_of(DIED)


def test_a_case_ends_at_a_crash() -> None:
    crash = Failure(origin="crash", error_class="Fatal", text="out of memory")
    records, problem = play(THREE, arm=nothing, armed=lambda _: None, ask=lambda _: crash)
    assert ([record.answer for record in records], problem) == ([crash], None)


def test_a_case_ends_at_a_crash_in_one_of_several_calls_at_once() -> None:
    crash = Failure(origin="crash", error_class="Fatal", text="out of memory")
    both = Several(answers=(Unsupported(reason="made up"), crash))
    records, _ = play(THREE, arm=nothing, armed=lambda _: None, ask=lambda _: both)
    assert [record.answer for record in records] == [both]


def test_the_journal_of_the_case_before_is_handed_over_before_the_first_call() -> None:
    order: list[str] = []
    before = Journal(handshakes=("of the case before",))

    def ask(_turn: Turn) -> Answer:
        order.append("asked")
        return Unsupported(reason="made up")

    play(CASE, arm=lambda _: before, armed=lambda one: order.append(one.handshakes[0]), ask=ask)
    assert order == ["of the case before", "asked"]


def test_what_the_site_cannot_do_is_a_problem_of_the_start() -> None:
    error = CannotRunError(step="image", reason="no such image", remedy="build it")
    problem = problem_of(error)
    assert problem.text == "start: no such image (build it)"


@pytest.mark.parametrize(
    ("credentials", "names"),
    [
        (None, set()),
        (
            Credentials(access_key_id="id", access_key_secret="s"),
            {"OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET"},
        ),
        (
            Credentials(access_key_id="id", access_key_secret="s", security_token="t"),
            {"OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "OSS_SESSION_TOKEN"},
        ),
    ],
)
def test_a_program_finds_the_credentials_that_were_given_and_no_others(
    credentials: Credentials | None, names: set[str]
) -> None:
    given = replace(CASE.turns[0].input, credentials=credentials)
    assert set(environment(given)) == names
