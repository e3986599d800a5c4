"""What an SDK prints by itself."""

from dataclasses import replace

import pytest
from judge.notation import Json, case, transcript
from judge.rule_examples import exchange, lane

from conformance.judge import judge
from conformance.model.case import Level
from conformance.model.verdict import STDERR_CUT, Finding, Outcome

WARNING = "Warning: Entity: line 4 in /srv/builds/php/Result.php on line 151\nmore\n"


def found(stderr: str, of: Json | None = None) -> tuple[Finding, ...]:
    trial = replace(transcript(lane(exchange())), stderr=stderr)
    verdict = judge(case({"about": "a case", **(of or {})}), trial)
    assert verdict.outcome is Outcome.PASS
    return tuple(one for one in verdict.findings if one.rule == "program.output")


def test_a_line_on_standard_error_is_a_deviation_but_no_failure() -> None:
    (finding,) = found(WARNING)
    assert finding.claim is Level.RECOMMENDED
    assert (
        finding.got
        == "'Warning: Entity: line 4 in <folder>/Result.php on line 151' (the first of 2 lines)"
    )


def test_of_output_that_was_cut_only_the_last_line_is_quoted_and_none_is_counted() -> None:
    (finding,) = found(f"{STDERR_CUT}\nin $BUILD/Result.php\nWarning: the last\n")
    assert finding.got == "'Warning: the last' (the last of many lines)"


def test_silence_is_no_finding() -> None:
    assert found("") == found("\n") == ()


@pytest.mark.parametrize("script", [{"faults": [("delay", 0.1)]}, {"certificate": "untrusted"}])
def test_what_is_printed_about_a_fault_is_no_finding(script: Json) -> None:
    trial = replace(transcript(lane(exchange())), stderr=WARNING)
    verdict = judge(case({"about": "a case", "script": script}), trial)
    assert "program.output" not in {finding.rule for finding in verdict.findings}
