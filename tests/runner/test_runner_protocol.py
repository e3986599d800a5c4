"""The engine's side of the runner protocol, against answers written out by hand."""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from conformance.assets import RUNNERS, SCHEMAS
from conformance.errors import RunnerError
from conformance.model.case import Credentials, Input
from conformance.model.message import Content, Failure, Unsupported
from conformance.runner.protocol import Runner

Message = dict[str, Any]

STARTED: Message = {
    "type": "started",
    "protocol": 2,
    "runner": "made-up",
    "language": "Python",
    "runtime": "CPython 3.11.2",
    "os": "Linux",
    "sdk": {"name": "oss2", "version": "2.18.4"},
    "capabilities": ["proxy"],
}
UNSUPPORTED: Message = {"type": "answer", "seq": 1, "kind": "unsupported", "reason": "unknown"}
GIVEN = Input(
    action="image/bodies",
    parameters=(("sen", 50),),
    process=None,
    sign="header",
    program=None,
    endpoint="https://oss-cn-hangzhou.aliyuncs.com",
    region="cn-hangzhou",
    bucket="examplebucket",
    key="example.jpg",
    version_id=None,
    signature="v4",
    credentials=Credentials(access_key_id="id", access_key_secret="secret"),
    addressing="virtual",
    client="fresh",
    connect_timeout=5000,
    read_timeout=5000,
)


class Scripted:
    """A channel to a program that answers with these lines whatever it is asked."""

    def __init__(self, answers: Sequence[Message | bytes], *, late: bytes = b"") -> None:
        self._answers = list(answers)
        self._late = late
        self.sent: list[Message] = []
        self.awaited: list[int] = []
        self.marking = True

    def send(self, line: bytes) -> None:
        self.sent += map(json.loads, line.splitlines())

    def receive(self, _deadline: float) -> bytes:
        answer = self._answers.pop(0)
        return answer if isinstance(answer, bytes) else json.dumps(answer).encode()

    def waiting(self) -> bytes:
        return b"" if self._answers else self._late

    def take_stderr(self) -> str:
        return ""

    def ended(self) -> None:
        """It has not ended."""

    def await_marks(self, count: int, deadline: float) -> bool:
        self.awaited.append(count)
        return self.marking

    def stderr_tail(self) -> str:
        return ""

    def close(self) -> None:
        """Nothing to close."""


