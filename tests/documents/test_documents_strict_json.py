"""What is a mistake in the text of a JSON file, and what is kept of it."""

import json

import pytest

from conformance.documents import strict_json
from conformance.documents.strict_json import DEEPEST, Spelled, plain, read, read_line

EVERYWHERE: list[tuple[bytes, str, str]] = [
    (b'{"a": 1,\n "a": 2}', "", "'a' twice"),
    (b'{"x": [0, {"a": 1, "a": 2}]}', "/x/1", "'a' twice"),
    (b'{"x~/y": {"a": 1, "a": 2}}', "/x~0~1y", "'a' twice"),
    (b'{\n"a": }', "line 2 column 6", "not JSON"),
    (b'\xef\xbb\xbf{"a": 1}', "line 1", "byte order mark"),
    (b'{"a":\n"\xff"}', "line 2", "not UTF-8"),
    (b'{"a": NaN}', "/a", "NaN"),
    (b'{"a": [-Infinity]}', "/a/0", "-Infinity"),
    (b"", "line 1 column 1", "not JSON"),
    (b"[" * 100_000, "line 1 column 100000", "nested 100000 levels deep"),
    (b'{"a":\n' * 50_000, "line 50000 column 1", "nested 50000 levels deep"),
]


@pytest.mark.parametrize(
    ("data", "place", "words"),
    [
        *EVERYWHERE,
        (b'{"a": {"b": ["\\ud800"]}}', "/a/b/0", "surrogate"),
        (b'{"a": {"\\ud800": 1}}', "/a", "surrogate"),
        (b'{"a": 1' + b"0" * 4300 + b"}", "/a", "digits"),
        (
            b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1),
            f"line 1 column {DEEPEST + 1}",
            f"nested {DEEPEST + 1} levels",
        ),
    ],
    ids=str,
)
def test_a_mistake_in_a_file_has_place_rule_and_remedy(data: bytes, place: str, words: str) -> None:
    _, mistakes = read(data)
    assert [(m.place, words in m.rule) for m in mistakes] == [(place, True)]
    assert all(mistake.remedy for mistake in mistakes)


@pytest.mark.parametrize(
    ("data", "place", "words"),
    [*EVERYWHERE, (b'{"a": 1' + b"0" * 4300 + b"}", "", "too long")],
    ids=str,
)
def test_a_mistake_in_a_line_has_place_rule_and_remedy(data: bytes, place: str, words: str) -> None:
    _, mistakes = read_line(data)
    assert [(m.place, words in m.rule) for m in mistakes] == [(place, True)]
    assert all(mistake.remedy for mistake in mistakes)


def test_every_mistake_of_a_text_is_found() -> None:
    _, mistakes = read(b'[{"a": 1, "a": 2}, NaN, {"b": {"c": 1, "c": 2}}]')
    assert [mistake.place for mistake in mistakes] == ["/0", "/1", "/2/b"]


def test_brackets_in_strings_do_not_count_as_nesting() -> None:
    text = '["' + "[{" * 1000 + '\\"[", ' + "[" * 5000
    _, (mistake,) = read(text.encode())
    assert "5001 levels" in mistake.rule


def test_a_file_may_be_nested_as_deep_as_the_limit() -> None:
    document, mistakes = read(b"[" * DEEPEST + b"]" * DEEPEST)
    assert mistakes == ()
    assert plain(document) == document


def test_a_line_may_be_nested_deeper_than_a_file() -> None:
    _, mistakes = read_line(b"[" * 400 + b"]" * 400)
    assert mistakes == ()


@pytest.mark.parametrize("text", ["0.10", "1e-7", "-0", "1.0", "0.36995516654807925"])
def test_a_number_in_a_file_remembers_its_spelling(text: str) -> None:
    document, _ = read(f'{{"n": {text}}}'.encode())
    assert isinstance(document["n"], Spelled)
    assert document["n"].text == text
    assert document["n"] == float(text)


def test_a_line_gives_what_pythons_own_parser_gives() -> None:
    text = '{"a": [1, -0, 2.50, 1e400, true, null, "\\ud800"], "b": {"c": "\\u00e9"}}'
    document, mistakes = read_line(text.encode())
    assert (repr(document), mistakes) == (repr(json.loads(text)), ())


LINES = [
    *(data for data, _, _ in EVERYWHERE),
    b'{"a":1,"a":1}',
    b'{"a":[{"b":{},"c":"","b":{}}]}',
    b'{"a":1' + b"0" * 4300 + b"}",
    b"[" * 401 + b"]" * 401,
    b'{"a":' * 5000,
    b'{"a":"' + b"[" * 500 + b'","a":1}',
    b'{"a":"\xed\xa0\x80"}',
    b'{"a":"\n"}',
    b'{"a":1}{"b":2}',
    b'{"a":1',
    b'{"a":01}',
]


@pytest.mark.parametrize("line", LINES, ids=lambda line: repr(line[:40]))
def test_a_malformed_line_is_refused_in_the_words_of_the_exact_reader(
    line: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, mistakes = read_line(line)
    monkeypatch.setattr(strict_json, "_canonical", lambda _: None)
    assert mistakes
    assert mistakes == read_line(line)[1]


@pytest.mark.parametrize(
    "line",
    [
        b'{"a":[1,-1,0,2.5,0.1,1e16,1e300,5e-324,true,false,null,""],"":{"b":{}}}',
        b'{"a":[1.0,-0,-0.0,1E2,1e-7,0.10,1e400,100000000000000000000,18446744073709551616]}',
        b'{"a":["\\ud800","\\u00e9","\xc3\xa9","\\/","\\"\\\\","\x7f","\\ud83d\\ude00"]}',
        b"[" * 400 + b"]" * 400,
        b'"text"',
        b"17",
        b"null",
    ],
    ids=lambda line: repr(line[:40]),
)
def test_a_line_gives_the_document_of_the_exact_reader(
    line: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, mistakes = read_line(line)
    monkeypatch.setattr(strict_json, "_canonical", lambda _: None)
    assert mistakes == ()
    assert repr(document) == repr(json.loads(line)) == repr(read_line(line)[0])


def test_plain_numbers_are_ordinary_floats_at_every_depth() -> None:
    document, _ = read(b'{"a": [0.10, {"b": 1e3}], "c": 7}')
    assert [type(value) for value in (plain(document)["a"][0], plain(document)["c"])] == [
        float,
        int,
    ]
