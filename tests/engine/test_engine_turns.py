"""Playing the turns of a case, and what a program of the corpus finds in its environment."""

from dataclasses import replace

import pytest
from engine.doubles import CASE, DIED, MadeUpStation, declaring

from conformance.engine.turns import environment, play, problem_of, proxy_of
from conformance.errors import CannotRunError
from conformance.model.case import Credentials, ProxyLogin, Script, Turn
from conformance.model.http import Journal
from conformance.model.message import Answer, Failure, Several, Unsupported

THREE = replace(CASE, turns=CASE.turns * 3)


def nothing(_script: Script, _continues: bool) -> Journal:
    return Journal()


def test_the_scripts_after_the_first_continue_the_case() -> None:
    seen: list[bool] = []

    def arm(_script: Script, continues: bool) -> Journal:
        seen.append(continues)
        return Journal()

    play(THREE, arm=arm, armed=lambda _: None, ask=lambda _: Unsupported(reason="made up"))
    assert seen == [False, True, True]


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

    play(CASE, arm=lambda _, __: before, armed=lambda one: order.append(one.handshakes[0]), ask=ask)
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


IN_CONTAINERS, ON_THE_HOST = MadeUpStation([declaring()]), MadeUpStation([declaring()])
ON_THE_HOST.proxy = ON_THE_HOST.mock_as_proxy = "http://127.0.0.1:4711"


@pytest.mark.parametrize(
    ("user", "password", "login"),
    [
        (None, None, ""),
        ("user", None, "user@"),
        ("user", "", "user:@"),
        ("a@b", "p:a/s s", "a%40b:p%3Aa%2Fs%20s@"),
    ],
)
def test_a_call_that_asks_for_a_proxy_gets_the_mock_with_its_login(
    user: str | None, password: str | None, login: str
) -> None:
    asked = replace(CASE.turns[0].input, proxy=ProxyLogin(user=user, password=password))
    assert proxy_of(asked, IN_CONTAINERS) == f"http://{login}mock:8080"
    assert proxy_of(asked, ON_THE_HOST) == f"http://{login}127.0.0.1:4711"


@pytest.mark.parametrize(
    ("endpoint", "proxy"),
    [("http://oss-cn-hangzhou.aliyuncs.com", None), ("http://192.0.2.7", "http://mock:8080")],
)
def test_a_call_in_a_container_gets_a_proxy_only_if_no_name_leads_to_the_mock(
    endpoint: str, proxy: str | None
) -> None:
    given = replace(CASE.turns[0].input, endpoint=endpoint)
    assert proxy_of(given, IN_CONTAINERS) == proxy
    assert proxy_of(given, ON_THE_HOST) == "http://127.0.0.1:4711"
