"""What `oss-bodies check FILE...` finds out: what a file is, and what is wrong with it.

Pure: bytes in, a value out. A file is known by its content, never by its name, so that a
saved response or a results file from elsewhere can be checked as it lies. The kinds are a table:
by which names a document is recognised, and who looks at it.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from conformance.corpus.decode import Terms, mistakes, suite_mistakes
from conformance.corpus.layout import format_vector
from conformance.corpus.operations import operation_mistakes
from conformance.corpus.shape import schema_mistakes
from conformance.corpus.strict_json import Mistake, read
from conformance.operation.definition import Operation

Json = Any
_LINE_TYPES = ("run", "lane", "verdict", "agreement", "profile", "fuzz", "end")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a file is and all that is wrong with it; `fixed`: its text as --fix writes it."""

    file: str
    kind: str
    mistakes: tuple[Mistake, ...]
    fixed: str | None = None

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong with it."""
        return not self.mistakes


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of document: recognised when all `names` stand at its top."""

    title: str
    names: tuple[str, ...]
    look: Callable[[Json, Terms], tuple[Mistake, ...]]


def _by(schema: str) -> Callable[[Json, Terms], tuple[Mistake, ...]]:
    return lambda document, terms: schema_mistakes(document, terms.schemas[schema])


def _by_schema(schema: Json) -> Callable[[Json, Terms], tuple[Mistake, ...]]:
    return lambda document, _: schema_mistakes(document, schema)


# What it should be is known only with the files beside it: see conformance/command/check.py.
INDEX = Kind(title="index of the vectors", names=("topics", "flags"), look=lambda *_: ())
VECTOR_FILE = Kind(title="vector file", names=("cases",), look=mistakes)
OPERATION = Kind(
    title="operation",
    names=("action", "parameters"),
    look=lambda document, _: operation_mistakes(document),
)
KINDS: tuple[Kind, ...] = (
    INDEX,
    VECTOR_FILE,
    Kind(title="known-failing list", names=("entries",), look=_by("known-failing")),
    Kind(
        title="known answers of V1",
        names=("vectors", "signature"),
        look=_by("known-answers-v1"),
    ),
    Kind(title="known answers", names=("vectors",), look=_by("known-answers")),
    Kind(title="runner manifest", names=("language", "run"), look=_by("manifest")),
    Kind(
        title="defaults of the vectors",
        names=("input", "script"),
        look=lambda document, terms: suite_mistakes(document, terms.schemas),
    ),
    OPERATION,
)
RESULTS = "results file"
TRANSCRIPTS = "transcripts file"


def check(file: str, data: bytes, terms: Terms, operations: Sequence[Operation] = ()) -> Checked:
    """What the bytes of a file are, and every mistake in them.

    operations: more operations than the one of `terms` whose responses are known.
    """
    lines = _lines(data)
    if lines is not None:
        kind = TRANSCRIPTS if _type(lines[0]) == "transcript" else RESULTS
        found = _results(lines, terms) if kind == RESULTS else _transcripts(lines)
        return Checked(file=file, kind=kind, mistakes=found)
    document, found = read(data)
    kind_of = _kind(document, (*KINDS, *_responses((*operations, terms.operation))))
    if kind_of is None:
        return Checked(file=file, kind="no file of the suite", mistakes=found or (_stranger(),))
    if found:
        return Checked(file=file, kind=kind_of.title, mistakes=found)
    found = kind_of.look(document, terms)
    fixed = None
    if kind_of is VECTOR_FILE:
        fixed = format_vector(document, terms.schemas["vectors"])
        found += _layout(data.decode(), fixed)
    return Checked(file=file, kind=kind_of.title, mistakes=found, fixed=fixed)


def _responses(operations: Sequence[Operation]) -> Iterator[Kind]:
    """The responses of operations: by their lists, or else by any name that one must have."""
    names = [(one, (one.response_list,)) for one in operations]
    names += [(one, (name,)) for one in operations for name in _required(one)]
    for operation, recognised in names:
        title = f"response of {operation.action}"
        yield Kind(title=title, names=recognised, look=_by_schema(operation.response_schema))


def _required(operation: Operation) -> tuple[str, ...]:
    return tuple(operation.response_schema.get("required", ()))


def _kind(document: Json, kinds: Iterable[Kind]) -> Kind | None:
    if not isinstance(document, dict):
        return None
    return next((kind for kind in kinds if all(name in document for name in kind.names)), None)


def _stranger() -> Mistake:
    titles = [*(kind.title for kind in KINDS), "response", RESULTS, TRANSCRIPTS]
    rule = "is no kind of file that the suite knows"
    return Mistake(place="", rule=rule, remedy=f"known: {', '.join(titles)}")


def _layout(text: str, fixed: str) -> tuple[Mistake, ...]:
    if text == fixed:
        return ()
    pairs = zip_longest(text.splitlines(keepends=True), fixed.splitlines(keepends=True))
    line = next(number for number, (mine, laid) in enumerate(pairs, 1) if mine != laid)
    rule = "is not laid out as vector files are"
    return (Mistake(place=f"line {line}", rule=rule, remedy="oss-bodies check --fix FILE"),)


def _lines(data: bytes) -> list[bytes] | None:
    """The lines of a JSON Lines file, None when it is not one: its first line is an object."""
    lines = data.rstrip(b"\n").split(b"\n")
    return lines if _type(lines[0]) is not None else None


def _type(line: bytes) -> str | None:
    try:
        message = json.loads(line)
    except ValueError:
        return None
    kind = message.get("type") if isinstance(message, dict) else None
    return kind if kind in (*_LINE_TYPES, "transcript") else None


def _results(lines: list[bytes], terms: Terms) -> tuple[Mistake, ...]:
    found: list[Mistake] = []
    last = len(lines)
    for number, line in enumerate(lines, 1):
        message, wrong = read(line)
        if not wrong:
            wrong = schema_mistakes(message, terms.schemas["results"])
        found += (_at(number, mistake) for mistake in wrong)
        kind = message.get("type") if isinstance(message, dict) else None
        if number == 1 and kind != "run":
            found.append(_line(number, "does not begin with the line of type run"))
        if kind == "run" and number > 1:
            found.append(_line(number, "is a second line of type run"))
        if kind == "end" and number < last:
            found.append(_line(number, "is the end, but lines follow"))
        if number == last and kind != "end":
            rule = "is the last line and not the end: the file was cut"
            found.append(_line(number, rule, "run again, or judge what is left: oss-bodies judge"))
    return tuple(found)


def _transcripts(lines: list[bytes]) -> tuple[Mistake, ...]:
    found: list[Mistake] = []
    for number, line in enumerate(lines, 1):
        _, wrong = read(line)
        found += (_at(number, mistake) for mistake in wrong)
    return tuple(found)


def _at(number: int, mistake: Mistake) -> Mistake:
    inside = "" if mistake.place.startswith("line") else mistake.place
    place = f"line {number}" + (f" {inside}" if inside else "")
    return Mistake(place=place, rule=mistake.rule, remedy=mistake.remedy)


def _line(number: int, rule: str, remedy: str = "") -> Mistake:
    return Mistake(place=f"line {number}", rule=rule, remedy=remedy)
