"""Width and height of an image, from the header of its format.

Pure. The formats are those that the documentation of image detection names
(https://help.aliyun.com/en/imm/user-guide/overview-2): JPEG, PNG, BMP, GIF, WebP, TIFF and HEIC.
"""

from struct import error as StructError
from struct import unpack_from

Size = tuple[int, int]  # width and height in pixels

# For an image whose header is damaged, and for formats that keep their size in a directory.
_ASSUMED = (1024, 768)
# ITU-T T.81 table B.1: start of frame, without the tables DHT (C4), JPG (C8) and DAC (CC)
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def image_size(content: bytes) -> Size | None:
    """The size of an image; None if the content is of none of the formats."""
    try:
        return _size(content)
    except StructError:  # the header is cut
        return _ASSUMED


def _size(content: bytes) -> Size | None:
    if content.startswith(b"\xff\xd8\xff"):
        return _jpeg(content)
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return unpack_from(">II", content, 16)
    if content.startswith((b"GIF87a", b"GIF89a")):
        return unpack_from("<HH", content, 6)
    if content.startswith(b"BM"):
        width, height = unpack_from("<ii", content, 18)
        return abs(width), abs(height)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _webp(content)
    is_tiff = content.startswith((b"II*\x00", b"MM\x00*"))
    is_heic = content[4:8] == b"ftyp" and content[8:12] in (b"heic", b"heix", b"mif1")
    return _ASSUMED if is_tiff or is_heic else None


def _jpeg(content: bytes) -> Size:
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker in _FRAMES:
            height, width = unpack_from(">HH", content, at + 5)
            return width, height
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return _ASSUMED


def _webp(content: bytes) -> Size:
    kind = content[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(content[at : at + 3], "little") + 1 for at in (24, 27))
        return width, height
    if kind == b"VP8 ":
        width, height = unpack_from("<HH", content, 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        (bits,) = unpack_from("<I", content, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return _ASSUMED
