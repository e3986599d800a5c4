"""The runner for the Go SDK: its folder, and, built on this machine, what it says and sends."""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.conversation import KEYS, Conversation
from fakes.endpoint import Endpoint, reply
from fakes.manners import ERROR, SdkManners
from runners.folders import run_program_of, run_sample, sources

from conformance.model.manifest import Program

FOLDER = sources("go")
MANIFEST = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
VERSION = MANIFEST["sdk"]["version"]


def test_every_file_that_the_manifest_names_is_there() -> None:
    named = [MANIFEST["build"], MANIFEST["dockerfile"], MANIFEST["sample"]]
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
    sample = FOLDER / MANIFEST["sample"]
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


def conversation(home: Path, identity: Path) -> Conversation:
    places = {"home": home, "ca": identity}
    environment = {n: text.format(**places) for n, text in MANIFEST["environment"].items()}
    return Conversation([word.format(**places) for word in MANIFEST["run"]], environment)


@pytest.fixture
def runner(home: Path, identity: Path) -> Iterator[Conversation]:
    with conversation(home, identity) as talk:
        yield talk


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
@pytest.mark.parametrize("change", [{"sign": "no-such-sign"}, {"credentials": None}])
def test_what_the_sdk_cannot_do_is_unsupported(
    runner: Conversation, change: dict[str, Any]
) -> None:
    assert runner.call(**change)["kind"] == "unsupported"


@pytest.mark.slow
def test_the_end_of_input_ends_it(runner: Conversation) -> None:
    assert runner.end() == 0


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
        ({"credentials": KEYS | {"security_token": "a\nb"}}, reply(b""), "client"),
        ({}, reply(b"<html>", status="403 Forbidden"), "parse"),
        ({}, reply(b"", status="304 Not Modified"), "service"),
        ({}, b"no http\r\n\r\n", "transport"),
    ],
)
def test_the_origin_of_an_error_is_told_of_odd_answers_too(
    runner: Conversation, endpoint: Endpoint, change: dict[str, Any], answer: bytes, origin: str
) -> None:
    endpoint.answer = lambda _: answer
    told = runner.call(proxy=endpoint.proxy, **change)
    assert told["error"]["origin"] == origin, told


@pytest.mark.slow
def test_the_sample_ends_with_1_when_credentials_are_missing(home: Path, tmp_path: Path) -> None:
    environment = {name: os.environ[name] for name in ("PATH", "HOME")}
    ended = run_sample("go", environment, tmp_path, home=str(home))
    assert (ended.exit, b"# command-line-arguments" in ended.stderr) == (1, False)


@pytest.mark.slow
def test_a_program_that_does_not_compile_ends_with_the_words_of_the_compiler(
    home: Path, tmp_path: Path
) -> None:
    environment = {name: os.environ[name] for name in ("PATH", "HOME")}
    wrong = Program(name="wrong.go", text="package main\n\nfunc main() { oss.New() }\n")
    ended = run_program_of("go", wrong, environment, tmp_path, home=str(home))
    assert (ended.exit, b"undefined: oss" in ended.stderr) == (1, True)


@pytest.mark.slow
class TestManners(SdkManners):
    """Those of every runner."""
