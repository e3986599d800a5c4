"""The id of a run follows from what lanes did, not from how busy the machine was."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from command.calling import oss_bodies

WAITING = ["--case", "transport/waiting/*", "--case", "transport/idle/*"]


@pytest.mark.slow
def test_two_runs_one_of_them_on_a_busy_machine_have_one_id(tmp_path: Path, reference: str) -> None:
    words = ["run", "--runner", reference, "--lane", "rest", "--in", "host", "--json", *WAITING]
    quiet = oss_bodies(*words, "--out", "quiet", cwd=tmp_path, limit=120)
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(6)]
    try:
        loaded = oss_bodies(*words, "--out", "busy", cwd=tmp_path, limit=240)
    finally:
        for process in busy:
            process.kill()
            process.wait()
    ids = {json.loads(ran.stdout)["run"] for ran in (quiet, loaded)}
    assert len(ids) == 1
