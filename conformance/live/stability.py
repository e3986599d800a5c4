"""What several recordings of one case have in common, field by field.

A field is the status, a header field, an element of an error, or a value in a JSON document. Those
that are equal in every recording are stable; this is evidence, not a promise of the service. Pure.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.documents.mistake import pointer
from conformance.model.content_coding import decoded
from conformance.model.http import Response
from conformance.oss import service_error

# They describe the connection or the moment, and never the answer.
_OF_MOMENT = ("date", "connection", "keep-alive", "content-length", "transfer-encoding")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """The fields of some recordings of one case."""

    count: int  # recordings
    stable: tuple[str, ...]  # names of fields that are equal in all of them
    varying: tuple[str, ...]  # names of those that differ or are missing in one

    @property
    def note(self) -> str:
        """The evidence as a note for a vector file; "" for a single recording."""
        if self.count < 2:
            return ""
        varying = ", ".join(self.varying) or "nothing"
        stable = ", ".join(self.stable) or "nothing"
        return f"Equal in {self.count} recordings: {stable}. Different: {varying}."


def content_of(response: Response) -> bytes:
    """The decoded content of a response."""
    coding = (response.header("content-encoding") or "").lower()
    plain = decoded(response.body, coding) if coding not in ("", "identity") else response.body
    return response.body if plain is None else plain


def fields_of(response: Response) -> dict[str, str]:
    """The fields of a response with their values as text."""
    found = {"status": str(response.status)}
    for name, value in response.headers:
        if name.lower() not in _OF_MOMENT:
            found[f"field {name.lower()}"] = value
    content = content_of(response)
    elements = service_error.read(content)
    if elements is not None:
        return found | {f"element {name}": text for name, text in elements.items()}
    try:
        document = json.loads(content)
    except ValueError:
        return found | {"content": content.hex()}
    return found | {f"member {place}": text for place, text in _members(document, ())}


def stability(responses: Sequence[Response]) -> Stability:
    """The stability of the responses of one case, at least one."""
    every = [fields_of(response) for response in responses]
    names = list(dict.fromkeys(name for fields in every for name in fields))
    stable = [name for name in names if len({fields.get(name) for fields in every}) == 1]
    varying = [name for name in names if name not in stable]
    return Stability(count=len(every), stable=tuple(stable), varying=tuple(varying))


def _members(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str, str]]:
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    if not items:
        yield pointer(path), json.dumps(value)
    for key, item in items:
        yield from _members(item, (*path, key))
