"""An object of the stand-alone service, with what the service says about it in header fields.

Pure. `EXAMPLE` is the object of the two documented exchanges. Nobody has its bytes, so a grey JPEG
takes its place, with eight bytes at its end that give it the documented checksum. Its ETag is not
its MD5, which OSS does not promise either.
"""

import hashlib
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from functools import cache

from conformance.mock import head
from conformance.mock.image_size import Size, image_size
from conformance.oss.crc64 import crc64

# By extension, as OSS chooses the type of an object that was uploaded without one:
# https://www.alibabacloud.com/help/doc-detail/31859.htm
_UNKNOWN = "application/octet-stream"
_TYPES = {
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif",
    "bmp": "image/bmp", "webp": "image/webp", "tif": "image/tiff", "tiff": "image/tiff",
    "heic": "image/heic", "svg": "image/svg+xml", "txt": "text/plain", "html": "text/html",
    "css": "text/css", "csv": "text/csv", "js": "application/javascript",
    "json": "application/json", "xml": "application/xml", "pdf": "application/pdf",
}  # fmt: skip
# ISO/IEC 10918-1: 320 by 240 pixels of one component. Each of the two Huffman tables has one code,
# the bit 0: a block of the mean grey is `no difference` and `end of block`, and so are all 1200.
_JPEG = (
    bytes.fromhex("ffd8 ffdb004300") + b"\x01" * 64
    + bytes.fromhex("ffc0000b08 00f0 0140 01 01 11 00")
    + bytes.fromhex("ffc40014 00 01") + bytes(16)
    + bytes.fromhex("ffc40014 10 01") + bytes(16)
    + bytes.fromhex("ffda0008 01 01 00 00 3f 00") + bytes(300)
    + bytes.fromhex("ffd9")
)  # fmt: skip
_ADJUSTMENT = bytes.fromhex("f7fca87bc0625141")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """An object and what is derived from its content once."""

    content: bytes = field(repr=False)
    content_type: str
    # SHA-256 of the content.
    digest: bytes
    # Width and height in pixels; None if it is not an image.
    size: Size | None
    # ETag, Last-Modified, type, checksum and storage class, in the documented order.
    fields: tuple[head.Pair, ...]


def stored(content: bytes, *, key: str, modified: float) -> StoredObject:
    """The object with this content; modified: Unix seconds. Takes 50 ms for 1 MB."""
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest().upper()
    values = {
        "ETag": f'"{digest}"',
        "Last-Modified": formatdate(modified, usegmt=True),
        "x-oss-hash-crc64ecma": str(crc64(content)),
    }
    return StoredObject(
        content=content,
        content_type=_TYPES.get(key.rpartition(".")[2].lower(), _UNKNOWN),
        digest=hashlib.sha256(content).digest(),
        size=image_size(content),
        fields=tuple([(name, values.get(name, value)) for name, value in head.OBJECT]),
    )


@cache
def example() -> StoredObject:
    """The object of the documented exchanges."""
    ours = stored(_JPEG + _ADJUSTMENT, key="example.jpg", modified=0)
    return replace(ours, fields=head.OBJECT)
