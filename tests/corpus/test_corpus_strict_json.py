"""What is refused in the text of a JSON file, and what is kept of it."""

import pytest

from conformance.corpus.strict_json import Spelled, plain, pointer, read


def test_a_pointer_escapes_tilde_and_slash() -> None:
    assert pointer(("cases", 0, "a/b~c")) == "/cases/0/a~1b~0c"


def test_the_whole_document_is_the_empty_pointer() -> None:
    assert pointer(()) == ""


@pytest.mark.parametrize(
    ("data", "place", "words"),
    [
        (b'{"a": 1,\n "a": 2}', "", "'a' twice"),
        (b'{\n"a": }', "line 2 column 6", "not JSON"),
        (b'\xef\xbb\xbf{"a": 1}', "line 1", "byte order mark"),
        (b'{"a":\n"\xff"}', "line 2", "not UTF-8"),
        (b'{"a": NaN}', "", "NaN"),
        (b'{"a": {"b": ["\\ud800"]}}', "/a/b/0", "surrogate"),
        (b'{"a": 1' + b"0" * 4300 + b"}", "", "digits"),
        (b"[" * 100_000, "", "nested too deeply"),
    ],
)
def test_what_the_parser_would_let_pass_is_refused(data: bytes, place: str, words: str) -> None:
    _, mistakes = read(data)
    assert [(m.place, words in m.rule) for m in mistakes] == [(place, True)]


@pytest.mark.parametrize("text", ["0.10", "1e-7", "-0", "1.0", "0.36995516654807925"])
def test_a_number_remembers_its_spelling(text: str) -> None:
    document, _ = read(f'{{"n": {text}}}'.encode())
    assert isinstance(document["n"], Spelled)
    assert document["n"].text == text
    assert document["n"] == float(text)


def test_plain_numbers_are_ordinary_floats_at_every_depth() -> None:
    document, _ = read(b'{"a": [0.10, {"b": 1e3}], "c": 7}')
    assert [type(value) for value in (plain(document)["a"][0], plain(document)["c"])] == [
        float,
        int,
    ]
