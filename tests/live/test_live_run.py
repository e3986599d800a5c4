"""A whole live run through the tap against a second process that plays the service."""

import json
import subprocess
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command.calling import oss_bodies
from fakes.build import write_runner
from live.endpoint import IDENTITY, SECRET, TOKEN, VARIABLES, Endpoint

from conformance.model.verdict import Outcome
from conformance.oss.secret import Secret, spelling_of
from conformance.results import read_results

Ran = tuple[Path, subprocess.CompletedProcess[str]]
KINDS = {IDENTITY: "access-key-id", SECRET: "access-key-secret", TOKEN: "security-token"}


def messages_of(folder: Path) -> list[bytes]:
    """Every message in the transcripts of a folder."""
    lines = (folder / "transcripts.jsonl").read_text(encoding="utf-8").splitlines()
    return [
        b64decode(exchange[side])
        for line in lines
        for turn in json.loads(line).get("turns", ())
        for exchange in turn["journal"]["exchanges"]
        for side in ("received", "sent")
    ]


def test_every_live_case_passes(live_run: Ran) -> None:
    folder, ran = live_run
    assert ran.returncode == 0, ran.stdout + ran.stderr
    results = read_results(folder / "out")
    assert {verdict.outcome for verdict in results.verdicts} == {Outcome.PASS}
    assert len(results.verdicts) == 15
    assert results.run.live is not None
    assert (results.run.live.key, results.run.live.token) == ("example.jpg", True)


def test_the_costs_are_told_before_anything_is_sent(live_run: Ran) -> None:
    _, ran = live_run
    first = ran.stderr.splitlines()[0]
    assert "9 billable requests" in first
    assert "6 more are refused" in first


def test_what_is_not_documented_is_recorded(live_run: Ran) -> None:
    folder, _ = live_run
    (verdict,) = (v for v in read_results(folder / "out").verdicts if v.case == "process/sen/50")
    values = dict(verdict.profile)
    assert (values["live-status"], values["live-results"]) == ("200", "3")
    assert "x-oss-server-time" in values["live-fields"]


@pytest.mark.parametrize("secret", KINDS)
def test_no_output_holds_a_secret_in_any_encoding(live_run: Ran, secret: str) -> None:
    folder, ran = live_run
    known = Secret(kind=KINDS[secret], value=secret)
    texts = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    texts |= {"stdout": ran.stdout.encode(), "stderr": ran.stderr.encode()}
    assert len(texts) > 8
    assert {name: form for name, data in texts.items() if (form := spelling_of(known, data))} == {}


@pytest.mark.parametrize("secret", KINDS)
def test_no_message_in_the_transcripts_holds_one(live_run: Ran, secret: str) -> None:
    """The same inside the base64 of the transcripts."""
    folder, _ = live_run
    known = Secret(kind=KINDS[secret], value=secret)
    messages = messages_of(folder / "out")
    assert len(messages) == 30
    assert [message for message in messages if spelling_of(known, message)] == []


def test_the_run_is_verified_without_the_secrets(live_run: Ran) -> None:
    folder, _ = live_run
    done = oss_bodies("verify", "out", cwd=folder)
    assert done.returncode == 0, done.stdout


def test_the_recorded_vectors_are_replayed_offline_with_equal_verdicts(
    live_run: Ran, runner: str
) -> None:
    folder, _ = live_run
    done = oss_bodies("record", "out", "--out", "recorded.json", cwd=folder)
    assert done.returncode == 0, done.stderr
    lane = ["--lane", "reference", "--runner", runner, "--in", "host"]
    again = oss_bodies(
        "run", "--vectors", "recorded.json", *lane, "--out", "replayed", cwd=folder, limit=120
    )
    assert again.returncode == 0, again.stdout
    before, after = (read_results(folder / name) for name in ("out", "replayed"))
    prefix = "bodies/recorded-cn-hangzhou/"
    replayed = {v.case.removeprefix(prefix): v.outcome for v in after.verdicts}
    assert replayed == {v.case: v.outcome for v in before.verdicts}


