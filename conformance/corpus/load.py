"""A folder of vector files -> the corpus; the hand of this floor.

It reads files and schemas and leaves every judgement to the pure modules beside it.
Files that lie directly in the folder (the suite's defaults, known answers) hold no cases; each
vector file lies in its family's folder and its path is its topic, with which its ids begin: so no
id can stand in two files.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.assets import SCHEMAS, VECTORS
from conformance.corpus.decode import Terms, Topic, decode, suite_mistakes, vector_error
from conformance.corpus.index import flag_mistakes
from conformance.corpus.known_failing import KnownList, known_list
from conformance.corpus.operations import bodies, chosen
from conformance.corpus.strict_json import Json, Mistake, read
from conformance.errors import VectorError
from conformance.model.case import Case

DEFAULTS = "defaults.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """All cases in the order of their files; `digest` names this very text (SHA-256, hex)."""

    topics: tuple[Topic, ...]
    digest: str

    @property
    def cases(self) -> tuple[Case, ...]:
        """Every case of every topic."""
        return tuple(case for topic in self.topics for case in topic.cases)


def load(folder: Path = VECTORS) -> Corpus:
    """The corpus of a folder; VectorError with file, place, rule and remedy if it is not one."""
    paths = sorted(
        (path for path in folder.rglob("*.json") if path.parent != folder),
        key=lambda path: path.relative_to(folder).as_posix(),
    )
    if not paths:
        raise vector_error(
            str(folder),
            Mistake(place="", rule="holds no vector file", remedy="they are FAMILY/TOPIC.json"),
        )
    asked = terms(folder)
    topics = tuple(_topic(path, folder, asked) for path in paths)
    for name, mistake in flag_mistakes(topics):
        raise vector_error(str(folder / f"{name}.json"), mistake)
    own = folder / DEFAULTS
    return Corpus(topics=topics, digest=_digest(folder, [*paths, *([own] if own.exists() else [])]))


def load_file(path: Path) -> Topic:
    """One vector file outside the corpus, read with the suite's defaults."""
    document = _document(path)
    return decode(document, file=str(path), terms=for_file(terms(), document, path))


def finds(folder: Path) -> tuple[Topic, ...]:
    """The vector files that a fuzz wrote below its results folder."""
    return tuple(load_file(path) for path in sorted(folder.glob("*/*/fuzz-*.json")))


def load_files(paths: Sequence[Path]) -> Corpus:
    """A corpus of these vector files alone, wherever they lie; an id in two of them is refused."""
    topics = tuple(load_file(path) for path in paths)
    seen: dict[str, str] = {}
    for topic, path in zip(topics, paths, strict=True):
        for case in topic.cases:
            first = seen.setdefault(case.id, str(path))
            if first != str(path):
                rule = f"the id {case.id!r} stands in {first} as well"
                raise vector_error(str(path), Mistake(place="", rule=rule, remedy="ids are unique"))
    total = hashlib.sha256()
    for path in sorted(paths):
        data = path.read_bytes()
        total.update(f"{path.name}\0{len(data)}\0".encode() + data)
    return Corpus(topics=topics, digest=total.hexdigest())


def terms(folder: Path = VECTORS) -> Terms:
    """The schemas, and the defaults of that folder (the suite's own if it has none)."""
    own = folder / DEFAULTS
    schemas = {
        path.name.removesuffix(".schema.json"): _document(path)
        for path in sorted(SCHEMAS.glob("*.schema.json"))
    }
    chosen = own if own.exists() else VECTORS / DEFAULTS
    suite = _document(chosen)
    for mistake in suite_mistakes(suite, schemas):
        raise vector_error(str(chosen), mistake)
    return Terms(schemas=schemas, suite=suite, operation=bodies())


def for_file(asked: Terms, document: Json, path: Path) -> Terms:
    """The terms with the operation that a vector file names; OperationError for an unknown one."""
    name = document.get("operation") if isinstance(document, dict) else None
    return replace(asked, operation=chosen(name, path)) if isinstance(name, str) else asked


def load_known(path: Path, *, runner: str | None = None) -> KnownList:
    """A known-failing list; runner: the one in whose folder it lies, None: any lane's."""
    return known_list(_document(path), source=str(path), runner=runner, terms=terms())


def _topic(path: Path, folder: Path, asked: Terms) -> Topic:
    document = _document(path)
    topic = decode(document, file=str(path), terms=for_file(asked, document, path))
    where = path.relative_to(folder).with_suffix("").as_posix()
    if topic.name != where:
        rule = f"the topic {topic.name!r} is not the path of the file"
        remedy = f"write {where!r}, or move the file"
        raise vector_error(str(path), Mistake(place="/topic", rule=rule, remedy=remedy))
    return topic


def _document(path: Path) -> Json:
    try:
        data = path.read_bytes()
    except OSError as error:
        rule = f"cannot be read: {error.strerror}"
        raise VectorError(source=str(path), place="", rule=rule, remedy="") from error
    document, mistakes = read(data)
    for mistake in mistakes:
        raise vector_error(str(path), mistake)
    return document


def _digest(folder: Path, paths: list[Path]) -> str:
    total = hashlib.sha256()
    for name, path in sorted((path.relative_to(folder).as_posix(), path) for path in paths):
        data = path.read_bytes()
        total.update(f"{name}\0{len(data)}\0".encode() + data)
    return total.hexdigest()
