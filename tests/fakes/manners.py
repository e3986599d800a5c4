"""What every runner does alike, as tests.

A test module that has a fixture `runner` inherits them: `class TestManners(Manners)`. The fixture
`endpoint` is that of tests/runners/conftest.py.
"""

import threading

import pytest
from fakes.answer_manners import AnswerManners
from fakes.asking import ERROR, OTHER_KEYS, able
from fakes.conversation import KEYS, Conversation, Message
from fakes.endpoint import Endpoint, reply
from fakes.request_manners import RequestManners


class Manners(RequestManners, AnswerManners):
    """Those of every runner."""


class KeepingManners(Manners):
    """Those of a runner whose clients keep connections."""

    @pytest.mark.parametrize(("client", "connections"), [("fresh", 2), ("kept", 1)])
    def test_only_a_kept_client_uses_its_connection_again(
        self, runner: Conversation, endpoint: Endpoint, client: str, connections: int
    ) -> None:
        for _ in range(2):
            runner.call(proxy=endpoint.proxy, client=client)
        assert (len(endpoint.requests), endpoint.connections) == (2, connections)

    def test_a_client_that_was_kept_is_closed_when_a_case_begins(
        self, runner: Conversation, endpoint: Endpoint
    ) -> None:
        for _ in range(2):
            runner.tell({"type": "case"})
            for _ in range(2):
                runner.call(proxy=endpoint.proxy, client="kept")
        assert (len(endpoint.requests), endpoint.connections) == (4, 2)

    @pytest.mark.parametrize(
        "change",
        [
            {"credentials": OTHER_KEYS},
            {"region": "cn-beijing"},
            {"timeouts": {"connect": 5000, "read": 4000}},
        ],
        ids=["credentials", "region", "timeouts"],
    )
    def test_a_client_is_kept_for_each_group_of_settings(
        self, runner: Conversation, endpoint: Endpoint, change: Message
    ) -> None:
        for asked in ({}, change, {}):
            runner.call(proxy=endpoint.proxy, client="kept", **asked)
        assert (len(endpoint.requests), endpoint.connections) == (3, 2)

    def test_the_connections_of_a_kept_client_are_open_until_a_case_begins(
        self, runner: Conversation, endpoint: Endpoint
    ) -> None:
        runner.call(proxy=endpoint.proxy, client="kept")
        assert not endpoint.all_closed(within=0.2)
        runner.tell({"type": "case"})
        assert endpoint.all_closed(within=3)

    def test_a_fresh_client_closes_its_connections_after_its_call(
        self, runner: Conversation, endpoint: Endpoint
    ) -> None:
        runner.call(proxy=endpoint.proxy)
        assert endpoint.all_closed(within=3)

    def test_a_client_with_a_provider_of_the_program_is_kept_when_credentials_change(
        self, runner: Conversation, endpoint: Endpoint
    ) -> None:
        able(runner, "provider")
        for keys in (KEYS, OTHER_KEYS):
            runner.call(
                proxy=endpoint.proxy, client="kept", provider="program", credentials=keys
            )  # fmt: skip
        assert (len(endpoint.requests), endpoint.connections) == (2, 1)

    def test_calls_at_once_leave_a_kept_client_with_their_connections(
        self, runner: Conversation, endpoint: Endpoint
    ) -> None:
        able(runner, "threads")
        all_there = threading.Barrier(2, timeout=5)

        def answer(_: bytes) -> bytes:
            all_there.wait()
            return reply(b"{}")

        endpoint.answer = answer
        for _ in range(2):
            runner.calls({}, {}, proxy=endpoint.proxy, client="kept")
        assert (len(endpoint.requests), endpoint.connections) == (4, 2)
        runner.tell({"type": "case"})
        assert endpoint.all_closed(within=3)


class SdkManners(KeepingManners):
    """Those of an SDK, which has checks, error types and libraries of its own."""

    def test_it_says_which_libraries_its_transport_rests_on(self, runner: Conversation) -> None:
        assert runner.start()["dependencies"]

    def test_an_error_of_the_service_is_of_a_type_that_the_sdk_documents(
        self, runner: Conversation, endpoint: Endpoint
    ) -> None:
        endpoint.answer = lambda _: reply(ERROR, status="404 Not Found")
        assert runner.call(proxy=endpoint.proxy)["error"]["caught"] is True

    @pytest.mark.parametrize("sign", ["header", "url"])
    def test_an_empty_key_is_refused_before_anything_is_sent(
        self, runner: Conversation, endpoint: Endpoint, sign: str
    ) -> None:
        answer = runner.call(proxy=endpoint.proxy, sign=sign, key="")
        assert (answer["error"]["origin"], endpoint.received) == ("client", [])
