"""The runner for the Go SDK: its folder, and, built on this machine, what it says and sends."""

import base64
import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.conversation import KEYS, Conversation
from fakes.endpoint import Endpoint, reply, write_identity
from fakes.service import verification

from conformance.assets import RUNNERS
from conformance.model.http import Request

FOLDER = RUNNERS / "go"
MANIFEST = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
VERSION = MANIFEST["sdk"]["version"]
ERROR = (
    b'<?xml version="1.0"?><Error><Code>NoSuchKey</Code><Message>The specified key does not exist.'
    b"</Message><RequestId>64BA</RequestId><HostId>examplebucket.oss</HostId>"
    b"<EC>0026-00000001</EC></Error>"
)
TOKEN = KEYS | {"security_token": "token/+="}


def test_every_file_that_the_manifest_names_is_there() -> None:
    named = [MANIFEST["build"], MANIFEST["dockerfile"], MANIFEST["sample"]["source"]]
    assert [name for name in named if not (FOLDER / name).is_file()] == []


def test_go_sum_pins_the_release_that_the_bare_lane_name_means() -> None:
    pinned = f"{MANIFEST['sdk']['package']} v{VERSION}+incompatible h1:"
    assert pinned in (FOLDER / "go.sum").read_text(encoding="utf-8")


def test_the_module_file_asks_for_no_newer_go_than_debian_bookworm_has() -> None:
    assert "\ngo 1.19\n" in (FOLDER / "go.mod").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "call",
    [
        "oss.NewEnvironmentVariableCredentialsProvider()",
        "oss.New(",
        '"https://oss-cn-hangzhou.aliyuncs.com", "", ""',
        "oss.SetCredentialsProvider(&provider)",
        "oss.AuthVersion(oss.AuthV4)",
        'oss.Region("cn-hangzhou")',
        'client.Bucket("examplebucket")',
        'bucket.GetObject("example.jpg", oss.Process("image/bodies"))',
        "io.ReadAll(",
        '"data:"',
    ],
)
def test_the_sample_makes_the_documented_call(call: str) -> None:
    sample = FOLDER / MANIFEST["sample"]["source"]
    assert call in sample.read_text(encoding="utf-8")


