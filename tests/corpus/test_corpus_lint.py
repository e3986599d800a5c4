"""Each rule of the linter refuses the file that is wrong in its way, at its place."""

from collections.abc import Callable
from typing import Any

import pytest

from conformance.corpus.decode import Terms, mistakes
from conformance.corpus.lint import CASE_RULES, TURN_RULES
from conformance.documents.strict_json import Spelled

Spoil = Callable[[Callable[[Any], object]], dict[str, Any]]
Change = Callable[[Any], object]


def _input(**members: Any) -> Change:
    return lambda d: d["cases"][0]["input"].update(members)


def _expect(claim: str, **members: Any) -> Change:
    return lambda d: d["cases"][0]["expect"].setdefault(claim, {}).update(members)


def _reply(**members: Any) -> Change:
    return _replies(members)


def _replies(*replies: dict[str, Any]) -> Change:
    given = [{"status": 200, **members} for members in replies]
    return lambda d: d["cases"][0]["script"].update(replies=given)


def _body(description: Any) -> Change:
    return _reply(body=description)


def _no_provenance(document: Any) -> None:
    del document["defaults"]["provenance"]


def _nothing_expected(document: Any) -> None:
    del document["defaults"]["expect"]
    document["cases"][0]["expect"] = {}


def _same_id(document: Any) -> None:
    document["cases"].append({**document["cases"][0]})


def _certificate(name: str) -> Change:
    return lambda d: d["cases"][0]["script"].update(certificate=name)


def _no_request(document: Any) -> None:
    document["cases"][0]["expect"]["required"].update(requests=0)


def _sample(**members: Any) -> Change:
    def change(document: Any) -> None:
        document["defaults"]["expect"] = {"required": {"answer": "ended"}}
        document["cases"][0]["input"] = {"program": "sample", **members}
        document["cases"][0]["expect"] = {"required": {"exit": "zero"}}

    return change


def _sdk_call_that_prints(document: Any) -> None:
    document["defaults"]["expect"] = {"required": {"requests": 1}}
    document["cases"][0]["expect"] = {"required": {"prints": ["x"]}}


def _sets(*names: str, **required: Any) -> Change:
    def change(document: Any) -> None:
        document["defaults"]["expect"] = {"required": {"requests": 1}}
        expected = {"process": "image/bodies,sen_50", **required}
        document["cases"][0]["expect"] = {"sets": [*names], "required": expected}

    return change


def _calls(*calls: Any, replies: Any = ({"status": 200},), **members: Any) -> Change:
    def change(document: Any) -> None:
        case = document["cases"][0]
        case["calls"] = [{"key": "one.jpg"}, {"key": "two.jpg"}, *calls]
        case["input"].update(members)
        case["script"]["replies"] = list(replies)
        case["expect"]["required"]["process"] = "as-asked"

    return change


def _credentials_over_null(document: Any) -> None:
    document["defaults"]["input"] = {"credentials": None}
    document["cases"][0]["input"]["credentials"] = {"access_key_id": "A"}


REPLY = "/cases/0/script/replies/0"
REQUIRED = "/cases/0/expect/required"

