"""The fakes as processes, started from the manifests that are written for them."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from fakes.build import KINDS, write_runner
from fakes.conversation import CALL, Conversation
from fakes.endpoint import Endpoint, write_identity
from fakes.rogue import ASKED, FLOOD

from conformance.assets import PACKAGE, SCHEMAS

Message = dict[str, Any]
KEEPS = jsonschema.Draft202012Validator(
    json.loads((SCHEMAS / "manifest.schema.json").read_text(encoding="utf-8"))
)


@pytest.mark.parametrize("kind", KINDS)
def test_every_fake_has_a_manifest_that_keeps_to_its_schema(kind: str, tmp_path: Path) -> None:
    folder = write_runner(tmp_path, kind=kind)
    KEEPS.validate(json.loads((folder / "manifest.json").read_text()))


def talk(kind: str, folder: Path, *, seconds: float = 1.0, ca: Path = Path()) -> Conversation:
    """The fake as a process, as its manifest says."""
    made = write_runner(folder, kind=kind, seconds=seconds)
    manifest = json.loads((made / "manifest.json").read_text())
    places = {"home": made, "python": sys.executable, "suite": PACKAGE.parent, "ca": ca}
    argv = [word.format(**places) for word in manifest["run"]]
    environment = {n: text.format(**places) for n, text in manifest["environment"].items()}
    return Conversation(argv, environment)


@pytest.mark.parametrize("kind", ["sen-dropped", "comma-bare", "silent"])
def test_a_fake_says_which_lane_it_is(kind: str, tmp_path: Path) -> None:
    with talk(kind, tmp_path) as runner:
        assert runner.start()["runner"] == kind


def lines(kind: str, folder: Path, *messages: Message) -> list[bytes]:
    """Everything that a rogue writes until the end of input."""
    with talk(kind, folder, seconds=0.0) as runner:
        sent = b"".join(json.dumps(message).encode() + b"\n" for message in messages)
        output, _ = runner.process.communicate(sent, timeout=60)
        return output.splitlines(keepends=True)


START = {"type": "start", "protocol": 2}
NOWHERE = CALL | {"proxy": "http://127.0.0.1:1"}


@pytest.mark.parametrize(
    ("kind", "message", "holds"),
    [
        ("silent", NOWHERE, lambda got: got == []),
        ("silent-at-start", START, lambda got: got == []),
        ("chatty", NOWHERE, lambda got: b"{" not in got[0] and len(got) == 2),
        ("chatty-at-start", START, lambda got: b"{" not in got[0] and len(got) == 2),
        ("slow", NOWHERE, lambda got: len(got) == 1),
        ("dies-mid-call", NOWHERE, lambda got: got == []),
        ("dies-at-start", START, lambda got: got == []),
        ("answers-twice", NOWHERE, lambda got: len(got) == 2 and got[0] == got[1]),
        ("another-seq", NOWHERE, lambda got: json.loads(got[0])["seq"] == 2),
        ("another-version", START, lambda got: json.loads(got[0])["sdk"]["version"] != ASKED),
        ("another-protocol", START, lambda got: json.loads(got[0])["protocol"] == 1),
        (
            "obeys-unknown",
            NOWHERE | {"sign": "no-such-sign"},
            lambda got: json.loads(got[0])["kind"] == "content",
        ),
        ("answers-case", {"type": "case"}, lambda got: json.loads(got[0])["type"] == "answer"),
        ("floods-stderr", NOWHERE, lambda got: json.loads(got[0])["kind"] == "error"),
        ("half-a-line", NOWHERE, lambda got: not got[0].endswith(b"\n")),
        ("hangs-up", NOWHERE, lambda got: got == []),
        ("not-json", NOWHERE, lambda got: got[0].startswith(b"{'")),
        ("not-utf-8", NOWHERE, lambda got: b"\xff" in got[0]),
        ("off-schema", NOWHERE, lambda got: "verdict" in json.loads(got[0])),
        ("starts-again", NOWHERE, lambda got: json.loads(got[0])["type"] == "started"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_rogue_breaks_the_protocol_as_it_says(
    kind: str, message: Message, holds: Callable[[list[bytes]], bool], tmp_path: Path
) -> None:
    if message == START:
        assert holds(lines(kind, tmp_path, message))
    else:
        _, *rest = lines(kind, tmp_path, START, message)  # it starts like any other
        assert holds(rest)


def test_the_slow_one_takes_the_seconds_it_is_given(tmp_path: Path) -> None:
    with talk("slow", tmp_path, seconds=0.3) as runner:
        runner.start()
        began = time.monotonic()
        runner.tell(NOWHERE)
        assert runner.line()
        assert time.monotonic() - began >= 0.3


def test_the_one_that_ignores_stop_is_there_after_stop_and_the_end_of_input(
    tmp_path: Path,
) -> None:
    with talk("ignores-stop", tmp_path) as runner:
        runner.start()
        runner.tell({"type": "stop"})
        with pytest.raises(subprocess.TimeoutExpired):
            runner.process.communicate(timeout=0.5)


def test_the_flood_is_ten_megabytes(tmp_path: Path) -> None:
    made = write_runner(tmp_path, kind="floods-stderr")
    manifest = json.loads((made / "manifest.json").read_text())
    argv = [word.format(python=sys.executable) for word in manifest["run"]]
    path = manifest["environment"]["PYTHONPATH"]
    done = subprocess.run(
        argv, input=json.dumps(NOWHERE).encode(), capture_output=True, check=True,
        env={"PYTHONPATH": path},
    )  # fmt: skip
    assert len(done.stderr.strip(b"\x1e")) == FLOOD


def test_a_defect_is_there_when_it_runs_from_its_manifest(
    tmp_path: Path,
) -> None:
    identity = write_identity(tmp_path)
    with Endpoint(identity) as endpoint, talk("sen-100-as-99", tmp_path, ca=identity) as runner:
        runner.call(parameters={"sen": 100}, proxy=endpoint.proxy)
    ((_, raw),) = endpoint.received
    assert raw.startswith(b"GET /example.jpg?x-oss-process=image%2Fbodies%2Csen_99 ")
