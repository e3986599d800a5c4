"""Files of known answers are read by their schemas; `check` and `calibrate` agree about them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.assets import VECTORS
from conformance.calibration.answer_file import read
from conformance.calibration.known_answer import KnownAnswerV1, KnownAnswerV4
from conformance.cli import main
from conformance.errors import InputError

FILE = VECTORS / "signature-v4-known-answers.json"
FILE_V1 = VECTORS / "signature-v1-known-answers.json"
KNOWN_V1 = read(FILE_V1)


def error_of(tmp_path: Path, text: str | bytes) -> InputError:
    path = tmp_path / "answers.json"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(caught.value).startswith(str(path))
    assert caught.value.remedy
    return caught.value


def changed(file: Path = FILE, **members: Any) -> str:
    document = json.loads(file.read_text())
    document["vectors"][1] |= members
    return json.dumps(document)


def test_each_file_holds_answers_of_its_version() -> None:
    assert {type(answer) for answer in read(FILE)} == {KnownAnswerV4}
    assert {type(answer) for answer in KNOWN_V1} == {KnownAnswerV1}


def test_both_modes_of_v1_are_known_and_both_with_a_token() -> None:
    found = {(answer.mode, answer.token is not None) for answer in KNOWN_V1}
    assert found == {(mode, token) for mode in ("header", "query") for token in (False, True)}


@pytest.mark.parametrize(
    ("member", "value", "at"),
    [("ak", 1, ""), ("sk", "", ""), ("region", None, ""), ("method", [], ""), ("key", 1, ""),
     ("query", {}, ""), ("query", [["a"]], "/0"), ("query", [["a", 1]], "/0/1"),
     ("query", [["", "x"]], "/0/0"), ("query", [["a", "b", "c"]], "/0"), ("mode", "url", ""),
     ("headers", [], ""), ("headers", {"a": 1}, "/a"), ("headers", {"": "x"}, ""),
     ("signtime", "1702784856", ""), ("signtime", 1.5, ""), ("signtime", True, ""),
     ("signtime", -1, ""), ("signtime", 10**12, ""), ("expect", "E" * 64, ""),
     ("expect", "e" * 63, ""), ("token", "", ""), ("additional", "abc", ""),
     ("additional", [""], "/0"), ("expires", 599, "")],
)  # fmt: skip
def test_a_wrong_member_is_placed_by_its_json_pointer(
    tmp_path: Path, member: str, value: Any, at: str
) -> None:
    assert error_of(tmp_path, changed(**{member: value})).place == f"/vectors/1/{member}{at}"


@pytest.mark.parametrize(
    ("member", "value", "at"),
    [("region", "cn-hangzhou", None), ("product", "oss", None), ("signtime", 1, None),
     ("additional", [], None), ("expect", "0" * 64, "/expect"), ("expect", "A" * 28, "/expect"),
     ("expires", 1, "/expires"), ("token", "", "/token")],
)  # fmt: skip
def test_a_wrong_member_of_v1_is_placed_by_its_json_pointer(
    tmp_path: Path, member: str, value: Any, at: str | None
) -> None:
    found = error_of(tmp_path, changed(FILE_V1, **{member: value}))
    assert found.place == f"/vectors/1{at or ''}"
    assert at or found.rule == f"unknown: {member!r}"


@pytest.mark.parametrize(
    "headers", [{}, {"Date": ""}, {"Date": "20230721T084907"}, {"Date": "yesterday"}]
)
def test_v1_in_the_header_needs_a_time(tmp_path: Path, headers: dict[str, str]) -> None:
    found = error_of(tmp_path, changed(FILE_V1, headers=headers))
    assert (found.place, "Date" in found.rule) == ("/vectors/1/headers", True)


@pytest.mark.parametrize("signature", ["v2", "v4", "", 1])
def test_a_file_is_of_v4_or_says_v1(tmp_path: Path, signature: Any) -> None:
    document = json.loads(FILE_V1.read_text()) | {"signature": signature}
    assert error_of(tmp_path, json.dumps(document)).place == "/signature"


@pytest.mark.parametrize("expires", [0, 604801, "599", None])
def test_expires_must_be_in_its_range(tmp_path: Path, expires: Any) -> None:
    text = changed(mode="query", expires=expires)
    assert error_of(tmp_path, text).place == "/vectors/1/expires"


@pytest.mark.parametrize("file", [FILE, FILE_V1], ids=["v4", "v1"])
def test_an_answer_of_mode_query_needs_expires(tmp_path: Path, file: Path) -> None:
    found = error_of(tmp_path, changed(file, mode="query"))
    assert (found.place, found.rule) == ("/vectors/1", "'expires' is missing")


def test_a_missing_member_is_named_with_its_description(tmp_path: Path) -> None:
    document = json.loads(FILE.read_text())
    del document["vectors"][0]["sk"]
    found = error_of(tmp_path, json.dumps(document))
    assert (found.place, found.rule) == ("/vectors/0", "'sk' is missing")
    assert found.remedy == "add it: Access key secret."


def test_an_id_that_occurs_twice_is_an_error(tmp_path: Path) -> None:
    found = error_of(tmp_path, changed(id="H1"))
    assert (found.place, "/vectors/0" in found.rule) == ("/vectors/1/id", True)


@pytest.mark.parametrize(
    ("text", "place"),
    [("[]", ""), ("{}", ""), ('{"vectors": []}', "/vectors"), ('{"vectors": [1]}', "/vectors/0"),
     ('{"vectors": [], "more": 1}', ""), ('{"about": 1, "vectors": [1]}', "/about"),
     ('{"vectors": [', "line 1 column 14"), ("", "line 1 column 1"), (b"\xff", "line 1")],
)  # fmt: skip
def test_a_file_of_another_form_is_an_error(tmp_path: Path, text: str | bytes, place: str) -> None:
    assert error_of(tmp_path, text).place == place


def test_a_file_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read(tmp_path / "nowhere.json")


def test_an_unknown_member_gets_the_known_ones(tmp_path: Path) -> None:
    assert "published_in" in error_of(tmp_path, changed(surprise=1)).remedy


def test_a_whole_number_may_be_written_as_a_real_one(tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    path.write_text(FILE.read_text().replace('"signtime": 1702743657', '"signtime": 1702743657.0'))
    assert ".0" in path.read_text()
    assert read(path) == read(FILE)


def _twice(text: str) -> str:
    return text.replace('"ak": "ak"', '"ak": "other", "ak": "ak"', 1)


def _same_id(text: str) -> str:
    document = json.loads(text)
    document["vectors"][3]["id"] = document["vectors"][0]["id"]
    return json.dumps(document)


WRONG: dict[str, Callable[[str], str]] = {
    "a name given twice": _twice,
    "an unknown name": lambda text: text.replace('"ak"', '"aak"', 1),
    "an id given twice": _same_id,
    "endless nesting": lambda _: '{"vectors": ' + "[" * 100_000,
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG.keys())
@pytest.mark.parametrize("file", [FILE, FILE_V1], ids=["v4", "v1"])
def test_check_and_calibrate_find_the_same_mistake(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    file: Path,
    change: Callable[[str], str],
) -> None:
    path = tmp_path / "answers.json"
    path.write_text(change(json.dumps(json.loads(file.read_text()))))
    assert main(["check", str(path), "--json"]) == 2
    (mistake, *_) = json.loads(capsys.readouterr().out)["mistakes"]
    with pytest.raises(InputError) as caught:
        read(path)
    error = caught.value
    assert mistake == {"place": error.place, "rule": error.rule, "remedy": error.remedy}
    assert main(["calibrate", str(path)]) == 2
    assert str(error) in capsys.readouterr().err


def test_a_name_given_twice_is_placed_at_its_object(tmp_path: Path) -> None:
    text = _twice(json.dumps(json.loads(FILE.read_text())))
    error = error_of(tmp_path, text)
    assert (error.place, error.rule) == ("/vectors/0", "the object has the name 'ak' twice")
