"""The id of a run follows from what lanes did, not from how busy the machine was."""

import json
from pathlib import Path

import pytest
from command.calling import oss_bodies

from benchmarks.stability import busy

WAITING = ["--case", "transport/waiting/*", "--case", "transport/idle/*"]


@pytest.mark.slow
def test_two_runs_one_of_them_on_a_busy_machine_have_one_id(tmp_path: Path, reference: str) -> None:
    words = ["run", "--runner", reference, "--lane", "rest", "--in", "host", "--json", *WAITING]
    quiet = oss_bodies(*words, "--out", "quiet", cwd=tmp_path, limit=120)
    with busy(3):  # beside the other tests; more would be what those wait for
        loaded = oss_bodies(*words, "--out", "busy", cwd=tmp_path, limit=240)
    ids = {json.loads(ran.stdout)["run"] for ran in (quiet, loaded)}
    assert len(ids) == 1
