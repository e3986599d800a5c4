"""The kinds of files that `oss-bodies check FILE...` recognises, and the mistakes in such a file.

A file is recognised by its content, never by its name, so that a saved response or a results file
of any name can be checked. The table of kinds has the names by which a document is recognised and
the function that finds its mistakes. Pure.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from conformance.calibration.answer_file import answer_mistakes
from conformance.corpus.decode import Terms, mistakes, suite_mistakes
from conformance.corpus.layout import format_vector
from conformance.documents.mistake import Mistake
from conformance.documents.schema import schema_mistakes
from conformance.documents.strict_json import plain, read, read_line
from conformance.model.codec import transcript_from
from conformance.operation.definition import Operation
from conformance.operation.reading import operation_mistakes

Json = Any
_LINE_TYPES = ("run", "case", "lane", "verdict", "agreement", "profile", "fuzz", "end")
_TRANSCRIPT_TYPES = ("transcripts", "transcript")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The kind of a file and all mistakes in it."""

    file: str  # its name
    kind: str  # title of its kind, or NO_KIND
    mistakes: tuple[Mistake, ...]  # empty if the file is valid
    fixed: str | None = None  # the text that --fix writes; None for kinds that cannot be fixed

    @property
    def valid(self) -> bool:
        """Whether it has no mistakes."""
        return not self.mistakes


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of document."""

    title: str
    names: tuple[str, ...]  # a document with all of these members is of this kind
    find: Callable[[Json, Terms], tuple[Mistake, ...]]  # returns all mistakes in a document


def _by_schema(name: str) -> Callable[[Json, Terms], tuple[Mistake, ...]]:
    return lambda document, terms: schema_mistakes(plain(document), terms.schemas[name])


def _by(schema: Json) -> Callable[[Json, Terms], tuple[Mistake, ...]]:
    return lambda document, _: schema_mistakes(plain(document), schema)


def _answers(document: Json, _: Terms) -> tuple[Mistake, ...]:
    return answer_mistakes(document)


# An index is compared with the files in its folder, which conformance/command/check.py does.
INDEX = Kind(title="index of the vectors", names=("topics", "flags"), find=lambda *_: ())
VECTOR_FILE = Kind(title="vector file", names=("cases",), find=mistakes)
OPERATION = Kind(
    title="operation",
    names=("action", "parameters"),
    find=lambda document, _: operation_mistakes(document),
)
# conformance/command/check.py compares its entries with the corpus and the rules.
KNOWN_FAILING = Kind(
    title="known-failing list", names=("entries",), find=_by_schema("known-failing")
)
KINDS: tuple[Kind, ...] = (
    INDEX,
    VECTOR_FILE,
    KNOWN_FAILING,
    Kind(title="known answers of V1", names=("vectors", "signature"), find=_answers),
    Kind(title="known answers", names=("vectors",), find=_answers),
    Kind(title="runner manifest", names=("language", "run"), find=_by_schema("manifest")),
    Kind(
        title="defaults of the vectors",
        names=("input", "script"),
        find=lambda document, terms: suite_mistakes(document, terms.schemas),
    ),
    OPERATION,
)
NO_KIND = "no file of the suite"
RESULTS = "results file"
TRANSCRIPTS = "transcripts file"


def check(file: str, data: bytes, terms: Terms, operations: Sequence[Operation] = ()) -> Checked:
    """The kind of a file with these bytes, and every mistake in it.

    operations: those whose responses are recognised, besides the operation of `terms`.
    """
    lines = _lines(data)
    if lines is not None:
        transcripts = _type(lines[0]) in _TRANSCRIPT_TYPES
        first, find = ("transcripts", _transcripts) if transcripts else ("run", _results)
        return Checked(
            file=file,
            kind=TRANSCRIPTS if transcripts else RESULTS,
            mistakes=tuple(_of_lines(lines, first, lambda line: find(line, terms))),
        )
    document, found = read(data)
    document_kind = _kind(document, (*KINDS, *_responses((*operations, terms.operation))))
    if document_kind is None:
        return Checked(file=file, kind=NO_KIND, mistakes=found or (_unknown(),))
    if found:
        return Checked(file=file, kind=document_kind.title, mistakes=found)
    found = document_kind.find(document, terms)
    fixed = None
    if document_kind is VECTOR_FILE:
        fixed = format_vector(document, terms.schemas["vectors"])
        found += _layout(data.decode(), fixed)
    return Checked(file=file, kind=document_kind.title, mistakes=found, fixed=fixed)


def _responses(operations: Sequence[Operation]) -> Iterator[Kind]:
    """Responses of operations, recognised by their lists, or else by any required member."""
    members = [(operation, operation.response_list) for operation in operations]
    members += [
        (operation, required)
        for operation in operations
        for required in operation.response_schema.get("required", ())
    ]
    for operation, member in members:
        title = f"response of {operation.action}"
        yield Kind(title=title, names=(member,), find=_by(operation.response_schema))


def _kind(document: Json, kinds: Iterable[Kind]) -> Kind | None:
    if not isinstance(document, dict):
        return None
    return next((kind for kind in kinds if all(name in document for name in kind.names)), None)


def _unknown() -> Mistake:
    titles = [*(kind.title for kind in KINDS), "response", RESULTS, TRANSCRIPTS]
    remedy = f"the kinds are {', '.join(dict.fromkeys(titles))}"
    return Mistake(place="", rule="is not a file of a kind that can be checked", remedy=remedy)


def _layout(text: str, fixed: str) -> tuple[Mistake, ...]:
    if text == fixed:
        return ()
    pairs = zip_longest(text.splitlines(keepends=True), fixed.splitlines(keepends=True))
    line = next(number for number, (found, fix) in enumerate(pairs, 1) if found != fix)
    rule = "is not in the layout of vector files"
    return (Mistake(place=f"line {line}", rule=rule, remedy="oss-bodies check --fix FILE"),)


def _lines(data: bytes) -> list[bytes] | None:
    """The lines of a results or transcripts file, by the type of its first line; else None."""
    lines = data.rstrip(b"\n").split(b"\n")
    return lines if _type(lines[0]) is not None else None


def _type(line: bytes) -> str | None:
    message, _ = read_line(line)
    kind = message.get("type") if isinstance(message, dict) else None
    return kind if kind in (*_LINE_TYPES, *_TRANSCRIPT_TYPES) else None


def _results(line: Json, terms: Terms) -> tuple[Mistake, ...]:
    return schema_mistakes(line, terms.schemas["results"])


def _transcripts(line: Json, _: Terms) -> tuple[Mistake, ...]:
    kind = line.get("type") if isinstance(line, dict) else None
    if kind not in (*_TRANSCRIPT_TYPES, "end"):
        return (_wrong(f"is no line of a transcripts file: type {kind!r}"),)
    try:
        if kind == "transcript":
            transcript_from(line)
    except (KeyError, TypeError, ValueError) as error:
        return (_wrong(f"is not a valid transcript: {error!r}"),)
    return ()


def _of_lines(
    lines: list[bytes], first: str, find: Callable[[Json], tuple[Mistake, ...]]
) -> Iterator[Mistake]:
    """The mistakes in a file of lines that begins with a line of one type and ends with `end`."""
    last = len(lines)
    for number, data in enumerate(lines, 1):
        line, wrong = read_line(data)
        yield from (mistake.in_line(number) for mistake in wrong or find(line))
        kind = line.get("type") if isinstance(line, dict) else None
        if number == 1 and kind != first:
            yield _wrong(f"does not begin with a line of type {first}").in_line(number)
        if kind == first and number > 1:
            yield _wrong(f"is a second line of type {first}").in_line(number)
        if kind == "end" and number < last:
            yield _wrong("is of type end, but more lines follow").in_line(number)
        if number == last and kind != "end":
            rule = "is the last line and not of type end: the file is truncated"
            remedy = "run again, or re-judge the stored transcripts: oss-bodies judge DIR"
            yield _wrong(rule, remedy).in_line(number)


def _wrong(rule: str, remedy: str = "") -> Mistake:
    return Mistake(place="", rule=rule, remedy=remedy)
