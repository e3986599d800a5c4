"""The benchmark that asks cases in clear text again over TLS: it changes the scheme and no more."""

import json
from dataclasses import replace
from pathlib import Path

from benchmarks.schemes import in_clear_text, over_tls
from conformance.corpus.load import load

CASES = {case.id: case for case in load().cases}


def test_a_case_over_tls_differs_in_its_scheme_only() -> None:
    case = CASES["auth/clock/ahead-14-minutes"]
    (turn,) = case.turns
    other = over_tls(case)
    (secure,) = other.turns
    assert turn.input.endpoint == "http://oss-cn-hangzhou.aliyuncs.com"
    assert secure.input.endpoint == "https://oss-cn-hangzhou.aliyuncs.com"
    assert replace(secure.input, endpoint=turn.input.endpoint) == turn.input
    before, after = (dict(one.expect[0].values) for one in (turn, secure))
    assert (before.pop("scheme"), after.pop("scheme")) == ("http", "https")
    assert before == after
    assert replace(other, turns=case.turns) == case


def test_a_file_is_in_clear_text_by_its_defaults_and_not_by_a_case(tmp_path: Path) -> None:
    clear = {"input": {"endpoint": "http://oss-cn-hangzhou.aliyuncs.com"}}
    for name, document, expected in (
        ("defaults", {"defaults": clear, "cases": []}, True),
        ("case", {"cases": [clear]}, False),
        ("tls", {"defaults": {"input": {"endpoint": "https://localhost"}}, "cases": []}, False),
    ):
        file = tmp_path / f"{name}.json"
        file.write_text(json.dumps(document), encoding="utf-8")
        assert in_clear_text(str(file)) is expected


def test_what_is_asked_in_clear_text_speaks_of_no_certificate() -> None:
    clear = [case for case in CASES.values() if in_clear_text(case.file)]
    assert len(clear) > 200
    for case in clear:
        plain = [turn for turn in case.turns if turn.inputs[0].endpoint.startswith("http:")]
        assert {turn.script.certificate for turn in plain} <= {"trusted"}, case.id
