"""The runners that are written in Python, each as a process against a throwaway endpoint."""

import base64
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.conversation import KEYS, Conversation
from fakes.endpoint import Endpoint, reply, write_identity
from fakes.service import verification

from conformance.assets import PACKAGE, RUNNERS
from conformance.model.http import Request

REFERENCE = Path(__file__).parents[1] / "fakes" / "reference"
TOKEN = KEYS | {"security_token": "token/+="}
BODIES = (
    b'{"RequestId":"58C0F6A4","Bodies":[{"Confidence":0.733,"Boundary":'
    b'{"Left":115,"Top":97,"Height":103,"Width":63}}]}'
)
ERROR = (
    b"<?xml version='1.0' encoding='UTF-8'?><Error><Code>NoSuchKey</Code><Message>The specified "
    b"key does not exist.</Message><RequestId>64BA4685</RequestId><HostId>examplebucket.oss"
    b"</HostId><EC>0026-00000001</EC></Error>"
)


@pytest.fixture(scope="session")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_identity(tmp_path_factory.mktemp("identity"))


@pytest.fixture(scope="session")
def oss2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("oss2"), "2.18.4")


def build(out: Path, source: str) -> Path:
    script = RUNNERS / "python" / "build.sh"
    subprocess.run([str(script), str(out), source], check=True, capture_output=True)
    return out


@pytest.fixture
def endpoint(identity: Path) -> Iterator[Endpoint]:
    with Endpoint(identity) as endpoint:
        yield endpoint


LANES = ["rest", "reference", pytest.param("python", marks=pytest.mark.slow)]


