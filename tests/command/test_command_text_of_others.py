"""Text of a runner that a terminal or a viewer would act on, through a run and what reads it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command.calling import ONE
from fakes.build import write_runner

# ESC and what it begins, NUL, a bidirectional control, half of a surrogate pair.
ACTING = "\x1b]0;owned\x07\x1b[2J\x00\u202egnp.exe\ud800"
RAW = (b"\x1b", b"\x07", b"\x00", "\u202e".encode(), b"\xed\xa0\x80")
SHOWN = (b"\\x1b]0;owned", b"\\u202egnp.exe\\ud800")
# The reference runner with this text wherever a runner is free to say something.
SPEAKING = f"""
import runner

ACTING = {ACTING!a}
usual = runner.started
runner.started = lambda: usual() | {{"runtime": ACTING, "os": ACTING, "language": ACTING}}


def call(command):
    if command["sign"] == "no-such-sign":
        return {{"kind": "unsupported", "reason": ACTING}}
    return runner.failure("transport", ACTING, ACTING, message=ACTING, code=ACTING, ec=ACTING)


if __name__ == "__main__":
    calls, runner.call = runner.call, lambda command: calls(command) and call(command)
    runner.sys.stderr.buffer.write(ACTING.encode("utf-8", "surrogatepass") + b"\\n")
    runner.main()
"""


def ran(folder: Path, *words: str) -> bytes:
    """Everything that a command writes to a terminal."""
    command = [sys.executable, "-m", "conformance", *words]
    ended = subprocess.run(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120,
        check=False,
    )  # fmt: skip
    assert ended.returncode == 1, ended.stdout
    return ended.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("acting")
    speaking = write_runner(made, kind="reference")
    (speaking / "speaking.py").write_text(SPEAKING, encoding="ascii")
    manifest = speaking / "manifest.json"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace("{home}/runner.py", "{home}/speaking.py"), encoding="utf-8")
    words = ["run", "--runner", str(speaking), "--in", "host", *ONE, "--out", "out"]
    (made / "terminal").write_bytes(ran(made, *words))
    return made


def test_what_a_run_shows_and_writes_for_readers_is_escaped(folder: Path) -> None:
    for name in ("terminal", "out/summary.md"):
        written = (folder / name).read_bytes()
        assert [raw for raw in RAW if raw in written] == [], name
        assert all(shown in written for shown in SHOWN), name


def test_what_is_written_for_programs_holds_it_as_json_escapes(folder: Path) -> None:
    for name in ("results.jsonl", "transcripts.jsonl"):
        written = (folder / "out" / name).read_bytes()
        assert [raw for raw in RAW if raw in written] == [], name


@pytest.mark.parametrize("command", ["judge", "report"])
def test_what_is_read_from_a_folder_of_others_is_escaped(
    folder: Path, tmp_path: Path, command: str
) -> None:
    """JSON allows U+202E as it is, so a folder that the suite did not write may hold it."""
    foreign = tmp_path / "foreign"
    shutil.copytree(folder / "out", foreign)
    for name in ("results.jsonl", "transcripts.jsonl"):
        text = (foreign / name).read_text(encoding="utf-8")
        raw, count = re.subn(r"(?<!\\)\\u202e", "\u202e", text)  # not where a finding quotes it
        assert count
        (foreign / name).write_text(raw, encoding="utf-8")
    written = ran(folder, command, str(foreign))
    assert [raw for raw in RAW if raw in written] == []
    assert all(shown in written for shown in SHOWN)
