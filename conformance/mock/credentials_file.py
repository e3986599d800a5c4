"""Reads the key pairs that the stand-alone service accepts (`schemas/credentials.schema.json`)."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from conformance.documents.files import read_file
from conformance.documents.mistake import Mistake, as_error, pointer
from conformance.documents.schema import schema, schema_mistakes
from conformance.documents.strict_json import plain
from conformance.model.case import KnownKey

Json = Any


def read_credentials(path: Path) -> tuple[KnownKey, ...]:
    """The key pairs of a file; raises InputError with file, place, rule and remedy."""
    document = plain(read_file(path))
    for mistake in credentials_mistakes(document):
        raise as_error(mistake, source=str(path))
    return tuple(
        KnownKey(
            id=one["access_key_id"],
            secret=one["access_key_secret"],
            token=one.get("security_token"),
            state=one.get("state", "active"),
        )
        for one in document["credentials"]
    )


def credentials_mistakes(document: Json) -> tuple[Mistake, ...]:
    """Every mistake in the document of a credentials file."""
    found = schema_mistakes(document, schema("credentials"))
    if found:
        return tuple(_without_secret(mistake) for mistake in found)
    seen: dict[tuple[str, str | None], int] = {}
    repeated = []
    for number, one in enumerate(document["credentials"]):
        first = seen.setdefault((one["access_key_id"], one.get("security_token")), number)
        if first != number:
            repeated.append(
                Mistake(
                    place=pointer(("credentials", number, "access_key_id")),
                    rule=f"names the same key pair as entry {first}, with the same token",
                    remedy="keep one of the two",
                )
            )
    return tuple(repeated)


def _without_secret(mistake: Mistake) -> Mistake:
    """The mistake without the value of a secret, which the rule may quote."""
    if mistake.place.rpartition("/")[2] not in ("access_key_secret", "security_token"):
        return mistake
    return replace(mistake, rule="is not a text, or is empty")
