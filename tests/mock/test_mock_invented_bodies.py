"""The bodies of the stand-alone service: the same each time, more with a higher `sen`."""

import hashlib
import json
from typing import Any

import pytest

from conformance.documents.schema import schema, schema_mistakes
from conformance.mock.invented_bodies import bodies

FIRST = {"Confidence": 0.923, "Boundary": {"Left": 387, "Top": 292, "Height": 138, "Width": 69}}
DIGESTS = [hashlib.sha256(bytes([number])).digest() for number in range(40)]


def found(digest: bytes, sen: int, size: tuple[int, int] = (640, 480)) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(bodies(digest, size, sen))
    return listed


@pytest.mark.parametrize("size", [(640, 480), (1, 1), (3, 2000), (0, 0)])
def test_they_keep_to_the_schema_and_lie_within_the_image(size: tuple[int, int]) -> None:
    for digest in DIGESTS:
        listed = found(digest, 100, size)
        assert schema_mistakes({"RequestId": "", "Bodies": listed}, schema("bodies")) == ()
        for body in listed:
            box = body["Boundary"]
            assert box["Left"] + box["Width"] <= max(1, size[0])
            assert box["Top"] + box["Height"] <= max(1, size[1])


def test_a_higher_sen_finds_all_that_a_lower_one_finds() -> None:
    for digest in DIGESTS:
        counts = []
        for sen in range(100):
            lower, higher = found(digest, sen), found(digest, sen + 1)
            assert higher[: len(lower)] == lower
            counts.append(len(lower))
        assert counts[0] <= 1
        assert counts[-1] >= 3


def test_other_content_has_other_bodies() -> None:
    assert len({bodies(digest, (640, 480), 100) for digest in DIGESTS}) == len(DIGESTS)


def test_the_same_content_has_the_same_bodies_in_every_process() -> None:
    (first, *_) = found(DIGESTS[0], 100)
    assert first == FIRST
