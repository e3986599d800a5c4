"""`oss-bodies mock` as a process: its first line, its objects, its log, and its exit codes."""

import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import pytest
from command.calling import oss_bodies

from conformance.command.command_line import parser
from conformance.command.mock import run
from conformance.errors import SuiteError
from conformance.mock.stored_object import example
from conformance.model.case import Credentials
from conformance.oss.v4 import Unsigned, presign

PAIR = Credentials(access_key_id="id", access_key_secret="secret")
NAMES = {"OSS_ACCESS_KEY_ID": "id", "OSS_ACCESS_KEY_SECRET": "secret", "OSS_SESSION_TOKEN": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A mock that runs, and where."""

    endpoint: str
    ca: str | None
    process: subprocess.Popen[str]

    @property
    def port(self) -> int:
        return int(self.endpoint.rpartition(":")[2])

    def stop(self) -> str:
        """End it; returns its log."""
        self.process.send_signal(signal.SIGTERM)
        _, log = self.process.communicate(timeout=30)
        assert self.process.returncode == 0
        return log


@contextmanager
def mock(folder: Path, *words: str) -> Iterator[Started]:
    command = [sys.executable, "-m", "conformance", "mock", *words]
    with subprocess.Popen(
        command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, **NAMES},
    ) as process:  # fmt: skip
        try:
            assert process.stdout
            yield Started(process=process, **json.loads(process.stdout.readline()))
        finally:
            process.kill()


def url(bucket: str, key: str, process: str | None = None, pair: Credentials = PAIR) -> str:
    """A presigned URL of the public endpoint."""
    query = (("x-oss-process", process),) if process else ()
    unsigned = Unsigned(method="GET", bucket=bucket, key=key, query=query)
    signed = presign(
        unsigned, credentials=pair, region="cn-hangzhou", clock=int(time.time()), expires=600
    )
    host = f"{bucket}.oss-cn-hangzhou.aliyuncs.com"
    return f"https://{host}/{key}?{urlencode(signed, quote_via=quote)}"


def get(started: Started, address: str) -> tuple[int, bytes]:
    """Status and content; in clear text, or over TLS through a CONNECT to the real host name."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    line: HTTPConnection
    if started.ca is None:
        line = HTTPConnection("127.0.0.1", started.port, timeout=30)
    else:
        trusted = ssl.create_default_context(cafile=started.ca)
        line = HTTPSConnection("127.0.0.1", started.port, timeout=30, context=trusted)
        line.set_tunnel(host, 443)
    line.request("GET", f"{parts.path}?{parts.query}", headers={"Host": host})
    answer = line.getresponse()
    content = answer.read()
    line.close()
    return answer.status, content


@pytest.fixture
def objects(tmp_path: Path) -> Path:
    path = tmp_path / "objects" / "a-bucket-of-mine" / "photo.jpg"
    path.parent.mkdir(parents=True)
    path.write_bytes(example().content)
    return tmp_path / "objects"


def test_a_bucket_of_the_folder_is_reached_by_its_real_name_over_tls(
    tmp_path: Path, objects: Path
) -> None:
    with mock(tmp_path, "--objects", str(objects), "--ca", "ca.pem") as started:
        assert re.fullmatch("https://127.0.0.1:[0-9]+", started.endpoint)
        assert started.ca == str(tmp_path / "ca.pem")
        status, content = get(started, url("a-bucket-of-mine", "photo.jpg", "image/bodies,sen_90"))
        assert (status, len(json.loads(content)["Bodies"]) > 1) == (200, True)
        assert get(started, url("a-bucket-of-mine", "none"))[0] == 404
        log = started.stop().splitlines()
    assert [line.split("  ")[1:4] for line in log if line.startswith("GET")] == [
        ["image/bodies,sen_90", "accepted", "200"],
        ["(no processing)", "NoSuchKey", "404"],
    ]


def test_key_pairs_of_a_file_are_accepted_beside_that_of_the_environment(tmp_path: Path) -> None:
    other = {"access_key_id": "STS.x", "access_key_secret": "y", "security_token": "z"}
    (tmp_path / "pairs.json").write_text(json.dumps({"credentials": [other]}))
    with mock(tmp_path, "--plain", "--quiet", "--credentials", "pairs.json") as started:
        assert started.ca is None
        for pair in (PAIR, Credentials(**other)):
            assert get(started, url("examplebucket", "example.jpg", pair=pair))[0] == 200
        unknown = Credentials(access_key_id="LTAI5tExampleKeyForTests", access_key_secret="x")
        assert get(started, url("examplebucket", "example.jpg", pair=unknown))[0] == 403
        assert started.stop() == ""


def test_a_detector_that_fails_is_logged_although_requests_are_not(tmp_path: Path) -> None:
    with mock(tmp_path, "--plain", "--quiet", "--detector", "sh -c 'exit 7'") as started:
        assert get(started, url("examplebucket", "example.jpg", "image/bodies"))[0] == 500
        assert started.stop() == (
            "the detector failed for examplebucket/example.jpg: exit code 7\n"
        )


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_fetches_a_presigned_url(tmp_path: Path) -> None:
    with mock(tmp_path, "--ca", "ca.pem") as started:
        to = f"::127.0.0.1:{started.port}"
        for more in ([], ["--compressed"]):
            ran = subprocess.run(
                ["curl", "-sS", "--fail", "--noproxy", "*", "--cacert", "ca.pem", *more,
                 "--connect-to", to, url("examplebucket", "example.jpg", "image/bodies,sen_50")],
                cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True,
            )  # fmt: skip
            assert len(json.loads(ran.stdout)["Bodies"]) == 3


def file(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text)
    return name


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--objects", "none"], 2, "--objects: none: cannot be read: No such file or directory"),
        (["--objects", "pairs"], 2, "--objects: pairs: cannot be read: Not a directory"),
        (["--credentials", "none"], 2, "none: cannot be read: No such file or directory"),
        (["--credentials", "pairs"], 2, "pairs: /credentials/0: 'access_key_secret' is missing"),
        (["--detector", "no-such-program"], 2, "--detector: no-such-program: there is no such"),
        (["--case", "process/sen/50", "--region", "x"], 2, "does not go with --region"),
        (["--case", "process/none"], 2, "process/none"),
    ],
)
def test_wrong_input_is_a_sentence_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], code: int, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    file(tmp_path, "pairs", '{"credentials": [{"access_key_id": "x"}]}')
    with pytest.raises(SuiteError) as raised:
        run(parser().parse_args(["mock", "--plain", *words]))
    assert raised.value.exit_code == code
    assert message in str(raised.value)
    assert re.search(r"\(.+\)$", str(raised.value))


def test_a_port_in_use_is_told_with_the_remedy(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = oss_bodies("mock", "--plain", "--port", port, cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert f"port {port} of 127.0.0.1 is in use" in ran.stderr
    assert "fix: oss-bodies mock --port 0" in ran.stderr
    assert "Traceback" not in ran.stderr
