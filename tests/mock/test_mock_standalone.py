"""The stand-alone mock answers as the documentation shows it, and logs what it saw."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from socket import create_server

import mock.mock_program as live
import pytest

from conformance.errors import CannotRunError
from conformance.mock.mock_errors import MALFORMED
from conformance.mock.standalone import DEFAULT_KEY, keys_from, serve
from conformance.mock.standalone_responder import StandaloneConfig, StandaloneResponder
from conformance.mock.steps import Arrival, Playback, Write
from conformance.model.case import Credentials, KnownKey, Reply, Script
from conformance.model.http import Exchange, Request, Response
from conformance.oss.service_error import read
from conformance.oss.v4 import Unsigned, canonical_uri, sign

CLOCK = 1689929347
DEFAULT = Credentials(access_key_id=DEFAULT_KEY.id, access_key_secret=DEFAULT_KEY.secret)
CONFIG = StandaloneConfig(keys=(DEFAULT_KEY,), plain=True)


def request(  # the ways in which a request can differ from the documented one
    process: str = "image/bodies",
    *,
    bucket: str = "examplebucket",
    key: str = "example.jpg",
    method: str = "GET",
    credentials: Credentials | None = DEFAULT,
) -> Request:
    asked = Unsigned(
        method=method,
        bucket=bucket,
        key=key,
        query=(("x-oss-process", process),),
        headers=(("Host", "127.0.0.1:8443"),),
    )
    headers = asked.headers
    if credentials is not None:
        headers = sign(asked, credentials=credentials, region="cn-hangzhou", clock=CLOCK)
    target = f"{canonical_uri(bucket, key)}?x-oss-process={process}"
    return Request(method=method, target=target, version="HTTP/1.1", headers=headers)


def arrival(of: Request | None, scheme: str = "http") -> Arrival:
    return Arrival(request=of, scheme=scheme, clock=CLOCK)


def written(playback: Playback) -> bytes:
    return b"".join(step.data for step in playback.steps if isinstance(step, Write))


def ask(of: Request, config: StandaloneConfig = CONFIG) -> Response:
    playback = StandaloneResponder(config, lambda _: None).respond(arrival(of))
    assert isinstance(playback, Playback)
    response = Response.read(written(playback))
    assert response is not None
    return response


def code(response: Response) -> tuple[int, str | None]:
    return response.status, (read(response.body) or {}).get("Code")


def logged(of: Request | None) -> list[str]:
    lines: list[str] = []
    StandaloneResponder(CONFIG, lines.append).respond(arrival(of))
    return lines


@pytest.mark.parametrize("process", ["image/bodies", "image/bodies,sen_60"])
def test_the_default_is_answered_as_in_the_first_example(process: str) -> None:
    response = ask(request(process))
    (body,) = json.loads(response.body)["Bodies"]
    assert body == {
        "Confidence": 0.733,
        "Boundary": {"Left": 115, "Top": 97, "Height": 103, "Width": 63},
    }


def test_sen_50_is_answered_as_in_the_second_example() -> None:
    document = json.loads(ask(request("image/bodies,sen_50")).body)
    assert document["RequestId"] == "E9BDE106-1436-5077-9F6E-65D81DC6FEC8"
    assert [body["Confidence"] for body in document["Bodies"]] == [0.733, 0.732, 0.656]


@pytest.mark.parametrize(
    ("process", "length"), [("image/bodies", 141), ("image/bodies,sen_50", 297)]
)
def test_the_examples_have_the_lengths_of_compact_writing(process: str, length: int) -> None:
    assert len(ask(request(process)).body) == length


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        (request(bucket="other"), (404, "NoSuchBucket")),
        (request(key="other.jpg"), (404, "NoSuchKey")),
        (request(credentials=None), (403, "AccessDenied")),
        (
            request(credentials=replace(DEFAULT, access_key_secret="x")),
            (403, "SignatureDoesNotMatch"),
        ),
        (request(credentials=replace(DEFAULT, access_key_id="x")), (403, "InvalidAccessKeyId")),
        (request("image/resize,w_100"), (501, "NotImplemented")),
        (request("image/bodies,sen_101"), (400, "InvalidArgument")),
        (request("image/bodies,sen_x"), (400, "InvalidArgument")),
        (request("image/bodies,sen"), (501, "NotImplemented")),
        (request("image/bodies,sen_5/resize"), (501, "NotImplemented")),
        (request("image/bodies,sen_5,sen_6"), (501, "NotImplemented")),
        (request("image/bodies,size_5"), (501, "NotImplemented")),
        (request(method="PUT"), (501, "NotImplemented")),
        (request(key=""), (501, "NotImplemented")),
    ],
)
def test_a_wrong_request_is_answered_with_its_error(
    asked: Request, answered: tuple[int, str]
) -> None:
    assert code(ask(asked)) == answered


def test_a_case_answers_with_its_script_instead() -> None:
    script = Script(keys=(), replies=(Reply(status=418, headers=(), body=b"tea"),))
    assert ask(request(), replace(CONFIG, script=script)).body == b"tea"


def test_the_keys_of_a_case_are_known_too() -> None:
    known = KnownKey(id="other", secret="key")
    script = Script(keys=(known,), replies=(Reply(status=200, headers=(), body=b"ok"),))
    asked = request(credentials=Credentials(access_key_id="other", access_key_secret="key"))
    assert ask(asked, replace(CONFIG, script=script)).body == b"ok"


def test_plain_http_is_refused_unless_it_was_asked_for() -> None:
    assert code(ask(request(), replace(CONFIG, plain=False))) == (400, "BadRequest")


def test_a_request_is_logged_with_its_processing_string_decoded() -> None:
    line, reason = logged(request("image/bodies%2Csen_50", credentials=None))
    assert line == (
        "GET /examplebucket/example.jpg?x-oss-process=image/bodies%2Csen_50"
        "  image/bodies,sen_50  AccessDenied  403"
        "  no EC  Anonymous access is forbidden for this operation."
    )
    assert reason == "    the request has no Authorization field and no signature in its URL"


def test_what_a_terminal_would_act_on_is_logged_as_an_escape() -> None:
    line, _ = logged(request("%1b[31m", credentials=None))
    assert "  \\x1b[31m  " in line


def test_a_signature_that_does_not_match_is_explained() -> None:
    signed = request()
    late = replace(signed, target=signed.target.replace("bodies", "bodies,sen_50"))
    lines = logged(late)
    assert "  SignatureDoesNotMatch  403  0002-00000201  The request signature" in lines[0]
    assert lines[-2:] == [
        "    canonical query: theirs x-oss-process=image%2Fbodies",
        "    canonical query: ours   x-oss-process=image%2Fbodies%2Csen_50",
    ]


def test_what_is_not_http_is_logged() -> None:
    assert logged(None) == ["(not HTTP: )  400"]


def test_a_request_that_is_broken_off_is_logged_once() -> None:
    lines: list[str] = []
    responder = StandaloneResponder(CONFIG, lines.append)
    broken = Exchange(
        received=b"PUT /k", sent=b"", scheme="https", connection=1, clock=0, at=0.0,
        refusal=MALFORMED,
    )  # fmt: skip
    for exchange in (broken, replace(broken, sent=b"HTTP/1.1 400 "), replace(broken, refusal=None)):
        responder.record(exchange)
    assert lines == ["(broken off after 6 bytes)  not answered"]


def test_the_key_pair_comes_from_the_environment() -> None:
    environment = {"OSS_ACCESS_KEY_ID": "a", "OSS_ACCESS_KEY_SECRET": "b", "OSS_SESSION_TOKEN": "t"}
    assert keys_from(environment) == (KnownKey(id="a", secret="b", token="t"),)


def test_without_a_key_pair_in_the_environment_the_documented_default_is_known() -> None:
    assert keys_from({"OSS_ACCESS_KEY_ID": "a"}) == (DEFAULT_KEY,)


def test_a_port_in_use_is_reported_with_the_remedy() -> None:
    with create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        config = StandaloneConfig(keys=(DEFAULT_KEY,), plain=True, port=port)
        with pytest.raises(CannotRunError, match=rf"port {port} .* in use[\s\S]*--port 0"):
            serve(config, announce=print, log=print)


def test_tls_without_a_certificate_cannot_run() -> None:
    with pytest.raises(CannotRunError, match="certificate"):
        serve(StandaloneConfig(keys=(DEFAULT_KEY,)), announce=print, log=print)


PROGRAM = """
import pathlib, sys
from conformance.mock.standalone import DEFAULT_KEY, serve
from conformance.mock.standalone_responder import StandaloneConfig
certificate, key = (pathlib.Path(name).read_text() for name in sys.argv[1:3])
shown = {"trusted": (certificate, key)}
config = StandaloneConfig(keys=(DEFAULT_KEY,), certificates=shown, ca="ca.pem")
serve(config, announce=lambda line: print(line, flush=True), log=lambda line: None)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """The process and its first line."""

    process: subprocess.Popen[str]
    first: dict[str, str]


@contextmanager
def alone(folder: Path) -> Iterator[Alone]:
    names = []
    for name, pem in zip(("certificate", "key"), live.pair(), strict=True):
        (folder / name).write_text(pem)
        names.append(str(folder / name))
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *names], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield Alone(process=process, first=json.loads(process.stdout.readline()))
        finally:
            if process.poll() is None:
                process.kill()


def test_the_first_line_has_endpoint_and_ca(tmp_path: Path) -> None:
    with alone(tmp_path) as program:
        assert program.first["ca"] == "ca.pem"
        assert program.first["endpoint"].startswith("https://127.0.0.1:")


def test_the_endpoint_answers_over_tls(tmp_path: Path) -> None:
    with alone(tmp_path) as program:
        port = int(program.first["endpoint"].rpartition(":")[2])
        with live.tls(live.connect(port)) as line:
            line.sendall(live.request(signed=False))
            assert live.take(line, b"</Error>\n").startswith(b"HTTP/1.1 403 ")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_0(tmp_path: Path, number: signal.Signals) -> None:
    with alone(tmp_path) as program:
        program.process.send_signal(number)
        assert program.process.wait(live.PATIENCE) == 0
