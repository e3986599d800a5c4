"""Reads files strictly: the document of a JSON file, or the first mistake as an exception."""

from pathlib import Path
from typing import Any

from conformance.documents.mistake import as_error
from conformance.documents.strict_json import read
from conformance.errors import InputError

Json = Any


def read_file(path: Path, kind: type[InputError] = InputError) -> Json:
    """The document of a file, as `strict_json.read` gives it; raises `kind` for a mistake."""
    document, mistakes = read(read_bytes(path, kind))
    for mistake in mistakes:
        raise as_error(mistake, source=str(path), kind=kind)
    return document


def read_bytes(path: Path, kind: type[InputError] = InputError) -> bytes:
    """The content of a file; raises `kind` if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise kind(
            source=str(path),
            place="",
            rule=f"cannot be read: {error.strerror or error}",
            remedy="name a file that exists and is readable",
        ) from error