def build(out: Path, source: str) -> subprocess.CompletedProcess[str]:
    command = [str(FOLDER / MANIFEST["build"]), str(out), source]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SDK's default release as the go command has unpacked it, read-only."""
    if shutil.which("go") is None:
        pytest.skip("go is not installed")
    folder = tmp_path_factory.mktemp("module")
    for name in ("go.mod", "go.sum"):
        shutil.copy(FOLDER / name, folder)
    fetched = subprocess.run(
        ["go", "mod", "download", "-json"],
        cwd=folder, env=os.environ | {"GOTOOLCHAIN": "local"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if fetched.returncode:
        pytest.skip(f"the modules cannot be fetched: {fetched.stderr.strip()[-200:]}")
    told = json.loads("[" + fetched.stdout.replace("}\n{", "},{") + "]")
    (place,) = [entry["Dir"] for entry in told if entry["Path"] == MANIFEST["sdk"]["package"]]
    return Path(place)


@pytest.fixture(scope="session")
def home(module: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("go")
    built = build(out, VERSION)
    assert built.returncode == 0, built.stderr
    return out


@pytest.fixture(scope="session")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_identity(tmp_path_factory.mktemp("identity"))


class CountingEndpoint(Endpoint):
    connections = 0

    def _serve(self, line: socket.socket) -> None:
        self.connections += 1
        super()._serve(line)


@pytest.fixture
def endpoint(identity: Path) -> Iterator[CountingEndpoint]:
    counting = CountingEndpoint(identity)
    with counting:
        yield counting


def conversation(home: Path, identity: Path) -> Conversation:
    places = {"home": home, "ca": identity}
    environment = {n: text.format(**places) for n, text in MANIFEST["environment"].items()}
    return Conversation([word.format(**places) for word in MANIFEST["run"]], environment)


@pytest.fixture
def runner(home: Path, identity: Path) -> Iterator[Conversation]:
    with conversation(home, identity) as talk:
        yield talk


def seen(endpoint: Endpoint) -> list[Request]:
    return [request for _, raw in endpoint.received if (request := Request.read(raw))]


@pytest.mark.slow
def test_a_release_tells_the_version_of_the_module_that_was_linked(runner: Conversation) -> None:
    assert runner.start()["sdk"] == {"name": MANIFEST["sdk"]["package"], "version": VERSION}


@pytest.mark.slow
def test_a_checkout_tells_the_version_of_its_own_constant(
    module: Path, identity: Path, tmp_path: Path
) -> None:
    checkout = tmp_path / "checkout"
    shutil.copytree(module, checkout, copy_function=shutil.copyfile)
    subprocess.run(["chmod", "-R", "u+w", str(checkout)], check=True)
    constants = checkout / "oss" / "const.go"
    constants.write_text(constants.read_text().replace('"v3.0.2"', '"v3.0.2-changed"'))
    assert build(tmp_path / "out", f"path:{checkout}").returncode == 0
    with conversation(tmp_path / "out", identity) as talk:
        assert talk.start()["sdk"]["version"] == "3.0.2-changed"


@pytest.mark.slow
def test_a_read_only_checkout_without_a_module_file_is_built(module: Path, tmp_path: Path) -> None:
    before = sorted(module.rglob("*"))
    built = build(tmp_path / "out", f"path:{module}")
    assert (built.returncode, sorted(module.rglob("*"))) == (0, before), built.stderr


@pytest.mark.slow
def test_a_folder_that_is_no_checkout_is_refused_by_name(module: Path, tmp_path: Path) -> None:
    built = build(tmp_path / "out", f"path:{tmp_path}")
    assert (built.returncode, "is no checkout of" in built.stderr) == (1, True)


@pytest.mark.slow
def test_a_release_that_does_not_exist_ends_with_the_words_of_go(
    module: Path, tmp_path: Path
) -> None:
    built = build(tmp_path / "out", "3.99.0")
    assert built.returncode != 0
    assert f"{MANIFEST['sdk']['package']}@v3.99.0+incompatible" in built.stderr


@pytest.mark.slow
def test_what_the_runner_can_is_what_its_manifest_says(runner: Conversation) -> None:
    assert runner.start()["capabilities"] == MANIFEST["capabilities"]


@pytest.mark.slow
@pytest.mark.parametrize("change", [{"operation": "no-such-operation"}, {"credentials": None}])
def test_what_the_sdk_cannot_do_is_unsupported(
    runner: Conversation, change: dict[str, Any]
) -> None:
    assert runner.call(**change)["kind"] == "unsupported"


@pytest.mark.slow
def test_the_end_of_input_ends_it(runner: Conversation) -> None:
    assert runner.end() == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sen", "process", "query"),
    [
        (None, None, "x-oss-process=image%2Fbodies"),
        (0, None, "x-oss-process=image%2Fbodies%2Csen_0"),
        (50, "image/bodies,sen_x", "x-oss-process=image%2Fbodies%2Csen_x"),
    ],
)
def test_the_processing_string_is_written_or_passed_through(
    runner: Conversation, endpoint: Endpoint, sen: int | None, process: str | None, query: str
) -> None:
    runner.call(proxy=endpoint.proxy, sen=sen, process=process)
    assert [request.target for request in seen(endpoint)] == [f"/example.jpg?{query}"]


@pytest.mark.slow
@pytest.mark.parametrize(("signature", "scheme"), [("v4", "OSS4-HMAC-SHA256 "), ("v1", "OSS LTAI")])
def test_the_signature_is_of_the_version_that_was_asked_for(
    runner: Conversation, endpoint: Endpoint, signature: str, scheme: str
) -> None:
    runner.call(proxy=endpoint.proxy, signature=signature)
    (request,) = seen(endpoint)
    assert str(request.header("authorization")).startswith(scheme)


@pytest.mark.slow
def test_path_style_names_the_bucket_in_the_path(runner: Conversation, endpoint: Endpoint) -> None:
    runner.call(proxy=endpoint.proxy, addressing="path")
    (request,) = seen(endpoint)
    assert request.target.startswith("/examplebucket/example.jpg?")


@pytest.mark.slow
def test_a_token_of_one_call_is_not_in_the_next(runner: Conversation, endpoint: Endpoint) -> None:
    runner.call(proxy=endpoint.proxy, credentials=TOKEN)
    runner.call(proxy=endpoint.proxy)
    tokens = [request.header("x-oss-security-token") for request in seen(endpoint)]
    assert tokens == [TOKEN["security_token"], None]


@pytest.mark.slow
def test_numbers_keep_their_text_and_empty_objects_stay(
    runner: Conversation, endpoint: Endpoint
) -> None:
    endpoint.answer = lambda _: reply(b'[1, 1.0, 1E2, 12345678901234567890, {}, [], null, "<"]')
    assert runner.call(proxy=endpoint.proxy)["parsed"] == [
        {"$int": "1"}, {"$real": "1.0"}, {"$real": "1E2"}, {"$int": "12345678901234567890"},
        {}, [], None, "<",
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("body", [b"<html>", b"", b'{"a":1} {}', b"[1e999]"])
def test_what_gos_parser_refuses_is_content_with_its_words(
    runner: Conversation, endpoint: Endpoint, body: bytes
) -> None:
    endpoint.answer = lambda _: reply(body)
    answer = runner.call(proxy=endpoint.proxy)
    assert base64.b64decode(answer["content"]["base64"]) == body
    assert answer["parse_error"]


@pytest.mark.slow
def test_every_field_of_a_service_error_comes_back(
    runner: Conversation, endpoint: Endpoint
) -> None:
    endpoint.answer = lambda _: reply(ERROR, status="404 Not Found")
    error = runner.call(proxy=endpoint.proxy)["error"]
    del error["text"]
    assert error == {
        "origin": "service",
        "error_class": "oss.ServiceError",
        "status": 404,
        "code": "NoSuchKey",
        "message": "The specified key does not exist.",
        "request_id": "64BA",
        "host_id": "examplebucket.oss",
        "ec": "0026-00000001",
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "answer", "origin"),
    [
        ({"credentials": KEYS | {"access_key_id": None}}, reply(b""), "client"),
        ({"credentials": KEYS | {"security_token": "a\nb"}}, reply(b""), "client"),
        ({"key": ""}, reply(b""), "client"),
        ({}, reply(b"<html>", status="403 Forbidden"), "parse"),
        ({}, reply(b"", status="304 Not Modified"), "service"),
        ({}, reply(b"{", length=9), "transport"),
        ({}, b"no http\r\n\r\n", "transport"),
        ({"endpoint": "https://oss-cn-beijing.aliyuncs.com"}, reply(b""), "transport"),
    ],
)
def test_the_origin_of_an_error_is_how_far_the_call_came(
    runner: Conversation, endpoint: Endpoint, change: dict[str, Any], answer: bytes, origin: str
) -> None:
    endpoint.answer = lambda _: answer
    told = runner.call(proxy=endpoint.proxy, **change)
    assert told["error"]["origin"] == origin, told


@pytest.mark.slow
@pytest.mark.parametrize(("signature", "auth"), [("v4", "v4-query"), ("v1", "v1-query")])
def test_a_presigned_url_is_accepted_by_the_service_and_is_all_that_is_signed(
    runner: Conversation, endpoint: Endpoint, signature: str, auth: str
) -> None:
    runner.call(proxy=endpoint.proxy, operation="presigned", sen=50, signature=signature)
    (request,) = seen(endpoint)
    found = verification(request)
    assert (found.auth, found.verified) == (auth, "accepted")
    assert ("x-oss-process", "image/bodies,sen_50") in found.resource.query
    assert request.header("authorization") is None


@pytest.mark.slow
@pytest.mark.parametrize("signature", ["v4", "v1"])
def test_a_presigned_url_carries_the_token_and_never_the_secret(
    runner: Conversation, endpoint: Endpoint, signature: str
) -> None:
    runner.call(proxy=endpoint.proxy, operation="presigned", signature=signature, credentials=TOKEN)
    (request,) = seen(endpoint)
    found = verification(request, TOKEN)
    assert (found.token, found.verified) == (TOKEN["security_token"], "accepted")
    assert str(TOKEN["access_key_secret"]).encode() not in endpoint.received[0][1]


@pytest.mark.slow
def test_a_presigned_url_is_good_for_an_hour(runner: Conversation, endpoint: Endpoint) -> None:
    runner.call(proxy=endpoint.proxy, operation="presigned")
    (request,) = seen(endpoint)
    # An SDK that is given the end of the hour may find a second of it gone when it signs.
    assert 3590 <= verification(request).claim.expires <= 3600


@pytest.mark.slow
@pytest.mark.parametrize("key", ["a+b.jpg", "照片/two words.jpg", "100%25.jpg", "who?.jpg"])
def test_a_presigned_url_names_the_object(
    runner: Conversation, endpoint: Endpoint, key: str
) -> None:
    runner.call(proxy=endpoint.proxy, operation="presigned", key=key)
    (request,) = seen(endpoint)
    found = verification(request)
    assert (found.resource.key, found.verified) == (key, "accepted")


@pytest.mark.slow
def test_what_a_presigned_url_leads_to_comes_back(runner: Conversation, endpoint: Endpoint) -> None:
    endpoint.answer = lambda _: reply(b'{"Bodies":[]}')
    answer = runner.call(proxy=endpoint.proxy, operation="presigned")
    assert base64.b64decode(answer["content"]["base64"]) == b'{"Bodies":[]}'


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "answer", "origin"),
    [
        ({"credentials": KEYS | {"access_key_id": None}}, reply(b""), "client"),
        ({"key": ""}, reply(b""), "client"),
        ({}, reply(ERROR, status="404 Not Found"), "service"),
        ({}, reply(b"{", length=9), "transport"),
        ({"endpoint": "https://oss-cn-beijing.aliyuncs.com"}, reply(b""), "transport"),
    ],
)
def test_the_origin_of_an_error_of_a_presigned_url_is_how_far_it_came(
    runner: Conversation, endpoint: Endpoint, change: dict[str, Any], answer: bytes, origin: str
) -> None:
    endpoint.answer = lambda _: answer
    told = runner.call(proxy=endpoint.proxy, operation="presigned", **change)
    assert told["error"]["origin"] == origin, told


@pytest.mark.slow
@pytest.mark.parametrize(("client", "connections"), [("fresh", 2), ("kept", 1)])
def test_only_a_kept_client_uses_its_connection_again(
    runner: Conversation, endpoint: CountingEndpoint, client: str, connections: int
) -> None:
    for _ in range(2):
        runner.call(proxy=endpoint.proxy, client=client)
    assert len(seen(endpoint)) == 2
    assert endpoint.connections == connections


@pytest.mark.slow
def test_the_sample_ends_with_1_when_credentials_are_missing(home: Path) -> None:
    argv = [word.format(home=home) for word in MANIFEST["sample"]["run"]]
    ended = subprocess.run(argv, env={}, capture_output=True, check=False)
    assert ended.returncode == 1
