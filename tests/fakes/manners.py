"""What every runner does alike, as tests.

A test module that has a fixture `runner` inherits them: `class TestManners(Manners)`. The fixture
`endpoint` is that of tests/runners/conftest.py.
"""

import base64
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from fakes.conversation import KEYS, Conversation, Message
from fakes.endpoint import Endpoint, reply
from fakes.service import verification

# What is changed in the call, what is answered, how far the call comes.
Case = tuple[dict[str, Any], bytes, str]
SEN = {"parameters": {"sen": 50}}
OTHER_KEYS = KEYS | {"access_key_id": "LTAIother", "access_key_secret": "anotherExampleSecret0"}
TOKEN = KEYS | {"security_token": "token/+="}
ERROR = (
    b'<?xml version="1.0"?><Error><Code>NoSuchKey</Code><Message>The specified key does not exist.'
    b"</Message><RequestId>64BA</RequestId><HostId>examplebucket.oss</HostId>"
    b"<EC>0026-00000001</EC></Error>"
)


def able(runner: Conversation, capability: str) -> None:
    """Skip the test if this runner does not say that it can do this."""
    if capability not in runner.start()["capabilities"]:
        pytest.skip(f"{capability}: not with this SDK")


def body_of(answer: Message) -> bytes:
    """The bytes of an answer with content."""
    assert answer["kind"] == "content", answer
    return base64.b64decode(answer["content"]["base64"])


def sen_again(raw: bytes) -> bytes:
    """A reply that repeats the `sen` of a request."""
    return reply(raw.split(b"sen_", 1)[1].split(b" ", 1)[0])


