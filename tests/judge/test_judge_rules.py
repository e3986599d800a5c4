"""Every rule finds its wrong example and is silent on the right one."""

import pytest
from judge.rule_examples import RuleExample, examples, request

from conformance.judge import judge
from conformance.model.case import Level
from conformance.model.verdict import Outcome

RULES = {
    "process": "string place canonical duplicate",
    "auth": "scheme signature access-key token bare-plus expires region time clear-text "
    "secret-leak proxy-authorization",
    "transport": "requests method scheme malformed stray certificate fault-unused target-host "
    "unasked-field user-agent absolute-form endless open-connections proxy",
    "naming": "target version path-style port unasked",
    "bodies": "bytes coding parsed schema",
    "errors": "kind origin caught status code message request-id host-id ec shape",
    "samples": "exit output compile handled",
    "program": "death silence crash state",
}
NAMES = [f"{family}.{rule}" for family, rules in RULES.items() for rule in rules.split()]
EXAMPLES = tuple(examples())
each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.rule)


def test_there_is_an_example_of_every_rule() -> None:
    assert sorted(example.rule for example in EXAMPLES) == sorted(NAMES)


def test_the_request_of_the_examples_has_a_known_signature() -> None:
    signature = request()[-1].rpartition("Signature=")[2]
    assert signature == "d9b6b12404395ba8677ff2ee1142a5a7e9a9fb279e490816aac48bd7723deb07"


@each_example
def test_the_wrong_transcript_is_found_by_the_rule_of_its_example(example: RuleExample) -> None:
    verdict = judge(example.case, example.wrong)
    assert verdict.outcome is Outcome.FAIL, verdict.reason
    assert example.rule in {finding.rule for finding in verdict.findings}


@each_example
def test_the_right_transcript_has_no_finding(example: RuleExample) -> None:
    verdict = judge(example.case, example.right)
    assert (verdict.outcome, verdict.findings, verdict.reason) == (Outcome.PASS, (), "")


@each_example
def test_a_finding_says_where_what_and_why(example: RuleExample) -> None:
    for finding in judge(example.case, example.wrong).findings:
        assert all((finding.where, finding.expected, finding.got, finding.why))
        assert finding.claim is Level.REQUIRED
        assert finding.expected != finding.got