def content(data: bytes = b"{}", **changed: Any) -> Message:
    told = {
        "base64": base64.b64encode(data).decode(),
        "length": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    return {
        "type": "answer",
        "seq": 1,
        "kind": "content",
        "content": told | changed,
        "parsed": {},
        "parse_error": None,
    }


def start_refused(*answers: Message | bytes) -> RunnerError:
    with pytest.raises(RunnerError) as caught:
        Runner(Scripted(answers)).start(0)
    assert caught.value.remedy
    return caught.value


def call_refused(answer: Message | bytes, *, late: bytes = b"") -> RunnerError:
    with pytest.raises(RunnerError) as caught:
        Runner(Scripted([answer], late=late)).call(GIVEN, proxy=None, deadline=0)
    assert caught.value.remedy
    return caught.value


def test_a_start_tells_what_is_really_loaded() -> None:
    started = Runner(Scripted([STARTED, UNSUPPORTED])).start(0)
    assert (started.sdk, started.sdk_version) == ("oss2", "2.18.4")
    assert started.capabilities == ("proxy",)


def test_the_mark_of_each_message_is_awaited_if_the_runner_makes_marks() -> None:
    marking = STARTED | {"capabilities": ["marks"]}
    for started, expected in ((marking, [2, 3]), (STARTED, [])):
        channel = Scripted([started, UNSUPPORTED, content() | {"seq": 2}])
        runner = Runner(channel)
        runner.start(0)
        runner.call(GIVEN, proxy=None, deadline=0)
        assert channel.awaited == expected


def test_a_runner_that_declares_marks_and_makes_none_is_waited_for_once() -> None:
    channel = Scripted([STARTED | {"capabilities": ["marks"]}, UNSUPPORTED, content() | {"seq": 2}])
    channel.marking = False
    runner = Runner(channel)
    runner.start(0)
    runner.call(GIVEN, proxy=None, deadline=0)
    assert channel.awaited == [2]


def test_every_start_asks_for_a_way_to_sign_that_does_not_exist() -> None:
    channel = Scripted([STARTED, UNSUPPORTED])
    Runner(channel).start(0)
    assert channel.sent[1]["sign"] == "no-such-sign"


def test_everything_that_is_sent_keeps_to_the_command_schema() -> None:
    channel = Scripted([STARTED, UNSUPPORTED, content() | {"seq": 2}])
    runner = Runner(channel)
    runner.start(0)
    runner.begin_case()
    runner.call(GIVEN, proxy="http://127.0.0.1:1", deadline=0)
    runner.stop()
    schema = json.loads((SCHEMAS / "command.schema.json").read_text())
    assert [message["type"] for message in channel.sent] == [
        "start",
        "call",
        "case",
        "call",
        "stop",
    ]
    for message in channel.sent:
        jsonschema.validate(message, schema)


def test_a_runner_that_has_an_answer_to_an_unknown_sign_is_refused() -> None:
    assert "unknown `sign`" in start_refused(STARTED, content()).reason


def test_a_case_begins_before_its_first_call_and_not_before_the_next() -> None:
    channel = Scripted([content(), content() | {"seq": 2}])
    runner = Runner(channel)
    runner.begin_case()
    for _ in range(2):
        runner.call(GIVEN, proxy=None, deadline=0)
    assert [message["type"] for message in channel.sent] == ["case", "call", "call"]


def test_a_setting_that_is_not_set_is_null_in_the_command() -> None:
    channel = Scripted([content()])
    unset = replace(GIVEN, signature=None, addressing=None, read_timeout=None)
    Runner(channel).call(unset, proxy=None, deadline=0)
    (sent,) = channel.sent
    assert (sent["signature"], sent["addressing"], sent["proxy"]) == (None, None, None)
    assert sent["timeouts"] == {"connect": 5000, "read": None}


@pytest.mark.parametrize(
    ("protocol", "section"), [(1, "From protocol 1 to 2"), (3, "The protocol in fourteen rules")]
)
def test_a_runner_of_another_protocol_is_refused_at_its_start_with_what_to_change(
    protocol: int, section: str
) -> None:
    error = start_refused(STARTED | {"protocol": protocol}, UNSUPPORTED)
    assert error.step == "start"
    assert error.reason == f"the runner uses protocol {protocol}, the engine protocol 2"
    assert error.remedy.split("'")[1] == section
    assert f"\n## {section}\n" in (RUNNERS / "README.md").read_text(encoding="utf-8")


def test_content_comes_back_as_the_bytes_that_the_sdk_gave() -> None:
    answer = Runner(Scripted([content(b"\x00\xff")])).call(GIVEN, proxy=None, deadline=0)
    assert isinstance(answer, Content)
    assert answer.content == b"\x00\xff"


def test_an_error_keeps_null_for_what_the_sdk_does_not_expose() -> None:
    error = dict.fromkeys(("status", "code", "message", "request_id", "host_id", "ec"))
    error |= {"origin": "transport", "error_class": "Timeout", "text": "timed out"}
    told = {"type": "answer", "seq": 1, "kind": "error", "error": error}
    answer = Runner(Scripted([told])).call(GIVEN, proxy=None, deadline=0)
    assert answer == Failure(origin="transport", error_class="Timeout", text="timed out")


def test_unsupported_is_an_answer_and_no_breach() -> None:
    answer = Runner(Scripted([UNSUPPORTED])).call(GIVEN, proxy=None, deadline=0)
    assert answer == Unsupported(reason="unknown")


def test_each_call_has_the_next_number() -> None:
    channel = Scripted([UNSUPPORTED, UNSUPPORTED | {"seq": 2}])
    runner = Runner(channel)
    for _ in range(2):
        runner.call(GIVEN, proxy=None, deadline=0)
    assert [message["seq"] for message in channel.sent] == [1, 2]


def test_another_calls_number_is_a_breach() -> None:
    error = call_refused(UNSUPPORTED | {"seq": 2})
    assert error.step == "protocol"
    assert "seq 2" in error.reason


def test_a_second_answer_is_a_breach_of_the_call_it_came_with() -> None:
    error = call_refused(UNSUPPORTED, late=b'{"type":"answer"}\n')
    assert error.step == "protocol"
    assert "wrote more" in error.reason


def test_a_print_on_standard_output_is_quoted_to_its_author() -> None:
    assert "SDK loaded" in call_refused(b"SDK loaded, have a nice day").reason


def test_a_number_that_is_not_tagged_and_no_json_is_said_to_lack_its_tag() -> None:
    line = b'{"type":"answer","seq":1,"kind":"content","parsed":{"Left":NaN}}'
    error = call_refused(line)
    assert "at /parsed/Left" in error.reason
    assert "tag each number" in error.remedy


def test_bytes_that_are_no_utf_8_are_a_breach() -> None:
    assert call_refused(b'{"type":"\xff"}').step == "protocol"


@pytest.mark.parametrize("line", [b"[]", b"null", b'"answer"', b"1", b""])
def test_json_that_is_no_message_is_a_breach(line: bytes) -> None:
    assert call_refused(line).step == "protocol"


def test_a_line_that_is_nested_without_end_is_a_breach() -> None:
    assert "nested 100000 levels deep" in call_refused(b"[" * 100_000).reason


def test_a_name_given_twice_is_a_breach() -> None:
    line = json.dumps(UNSUPPORTED)[:-1].encode() + b', "reason": "again"}'
    assert "has the name 'reason' twice" in call_refused(line).reason


def test_a_field_that_the_schema_does_not_have_is_named() -> None:
    assert "verdict" in call_refused(UNSUPPORTED | {"verdict": "pass"}).reason


def test_a_field_of_the_wrong_type_is_placed() -> None:
    assert "/content/length" in call_refused(content(length="two")).reason


def test_started_in_place_of_an_answer_is_a_breach() -> None:
    assert "started" in call_refused(STARTED).reason


@pytest.mark.parametrize("changed", [{"length": 3}, {"sha256": "0" * 64}, {"base64": "e30"}])
def test_content_whose_length_or_digest_is_another_is_a_breach(changed: dict[str, Any]) -> None:
    assert call_refused(content(**changed)).step == "protocol"
