"""What every runner does alike before an answer comes, as tests: what it sends, and signed how."""

import base64
from pathlib import Path
from typing import Any

import pytest
from fakes.asking import OTHER_KEYS, TOKEN, able
from fakes.conversation import KEYS, Conversation
from fakes.endpoint import Endpoint, reply
from fakes.service import verification

SEN = {"parameters": {"sen": 50}}


class RequestManners:
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
