"""A results folder names nothing of the machine that it was made on."""

import base64
import json
import os
import re
import socket
from functools import partial
from pathlib import Path

import pytest
from command.calling import ONE, oss_bodies
from fakes.build import write_runner

from conformance.results import read_results, relative
from conformance.results.machine_names import machine_names
from conformance.runner.checkout import checkout

USER = "alicia-q7"
# What a stack trace, a log and an error message tell of a machine.
TALKING = """
import json, os, sys
import runner
usual = runner.call
names = os.environ["NAMES"]
started = runner.started


def call(command):
    right = usual(command)
    if command["sign"] == "no-such-sign":
        return right
    print("Traceback:", names, file=sys.stderr, flush=True)
    return runner.failure("client", names, f"cannot open {names}: no such file")


runner.call = call
runner.started = lambda: started() | {"defaults": {"ca": names}, "os": names}
runner.main()
"""


def talking(folder: Path, names: str) -> Path:
    """A runner that tells these names wherever a runner can."""
    made = write_runner(folder, kind="reference")
    manifest = json.loads((made / "manifest.json").read_text(encoding="utf-8"))
    manifest["run"] = ["{python}", "{home}/talking.py"]
    manifest["environment"]["NAMES"] = names
    (made / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (made / "talking.py").write_text(TALKING, encoding="utf-8")
    return made


def published(folder: Path) -> str:
    """The text of every file, with what is in base64 as well."""
    text = "\n".join(
        path.read_bytes().decode("utf-8", "replace") for path in folder.rglob("*") if path.is_file()
    )
    decoded = (base64.b64decode(found) for found in re.findall(r'"([A-Za-z0-9+/]{8,}={0,2})"', text)
               if len(found) % 4 == 0)  # fmt: skip
    return text + b"\n".join(decoded).decode("utf-8", "replace")


def test_no_file_of_a_results_folder_names_the_machine(tmp_path: Path) -> None:
    home, work, elsewhere = tmp_path / USER, tmp_path / "w" / "work-q7", tmp_path / "src-q7" / "sdk"
    for folder in (home, work, elsewhere):
        folder.mkdir(parents=True)
    host = socket.gethostname()
    names = f"{work}/a.py {home}/.cache/b {USER}@{host} file://{work} -I{home}/include"
    runner = talking(work / "runners", names)
    broken = write_runner(work / "runners", kind="dies-at-start")
    (broken / "build.sh").write_text(f"echo {names} $0 $PWD >&2; exit 1\n", encoding="utf-8")
    manifest = json.loads((broken / "manifest.json").read_text(encoding="utf-8"))
    (broken / "manifest.json").write_text(
        json.dumps(manifest | {"build": "build.sh", "sdk": {"package": "x", "version": "1"}})
    )
    (home / "mine.json").write_text('{"entries": []}', encoding="utf-8")
    words = ["--runner", str(runner), "--runner", str(broken), "--in", "host", *ONE]
    words += ["--lane", "reference", "--lane", f"dies-at-start@path:{elsewhere}"]
    words += ["--known-failing", str(home / "mine.json")]
    names_of_user = {"HOME": str(home), "USER": USER, "LOGNAME": USER, "PWD": str(work)}
    here = partial(oss_bodies, cwd=work, environment=names_of_user)
    ran = here("run", *words)
    folder = work / "oss-bodies-report"
    text = published(folder)
    assert "no such file" in text, ran.stderr
    assert "$HOME/.cache/b" in text
    assert "dies-at-start@checkout" in text
    for name in (str(tmp_path), str(Path.home()) + "/", USER, "src-q7"):
        assert name not in text, ran.stdout
    if machine_names().hidden(host) != host:  # `localhost` and the like are words
        assert not re.search(rf"(?<!\w){re.escape(host)}(?!\w)", text)
    again = here("judge", "oss-bodies-report")
    assert "1 as stored, 0 not" in again.stdout, again.stdout + again.stderr


def test_two_checkouts_have_names_digests_and_commits_but_no_paths(tmp_path: Path) -> None:
    runner = write_runner(tmp_path / "runners", kind="reference")
    manifest = json.loads((runner / "manifest.json").read_text(encoding="utf-8"))
    manifest["sdk"] = {"package": "fake", "version": "1"}
    (runner / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    lanes = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "sdk.py").write_text(f"NAME = {name!r}\n", encoding="utf-8")
        lanes += ["--lane", f"reference@path:{tmp_path / name}"]
    git = (
        "git init -q && git add . && git -c user.name=a -c user.email=b commit -qm c && git tag v7"
    )
    has_git = os.system(f"cd {tmp_path / 'two'} && {git}") == 0
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "two").rglob("*")}
    words = ["--runner", str(runner), "--in", "host", *ONE, *lanes]
    ran = oss_bodies("run", *words, cwd=tmp_path)
    stored = read_results(tmp_path / "oss-bodies-report")
    one, two = sorted(stored.lanes, key=lambda lane: lane.lane)
    assert (one.lane, two.lane) == ("reference@checkout", "reference@checkout-2"), ran.stderr
    assert one.checkout is not None
    assert two.checkout is not None
    assert one.checkout.describe is None
    assert one.checkout.tree != two.checkout.tree
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "two").rglob("*")} == before
    if has_git:
        assert two.checkout.describe == "v7"
        (tmp_path / "two" / "sdk.py").write_text("NAME = None\n", encoding="utf-8")
        assert checkout(tmp_path / "two").describe == "v7-dirty"


def test_a_name_is_replaced_as_a_word_and_a_path_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "bob"))
    monkeypatch.setenv("LOGNAME", "bob")
    hidden = machine_names({tmp_path / "sdk": "DIR"}).hidden
    assert hidden(f"{tmp_path}/bob/x, {tmp_path}/sdk/y by bob") == "$HOME/x, DIR/y by $USER"
    assert hidden(f"'at {tmp_path}/bo'... (9 characters)") == "'at $HOME'... (9 characters)"
    assert hidden("bobsleigh") == "bobsleigh"
    assert "$HOME" not in hidden(f"{tmp_path}/bobsleigh")


@pytest.mark.parametrize("user", ["root", "runner", "go"])
def test_a_name_that_many_machines_share_is_kept(
    user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", user)
    monkeypatch.setenv("HOME", f"/{user}")
    assert machine_names().hidden(f"the {user} element") == f"the {user} element"


def test_a_path_in_results_names_neither_the_user_nor_the_way_from_the_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / USER))
    monkeypatch.chdir(tmp_path)
    assert relative(tmp_path / "runners" / "x") == "runners/x"
    assert relative(tmp_path.parent / "x") == "../x"
    assert relative(tmp_path / USER / "mine.json") == "mine.json"
    assert relative("/etc/mine.json") == "mine.json"