WRONG: dict[str, tuple[Change, str, str]] = {
    "an id that is used twice": (_same_id, "/cases/1/id", "is also that of /cases/0"),
    "an id outside the topic": (
        lambda d: d["cases"][0].update(id="process/other/one"),
        "/cases/0/id",
        "does not begin with the topic",
    ),
    "a family that does not exist": (
        lambda d: d.update(topic="proces/example"),
        "/topic",
        "there is no family 'proces'",
    ),
    "no provenance": (_no_provenance, "/cases/0", "has no provenance"),
    "a title that begins small": (
        lambda d: d["cases"][0].update(title="one case shows one thing."),
        "/cases/0/title",
        "not a sentence",
    ),
    "a title without a full stop": (
        lambda d: d["cases"][0].update(title="One case shows one thing"),
        "/cases/0/title",
        "not a sentence",
    ),
    "an unknown flag": (
        lambda d: d["cases"][0]["flags"].append("market"),
        "/cases/0/flags/1",
        "unknown flag 'market'",
    ),
    "a flag that no case has": (
        lambda d: d["flags"].update(lonely="Nobody has this flag."),
        "/flags/lonely",
        "no case has the flag",
    ),
    "nothing expected": (_nothing_expected, "/cases/0/expect", "nothing is required"),
    "a name at two levels": (
        _expect("recommended", answer="content"),
        "/cases/0/expect/recommended/answer",
        "has two levels",
    ),
    "a name required and observed": (
        lambda d: d["cases"][0]["expect"].update(observed=["process"]),
        "/cases/0/expect/observed",
        "has two levels",
    ),
    "parameters beside process": (
        _input(process="image/bodies"),
        "/cases/0/input/parameters",
        "are ignored",
    ),
    "a parameter that is not documented": (
        _input(parameters={"sne": 50}),
        "/cases/0/input/parameters/sne",
        "image/bodies has no parameter 'sne'",
    ),
    "an integer parameter as text": (
        _input(parameters={"sen": "50"}),
        "/cases/0/input/parameters/sen",
        "sen is an integer",
    ),
    "the action of another operation": (
        _input(action="image/faces"),
        "/cases/0/input/action",
        "that of the file's operation is 'image/bodies'",
    ),
    "credentials over null that lack a member": (
        _credentials_over_null,
        "/cases/0/input/credentials",
        "have no access_key_secret",
    ),
    "credentials of one call over null that lack a member": (
        lambda d: (
            d["defaults"].update(input={"credentials": None}),
            d["cases"][0].update(calls=[{"credentials": {"access_key_id": "A"}}, {}]),
        ),
        "/cases/0/calls/0/credentials",
        "have no access_key_secret",
    ),
    "a reply's field name that is no token": (
        _reply(headers=[["x-oss-ok", "1"], ["X Bad", "1"]]),
        "/cases/0/script/replies/0/headers/1/0",
        "'X Bad' is not a token",
    ),
    "a reply's field value of two lines": (
        _reply(headers=[["x-oss-meta", "1\r\nSet-Cookie: a"]]),
        "/cases/0/script/replies/0/headers/0/1",
        "has no CR, LF or NUL",
    ),
    "an interim response with an empty field name": (
        _reply(faults=[{"interim": [{"status": 103, "headers": [["", "1"]]}]}]),
        "/cases/0/script/replies/0/faults/0/interim/0/headers/0/0",
        "'' is not a token",
    ),
    "an expectation set that does not exist": (
        _sets("content-as-sent", "signed-requests"),
        "/cases/0/expect/sets/1",
        "there is no expectation set 'signed-requests'",
    ),
    "an expectation that repeats its set": (
        _sets("content-as-sent", parsed="as-sent"),
        f"{REQUIRED}/parsed",
        "repeats the expectation set 'content-as-sent'",
    ),
    "an expectation of a set that does not fit": (
        _sets("content-as-sent", answer="error"),
        "/cases/0/expect/sets",
        "content is about an answer of kind content",
    ),
    "another string expected than asked for": (
        _expect("required", process="image/bodies,sen_51"),
        f"{REQUIRED}/process",
        "asks for 'image/bodies,sen_50'",
    ),
    "an error's code expected of content": (
        _expect("required", code="as-sent"),
        f"{REQUIRED}/code",
        "kind error, but this case has answer content",
    ),
    "output expected of an SDK call": (
        _sdk_call_that_prints,
        f"{REQUIRED}/prints",
        "kind ended, but this case has answer of an SDK call",
    ),
    "content expected of a sample": (
        lambda d: (_sample()(d), _expect("required", content="as-sent")(d)),
        f"{REQUIRED}/content",
        "this case has a sample program",
    ),
    "a sample that does not end": (
        lambda d: (_sample()(d), d["defaults"]["expect"]["required"].update(answer="error")),
        "/defaults/expect/required/answer",
        "but the program is 'sample'",
    ),
    "an expectation of requests from a client that gives up": (
        _certificate("expired"),
        f"{REQUIRED}/process",
        "but no request is sent to a server with the certificate 'expired'",
    ),
    "requests from a client that gives up": (
        lambda d: (_certificate("expired")(d), _expect("required", requests=1)(d)),
        f"{REQUIRED}/requests",
        "but no request is sent to a server with the certificate 'expired'",
    ),
    "a certificate that is never sent": (
        lambda d: (
            _certificate("expired")(d),
            _input(endpoint="http://oss-cn-hangzhou.aliyuncs.com")(d),
        ),
        "/cases/0/script/certificate",
        "needs TLS",
    ),
    "an expectation of requests when none is sent": (
        _no_request,
        f"{REQUIRED}/process",
        "but requests is 0",
    ),
    "a sample that is given a key": (
        _sample(key="other.jpg"),
        "/cases/0/input/key",
        "key has no effect on a sample program",
    ),
    "a sample without an environment": (
        _sample(credentials=None),
        "/cases/0/input/credentials",
        "reads its credentials from the environment",
    ),
    "a given id expected where none is given": (
        lambda d: (
            _input(credentials={"access_key_id": None, "access_key_secret": "s"})(d),
            _expect("required", access_key_id="as-given")(d),
        ),
        f"{REQUIRED}/access_key_id",
        "the input has none",
    ),
    "the signing time of a URL": (
        lambda d: (_input(sign="url")(d), _expect("required", signing_time="current")(d)),
        f"{REQUIRED}/signing_time",
        "about a signed header",
    ),
    "path style accepted at an endpoint of the service": (
        lambda d: (_input(addressing="path")(d), _expect("required", verified="accepted")(d)),
        f"{REQUIRED}/verified",
        "the service refuses path style",
    ),
    "no reply without a coding": (
        _reply(when={"accept_encoding": "gzip"}, encoding="gzip", body={"detections": 1}),
        "/cases/0/script/replies",
        "no reply for requests that ask for no coding",
    ),
    "a key that looks real in the input": (
        _input(credentials={"access_key_id": "LTAI5tRj6xFvGq2pWb8sKd3Z", "access_key_secret": ""}),
        "/cases/0/input/credentials/access_key_id",
        "looks like a real one",
    ),
    "a key that looks real in the script": (
        lambda d: d["cases"][0]["script"].update(keys=[{"id": "STS.NUabc", "secret": "s"}]),
        "/cases/0/script/keys",
        "looks like a real one",
    ),
    "two calls at once for one object": (
        _calls({"key": "one.jpg"}),
        "/cases/0/calls/2/key",
        "the key 'one.jpg' is also that of an earlier call",
    ),
    "calls at once for one object without a reply for the string of each": (
        _calls({"key": "one.jpg", "parameters": {"sen": 1}}),
        "/cases/0/calls/2/key",
        "several calls have the key 'one.jpg', and no reply is for the string",
    ),
    "a reply for the string of no call": (
        _calls(replies=[{"status": 200}, {"status": 200, "when": {"process": "image/bodies"}}]),
        f"{REPLY.removesuffix('0')}1/when/process",
        "none of the calls asks for 'image/bodies'",
    ),
    "a reply for the object of one call with the string of no call": (
        _calls(
            replies=[{"status": 200}, {"status": 200, "when": {"key": "one.jpg", "process": "x"}}]
        ),
        f"{REPLY.removesuffix('0')}1/when/process",
        "none of the calls asks for 'x'",
    ),
    "a reply for the string of one call with the object of no call": (
        _calls(replies=[{"status": 200}, {"status": 200, "when": {"key": "x", "process": "x"}}]),
        f"{REPLY.removesuffix('0')}1/when/key",
        "none of the calls asks for 'x'",
    ),
    "calls at once with settings of their own": (
        _calls({"key": "three.jpg", "region": "cn-beijing"}),
        "/cases/0/calls/2/region",
        "region belongs to the client",
    ),
    "a call at once with a mistake": (
        _calls({"key": "three.jpg", "parameters": {"sne": 1}}),
        "/cases/0/calls/2/parameters/sne",
        "has no parameter 'sne'",
    ),
    "a call at once that no reply is for": (
        _calls(replies=[{"status": 200, "when": {"key": "one.jpg"}}]),
        "/cases/0/calls/1/key",
        "no reply is for the key 'two.jpg'",
    ),
    "a reply for the object of no call": (
        _calls(replies=[{"status": 200}, {"status": 200, "when": {"key": "three.jpg"}}]),
        f"{REPLY.removesuffix('0')}1/when/key",
        "none of the calls asks for 'three.jpg'",
    ),
    "calls of a sample program": (
        lambda d: (_sample()(d), d["cases"][0].update(calls=[{"key": "a"}, {"key": "b"}])),
        "/cases/0",
        "a program is not one of several calls",
    ),
    "one string expected of calls that ask for different ones": (
        lambda d: (
            _calls({"key": "three.jpg", "parameters": {"sen": 1}})(d),
            _expect("required", process="image/bodies,sen_50")(d),
        ),
        f"{REQUIRED}/process",
        "asks for 'image/bodies,sen_1'",
    ),
    "the string that is asked for expected of a single call": (
        _expect("required", process="as-asked"),
        f"{REQUIRED}/process",
        "process is 'as-asked'",
    ),
    "an error beside a body": (
        _reply(body={"text": ""}, error={"code": "C", "message": "M"}),
        f"{REPLY}/error",
        "replaces body",
    ),
    "an encoding beside its header": (
        _reply(encoding="gzip", headers=[["content-encoding", "gzip"]]),
        f"{REPLY}/encoding",
        "adds the Content-Encoding header itself",
    ),
    "bytes that are no base64": (
        _body({"base64": "a"}),
        f"{REPLY}/body/base64",
        "is not base64",
    ),
    "a body that a trial has no room for": (
        _body({"repeat": {"text": "1234567890", "times": 4_000_000}}),
        f"{REPLY}/body",
        "the body has 40000000 bytes, more than the 4194304",
    ),
    "bodies for which a trial has no room together": (
        _replies(*[{"body": {"repeat": {"text": "1234567890", "times": 400_000}}}] * 6),
        "/cases/0/script/replies",
        "the replies have 24000",
    ),
    "fields for which a trial has no room": (
        _reply(headers=[["x-oss-meta", "1" * 21 * 2**20]]),
        "/cases/0/script/replies",
        "more than the 20971520 of a trial",
    ),
    "an integer beyond binary64": (
        _body({"json": {"n": [2**53]}}),
        f"{REPLY}/body/json/n/0",
        "write 9007199254740992 differently",
    ),
    "a cut behind the end of the body": (
        _reply(body={"text": "abc"}, faults=[{"cut": 3}]),
        f"{REPLY}/faults/0/cut",
        "cannot be cut after",
    ),
}