class Manners:
    """Tests; each takes what it needs from the fixtures `runner` and `endpoint`."""

    def test_a_way_to_sign_that_does_not_exist_is_unsupported(self, runner: Conversation) -> None:
        assert runner.call(sign="no-such-sign")["kind"] == "unsupported"

    @pytest.mark.parametrize(
        ("asked", "string"),
        [
            ({}, "image%2Fbodies"),
            ({"parameters": {"sen": 0}}, "image%2Fbodies%2Csen_0"),
            ({"parameters": {"sen": 100}}, "image%2Fbodies%2Csen_100"),
            (
                SEN | {"process": "image/bodies,sen_x"},
                "image%2Fbodies%2Csen_x",
            ),
            ({"action": "image/faces"}, "image%2Ffaces"),
            (
                {"action": "image/faces", "parameters": {"zoom": 3, "age": "young", "b": -(2**53)}},
                "image%2Ffaces%2Czoom_3%2Cage_young%2Cb_-9007199254740992",
            ),
        ],
    )
    def test_the_processing_string_is_written_or_passed_through(
        self, runner: Conversation, endpoint: Endpoint, asked: dict[str, Any], string: str
    ) -> None:
        runner.call(proxy=endpoint.proxy, **asked)
        targets = [request.target for request in endpoint.requests]
        assert targets == [f"/example.jpg?x-oss-process={string}"]

    def test_settings_that_are_null_are_left_to_the_sdk(
        self, runner: Conversation, endpoint: Endpoint
    ) -> None:
        endpoint.answer = lambda _: reply(b'{"Bodies":[]}')
        limits = {"connect": None, "read": None}
        answer = runner.call(
            proxy=endpoint.proxy, signature=None, addressing=None, timeouts=limits, version_id=None
        )
        assert answer["kind"] == "content", answer
        (request,) = endpoint.requests
        assert request.header("host") == "examplebucket.oss-cn-hangzhou.aliyuncs.com"

    @pytest.mark.parametrize("sign", ["header", "url"])
    def test_a_version_is_asked_for_in_one_call_and_not_in_the_next(
        self, runner: Conversation, endpoint: Endpoint, sign: str
    ) -> None:
        for version in ("a+b/c=", "null", None):
            runner.call(proxy=endpoint.proxy, sign=sign, version_id=version)
        found = [verification(request) for request in endpoint.requests]
        asked = [dict(one.resource.query).get("versionId") for one in found]
        assert asked == ["a+b/c=", "null", None]
        assert {one.verified for one in found} == {"accepted"}

    def test_one_call_is_one_get_over_tls(self, runner: Conversation, endpoint: Endpoint) -> None:
        runner.call(proxy=endpoint.proxy)
        assert [scheme for scheme, _ in endpoint.received] == ["https"]
        assert [request.method for request in endpoint.requests] == ["GET"]

    @pytest.mark.parametrize(
        ("signature", "scheme"), [("v4", "OSS4-HMAC-SHA256 "), ("v1", "OSS LTAI")]
    )
    def test_the_signature_is_of_the_version_that_was_asked_for(
        self, runner: Conversation, endpoint: Endpoint, signature: str, scheme: str
    ) -> None:
        if signature == "v1":
            able(runner, "v1")
        runner.call(proxy=endpoint.proxy, signature=signature)
        (request,) = endpoint.requests
        assert str(request.header("authorization")).startswith(scheme)

    def test_path_style_names_the_bucket_in_the_path(
        self, runner: Conversation, endpoint: Endpoint
    ) -> None:
        able(runner, "path-style")
        runner.call(proxy=endpoint.proxy, addressing="path")
        (request,) = endpoint.requests
        assert request.target.startswith("/examplebucket/example.jpg?")
        assert request.header("host") == "oss-cn-hangzhou.aliyuncs.com"

    def test_a_token_goes_along_and_is_not_in_the_next_call(
        self, runner: Conversation, endpoint: Endpoint
    ) -> None:
        runner.call(proxy=endpoint.proxy, credentials=TOKEN)
        runner.call(proxy=endpoint.proxy)
        tokens = [request.header("x-oss-security-token") for request in endpoint.requests]
        assert tokens == [TOKEN["security_token"], None]

    @pytest.mark.parametrize(("signature", "auth"), [("v4", "v4-query"), ("v1", "v1-query")])
    def test_a_presigned_url_is_accepted_by_the_service_and_is_all_that_is_signed(
        self, runner: Conversation, endpoint: Endpoint, signature: str, auth: str
    ) -> None:
        if signature == "v1":
            able(runner, "v1")
        runner.call(proxy=endpoint.proxy, sign="url", parameters={"sen": 50}, signature=signature)
        (request,) = endpoint.requests
        found = verification(request)
        assert (found.auth, found.verified) == (auth, "accepted")
        assert ("x-oss-process", "image/bodies,sen_50") in found.resource.query
        assert request.header("authorization") is None

    @pytest.mark.parametrize("signature", ["v4", "v1"])
    def test_a_presigned_url_carries_the_token_and_never_the_secret(
        self, runner: Conversation, endpoint: Endpoint, signature: str
    ) -> None:
        if signature == "v1":
            able(runner, "v1")
        runner.call(proxy=endpoint.proxy, sign="url", signature=signature, credentials=TOKEN)
        (request,) = endpoint.requests
        found = verification(request, TOKEN)
        assert (found.token, found.verified) == (TOKEN["security_token"], "accepted")
        assert str(TOKEN["access_key_secret"]).encode() not in endpoint.received[0][1]

    def test_a_presigned_url_is_good_for_an_hour(
        self, runner: Conversation, endpoint: Endpoint
    ) -> None:
        runner.call(proxy=endpoint.proxy, sign="url")
        (request,) = endpoint.requests
        # An SDK that is given the end of the hour may find a second of it gone when it signs.
        assert 3590 <= verification(request).authorization.expires <= 3600

    @pytest.mark.parametrize("key", ["a+b.jpg", "照片/two words.jpg", "100%25.jpg", "who?.jpg"])
    def test_a_presigned_url_names_the_object(
        self, runner: Conversation, endpoint: Endpoint, key: str
    ) -> None:
        runner.call(proxy=endpoint.proxy, sign="url", key=key)
        (request,) = endpoint.requests
        found = verification(request)
        assert (found.resource.key, found.verified) == (key, "accepted")

    def test_what_a_presigned_url_leads_to_comes_back(
        self, runner: Conversation, endpoint: Endpoint
    ) -> None:
        endpoint.answer = lambda _: reply(b'{"Bodies":[]}')
        answer = runner.call(proxy=endpoint.proxy, sign="url")
        assert base64.b64decode(answer["content"]["base64"]) == b'{"Bodies":[]}'

    @pytest.mark.parametrize("sign", ["header", "url"])
    def test_a_bound_name_is_the_host_and_the_path_is_the_key(
        self, runner: Conversation, endpoint: Endpoint, sign: str
    ) -> None:
        runner.call(
            proxy=endpoint.proxy, sign=sign, addressing="cname",
            endpoint="https://img.example.com",
        )  # fmt: skip
        (request,) = endpoint.requests
        assert request.header("host") == "img.example.com"
        assert request.target.startswith("/example.jpg?")
        assert verification(request).verified == "accepted"

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

    def test_it_starts_in_a_locale_that_is_not_installed(self, runner: Conversation) -> None:
        with runner.under(LANG="xx_XX.UTF-8", LC_ALL="xx_XX.UTF-8") as elsewhere:
            assert elsewhere.start()["protocol"] == 2

    def test_the_time_of_a_request_is_that_of_the_clock_of_the_c_library(
        self, runner: Conversation, endpoint: Endpoint
    ) -> None:
        able(runner, "clock")
        found = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
        if not found:
            pytest.skip("libfaketime is not installed")
        moved = {
            "LD_PRELOAD": str(found[0]),
            "FAKETIME": "+2h",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        with runner.under(**moved) as later:
            answer = later.call(proxy=endpoint.proxy)
        (request,) = endpoint.requests
        assert answer["kind"] == "content"
        assert verification(request, ahead=2 * 3600).verified == "accepted"
        assert verification(request).verified != "accepted"

    def test_a_provider_of_the_program_is_asked_in_each_call(
        self, runner: Conversation, endpoint: Endpoint
    ) -> None:
        able(runner, "provider")
        given = (KEYS, OTHER_KEYS, TOKEN, KEYS)
        for keys in given:
            runner.call(
                proxy=endpoint.proxy, client="kept", provider="program", credentials=keys
            )  # fmt: skip
        proved = [
            verification(request, keys)
            for request, keys in zip(endpoint.requests, given, strict=True)
        ]
        assert [one.verified for one in proved] == ["accepted"] * len(given)
        assert [one.token for one in proved] == [keys["security_token"] for keys in given]

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
