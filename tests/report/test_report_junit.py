"""`junit.xml`: a suite for each lane, as CI systems read it."""

import time
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from report.run_shown import (
    END,
    GO,
    JAVA,
    LANES,
    NAMES,
    PHP,
    PYTHON,
    REPORT,
    STRING,
    finished,
    shown,
)

from conformance.model.verdict import Outcome
from conformance.report.assemble import Report
from conformance.report.junit import junit

# The attributes and the order of children that the schemas of Jenkins and Ant have in common.
ATTRIBUTES = {
    "testsuites": {"name", "tests", "errors", "failures", "skipped", "time"},
    "testsuite": {"name", "tests", "errors", "failures", "skipped", "time", "timestamp"},
    "testcase": {"name", "classname", "time"},
    "property": {"name", "value"},
    "failure": {"message", "type"},
    "error": {"message", "type"},
    "skipped": {"message", "type"},
}
CHILDREN = {
    "testsuites": ["testsuite"],
    "testsuite": ["properties", "testcase"],
    "properties": ["property"],
    "testcase": ["skipped", "error", "failure", "system-out"],
}


def valid(text: str) -> ET.Element:
    root = ET.fromstring(text)
    assert root.tag == "testsuites"
    for element in root.iter():
        assert set(element.attrib) <= ATTRIBUTES.get(element.tag, set()), element.tag
        order = CHILDREN.get(element.tag, [])
        places = [order.index(child.tag) for child in element]
        assert places == sorted(places)
    for suite in root:
        cases = suite.findall("testcase")
        for name, tag in (("errors", "error"), ("failures", "failure"), ("skipped", "skipped")):
            assert int(suite.attrib[name]) == sum(case.find(tag) is not None for case in cases)
        assert int(suite.attrib["tests"]) == len(cases)
        assert {"name", "tests", "time", "timestamp"} <= set(suite.attrib)
        for case in cases:
            assert {"name", "classname", "time"} <= set(case.attrib)
            assert sum(child.tag != "system-out" for child in case) <= 1
    for name in ("tests", "errors", "failures", "skipped"):
        assert int(root.attrib[name]) == sum(int(suite.attrib[name]) for suite in root)
    return root


def case(root: ET.Element, lane: str, name: str) -> ET.Element:
    (suite,) = (one for one in root if one.attrib["name"] == lane)
    (found,) = (one for one in suite.findall("testcase") if one.attrib["name"] == name)
    return found


ROOT = valid(junit(REPORT))


def test_there_is_one_suite_for_each_lane() -> None:
    assert [suite.attrib["name"] for suite in ROOT] == list(NAMES)


def test_a_new_failure_has_its_rule_evidence_and_repeat_command() -> None:
    failure = case(ROOT, GO, "process/sen/50").find("failure")
    assert failure is not None
    assert failure.attrib["type"] == "process.string"
    assert (
        "expected 'image/bodies,sen_50', got 'image/bodies%2Csen_50'" in failure.attrib["message"]
    )
    assert failure.text is not None
    assert f"repeat: oss-bodies run --lane {GO}" in failure.text


def test_a_known_failure_is_skipped_with_its_reason() -> None:
    skipped = case(ROOT, PHP, "errors/xml/ec").find("skipped")
    assert skipped is not None
    assert skipped.attrib["message"].startswith("known failure: PHP's SDK keeps no EC")


def test_a_listed_case_that_passes_is_a_failure() -> None:
    failure = case(ROOT, GO, "errors/xml/ec").find("failure")
    assert failure is not None
    assert "remove it from its known-failing list" in failure.attrib["message"]


def test_errors_skips_and_notes_are_told_apart() -> None:
    long = "transport/faults/a-very-long-name-of-a-case-that-nobody-shortened"
    assert case(ROOT, "rest", long).find("error") is not None
    assert case(ROOT, PYTHON, "auth/anonymous/signed").find("skipped") is not None
    note = case(ROOT, PYTHON, long).find("system-out")
    assert note is not None
    assert "transport.requests (recommended)" in (note.text or "")


@pytest.mark.parametrize(("code", "tag"), [(0, "skipped"), (1, "skipped"), (3, "error")])
def test_a_lane_that_did_not_run_is_red_only_if_the_run_failed_for_it(code: int, tag: str) -> None:
    root = valid(junit(replace(REPORT, exit=code)))
    told = case(root, JAVA, "lane").find(tag)
    assert told is not None
    assert "javac is not on this machine" in told.attrib["message"]


def test_a_suite_has_the_versions_as_properties() -> None:
    (suite,) = (one for one in ROOT if one.attrib["name"] == GO)
    given = {one.attrib["name"]: one.attrib["value"] for one in suite.iter("property")}
    assert given["sdk.version"] == "v3.0.2"
    assert given["runtime"] == "go1.19.8"
    assert given["suite.version"] == "0.1.0"
    assert given["vectors.sha256"] == "0" * 64


def test_hostile_text_stays_text() -> None:
    text = "<failure/>\x00\x1b[31m\ud800\ufffe]]>&\u202e" + "x" * 100_000
    finding = replace(STRING, got=text, where=text)
    verdict = finished("a/b/c", "rest", Outcome.FAIL, findings=(finding,))
    report = replace(shown(verdict, lanes=("rest",)), lanes=LANES[-1:])
    assert len(junit(report)) < 20_000
    failure = case(valid(junit(report)), "rest", "a/b/c").find("failure")
    assert failure is not None
    assert failure.attrib["message"].startswith("<failure/>\\x00\\x1b[31m\\ud800\\ufffe]]>&\\u202e")


def test_a_case_has_the_time_of_its_calls_and_a_suite_their_sum() -> None:
    root = valid(junit(REPORT, {("process/sen/50", GO): 1.23456, ("process/sen/9", GO): 1.0}))
    assert case(root, GO, "process/sen/50").attrib["time"] == "1.235"
    assert case(root, PHP, "process/sen/50").attrib["time"] == "0.0"
    (suite,) = (one for one in root if one.attrib["name"] == GO)
    assert float(suite.attrib["time"]) == pytest.approx(2.235)


def large() -> Report:
    findings = {"outcome": Outcome.FAIL, "findings": (STRING,)}
    verdicts = [
        finished(f"process/t-{n // 50}/{n}", lane, **(findings if n % 20 == 0 else {}))  # type: ignore[arg-type]
        for n in range(950)
        for lane in NAMES
    ]
    return replace(shown(*verdicts, end=END), lanes=LANES)


def test_five_lanes_of_a_whole_corpus_take_less_than_a_second() -> None:
    report = large()
    began = time.process_time()
    junit(report)
    assert time.process_time() - began < 1
