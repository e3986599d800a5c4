"""Reads a JSON file strictly: its document, or the first mistake as an exception."""

from pathlib import Path
from typing import Any

from conformance.documents.mistake import Mistake, as_error
from conformance.documents.strict_json import read
from conformance.errors import InputError

Json = Any


def read_file(path: Path, kind: type[InputError] = InputError) -> Json:
    """The document of a file, as `strict_json.read` gives it; raises `kind` for a mistake."""
    try:
        data = path.read_bytes()
    except OSError as error:
        mistake = Mistake(
            place="",
            rule=f"cannot be read: {error.strerror or error}",
            remedy="name a file that exists and is readable",
        )
        raise as_error(mistake, source=str(path), kind=kind) from error
    document, mistakes = read(data)
    for mistake in mistakes:
        raise as_error(mistake, source=str(path), kind=kind)
    return document