def test_the_right_file_has_no_mistake(right: dict[str, Any], suite_terms: Terms) -> None:
    assert mistakes(right, suite_terms) == ()


@pytest.mark.parametrize("name", WRONG)
def test_each_rule_refuses_the_file_that_is_wrong_in_its_way(
    spoil: Spoil, suite_terms: Terms, name: str
) -> None:
    change, place, words = WRONG[name]
    found = mistakes(spoil(change), suite_terms)
    assert place in [m.place for m in found if words in m.rule], found


@pytest.mark.parametrize("text", ["1.0", "0.10", "1e-7", "1E5", "-0", "0.1000000000000000055"])
def test_a_number_that_writers_spell_differently_is_refused_in_a_json_body(
    right: dict[str, Any], suite_terms: Terms, text: str
) -> None:
    right["cases"][0]["script"]["replies"][0]["body"] = {"json": [Spelled(text)]}
    (found,) = mistakes(right, suite_terms)
    assert found.place == f"{REPLY}/body/json/0"


@pytest.mark.parametrize("text", ["0.1", "-12.25", "0.36995516654807925"])
def test_a_shortest_decimal_is_accepted_in_a_json_body(
    right: dict[str, Any], suite_terms: Terms, text: str
) -> None:
    right["cases"][0]["script"]["replies"][0]["body"] = {"json": [Spelled(text)]}
    assert mistakes(right, suite_terms) == ()


