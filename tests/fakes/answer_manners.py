"""What every runner does alike with what comes back, as tests: errors, content, calls at once."""

import threading
import time
from typing import Any

import pytest
from fakes.asking import ERROR, able, body_of, sen_again
from fakes.conversation import KEYS, Conversation
from fakes.endpoint import Endpoint, reply

# What is changed in the call, what is answered, how far the call comes.
Case = tuple[dict[str, Any], bytes, str]


class AnswerManners:
    """Tests; each takes what it needs from the fixtures `runner` and `endpoint`."""

    @pytest.mark.parametrize("sign", ["header", "url"])
    @pytest.mark.parametrize(
        "case",
        [
            ({"credentials": KEYS | {"access_key_id": None}}, reply(b""), "client"),
            ({"credentials": KEYS | {"access_key_secret": None}}, reply(b""), "client"),
            ({}, reply(ERROR, status="404 Not Found"), "service"),
            ({}, reply(b"{", length=9), "transport"),
            ({"endpoint": "https://oss-cn-beijing.aliyuncs.com"}, reply(b""), "transport"),
        ],
        ids=["no-id", "no-secret", "refused", "cut", "other-name"],
    )
    def test_the_origin_of_an_error_is_how_far_the_call_came(
        self, runner: Conversation, endpoint: Endpoint, sign: str, case: Case
    ) -> None:
        change, answer, origin = case
        endpoint.answer = lambda _: answer
        told = runner.call(proxy=endpoint.proxy, sign=sign, **change)
        assert told["error"]["origin"] == origin, told
        assert origin != "client" or endpoint.received == []

    @pytest.mark.parametrize("client", ["fresh", "kept"])
    def test_calls_at_once_are_made_at_once_and_answered_in_their_order(
        self, runner: Conversation, endpoint: Endpoint, client: str
    ) -> None:
        able(runner, "threads")
        all_there = threading.Barrier(4, timeout=5)

        def answer(raw: bytes) -> bytes:
            all_there.wait()
            return sen_again(raw)

        endpoint.answer = answer
        asked = [{"parameters": {"sen": sen}} for sen in (7, 3, 9, 1)]
        answers = runner.calls(*asked, proxy=endpoint.proxy, client=client)
        assert [body_of(one) for one in answers] == [b"7", b"3", b"9", b"1"]

    def test_one_of_calls_at_once_may_fail_alone(
        self, runner: Conversation, endpoint: Endpoint
    ) -> None:
        able(runner, "threads")
        endpoint.answer = lambda raw: (
            reply(ERROR, status="404 Not Found") if b"/gone.jpg" in raw else reply(b"{}")
        )
        answers = runner.calls({}, {"key": "gone.jpg"}, {}, proxy=endpoint.proxy)
        assert [one["kind"] for one in answers] == ["content", "error", "content"]

    @pytest.mark.parametrize("sign", ["header", "url"])
    def test_a_file_has_the_content_and_is_removed(
        self, runner: Conversation, endpoint: Endpoint, sign: str
    ) -> None:
        able(runner, "to-file")
        endpoint.answer = lambda _: reply(b'{"Bodies":[]}')
        before = runner.temporary.stat().st_mtime_ns
        answer = runner.call(proxy=endpoint.proxy, sign=sign, into="file")
        assert body_of(answer) == b'{"Bodies":[]}'
        assert runner.temporary.stat().st_mtime_ns > before  # something was there
        assert list(runner.temporary.iterdir()) == []

    def test_a_file_is_removed_when_its_content_breaks_off(
        self, runner: Conversation, endpoint: Endpoint
    ) -> None:
        able(runner, "to-file")
        endpoint.answer = lambda _: reply(b"{", length=9)
        answer = runner.call(proxy=endpoint.proxy, into="file")
        assert answer["error"]["origin"] == "transport", answer
        assert list(runner.temporary.iterdir()) == []

    @pytest.mark.parametrize("limit", [0, 1, 70_000, None])
    def test_content_is_closed_after_the_bytes_that_are_wanted(
        self, runner: Conversation, endpoint: Endpoint, limit: int | None
    ) -> None:
        able(runner, "partial")
        content = bytes(range(256)) * 400
        endpoint.answer = lambda _: reply(content)
        consume = {"limit": limit, "pause": 0}
        for _ in range(2):  # with what one call leaves on the connection the next has nothing to do
            answer = runner.call(proxy=endpoint.proxy, client="kept", consume=consume)
            assert body_of(answer) == content[:limit]
        assert body_of(runner.call(proxy=endpoint.proxy, client="kept")) == content

    def test_the_service_is_left_with_nothing_to_write_when_the_rest_is_not_wanted(
        self, runner: Conversation, endpoint: Endpoint
    ) -> None:
        able(runner, "partial")
        endpoint.answer = lambda _: reply(bytes(30_000_000))
        consume = {"limit": 1, "pause": 0}
        assert body_of(runner.call(proxy=endpoint.proxy, client="kept", consume=consume)) == b"\0"
        assert endpoint.written.wait(timeout=3)

    def test_content_that_breaks_off_before_the_bytes_that_are_wanted_is_an_error(
        self, runner: Conversation, endpoint: Endpoint
    ) -> None:
        able(runner, "partial")
        endpoint.answer = lambda _: reply(b"{", length=9)
        answer = runner.call(proxy=endpoint.proxy, consume={"limit": 5, "pause": 0})
        assert answer["error"]["origin"] == "transport", answer

    def test_content_is_read_after_the_pause(
        self, runner: Conversation, endpoint: Endpoint
    ) -> None:
        able(runner, "partial")
        runner.call(proxy=endpoint.proxy)
        began = time.monotonic()
        answer = runner.call(proxy=endpoint.proxy, consume={"limit": None, "pause": 400})
        assert body_of(answer) == b"{}"
        assert time.monotonic() - began >= 0.4