def test_two_recordings_show_which_fields_are_stable(live_run: Ran) -> None:
    folder, _ = live_run
    done = oss_bodies("record", "out", "out", cwd=folder)
    assert done.returncode == 0
    (line,) = (one for one in done.stdout.splitlines() if one.startswith("process/sen/50: "))
    assert "Equal in 2 recordings: status," in line
    assert "member /Bodies/0/Confidence" in line


@pytest.fixture
def words_for(plain_service: Endpoint, runner: str) -> Callable[..., list[str]]:
    """The words of a live run with more words, and with changes to the options."""

    def words_with(*words: str, **changes: str) -> list[str]:
        lane = ["--lane", "reference", "--runner", runner, "--out", "out"]
        return ["run", *plain_service.options(**changes), *lane, *words]

    return words_with


ONE = ("--yes", "--case", "process/sen/*")


@pytest.mark.slow
@pytest.mark.parametrize(("changes", "variables", "says"), [
    ({"bucket": "another-bucket"}, {}, "correct --bucket"),
    ({"key": "another.jpg"}, {}, "correct --key"),
    ({}, {"OSS_ACCESS_KEY_SECRET": "another-secret-of-mine"}, "the secret does not belong"),
    ({}, {"OSS_ACCESS_KEY_ID": "LTAI5tAnotherIdOfMine"}, "does not exist or is disabled"),
    ({"region": "cn-beijing"}, {}, "correct --region"),
])  # fmt: skip
def test_a_trouble_ends_the_run_with_what_to_do(
    changes: dict[str, str],
    variables: dict[str, str],
    says: str,
    words_for: Callable[..., list[str]],
    tmp_path: Path,
) -> None:
    words = words_for(*ONE, **changes)
    given: dict[str, Any] = VARIABLES | variables
    ran = oss_bodies(*words, cwd=tmp_path, limit=120, environment=given)
    assert (ran.returncode, says in ran.stderr) == (3, True), ran.stderr + ran.stdout
    end = read_results(tmp_path / "out").end
    assert end is not None
    assert (end.interrupted, end.exit, says in str(end.reason)) == (True, 3, True)


def test_a_used_up_budget_keeps_what_was_done_and_marks_it_partial(
    words_for: Callable[..., list[str]], tmp_path: Path
) -> None:
    words = words_for(*ONE, "--max-requests", "2")
    ran = oss_bodies(*words, cwd=tmp_path, limit=120, environment=VARIABLES)
    assert ran.returncode == 3, ran.stdout
    results = read_results(tmp_path / "out")
    outcomes = [verdict.outcome for verdict in results.verdicts]
    assert outcomes == [Outcome.PASS, Outcome.PASS, Outcome.ERROR]
    assert results.end is not None
    assert results.end.reason == "the budget of requests is used up; raise --max-requests"


def test_without_consent_nothing_is_sent(
    words_for: Callable[..., list[str]], tmp_path: Path
) -> None:
    ran = oss_bodies(*words_for(), cwd=tmp_path, limit=60, environment=VARIABLES)
    assert (ran.returncode, "add --yes" in ran.stderr) == (2, True), ran.stderr
    assert not (tmp_path / "out").exists()


def test_an_sdk_that_leaks_secrets_everywhere_is_found_and_leaks_none_of_them(
    service: Endpoint, tmp_path: Path
) -> None:
    leaking = str(write_runner(tmp_path / "runners", kind="secret-everywhere"))
    words = [*service.options(), "--runner", leaking, "--lane", "secret-everywhere", *ONE]
    (tmp_path / "run").mkdir()
    ran = oss_bodies("run", *words, cwd=tmp_path / "run", limit=120, environment=VARIABLES)
    folder = tmp_path / "run" / "oss-bodies-report"
    assert ran.returncode == 1, ran.stdout + ran.stderr
    rules = {finding.rule for v in read_results(folder).verdicts for finding in v.findings}
    assert "auth.secret-leak" in rules
    texts = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    texts += [*messages_of(folder), ran.stdout.encode(), ran.stderr.encode()]
    for secret, kind in KINDS.items():
        known = Secret(kind=kind, value=secret)
        assert [form for text in texts if (form := spelling_of(known, text))] == [], kind
