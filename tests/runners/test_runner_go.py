"""The runner for the Go SDK: its folder, and, built on this machine, what it says and sends."""

import base64
import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.asking import ERROR
from fakes.conversation import CALL, KEYS, Conversation
from fakes.endpoint import Endpoint, reply
from fakes.manners import SdkManners
from fakes.service import verification
from runners.folders import run_program_of, run_sample, sources

from conformance.model.manifest import Program

FOLDER = sources("go")
MANIFEST = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
VERSION = MANIFEST["sdk"]["version"]
OTHER_KEYS = KEYS | {
    "access_key_id": "LTAIother",
    "access_key_secret": "anotherSecretOf30Characters000",
}

# Put into the SDK's GetObject: the object key says what happens.
TWIST = """
	switch objectKey {
	case "prints":
		fmt.Println("printed by the SDK")
	case "panics":
		var none []int
		fmt.Println(none[len(options)])
	}
"""


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


@pytest.fixture(scope="session")
def twisted(module: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build with a checkout of the SDK in which something was changed."""
    checkout = tmp_path_factory.mktemp("go") / "checkout"
    shutil.copytree(module, checkout, copy_function=shutil.copyfile)
    subprocess.run(["chmod", "-R", "u+w", str(checkout)], check=True)
    for name, old, new in (
        ("const.go", '"v3.0.2"', '"v3.0.2-changed"'),
        ("bucket.go", ") (io.ReadCloser, error) {\n", ") (io.ReadCloser, error) {" + TWIST),
    ):
        source = checkout / "oss" / name
        source.write_text(source.read_text().replace(old, new, 1))
    built = build(checkout.with_name("out"), f"path:{checkout}")
    assert built.returncode == 0, built.stderr
    return checkout.with_name("out")


def conversation(home: Path, identity: Path, *before: str, **variables: str) -> Conversation:
    """The runner of a build, with what is written before its command and into its environment."""
    places = {"home": home, "ca": identity}
    environment = {n: text.format(**places) for n, text in MANIFEST["environment"].items()}
    command = [word.format(**places) for word in MANIFEST["run"]]
    return Conversation([*before, *command], environment | variables)


def several(endpoint: Endpoint, *keys: str, client: str = "fresh") -> dict[str, Any]:
    """A command to ask for these objects at once."""
    call = {name: CALL[name] for name in CALL if name not in ("type", "seq")}
    call |= {"proxy": endpoint.proxy, "client": client}
    return {"type": "calls", "seq": 1, "calls": [call | {"key": key} for key in keys]}


def sockets(talk: Conversation) -> int:
    """How many sockets the runner has open: its connections, for it listens nowhere."""
    talk.start()  # answered when what was told before is done
    links = Path(f"/proc/{talk.process.pid}/fd").iterdir()
    return sum(os.readlink(link).startswith("socket:") for link in links)


@pytest.fixture
def runner(home: Path, identity: Path) -> Iterator[Conversation]:
    with conversation(home, identity) as talk:
        yield talk


@pytest.mark.slow
def test_a_release_tells_the_version_of_the_module_that_was_linked(runner: Conversation) -> None:
    assert runner.start()["sdk"] == {"name": MANIFEST["sdk"]["package"], "version": VERSION}


@pytest.mark.slow
def test_the_modules_below_the_sdk_are_told_with_the_versions_that_were_linked(
    runner: Conversation,
) -> None:
    assert runner.start()["dependencies"] == {"golang.org/x/time": "v0.5.0"}


@pytest.mark.slow
def test_the_defaults_are_those_of_the_sdks_configuration(runner: Conversation) -> None:
    assert runner.start()["defaults"] == {
        "connect_timeout": "30s", "read_timeout": "1m0s", "header_timeout": "1m0s",
        "idle_timeout": "50s", "retries": "5", "redirects": "true", "signature": "v1",
    }  # fmt: skip


@pytest.mark.slow
def test_a_checkout_tells_the_version_of_its_own_constant(twisted: Path, identity: Path) -> None:
    with conversation(twisted, identity) as talk:
        assert talk.start()["sdk"]["version"] == "3.0.2-changed"


@pytest.mark.slow
def test_a_panic_is_answered_as_a_crash_and_the_next_call_is_made(
    twisted: Path, identity: Path, endpoint: Endpoint
) -> None:
    with conversation(twisted, identity) as talk:
        error = talk.call(proxy=endpoint.proxy, key="panics")["error"]
        after = talk.call(proxy=endpoint.proxy)
    assert (error["origin"], error["error_class"]) == ("crash", "runtime.boundsError")
    assert (error["caught"], after["kind"]) == (False, "content")


@pytest.mark.slow
def test_a_panic_in_one_of_several_calls_is_the_answer_to_that_one_only(
    twisted: Path, identity: Path, endpoint: Endpoint
) -> None:
    with conversation(twisted, identity) as talk:
        answers = talk.ask(several(endpoint, "example.jpg", "panics", "prints"))["answers"]
    assert [answer["kind"] for answer in answers] == ["content", "error", "content"]


@pytest.mark.slow
def test_what_the_sdk_prints_is_on_standard_error_before_the_answer(
    twisted: Path, identity: Path, endpoint: Endpoint, tmp_path: Path
) -> None:
    printed = tmp_path / "stderr"
    redirected = ("sh", "-c", 'exec "$@" 2>"$0"', str(printed))
    with conversation(twisted, identity, *redirected) as talk:
        talk.call(proxy=endpoint.proxy, key="prints")
        text = printed.read_text()
        assert text.strip("\x1e") == "printed by the SDK\n"
        assert text.endswith("\x1e"), "the mark comes last"


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
        "caught": True,
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
@pytest.mark.parametrize(("provider", "connections"), [("program", 1), ("environment", 2)])
def test_a_kept_client_meets_new_credentials_if_the_program_provides_them(
    runner: Conversation, endpoint: Endpoint, provider: str, connections: int
) -> None:
    for keys in (KEYS, OTHER_KEYS):
        runner.call(proxy=endpoint.proxy, client="kept", provider=provider, credentials=keys)
    first, second = endpoint.requests
    assert verification(first).verified == "accepted"
    assert verification(second, OTHER_KEYS).verified == "accepted"
    assert endpoint.connections == connections


@pytest.mark.slow
def test_a_case_and_the_end_of_a_fresh_call_close_their_connections(
    runner: Conversation, endpoint: Endpoint
) -> None:
    counts = []
    for client in ("fresh", "kept"):
        runner.call(proxy=endpoint.proxy, client=client)
        counts.append(sockets(runner))
    runner.tell({"type": "case"})
    assert [*counts, sockets(runner)] == [0, 1, 0]


@pytest.mark.slow
def test_several_calls_are_made_at_once_on_one_client_and_answered_in_order(
    runner: Conversation, endpoint: Endpoint
) -> None:
    keys = [f"{number}.jpg" for number in range(8)]
    meeting = threading.Barrier(len(keys))

    def answer(request: bytes) -> bytes:
        meeting.wait(timeout=60)
        return reply(b'"' + request.split(b"?")[0].split(b"/")[1] + b'"')

    endpoint.answer = answer
    answers = runner.ask(several(endpoint, *keys, client="kept"))["answers"]
    assert [one["parsed"] for one in answers] == keys
    assert sockets(runner) == len(keys)


@pytest.mark.slow
def test_several_calls_that_cannot_be_made_are_all_answered(
    runner: Conversation, endpoint: Endpoint
) -> None:
    command = several(endpoint, "a", "b")
    for call in command["calls"]:
        call["sign"] = "no-such-sign"
    assert [one["kind"] for one in runner.ask(command)["answers"]] == ["unsupported"] * 2


@pytest.mark.slow
@pytest.mark.parametrize("case", [("header", None), ("url", None), ("header", 9), ("url", 9)])
def test_an_object_is_saved_by_the_sdk_and_no_file_is_left(
    home: Path, identity: Path, endpoint: Endpoint, tmp_path: Path, case: tuple[str, int | None]
) -> None:
    sign, length = case
    endpoint.answer = lambda _: reply(b"[1]", length=length)
    with conversation(home, identity, TMPDIR=str(tmp_path)) as talk:
        answer = talk.call(proxy=endpoint.proxy, sign=sign, into="file")
    assert (answer["kind"], list(tmp_path.iterdir())) == ("error" if length else "content", [])
    assert length is None or answer["error"]["origin"] == "transport"
    assert length or base64.b64decode(answer["content"]["base64"]) == b"[1]"


@pytest.mark.slow
@pytest.mark.parametrize(("into", "kind"), [("memory", "content"), ("file", "error")])
def test_only_what_is_saved_to_a_file_is_checked_against_the_crc(
    runner: Conversation, endpoint: Endpoint, into: str, kind: str
) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nx-oss-hash-crc64ecma: 1\r\n\r\n"
    endpoint.answer = lambda _: head + b"[1]"
    answer = runner.call(proxy=endpoint.proxy, into=into)
    assert answer["kind"] == kind
    if kind == "error":
        error = answer["error"]
        assert (error["origin"], error["error_class"]) == ("parse", "oss.CRCCheckError")


@pytest.mark.slow
@pytest.mark.parametrize(("limit", "length"), [(None, 4000), (1000, 1000), (0, 0), (5000, 4000)])
def test_as_much_is_read_as_was_asked_for_after_the_pause(
    runner: Conversation, endpoint: Endpoint, limit: int | None, length: int
) -> None:
    endpoint.answer = lambda _: reply(b"x" * 4000)
    begin = time.monotonic()
    answer = runner.call(proxy=endpoint.proxy, consume={"limit": limit, "pause": 300})
    assert answer["content"]["length"] == length
    assert time.monotonic() - begin >= 0.3


@pytest.mark.slow
def test_every_error_that_is_returned_is_caught_by_a_go_program(
    runner: Conversation, endpoint: Endpoint
) -> None:
    endpoint.answer = lambda _: reply(b"{", length=9)
    assert runner.call(proxy=endpoint.proxy)["error"]["caught"] is True


@pytest.mark.slow
def test_the_sample_ends_with_255_when_credentials_are_missing(home: Path, tmp_path: Path) -> None:
    environment = {name: os.environ[name] for name in ("PATH", "HOME")}
    ended = run_sample("go", environment, tmp_path, home=str(home))
    assert (ended.exit, b"# command-line-arguments" in ended.stderr) == (255, False)


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
