"""From a folder to the corpus."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from conformance.assets import VECTORS
from conformance.corpus.load import DEFAULTS, load, load_file
from conformance.documents.mistake import Mistake
from conformance.errors import VectorError


@pytest.fixture
def folder(tmp_path: Path, right: dict[str, Any]) -> Path:
    """A folder with one vector file."""
    (tmp_path / "process").mkdir()
    (tmp_path / "process" / "example.json").write_text(json.dumps(right))
    return tmp_path


def _add(folder: Path, name: str, document: Any) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(document))


def test_a_folder_gives_the_cases_of_its_files_in_the_order_of_their_names(
    folder: Path, right: dict[str, Any]
) -> None:
    right["topic"] = "auth/first"
    right["cases"][0]["id"] = "auth/first/one"
    _add(folder, "auth/first.json", right)
    assert [case.id for case in load(folder).cases] == ["auth/first/one", "process/example/one"]


def test_files_directly_in_the_folder_hold_no_cases(folder: Path) -> None:
    _add(folder, "known-answers.json", {"anything": 1})
    assert len(load(folder).cases) == 1


def test_the_folders_own_defaults_are_taken(folder: Path) -> None:
    own = json.loads((VECTORS / DEFAULTS).read_text())
    own["input"]["key"] = "own.jpg"
    _add(folder, DEFAULTS, own)
    assert load(folder).cases[0].turns[0].input.key == "own.jpg"


def test_defaults_that_are_wrong_are_told_in_their_own_file(folder: Path) -> None:
    _add(folder, DEFAULTS, {"about": "x", "input": {}, "script": {}})
    with pytest.raises(VectorError) as caught:
        load(folder)
    assert caught.value.source.endswith(DEFAULTS)


def test_a_topic_that_is_not_the_path_is_refused(folder: Path) -> None:
    (folder / "process" / "example.json").rename(folder / "process" / "other.json")
    with pytest.raises(VectorError) as caught:
        load(folder)
    assert (caught.value.place, "'process/other'" in caught.value.remedy) == ("/topic", True)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VectorError, match="contains no vector file"):
        load(tmp_path)


def test_a_file_that_is_not_json_is_told_with_its_line(folder: Path) -> None:
    (folder / "process" / "example.json").write_text('{\n  "topic": \n}')
    with pytest.raises(VectorError) as caught:
        load(folder)
    assert caught.value.place == "line 3 column 1"


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(VectorError, match="cannot be read: No such file"):
        load_file(tmp_path / "missing.json")


def test_one_file_is_read_wherever_it_lies(tmp_path: Path, right: dict[str, Any]) -> None:
    path = tmp_path / "found.json"
    path.write_text(json.dumps(right))
    assert load_file(path).name == "process/example"


def test_the_digest_is_the_same_for_the_same_files(folder: Path) -> None:
    assert load(folder).digest == load(folder).digest


def test_a_folder_is_read_again_only_if_a_file_has_changed(
    folder: Path, right: dict[str, Any]
) -> None:
    first = load(folder)
    assert load(folder) is first
    right["cases"][0]["title"] = "Another title."
    _add(folder, "process/example.json", right)
    assert load(folder).cases[0].title == "Another title."


@pytest.mark.parametrize("what", ["a byte", "a name", "the defaults"])
def test_the_digest_changes_with(folder: Path, right: dict[str, Any], what: str) -> None:
    before = load(folder).digest
    path = folder / "process" / "example.json"
    if what == "a byte":
        path.write_text(path.read_text() + "\n")
    elif what == "a name":
        path.unlink()
        right["topic"] = "process/renamed"
        right["cases"][0]["id"] = "process/renamed/one"
        _add(folder, "process/renamed.json", right)
    else:
        (folder / DEFAULTS).write_bytes((VECTORS / DEFAULTS).read_bytes())
    assert load(folder).digest != before


def test_files_that_a_run_has_read_are_not_checked_again(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = load(folder)
    assert load(folder, checked=corpus.digest) is corpus
    copy = shutil.copytree(folder, tmp_path_factory.mktemp("copy") / "vectors")
    mistake = Mistake(place="", rule="is never right")
    monkeypatch.setattr("conformance.corpus.lint.case_mistakes", lambda _: iter([mistake]))
    assert load(copy, checked=corpus.digest).digest == corpus.digest
    with pytest.raises(VectorError, match="never right"):
        load(copy, checked="0" * 64)
