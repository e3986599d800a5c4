"""The header fields of objects follow from their content; the example has the documented ones."""

import hashlib
import json

import pytest

from conformance.mock.image_size import image_size
from conformance.mock.stored_object import StoredObject, example, stored
from conformance.operation.reading import bodies
from conformance.oss.crc64 import crc64


def fields(one: StoredObject) -> dict[str, str]:
    return dict(one.fields)


def test_the_stand_in_for_the_example_has_the_documented_checksum() -> None:
    assert crc64(example().content) == 13420962247653419692


def test_the_example_has_the_documented_fields() -> None:
    assert fields(example())["ETag"] == '"2CE2EA370531B7CC1D23BE6015CF5DA5"'
    assert fields(example())["Last-Modified"] == "Mon, 10 Jul 2023 13:07:30 GMT"


def test_the_documented_bodies_lie_within_the_stand_in() -> None:
    assert example().size is not None
    width, height = example().size or (0, 0)
    for answer in bodies().answers:
        for body in json.loads(answer.body)["Bodies"]:
            box = body["Boundary"]
            assert box["Left"] + box["Width"] <= width
            assert box["Top"] + box["Height"] <= height


def test_etag_and_checksum_follow_from_the_content() -> None:
    one = stored(b"content", key="a.txt", modified=0)
    assert fields(one)["ETag"] == f'"{hashlib.md5(b"content").hexdigest().upper()}"'
    assert fields(one)["x-oss-hash-crc64ecma"] == str(crc64(b"content"))
    assert fields(one)["Last-Modified"] == "Thu, 01 Jan 1970 00:00:00 GMT"


@pytest.mark.parametrize(
    ("key", "content_type"),
    [("a/b.JPG", "image/jpeg"), ("b.png", "image/png"), ("c.html", "text/html"),
     ("none", "application/octet-stream")],
)  # fmt: skip
def test_the_type_follows_from_the_extension_of_the_key(key: str, content_type: str) -> None:
    assert stored(b"", key=key, modified=0).content_type == content_type


@pytest.mark.parametrize(
    ("start", "size"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0", (640, 480)),
        (b"GIF89a\x40\x01\xf0\x00", (320, 240)),
        (b"BM" + bytes(16) + b"\x40\x01\0\0\x10\xff\xff\xff", (320, 240)),
        (b"RIFF\0\0\0\0WEBPVP8X" + bytes(8) + b"\x3f\x01\0\xef\0\0", (320, 240)),
        (b"RIFF\0\0\0\0WEBPVP8 " + bytes(10) + b"\x40\x01\xf0\0", (320, 240)),
        (b"RIFF\0\0\0\0WEBPVP8L" + bytes(4) + b"\x2f\x3f\xc1\x3b\0", (320, 240)),
        (b"\xff\xd8\xff\xe0\0\x04ab\xff\xc2\0\x0b\x08\0\xf0\x01\x40\1", (320, 240)),
        (b"\xff\xd8\xff\xe0 damaged", (1024, 768)),
        (b"\x89PNG\r\n\x1a\n", (1024, 768)),
        (b"II*\0", (1024, 768)),
        (b"\0\0\0\x18ftypheic", (1024, 768)),
        (b"text", None),
        (b"", None),
    ],
)
def test_the_size_is_read_from_the_header(start: bytes, size: tuple[int, int] | None) -> None:
    assert image_size(start) == size
