"""From a document to cases: what is laid over what, and what each part becomes."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from conformance.corpus.decode import Terms, decode, mistakes, suite_mistakes
from conformance.corpus.merging import merge
from conformance.errors import VectorError
from conformance.model.case import Case, Credentials, Level, Reply, Source

Spoil = Callable[[Callable[[Any], object]], dict[str, Any]]


def _case(document: dict[str, Any], terms: Terms) -> Case:
    return decode(document, file="example.json", terms=terms).cases[0]


def _reply(right: dict[str, Any], terms: Terms, **reply: Any) -> Reply:
    right["cases"][0]["script"]["replies"] = [reply]
    return _case(right, terms).turns[0].script.replies[0]


def test_objects_are_merged_name_by_name_and_all_else_is_replaced() -> None:
    under = {"a": {"x": 1, "y": [1, 2]}, "b": 1}
    over = {"a": {"y": [3], "z": None}, "b": {"c": 2}}
    assert merge(under, over) == {"a": {"x": 1, "y": [3], "z": None}, "b": {"c": 2}}


def test_merging_changes_neither_layer() -> None:
    under: dict[str, Any] = {"a": {"x": 1}}
    merge(under, {"a": {"x": 2}})["a"]["x"] = 3
    assert under == {"a": {"x": 1}}


def test_a_case_starts_from_the_suite_then_the_file(
    right: dict[str, Any], suite_terms: Terms
) -> None:
    right["defaults"]["input"] = {"bucket": "other", "parameters": {"sen": 7}}
    given = _case(right, suite_terms).turns[0].input
    assert (given.key, given.bucket, given.parameters) == ("example.jpg", "other", (("sen", 50),))


def test_one_member_of_the_credentials_can_be_laid_over(
    right: dict[str, Any], suite_terms: Terms
) -> None:
    right["defaults"]["input"] = {
        "credentials": {"access_key_id": "A", "access_key_secret": "S", "security_token": "T"}
    }
    right["cases"][0]["input"]["credentials"] = {"access_key_id": None}
    assert _case(right, suite_terms).turns[0].input.credentials == Credentials(
        access_key_id=None, access_key_secret="S", security_token="T"
    )


@pytest.mark.parametrize(("of_case", "proxy"), [({"refuse": 502}, ("refuse", 502)), (None, None)])
def test_the_proxy_of_a_case_replaces_that_of_the_file(
    right: dict[str, Any], suite_terms: Terms, of_case: Any, proxy: Any
) -> None:
    right["defaults"]["script"] = {"proxy": {"password": "user:word"}}
    right["cases"][0].setdefault("script", {})["proxy"] = of_case
    assert _case(right, suite_terms).turns[0].script.proxy == proxy


@pytest.mark.parametrize("offset", [-(10**11), 10**11])
def test_a_clock_beyond_what_a_date_can_tell_is_refused_at_its_place(
    right: dict[str, Any], suite_terms: Terms, offset: int
) -> None:
    right["cases"][0]["script"]["clock_offset"] = offset
    (found,) = mistakes(right, suite_terms)
    assert found.place == "/cases/0/script/clock_offset"


def test_credentials_of_null_are_anonymous(right: dict[str, Any], suite_terms: Terms) -> None:
    right["cases"][0]["input"]["credentials"] = None
    assert _case(right, suite_terms).turns[0].input.credentials is None


def test_expectations_are_merged_over_those_of_the_file(
    right: dict[str, Any], suite_terms: Terms
) -> None:
    (required,) = _case(right, suite_terms).turns[0].expect
    assert required.claim is Level.REQUIRED
    assert dict(required.values) == {
        "requests": 1,
        "answer": "content",
        "process": "image/bodies,sen_50",
    }


def _required(case: Case) -> dict[str, Any]:
    (expected,) = (e for e in case.turns[0].expect if e.claim is Level.REQUIRED)
    return dict(expected.values)


def test_the_expectations_of_a_set_are_those_of_the_suite(
    right: dict[str, Any], suite_terms: Terms
) -> None:
    right["defaults"]["expect"] = {"sets": ["signed-request", "content-as-sent"]}
    known = suite_terms.suite["sets"]
    assert _required(_case(right, suite_terms)) == {
        **known["signed-request"]["required"],
        **known["content-as-sent"]["required"],
        "process": "image/bodies,sen_50",
    }


@pytest.mark.parametrize("level", ["required", "recommended"])
def test_an_expectation_replaces_the_one_of_its_set_at_any_level(
    right: dict[str, Any], suite_terms: Terms, level: str
) -> None:
    right["defaults"]["expect"] = {"sets": ["signed-request"]}
    right["cases"][0]["expect"] = {level: {"verified": "AccessDenied"}}
    expected = _case(right, suite_terms).turns[0].expect
    found = [(e.claim.value, value) for e in expected for n, value in e.values if n == "verified"]
    assert found == [(level, "AccessDenied")]


def test_an_observed_name_is_not_expected_by_a_set(
    right: dict[str, Any], suite_terms: Terms
) -> None:
    right["defaults"]["expect"] = {"sets": ["signed-request"], "observed": ["verified"]}
    assert "verified" not in _required(_case(right, suite_terms))


def test_the_sets_of_a_case_replace_those_of_the_file(
    right: dict[str, Any], suite_terms: Terms
) -> None:
    right["defaults"]["expect"] = {"sets": ["signed-request"]}
    right["cases"][0]["expect"]["sets"] = []
    assert _required(_case(right, suite_terms)) == {"process": "image/bodies,sen_50"}


def test_expectations_have_the_order_of_the_schema_however_they_were_merged(
    right: dict[str, Any], suite_terms: Terms
) -> None:
    right["defaults"]["expect"] = {"required": {"answer": "content"}}
    right["cases"][0]["expect"]["required"] = {"process": "image/bodies,sen_50", "requests": 1}
    assert [*_required(_case(right, suite_terms))] == ["requests", "process", "answer"]


def test_observed_names_carry_no_value(right: dict[str, Any], suite_terms: Terms) -> None:
    right["cases"][0]["expect"]["observed"] = ["status", "ec"]
    assert _case(right, suite_terms).turns[0].expect[-1].values == (("status", None), ("ec", None))


def test_a_turn_is_laid_over_its_case(right: dict[str, Any], suite_terms: Terms) -> None:
    right["cases"][0]["input"]["client"] = "kept"
    right["cases"][0]["turns"] = [
        {},
        {
            "input": {"parameters": {"sen": 60}},
            "expect": {"required": {"process": "image/bodies,sen_60"}},
        },
    ]
    turns = _case(right, suite_terms).turns
    assert [(dict(t.input.parameters), t.input.client) for t in turns] == [
        ({"sen": 50}, "kept"),
        ({"sen": 60}, "kept"),
    ]


def test_a_case_of_its_own_provenance_keeps_nothing_of_the_default(
    right: dict[str, Any], suite_terms: Terms
) -> None:
    right["cases"][0]["provenance"] = {
        "source": "standard",
        "note": "What it says.",
        "reference": "RFC 9112 6.3",
    }
    word = _case(right, suite_terms).provenance
    assert (word.source, word.reference, word.date) == (Source.STANDARD, "RFC 9112 6.3", None)


def test_the_file_is_kept_with_its_cases(right: dict[str, Any], suite_terms: Terms) -> None:
    assert _case(right, suite_terms).file == "example.json"


def test_a_reply_without_a_body_is_empty(right: dict[str, Any], suite_terms: Terms) -> None:
    reply = _reply(right, suite_terms, status=204)
    assert (reply.body, reply.error, reply.framing) == (b"", None, "length")


def test_an_encoding_packs_the_body_and_names_itself(
    right: dict[str, Any], suite_terms: Terms
) -> None:
    reply = _reply(right, suite_terms, status=200, body={"text": "abc"}, encoding="gzip")
    assert gzip.decompress(reply.body) == b"abc"
    assert reply.headers == (("Content-Encoding", "gzip"),)


def test_an_error_keeps_its_fields_in_their_order(
    right: dict[str, Any], suite_terms: Terms
) -> None:
    error = {"code": "C", "message": "M", "Bucket": "b", "ec": "E"}
    assert _reply(right, suite_terms, status=403, error=error).error == tuple(error.items())


def test_faults_become_pairs_in_their_order(right: dict[str, Any], suite_terms: Terms) -> None:
    faults = [{"delay": 0.5}, {"close": True}]
    reply = _reply(right, suite_terms, status=200, faults=faults)
    assert reply.faults == (("delay", 0.5), ("close", True))


def test_a_header_of_null_takes_one_away(right: dict[str, Any], suite_terms: Terms) -> None:
    assert _reply(right, suite_terms, status=200, headers=[["Server", None]]).headers == (
        ("Server", None),
    )


def test_a_parameter_that_the_defaults_give_is_taken_away_by_null(
    right: dict[str, Any], suite_terms: Terms
) -> None:
    right["defaults"]["input"] = {"parameters": {"sen": 7}}
    right["cases"][0]["input"] = {"parameters": {"sen": None}}
    right["cases"][0]["expect"] = {"required": {"process": "image/bodies"}}
    assert _case(right, suite_terms).turns[0].input.parameters == ()


def test_parameters_keep_the_order_in_which_they_were_first_named(
    right: dict[str, Any], suite_terms: Terms
) -> None:
    right["defaults"] = {
        "provenance": right["defaults"]["provenance"],
        "expect": {"observed": ["requests"]},
        "input": {"parameters": {"zoom": 1, "sen": 7}},
    }
    right["cases"][0]["input"] = {"parameters": {"b": 3, "zoom": 2}}
    right["cases"][0]["expect"] = {}
    (sen,) = suite_terms.operation.parameters
    parameters = (sen, replace(sen, name="zoom"), replace(sen, name="b"))
    operation = replace(suite_terms.operation, parameters=parameters)
    given = _case(right, replace(suite_terms, operation=operation)).turns[0].input
    assert given.parameters == (("zoom", 2), ("sen", 7), ("b", 3))


def test_a_setting_that_is_null_is_not_set(right: dict[str, Any], suite_terms: Terms) -> None:
    names = ("region", "signature", "addressing", "connect_timeout", "read_timeout")
    right["cases"][0]["input"].update(dict.fromkeys(names))
    given = _case(right, suite_terms).turns[0].input
    assert [getattr(given, name) for name in names] == [None] * len(names)


def test_the_first_mistake_becomes_an_error_with_file_pointer_rule_and_remedy(
    spoil: Spoil, suite_terms: Terms
) -> None:
    wrong = spoil(lambda d: d["cases"][0]["input"].update(sing=5))
    with pytest.raises(VectorError) as caught:
        decode(wrong, file="wrong.json", terms=suite_terms)
    error = caught.value
    assert (error.source, error.place) == ("wrong.json", "/cases/0/input")
    assert str(error) == "wrong.json: /cases/0/input: unknown: 'sing' (did you mean sign?)"


def test_the_credentials_of_the_suite_must_be_whole(suite_terms: Terms) -> None:
    given = {**suite_terms.suite["input"], "credentials": {"access_key_id": "A"}}
    (found, *_) = suite_mistakes({**suite_terms.suite, "input": given}, suite_terms.schemas)
    assert found.place == "/input/credentials"


def test_defaults_of_the_suite_must_name_every_part_of_the_input(suite_terms: Terms) -> None:
    given = {k: v for k, v in suite_terms.suite["input"].items() if k != "region"}
    found = suite_mistakes({**suite_terms.suite, "input": given}, suite_terms.schemas)
    assert [(m.place, m.rule) for m in found] == [("/input", "'region' is missing")]