def test_a_mistake_in_the_defaults_is_reported_there_and_once(
    right: dict[str, Any], suite_terms: Terms
) -> None:
    right["defaults"]["expect"]["required"]["code"] = "as-sent"
    right["cases"].append({**right["cases"][0], "id": "process/example/two"})
    found = mistakes(right, suite_terms)
    assert [m.place for m in found] == ["/defaults/expect/required/code"]


def test_calls_at_once_of_different_objects_are_right(spoil: Spoil, suite_terms: Terms) -> None:
    assert mistakes(spoil(_calls({"key": "three.jpg", "consume": None})), suite_terms) == ()


def test_calls_at_once_for_one_object_with_a_reply_for_each_string_are_right(
    spoil: Spoil, suite_terms: Terms
) -> None:
    strings = [f"image/bodies,sen_{sen}" for sen in (1, 2)]
    replies = [{"status": 200, "when": {"process": string}} for string in strings]
    calls = [{"key": "one.jpg", "parameters": {"sen": sen}} for sen in (1, 2)]

    def change(document: Any) -> None:
        _calls(replies=replies)(document)
        document["cases"][0]["calls"] = calls

    assert mistakes(spoil(change), suite_terms) == ()


def test_a_mistake_in_a_turn_is_reported_there(right: dict[str, Any], suite_terms: Terms) -> None:
    right["cases"][0]["turns"] = [{}, {"expect": {"required": {"process": "image/bodies"}}}]
    found = mistakes(right, suite_terms)
    assert [m.place for m in found] == ["/cases/0/turns/1/expect/required/process"]


def test_every_rule_has_a_file_that_is_wrong_in_its_way() -> None:
    assert len(WRONG) >= len(CASE_RULES) + len(TURN_RULES)


def test_the_remedy_for_an_unknown_set_is_one_that_is_spelled_alike(
    spoil: Spoil, suite_terms: Terms
) -> None:
    (found,) = mistakes(spoil(_sets("signed-requests")), suite_terms)
    assert found.remedy == "did you mean signed-request?"


def test_an_expectation_may_restore_over_the_defaults_what_its_set_says(
    spoil: Spoil, suite_terms: Terms
) -> None:
    document = spoil(_sets("signed-request", verified="accepted"))
    document["defaults"]["expect"]["required"]["verified"] = "AccessDenied"
    assert mistakes(document, suite_terms) == ()
