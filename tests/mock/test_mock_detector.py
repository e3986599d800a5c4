"""A detector of the user's gets the image and gives the bodies, within bounds."""

import asyncio
import json
import os
import time
from pathlib import Path

import pytest

from conformance.errors import InputError
from conformance.mock import detector
from conformance.mock.detector import Detector, DetectorError, parse_command

BOX = {"Left": 1, "Top": 2, "Height": 3, "Width": 4}
BODY = {"Confidence": 0.5, "Boundary": BOX}
FOUND = json.dumps({"Bodies": [BODY]})


def run(script: str, image: bytes = b"image", *, sen: int = 60, seconds: float = 20) -> object:
    async def once() -> bytes:
        return await Detector(("sh", "-c", script), seconds=seconds).bodies(image, sen)

    return json.loads(asyncio.run(once()))


def test_its_bodies_are_the_answer() -> None:
    assert run(f"cat >/dev/null; echo '{FOUND}'") == [BODY]
    assert run(f"echo '{json.dumps({'RequestId': 'mine', 'Bodies': []})}'") == []


def test_it_gets_the_image_and_the_value_of_sen(tmp_path: Path) -> None:
    image = bytes(range(256)) * 4000  # more than a pipe holds
    run(f'cat > {tmp_path}/image; echo "$OSS_BODIES_SEN" > {tmp_path}/sen; echo \'{FOUND}\'', image,
        sen=7)  # fmt: skip
    assert (tmp_path / "image").read_bytes() == image
    assert (tmp_path / "sen").read_text() == "7\n"


def test_it_may_answer_without_reading_the_image() -> None:
    assert run(f"echo '{FOUND}'", bytes(1_000_000)) == [BODY]


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo no model >&2; exit 3", "exit code 3: no model"),
        ("exit 1", "exit code 1$"),
        ("kill -9 $$", "exit code -9"),
        ("true", "no valid answer"),
        ("echo '{\"Bodies\": ['", "no valid answer: line 2 column 1 is not JSON"),
        ("echo '[]'", "no valid answer: the document"),
        ("echo '{\"Bodies\": [{}]}'", "no valid answer: /Bodies/0: 'Confidence' is missing"),
        ('echo \'{"Bodies": [], "More": 1}\'', "unknown: 'More'"),
        ("yes", "printed more than 1048576 bytes"),
    ],
)
def test_a_failure_is_told(script: str, message: str) -> None:
    with pytest.raises(DetectorError, match=message):
        run(script)


def test_it_is_killed_with_its_children_when_its_time_is_over(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(DetectorError, match=r"no answer within 0\.5 s"):
        run(f"sleep 60 & echo $! > {tmp_path}/child; wait", seconds=0.5)
    assert time.monotonic() - began < 30
    assert not alive(int((tmp_path / "child").read_text()))


def test_it_ends_when_its_answer_is_no_longer_wanted(tmp_path: Path) -> None:
    async def cancelled() -> None:
        wanted = Detector(("sh", "-c", f"echo $$ > {tmp_path}/new; mv {tmp_path}/new {tmp_path}/id;"
                           " exec sleep 60"))  # fmt: skip
        task = asyncio.ensure_future(wanted.bodies(b"", 60))
        while not (tmp_path / "id").exists():
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(asyncio.wait_for(cancelled(), 30))
    assert not alive(int((tmp_path / "id").read_text()))


def alive(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")


def test_no_more_run_at_once_than_there_are_processors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    script = f"mkdir {tmp_path}/only || exit 9; echo '{FOUND}'; rmdir {tmp_path}/only"

    async def three() -> list[bytes]:
        one = Detector(("sh", "-c", script))
        return await asyncio.gather(*(one.bodies(b"", 60) for _ in range(3)))

    assert len(asyncio.run(three())) == 3


def test_a_program_that_is_gone_is_a_failure() -> None:
    async def once() -> bytes:
        return await Detector(("./no-such-program",)).bodies(b"", 60)

    with pytest.raises(DetectorError, match="cannot be started: No such file"):
        asyncio.run(once())


def test_a_command_is_split_as_a_shell_does() -> None:
    assert parse_command("sh -c 'echo \"a b\"'") == ("sh", "-c", 'echo "a b"')


@pytest.mark.parametrize(
    ("text", "message"),
    [("no-such-program -x", "no such program"), ("sh 'x", "is not a command"), (" ", "no such")],
)
def test_a_command_that_cannot_be_started_is_wrong_input(text: str, message: str) -> None:
    with pytest.raises(InputError, match=f"--detector: .*{message}"):
        parse_command(text)


def test_the_time_of_a_detection_is_shorter_than_the_patience_of_clients() -> None:
    assert detector.SECONDS < 60
