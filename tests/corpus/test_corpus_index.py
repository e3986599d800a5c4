"""The index of a folder of vectors, and that a flag means one thing in all of its files."""

import json
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.corpus.decode import Topic
from conformance.corpus.index import flag_mistakes, index_mistakes, index_text
from conformance.corpus.load import load
from conformance.errors import VectorError

FILE = {
    "$schema": "../../schemas/vectors.schema.json",
    "topic": "naming/one",
    "about": "One file of a folder that a test has made.",
    "flags": {"odd": "It is odd, and this says why."},
    "cases": [
        {
            "id": "naming/one/a",
            "title": "A name is a name.",
            "flags": ["odd"],
            "provenance": {"source": "derived", "note": "A test has made it up."},
            "expect": {"required": {"answer": "content"}},
        }
    ],
}


def topic(name: str, **flags: str) -> Topic:
    return Topic(name=name, about=f"About {name}.", flags=tuple(flags.items()), cases=())


def folder(where: Path, second: str) -> Path:
    (where / "naming").mkdir()
    (where / "naming" / "one.json").write_text(json.dumps(FILE))
    text = json.dumps(FILE).replace("naming/one", "naming/two").replace("It is odd", second)
    (where / "naming" / "two.json").write_text(text)
    return where


def test_the_index_lists_topics_by_name_and_explains_each_flag_once() -> None:
    made = json.loads(index_text([topic("b/b", odd="why"), topic("a/a", odd="why")]))
    assert [one["topic"] for one in made["topics"]] == ["a/a", "b/b"]
    assert made["flags"] == {"odd": "why"}


def test_an_index_of_other_topics_is_wrong() -> None:
    topics = [topic("a/a")]
    assert index_mistakes(index_text(topics), topics) == ()
    assert len(index_mistakes(index_text(topics), [*topics, topic("b/b")])) == 1


def test_a_flag_that_two_files_explain_in_two_ways_is_a_mistake_of_the_later() -> None:
    ((name, mistake),) = flag_mistakes([topic("a/a", odd="why"), topic("b/b", odd="because")])
    assert (name, mistake.place) == ("b/b", "/flags/odd")


def test_a_folder_whose_files_explain_a_flag_in_two_ways_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VectorError, match=r"two\.json.*flag 'odd'"):
        load(folder(tmp_path, "It is even"))


def test_check_fix_makes_the_index_of_the_folder_it_lies_in(tmp_path: Path) -> None:
    index = folder(tmp_path, "It is odd") / "index.json"
    index.write_text('{"topics": [], "flags": {}}')
    assert main(["check", str(index)]) == 2
    assert main(["check", "--fix", str(index)]) == 0
    assert [one["cases"] for one in json.loads(index.read_text())["topics"]] == [1, 1]
