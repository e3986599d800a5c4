"""A results folder holds no secret, whatever an SDK prints and sends."""

import base64
import binascii
import re
from pathlib import Path

from command.calling import oss_bodies
from fakes.build import write_runner

from conformance.corpus.load import load
from conformance.corpus.selection import select
from conformance.oss.secret import secrets, spelling_of
from conformance.results import read_results

CASES = ("auth/token/accepted", "errors/service/no-such-key", "process/presigned/token")


def decoded(lines: bytes) -> bytes:
    """All that the base64 strings of JSON lines hold."""
    parts = []
    for text in re.findall(rb'"([A-Za-z0-9+/]{8,}={0,2})"', lines):
        try:
            parts.append(base64.b64decode(text, validate=True))
        except binascii.Error:
            continue
    return b"\n".join(parts)


def words(*kinds: str, folder: Path) -> list[str]:
    runners = [str(write_runner(folder / "runners", kind=kind)) for kind in kinds]
    return [word for runner in runners for word in ("--runner", runner)]


def test_no_file_of_a_results_folder_holds_a_secret_of_its_cases(tmp_path: Path) -> None:
    patterns = (*CASES, "samples/program/success")
    chosen = [word for pattern in patterns for word in ("--case", pattern)]
    runners = words("secret-everywhere", "sample-prints-its-environment", folder=tmp_path)
    ran = oss_bodies("run", *runners, "--in", "host", *chosen, cwd=tmp_path)
    assert ran.returncode == 1, ran.stderr
    folder = tmp_path / "oss-bodies-report"
    known = secrets(turn for case in select(load().cases, patterns) for turn in case.turns)
    assert {secret.kind for secret in known} == {"access-key-secret", "security-token"}
    texts = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    texts |= {"stdout": ran.stdout.encode(), "stderr": ran.stderr.encode()}
    texts["decoded"] = decoded(texts["transcripts.jsonl"])
    found = [(name, one) for name, text in texts.items() for one in known if spelling_of(one, text)]
    assert found == []
    leaking = {v.lane for v in read_results(folder).verdicts if v.outcome == "fail"}
    assert leaking == {"secret-everywhere", "sample-prints-its-environment"}


def test_masked_transcripts_are_judged_as_they_were_recorded(tmp_path: Path) -> None:
    chosen = [word for pattern in CASES for word in ("--case", pattern)]
    runners = words("secret-everywhere", folder=tmp_path)
    oss_bodies("run", *runners, "--in", "host", *chosen, cwd=tmp_path)
    again = oss_bodies("judge", "oss-bodies-report", cwd=tmp_path)
    assert "3 as stored, 0 not" in again.stdout, again.stdout + again.stderr
