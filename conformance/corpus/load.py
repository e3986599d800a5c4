"""Reads a folder of vector files, or single files, into the corpus.

Files directly in the folder (the suite's defaults, known answers) contain no cases. A vector file
is in the folder of its family; its path is its topic, and the ids of its cases begin with the
topic, so no id can occur in two files.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from conformance.assets import SCHEMAS, VECTORS
from conformance.corpus.decode import Terms, Topic, decode, suite_mistakes, vector_error
from conformance.corpus.index import flag_mistakes
from conformance.corpus.known_failing import KnownList, known_list
from conformance.documents.files import Json, read_file
from conformance.documents.mistake import Mistake
from conformance.documents.schema import schema
from conformance.errors import VectorError
from conformance.model.case import Case
from conformance.operation.reading import bodies, chosen

DEFAULTS = "defaults.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """The cases of a folder or of some files."""

    topics: tuple[Topic, ...]  # in the order of their files
    digest: str  # SHA-256 of the files, hexadecimal

    @property
    def cases(self) -> tuple[Case, ...]:
        """Every case of every topic."""
        return tuple(case for topic in self.topics for case in topic.cases)


def load(folder: Path = VECTORS, *, checked: str | None = None) -> Corpus:
    """The corpus of a folder; raises VectorError for the first mistake.

    checked: digest of a corpus that a run has read, and so found to have no mistakes. If the files
    are the same, they are not checked again, which takes two thirds of the time.
    """
    paths = sorted(
        (path for path in folder.rglob("*.json") if path.parent != folder),
        key=lambda path: path.relative_to(folder).as_posix(),
    )
    if not paths:
        rule, remedy = "contains no vector file", "name a folder with files FAMILY/TOPIC.json"
        raise vector_error(str(folder), Mistake(place="", rule=rule, remedy=remedy))
    defaults = folder / DEFAULTS
    files = [*paths, defaults] if defaults.exists() else paths
    names = {path.relative_to(folder).as_posix(): path for path in files}
    contents = ((name, path.read_bytes()) for name, path in sorted(names.items()))
    digest = _digest(contents)
    loaded = _loaded((folder, tuple(paths), digest))
    is_checked = digest == checked
    if False not in loaded and is_checked not in loaded:
        loaded[is_checked] = _load(folder, paths, digest, is_checked)
    return loaded.get(False) or loaded[True]


# Reading takes 0.4 s, and `run` needs the corpus again for its report. The digest covers every file
# that is read except the suite's own schemas and operations, so a changed folder is read again.
@lru_cache(maxsize=2)
def _loaded(_key: tuple[Path, tuple[Path, ...], str]) -> dict[bool, Corpus]:
    """The corpus of these files as it was read, by whether they were taken as checked."""
    return {}


def _load(folder: Path, paths: Sequence[Path], digest: str, checked: bool) -> Corpus:
    folder_terms = terms(folder)
    topics = tuple(_topic(path, folder, folder_terms, checked=checked) for path in paths)
    for name, mistake in flag_mistakes(topics):
        raise vector_error(str(folder / f"{name}.json"), mistake)
    return Corpus(topics=topics, digest=digest)


def load_file(path: Path) -> Topic:
    """One vector file outside the corpus, read with the suite's defaults."""
    document = read_file(path, VectorError)
    return decode(document, file=str(path), terms=for_file(terms(), document, path))


def finds(folder: Path) -> tuple[Topic, ...]:
    """The topics of the vector files that a fuzz wrote into its results folder."""
    return tuple(load_file(path) for path in sorted(folder.glob("*/*/fuzz-*.json")))


def load_files(paths: Sequence[Path]) -> Corpus:
    """A corpus of these vector files alone; raises VectorError for an id that two files have."""
    topics = tuple(load_file(path) for path in paths)
    files: dict[str, str] = {}
    for topic, path in zip(topics, paths, strict=True):
        for case in topic.cases:
            first = files.setdefault(case.id, str(path))
            if first != str(path):
                rule = f"the id {case.id!r} is also in {first}"
                remedy = "give each case a unique id"
                raise vector_error(str(path), Mistake(place="", rule=rule, remedy=remedy))
    files_read = ((path.name, path.read_bytes()) for path in sorted(paths))
    return Corpus(topics=topics, digest=_digest(files_read))


def loaded(document: Json, data: bytes, *, name: str) -> Corpus:
    """The corpus of one vector document that the suite made. data: of the file of this name."""
    topic = decode(document, file=name, terms=terms())
    return Corpus(topics=(topic,), digest=_digest([(name, data)]))


def terms(folder: Path = VECTORS) -> Terms:
    """The schemas, and the defaults of the folder (those of the suite if it has none)."""
    names = (path.name.removesuffix(".schema.json") for path in SCHEMAS.glob("*.schema.json"))
    schemas = {name: schema(name) for name in names}
    path = folder / DEFAULTS
    if not path.exists():
        path = VECTORS / DEFAULTS
    suite = read_file(path, VectorError)
    for mistake in suite_mistakes(suite, schemas):
        raise vector_error(str(path), mistake)
    return Terms(schemas=schemas, suite=suite, operation=bodies())


def for_file(default: Terms, document: Json, path: Path) -> Terms:
    """The terms with the operation that a vector file names; OperationError if it is unknown."""
    name = document.get("operation") if isinstance(document, dict) else None
    return replace(default, operation=chosen(name, path)) if isinstance(name, str) else default


def load_known(path: Path, *, runner: str | None = None) -> KnownList:
    """A known-failing list. runner: the one whose folder has the list; None: it is for any lane."""
    return known_list(read_file(path, VectorError), source=str(path), runner=runner, terms=terms())


def _topic(path: Path, folder: Path, folder_terms: Terms, *, checked: bool) -> Topic:
    document = read_file(path, VectorError)
    of_file = for_file(folder_terms, document, path)
    topic = decode(document, file=str(path), terms=of_file, checked=checked)
    name = path.relative_to(folder).with_suffix("").as_posix()
    if topic.name != name:
        rule = f"the topic {topic.name!r} is not the path of the file"
        remedy = f"write {name!r}, or move the file"
        raise vector_error(str(path), Mistake(place="/topic", rule=rule, remedy=remedy))
    return topic


def _digest(files: Iterable[tuple[str, bytes]]) -> str:
    """SHA-256 over the name, length and content of each file."""
    digest = hashlib.sha256()
    for name, data in files:
        digest.update(f"{name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()
