"""Every rule can fire and is silent on the twin that keeps it: transcripts on disk, judged."""

import json
from pathlib import Path

import pytest
from judge import build_transcripts
from judge.transcript_files import FOLDER, load

from conformance.judge import judge
from conformance.model.case import Level
from conformance.model.verdict import Outcome

RULES = {
    "process": "string place canonical duplicate",
    "auth": "scheme signature access-key token region clear-text secret-leak",
    "transport": "requests method scheme malformed stray certificate fault-unused target-host",
    "naming": "target version",
    "bodies": "bytes parsed",
    "errors": "kind origin status code message request-id host-id ec",
    "samples": "exit output",
}
NAMES = [f"{family}.{rule}" for family, rules in RULES.items() for rule in rules.split()]
FILES = sorted(FOLDER.glob("*.json"))


def test_there_is_a_transcript_for_every_rule() -> None:
    assert sorted(path.stem for path in FILES) == sorted(NAMES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_wrong_transcript_is_found_by_the_rule_that_names_it(path: Path) -> None:
    shown = load(path)
    verdict = judge(shown.case, shown.wrong)
    assert verdict.outcome is Outcome.FAIL, verdict.reason
    assert shown.rule in {finding.rule for finding in verdict.findings}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_its_right_twin_has_no_finding(path: Path) -> None:
    shown = load(path)
    verdict = judge(shown.case, shown.right)
    assert (verdict.outcome, verdict.findings, verdict.reason) == (Outcome.PASS, (), "")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_finding_says_where_what_and_why(path: Path) -> None:
    shown = load(path)
    for finding in judge(shown.case, shown.wrong).findings:
        assert all((finding.where, finding.expected, finding.got, finding.why))
        assert finding.claim is Level.REQUIRED
        assert finding.expected != finding.got


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_file_is_what_the_builder_makes(path: Path) -> None:
    made = dict(build_transcripts.files())
    assert json.loads(path.read_text(encoding="utf-8")) == made[path.stem]