@pytest.fixture(params=LANES)
def lane(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def runner(
    lane: str, request: pytest.FixtureRequest, identity: Path, tmp_path: Path
) -> Iterator[Conversation]:
    folder = REFERENCE if lane == "reference" else RUNNERS / lane
    manifest = json.loads((folder / "manifest.json").read_text())
    home = request.getfixturevalue("oss2") if lane == "python" else folder
    places = {"home": home, "python": sys.executable, "ca": identity, "suite": PACKAGE.parent}
    argv = [word.format(**places) for word in manifest["run"]]
    environment = {n: text.format(**places) for n, text in manifest["environment"].items()}
    with Conversation(argv, environment | {"HOME": str(tmp_path)}) as conversation:
        yield conversation


def seen(endpoint: Endpoint) -> list[Request]:
    requests = [Request.read(raw) for _, raw in endpoint.received]
    return [request for request in requests if request is not None]


def test_it_says_which_lane_it_is(runner: Conversation, lane: str) -> None:
    assert runner.start()["runner"] == lane


def test_it_can_do_what_its_manifest_says(runner: Conversation, lane: str) -> None:
    folder = REFERENCE if lane == "reference" else RUNNERS / lane
    manifest = json.loads((folder / "manifest.json").read_text())
    assert runner.start()["capabilities"] == manifest["capabilities"]


def test_an_operation_that_does_not_exist_is_unsupported(runner: Conversation) -> None:
    assert runner.call(operation="no-such-operation")["kind"] == "unsupported"


def test_stop_ends_it(runner: Conversation) -> None:
    runner.tell({"type": "stop"})
    assert runner.process.wait(timeout=10) == 0


def test_the_end_of_input_ends_it(runner: Conversation) -> None:
    assert runner.end() == 0


def test_the_content_comes_back_byte_for_byte(runner: Conversation, endpoint: Endpoint) -> None:
    endpoint.answer = lambda _: reply(BODIES)
    content = runner.call(proxy=endpoint.proxy)["content"]
    assert base64.b64decode(content["base64"]) == BODIES
    assert content["length"] == len(BODIES)
    assert content["sha256"] == hashlib.sha256(BODIES).hexdigest()


def test_numbers_keep_their_type(runner: Conversation, endpoint: Endpoint) -> None:
    endpoint.answer = lambda _: reply(b'[1, 1.0, 0.733, 90071992547409931, true, null, "1"]')
    parsed = runner.call(proxy=endpoint.proxy)["parsed"]
    assert parsed == [
        {"$int": "1"}, {"$real": "1.0"}, {"$real": "0.733"}, {"$int": "90071992547409931"},
        True, None, "1",
    ]  # fmt: skip


def test_what_is_no_json_is_content_with_the_words_of_the_parser(
    runner: Conversation, endpoint: Endpoint
) -> None:
    endpoint.answer = lambda _: reply(b"<html>")
    answer = runner.call(proxy=endpoint.proxy)
    assert answer["parsed"] is None
    assert "Expecting value" in answer["parse_error"]


@pytest.mark.parametrize(
    ("sen", "process", "query"),
    [
        (None, None, "x-oss-process=image%2Fbodies"),
        (0, None, "x-oss-process=image%2Fbodies%2Csen_0"),
        (100, None, "x-oss-process=image%2Fbodies%2Csen_100"),
        (50, "image/bodies,sen_x", "x-oss-process=image%2Fbodies%2Csen_x"),
    ],
)
def test_the_processing_string_is_written_or_passed_through(
    runner: Conversation, endpoint: Endpoint, sen: int | None, process: str | None, query: str
) -> None:
    runner.call(proxy=endpoint.proxy, sen=sen, process=process)
    (request,) = seen(endpoint)
    assert request.target == f"/example.jpg?{query}"


def test_one_call_is_one_get_over_tls(runner: Conversation, endpoint: Endpoint) -> None:
    runner.call(proxy=endpoint.proxy)
    assert [scheme for scheme, _ in endpoint.received] == ["https"]
    assert [request.method for request in seen(endpoint)] == ["GET"]


def test_path_style_names_the_bucket_in_the_path(runner: Conversation, endpoint: Endpoint) -> None:
    runner.call(proxy=endpoint.proxy, addressing="path")
    (request,) = seen(endpoint)
    assert request.target.startswith("/examplebucket/example.jpg?")
    assert request.header("host") == "oss-cn-hangzhou.aliyuncs.com"


def test_the_token_goes_along(runner: Conversation, endpoint: Endpoint) -> None:
    runner.call(proxy=endpoint.proxy, credentials=TOKEN)
    (request,) = seen(endpoint)
    assert request.header("x-oss-security-token") == TOKEN["security_token"]


def test_a_token_of_one_call_is_not_in_the_next(runner: Conversation, endpoint: Endpoint) -> None:
    runner.call(proxy=endpoint.proxy, credentials=TOKEN)
    runner.call(proxy=endpoint.proxy)
    assert seen(endpoint)[1].header("x-oss-security-token") is None


def test_anonymous_access_is_not_signed(runner: Conversation, endpoint: Endpoint) -> None:
    runner.call(proxy=endpoint.proxy, credentials=None)
    (request,) = seen(endpoint)
    assert request.header("authorization") is None


@pytest.mark.parametrize("missing", ["access_key_id", "access_key_secret"])
def test_missing_credentials_are_an_error_before_anything_is_sent(
    runner: Conversation, endpoint: Endpoint, missing: str
) -> None:
    answer = runner.call(proxy=endpoint.proxy, credentials=KEYS | {missing: None})
    assert answer["error"]["origin"] == "client"
    assert endpoint.received == []


def test_v4_without_a_region_is_an_error_before_anything_is_sent(
    runner: Conversation, endpoint: Endpoint
) -> None:
    answer = runner.call(proxy=endpoint.proxy, region=None)
    assert answer["error"]["origin"] == "client"
    assert endpoint.received == []


@pytest.mark.parametrize(("signature", "auth"), [("v4", "v4-query"), ("v1", "v1-query")])
def test_a_presigned_url_is_accepted_by_the_service_and_is_all_that_is_signed(
    runner: Conversation, lane: str, endpoint: Endpoint, signature: str, auth: str
) -> None:
    if signature == "v1" and lane != "python":
        pytest.skip("the lane signs with V4 only")
    runner.call(proxy=endpoint.proxy, operation="presigned", sen=50, signature=signature)
    (request,) = seen(endpoint)
    found = verification(request)
    assert (found.auth, found.verified) == (auth, "accepted")
    assert ("x-oss-process", "image/bodies,sen_50") in found.resource.query
    assert request.header("authorization") is None


@pytest.mark.parametrize("signature", ["v4", "v1"])
def test_a_presigned_url_carries_the_token_and_never_the_secret(
    runner: Conversation, lane: str, endpoint: Endpoint, signature: str
) -> None:
    if signature == "v1" and lane != "python":
        pytest.skip("the lane signs with V4 only")
    runner.call(proxy=endpoint.proxy, operation="presigned", signature=signature, credentials=TOKEN)
    (request,) = seen(endpoint)
    found = verification(request, TOKEN)
    assert (found.token, found.verified) == (TOKEN["security_token"], "accepted")
    assert str(TOKEN["access_key_secret"]).encode() not in endpoint.received[0][1]


def test_a_presigned_url_is_good_for_an_hour(runner: Conversation, endpoint: Endpoint) -> None:
    runner.call(proxy=endpoint.proxy, operation="presigned")
    (request,) = seen(endpoint)
    # An SDK that is given the end of the hour may find a second of it gone when it signs.
    assert 3590 <= verification(request).claim.expires <= 3600


@pytest.mark.parametrize("key", ["a+b.jpg", "照片/two words.jpg", "100%25.jpg", "who?.jpg"])
def test_a_presigned_url_names_the_object(
    runner: Conversation, endpoint: Endpoint, key: str
) -> None:
    runner.call(proxy=endpoint.proxy, operation="presigned", key=key)
    (request,) = seen(endpoint)
    found = verification(request)
    assert (found.resource.key, found.verified) == (key, "accepted")


def test_what_a_presigned_url_leads_to_comes_back(runner: Conversation, endpoint: Endpoint) -> None:
    endpoint.answer = lambda _: reply(b'{"Bodies":[]}')
    answer = runner.call(proxy=endpoint.proxy, operation="presigned")
    assert base64.b64decode(answer["content"]["base64"]) == b'{"Bodies":[]}'


@pytest.mark.parametrize("operation", ["bodies", "presigned"])
def test_a_bound_name_is_the_host_and_the_path_is_the_key(
    runner: Conversation, endpoint: Endpoint, operation: str
) -> None:
    runner.call(
        proxy=endpoint.proxy, operation=operation, addressing="cname",
        endpoint="https://img.example.com",
    )  # fmt: skip
    (request,) = seen(endpoint)
    assert request.header("host") == "img.example.com"
    assert request.target.startswith("/example.jpg?")
    assert verification(request).verified == "accepted"


@pytest.mark.parametrize("missing", ["access_key_id", "access_key_secret"])
def test_a_url_that_cannot_be_signed_is_an_error_before_anything_is_sent(
    runner: Conversation, endpoint: Endpoint, missing: str
) -> None:
    keys = KEYS | {missing: None}
    answer = runner.call(proxy=endpoint.proxy, operation="presigned", credentials=keys)
    assert answer["error"]["origin"] == "client"
    assert endpoint.received == []


def test_every_field_of_a_service_error_comes_back(
    runner: Conversation, endpoint: Endpoint
) -> None:
    endpoint.answer = lambda _: reply(ERROR, status="404 Not Found")
    error = runner.call(proxy=endpoint.proxy)["error"]
    del error["error_class"], error["text"]
    # oss2 takes the request id from the header, which a service keeps equal to the document's.
    assert error.pop("request_id") in {"64BA", "64BA4685"}
    assert error == {
        "origin": "service",
        "status": 404,
        "code": "NoSuchKey",
        "message": "The specified key does not exist.",
        "host_id": "examplebucket.oss",
        "ec": "0026-00000001",
    }


def test_a_body_that_was_cut_off_is_a_transport_error(
    runner: Conversation, endpoint: Endpoint
) -> None:
    endpoint.answer = lambda _: reply(BODIES[:-20], length=len(BODIES))
    assert runner.call(proxy=endpoint.proxy)["error"]["origin"] == "transport"


def test_a_certificate_of_another_name_is_a_transport_error(
    runner: Conversation, endpoint: Endpoint
) -> None:
    answer = runner.call(proxy=endpoint.proxy, endpoint="https://oss-cn-beijing.aliyuncs.com")
    assert answer["error"]["origin"] == "transport"
    assert endpoint.received == []


def test_a_service_that_says_nothing_is_given_up_after_the_read_timeout(
    runner: Conversation, endpoint: Endpoint
) -> None:
    endpoint.answer = lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
    limits = {"connect": 5000, "read": 200}
    answer = runner.call(proxy=endpoint.proxy, timeouts=limits)
    assert answer["error"]["origin"] == "transport"


@pytest.mark.slow
@pytest.mark.parametrize("operation", ["bodies", "presigned"])
def test_an_error_of_a_kept_client_that_sent_nothing_is_told_as_such(
    oss2: Path, identity: Path, endpoint: Endpoint, operation: str
) -> None:
    argv = [str(oss2 / "venv/bin/python"), str(oss2 / "runner.py")]
    with Conversation(argv, {"REQUESTS_CA_BUNDLE": str(identity)}) as talk:
        talk.call(proxy=endpoint.proxy, client="kept")
        answer = talk.call(proxy=endpoint.proxy, client="kept", operation=operation, key="")
    assert answer["error"]["origin"] == "client"


@pytest.mark.slow
def test_the_version_told_is_that_of_the_loaded_sdk(oss2: Path, identity: Path) -> None:
    loaded = next(oss2.glob("venv/lib/python*/site-packages/oss2/__init__.py"))
    loaded.write_text(loaded.read_text().replace("2.18.4", "2.18.4.test"))
    argv = [str(oss2 / "venv/bin/python"), str(oss2 / "runner.py")]
    try:
        with Conversation(argv, {}) as conversation:
            assert conversation.start()["sdk"] == {"name": "oss2", "version": "2.18.4.test"}
    finally:
        loaded.write_text(loaded.read_text().replace("2.18.4.test", "2.18.4"))


@pytest.mark.slow
def test_a_build_from_a_checkout_leaves_the_checkout_as_it_was(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    (checkout / "oss2").mkdir(parents=True)
    (checkout / "setup.py").write_text(
        "from setuptools import setup\nsetup(name='oss2', version='0.1', packages=['oss2'])\n"
    )
    (checkout / "oss2" / "__init__.py").write_text("")
    before = sorted(checkout.rglob("*"))
    build(tmp_path / "out", f"path:{checkout}")
    assert sorted(checkout.rglob("*")) == before
