"""The runners that are written in Python, each as a process against a throwaway endpoint."""

import base64
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.conversation import Conversation
from fakes.endpoint import Endpoint, reply
from fakes.manners import ERROR, Manners
from runners.folders import sources

from conformance.assets import PACKAGE

REFERENCE = Path(__file__).parents[1] / "fakes" / "reference"
BODIES = (
    b'{"RequestId":"58C0F6A4","Bodies":[{"Confidence":0.733,"Boundary":'
    b'{"Left":115,"Top":97,"Height":103,"Width":63}}]}'
)


@pytest.fixture(scope="session")
def oss2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("oss2"), "2.18.4")


def build(out: Path, source: str) -> Path:
    script = sources("python") / "build.sh"
    subprocess.run([str(script), str(out), source], check=True, capture_output=True)
    return out


LANES = ["rest", "reference", pytest.param("python", marks=pytest.mark.slow)]


@pytest.fixture(params=LANES)
def lane(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def runner(
    lane: str, request: pytest.FixtureRequest, identity: Path, tmp_path: Path
) -> Iterator[Conversation]:
    folder = REFERENCE if lane == "reference" else sources(lane)
    manifest = json.loads((folder / "manifest.json").read_text())
    home = request.getfixturevalue("oss2") if lane == "python" else folder
    places = {"home": home, "python": sys.executable, "ca": identity, "suite": PACKAGE.parent}
    argv = [word.format(**places) for word in manifest["run"]]
    environment = {n: text.format(**places) for n, text in manifest["environment"].items()}
    with Conversation(argv, environment | {"HOME": str(tmp_path)}) as conversation:
        yield conversation


def test_it_says_which_lane_it_is(runner: Conversation, lane: str) -> None:
    assert runner.start()["runner"] == lane


def test_it_can_do_what_its_manifest_says(runner: Conversation, lane: str) -> None:
    folder = REFERENCE if lane == "reference" else sources(lane)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert runner.start()["capabilities"] == manifest["capabilities"]


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
    endpoint.answer = lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
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


class TestManners(Manners):
    """Those of every runner; with oss2 slow."""
