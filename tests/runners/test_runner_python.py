"""The runners that are written in Python, each as a process against a throwaway endpoint."""

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from importlib.metadata import version
from pathlib import Path

import pytest
from fakes.asking import ERROR
from fakes.conversation import KEYS, Conversation, Message
from fakes.endpoint import Endpoint, reply
from fakes.manners import KeepingManners, Manners, SdkManners
from runners.folders import kept_build, sources

from conformance.assets import PACKAGE

REFERENCE = Path(__file__).parents[1] / "fakes" / "reference"
BODIES = (
    b'{"RequestId":"58C0F6A4","Bodies":[{"Confidence":0.733,"Boundary":'
    b'{"Left":115,"Top":97,"Height":103,"Width":63}}]}'
)


@pytest.fixture(scope="session")
def oss2() -> Path:
    return kept_build("python")


def build(out: Path, source: str) -> Path:
    script = sources("python") / "build.sh"
    subprocess.run([str(script), str(out), source], check=True, capture_output=True)
    return out


LATE = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"  # and no end of the head
SDK = pytest.param("python", marks=pytest.mark.slow)
LANES = ["rest", "reference", SDK]


@pytest.fixture(params=LANES)
def lane(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def begin(
    request: pytest.FixtureRequest, identity: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Conversation]:
    """Starts the runner of a lane."""

    def started(lane: str) -> Conversation:
        folder = REFERENCE if lane == "reference" else sources(lane)
        manifest = json.loads((folder / "manifest.json").read_text())
        home = request.getfixturevalue("oss2") if lane == "python" else folder
        places = {"home": home, "python": sys.executable, "ca": identity, "suite": PACKAGE.parent}
        argv = [word.format(**places) for word in manifest["run"]]
        environment = {n: text.format(**places) for n, text in manifest["environment"].items()}
        return Conversation(argv, environment | {"HOME": str(tmp_path_factory.mktemp("home"))})

    return started


@pytest.fixture(scope="session")
def running(begin: Callable[[str], Conversation]) -> Iterator[Callable[[str], Conversation]]:
    """The runner of each lane, started once: to load an SDK takes longer than a test."""
    with ExitStack() as stack:
        yield cache(lambda lane: stack.enter_context(begin(lane)))


@pytest.fixture
def runner(lane: str, running: Callable[[str], Conversation]) -> Conversation:
    """The runner of the lane; a test must leave it running."""
    talk = running(lane)
    talk.tell({"type": "case"})
    return talk


@pytest.fixture
def ending(lane: str, begin: Callable[[str], Conversation]) -> Iterator[Conversation]:
    """A runner of the lane for a test that ends it."""
    with begin(lane) as talk:
        yield talk


def test_it_says_which_lane_it_is(runner: Conversation, lane: str) -> None:
    assert runner.start()["runner"] == lane


def test_it_can_do_what_its_manifest_says(runner: Conversation, lane: str) -> None:
    folder = REFERENCE if lane == "reference" else sources(lane)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert runner.start()["capabilities"] == manifest["capabilities"]


def test_stop_ends_it(ending: Conversation) -> None:
    ending.tell({"type": "stop"})
    assert ending.process.wait(timeout=60) == 0


def test_the_end_of_input_ends_it(ending: Conversation) -> None:
    assert ending.end() == 0


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


def test_anonymous_access_is_not_signed(runner: Conversation, endpoint: Endpoint) -> None:
    runner.call(proxy=endpoint.proxy, credentials=None)
    (request,) = endpoint.requests
    assert request.header("authorization") is None


def test_v4_without_a_region_is_an_error_before_anything_is_sent(
    runner: Conversation, endpoint: Endpoint
) -> None:
    answer = runner.call(proxy=endpoint.proxy, region=None)
    assert answer["error"]["origin"] == "client"
    assert endpoint.received == []


def test_every_field_of_a_service_error_comes_back(
    runner: Conversation, endpoint: Endpoint
) -> None:
    endpoint.answer = lambda _: reply(ERROR, status="404 Not Found")
    error = runner.call(proxy=endpoint.proxy)["error"]
    del error["error_class"], error["text"]
    error.pop("caught", None)
    assert error == {
        "origin": "service",
        "status": 404,
        "code": "NoSuchKey",
        "message": "The specified key does not exist.",
        "request_id": "64BA",
        "host_id": "examplebucket.oss",
        "ec": "0026-00000001",
    }


def test_a_service_that_says_nothing_is_given_up_after_the_read_timeout(
    runner: Conversation, endpoint: Endpoint
) -> None:
    endpoint.answer = lambda _: LATE
    limits = {"connect": 5000, "read": 200}
    answer = runner.call(proxy=endpoint.proxy, timeouts=limits)
    assert answer["error"]["origin"] == "transport"


@pytest.mark.slow
@pytest.mark.parametrize("sign", ["header", "url"])
def test_an_error_of_a_kept_client_that_sent_nothing_is_told_as_such(
    oss2: Path, identity: Path, endpoint: Endpoint, sign: str
) -> None:
    argv = [str(oss2 / "venv/bin/python"), str(oss2 / "runner.py")]
    with Conversation(argv, {"REQUESTS_CA_BUNDLE": str(identity)}) as talk:
        talk.call(proxy=endpoint.proxy, client="kept")
        answer = talk.call(proxy=endpoint.proxy, client="kept", sign=sign, key="")
    assert answer["error"]["origin"] == "client"


@pytest.mark.slow
def test_the_version_told_is_that_of_the_loaded_sdk(oss2: Path, tmp_path: Path) -> None:
    installed = next(oss2.glob("venv/lib/python*/site-packages/oss2"))
    shutil.copytree(installed, tmp_path / "oss2")
    loaded = tmp_path / "oss2" / "__init__.py"
    loaded.write_text(loaded.read_text().replace("2.18.4", "2.18.4.test"))
    argv = [str(oss2 / "venv/bin/python"), str(oss2 / "runner.py")]
    with Conversation(argv, {"PYTHONPATH": str(tmp_path)}) as conversation:
        assert conversation.start()["sdk"] == {"name": "oss2", "version": "2.18.4.test"}


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


@pytest.mark.parametrize("part", ["tzdata", "locales", "faketime", "de_DE", "fa_IR", "th_TH"])
def test_the_image_has_time_zones_locales_and_a_clock_that_can_be_moved(part: str) -> None:
    assert re.search(rf"\b{part}\b", (sources("python") / "Dockerfile").read_text())


def patched(runner: Conversation, folder: Path, text: str, **environment: str) -> Conversation:
    """The same runner after this text, which is run when its interpreter starts."""
    (folder / "sitecustomize.py").write_text(text)
    return runner.under(PYTHONPATH=f"{folder}:{PACKAGE.parent}", **environment)


def looking_up(statements: str) -> str:
    """What has these run in place of the look-up of a host, which every call comes to."""
    return f"""
import socket

def getaddrinfo(*_, **__):
    {statements}

socket.getaddrinfo = getaddrinfo
"""


@pytest.mark.parametrize("crash", ["SystemExit", "RecursionError", "MemoryError"])
def test_what_would_end_a_program_is_a_crash_and_does_not_end_the_runner(
    runner: Conversation, tmp_path: Path, crash: str
) -> None:
    with patched(runner, tmp_path, looking_up(f"raise {crash}('gone')")) as talk:
        for _ in range(2):
            error = talk.call()["error"]
            assert (error["origin"], error["text"]) == ("crash", "gone")
            assert error["error_class"].endswith(crash)
            assert not error.get("caught")
        errors = [one["error"] for one in talk.calls({}, {})]
        assert [error["origin"] for error in errors] == ["crash", "crash"]


def test_an_ordinary_error_from_elsewhere_is_no_crash(runner: Conversation, tmp_path: Path) -> None:
    with patched(runner, tmp_path, looking_up("raise LookupError('odd')")) as talk:
        error = talk.call()["error"]
    assert (error["origin"], error.get("caught", False)) == ("client", False)


@pytest.mark.parametrize("lane", ["rest", SDK], indirect=True)
def test_after_a_request_no_error_has_the_origin_client(
    runner: Conversation, endpoint: Endpoint, tmp_path: Path
) -> None:
    text = """
import http.client

def begin(_):
    raise ValueError("odd")

http.client.HTTPResponse.begin = begin
"""
    with patched(runner, tmp_path, text) as talk:
        assert talk.call(proxy=endpoint.proxy)["error"]["origin"] == "parse"


def test_what_is_printed_during_a_call_is_on_standard_error_before_its_answer(
    runner: Conversation, tmp_path: Path
) -> None:
    prints = "print('to be', end=''); raise LookupError"
    with patched(runner, tmp_path, looking_up(prints)) as talk:
        assert talk.call()["kind"] == "error"
        assert b"to be" in talk.printed()


def test_the_locale_of_the_environment_is_taken_over(runner: Conversation, tmp_path: Path) -> None:
    tells = "import locale; raise LookupError(locale.setlocale(locale.LC_ALL))"
    with patched(runner, tmp_path, looking_up(tells), LC_ALL="C.utf8") as talk:
        assert talk.call()["error"]["text"] == "C.utf8"


@pytest.mark.parametrize("lane", ["rest"], indirect=True)
def test_the_libraries_that_are_told_are_those_that_are_loaded(runner: Conversation) -> None:
    told = {name: version(name) for name in ("requests", "urllib3")}
    assert told.items() < runner.start()["dependencies"].items()


def test_anonymous_access_is_no_setting_that_a_provider_can_change(
    runner: Conversation, endpoint: Endpoint
) -> None:
    for keys in (None, KEYS, None):
        runner.call(proxy=endpoint.proxy, client="kept", provider="program", credentials=keys)
    signed = [request.header("authorization") is not None for request in endpoint.requests]
    assert signed == [False, True, False]


class TestReferenceManners(Manners):
    """Those of the reference runner, which keeps nothing."""

    @pytest.fixture
    def lane(self) -> str:
        return "reference"


class TestRestManners(KeepingManners):
    """Those of the runner without an SDK."""

    @pytest.fixture
    def lane(self) -> str:
        return "rest"


@pytest.mark.slow
class TestOss2Manners(SdkManners):
    """Those of the runner of oss2, and what it alone does."""

    @pytest.fixture
    def lane(self) -> str:
        return "python"

    @pytest.mark.parametrize("client", ["kept", "fresh"])
    def test_a_bucket_is_kept_with_the_session_that_it_has_made(
        self, runner: Conversation, endpoint: Endpoint, tmp_path: Path, client: str
    ) -> None:
        text = """
import oss2

made = oss2.Bucket.__init__

def init(self, auth, endpoint, name, session=None, **options):
    print("made", name, session)
    made(self, auth, endpoint, name, session=session, **options)

oss2.Bucket.__init__ = init
"""
        both = ({"bucket": "examplebucket"}, {"bucket": "otherbucket"})
        with patched(runner, tmp_path, text) as talk:
            for one in both * 2:
                talk.call(proxy=endpoint.proxy, client=client, **one)
            before = talk.printed()
            talk.calls(*both * 2, proxy=endpoint.proxy, client=client)
            after = talk.printed()[len(before) :]
        names = (b"made examplebucket None\n", b"made otherbucket None\n")
        once = client == "kept"
        assert [before.count(name) for name in names] == [1 if once else 2] * 2
        assert [after.count(name) for name in names] == [0 if once else 1] * 2

    def test_its_defaults_are_those_that_are_loaded(
        self, runner: Conversation, tmp_path: Path
    ) -> None:
        text = "import oss2.defaults\noss2.defaults.connect_timeout = 61\n"
        assert runner.start()["defaults"]["connect_timeout"] == "60 s"
        with patched(runner, tmp_path, text) as talk:
            assert talk.start()["defaults"]["connect_timeout"] == "61 s"

    @pytest.mark.parametrize(
        ("change", "answer", "caught"),
        [
            ({"credentials": KEYS | {"access_key_id": None}}, reply(b""), True),
            ({"timeouts": {"connect": 5000, "read": 200}}, LATE, True),
            ({}, reply(b"{", length=9), False),
        ],
        ids=["refused-by-the-sdk", "late", "cut"],
    )  # fmt: skip
    def test_an_error_is_caught_if_it_is_an_oss_error(
        self, runner: Conversation, endpoint: Endpoint, change: Message, answer: bytes, caught: bool
    ) -> None:
        endpoint.answer = lambda _: answer
        assert runner.call(proxy=endpoint.proxy, **change)["error"]["caught"] is caught

    def test_a_file_of_another_checksum_than_the_service_tells_is_an_error_of_reading(
        self, runner: Conversation, endpoint: Endpoint
    ) -> None:
        endpoint.answer = lambda _: reply(b"{}").replace(
            b"\r\n\r\n", b"\r\nx-oss-hash-crc64ecma: 1\r\n\r\n"
        )
        error = runner.call(proxy=endpoint.proxy, into="file")["error"]
        assert (error["origin"], error["caught"]) == ("parse", True)
        assert error["error_class"] == "oss2.exceptions.InconsistentError"
