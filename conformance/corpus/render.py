"""Renders the body of a scripted reply from its description in a vector file.

There are five kinds of descriptions; the table at the end has a function for each. A description
gives the same bytes on every machine and in every language that follows `vectors/README.md`;
compressed bodies may differ, but decode to the same bytes.
"""

import base64
import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from conformance.documents.strict_json import Spelled

Json = Any

# The numbers of a detected body, computed from its index: first value, step, modulus, minimum. Each
# step is coprime to its modulus, so neighbours differ and a value recurs only after all others.
# Index 0 is the body in the documentation's first example.
CONFIDENCE = (732, 367, 999, 1)  # thousandths, 1..999: other cases cover 0 and 1
LEFT = (115, 99, 4096, 0)
TOP = (97, 25, 3072, 0)
HEIGHT = (102, 17, 1024, 1)
WIDTH = (62, 41, 512, 1)


def body(description: dict[str, Json]) -> bytes:
    """The bytes of a `body` that conforms to the schema."""
    ((kind, value),) = description.items()
    return _KINDS[kind](value)


def compact(value: Json) -> str:
    """JSON without white space; the order of names and the spelling of numbers are kept."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{compact(k)}:{compact(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(compact, value)) + "]"
    if isinstance(value, Spelled):
        return value.text
    return json.dumps(value, ensure_ascii=False)


# Few counts are used, each by many cases; without a cache they take a third of reading the corpus.
@lru_cache(maxsize=256)
def detections(count: int) -> bytes:
    """A valid response with `count` bodies, generated as `vectors/README.md` specifies."""
    bodies = ",".join(_detection(index) for index in range(count))
    request_id = f"00000000-0000-4000-8000-{count:012d}"
    return f'{{"RequestId":"{request_id}","Bodies":[{bodies}]}}'.encode()


def _detection(index: int) -> str:
    def number(sequence: tuple[int, int, int, int]) -> int:
        first, step, modulus, minimum = sequence
        return minimum + (first + step * index) % modulus

    box = (
        f'"Left":{number(LEFT)},"Top":{number(TOP)},'
        f'"Height":{number(HEIGHT)},"Width":{number(WIDTH)}'
    )
    return f'{{"Confidence":0.{number(CONFIDENCE):03d},"Boundary":{{{box}}}}}'


_KINDS: dict[str, Callable[[Any], bytes]] = {
    "json": lambda value: compact(value).encode(),
    "text": lambda value: value.encode(),
    "base64": lambda value: base64.b64decode(value, validate=True),
    "detections": detections,
    "repeat": lambda value: value["text"].encode() * value["times"],
}
