"""The content codings gzip and deflate (RFC 9110 8.4.1): writing and reading them.

Compressed bytes may differ between compressors; those written here are equal on every machine that
has the same zlib.
"""

import gzip
import struct
import zlib


def encode(data: bytes, coding: str) -> bytes:
    """The content coding `gzip` (RFC 1952) or `deflate` (zlib's form: RFC 9110 8.4.1.2)."""
    if coding == "deflate":
        return zlib.compress(data, 9)
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = deflater.compress(data) + deflater.flush()
    # RFC 1952 2.3: no flags, no time, no extra flags, operating system unknown (255).
    head = b"\x1f\x8b\x08\x00" + b"\x00" * 5 + b"\xff"
    return head + packed + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)


def decoded(body: bytes, coding: str) -> bytes | None:
    """The decoded content; None if the coding (lower case) is unknown or the content invalid."""
    try:
        if coding in ("gzip", "x-gzip"):
            return gzip.decompress(body)
        if coding == "deflate":  # zlib by RFC 9110 8.4.1.2, raw as some servers send it
            try:
                return zlib.decompress(body)
            except zlib.error:
                return zlib.decompress(body, -zlib.MAX_WBITS)
    except (OSError, EOFError, zlib.error):
        return None
    return None


def has_more_members(body: bytes) -> bool:
    """Whether bytes follow the first member of a gzip file (RFC 1952 2.2); not for other bytes."""
    first = zlib.decompressobj(zlib.MAX_WBITS + 16)
    try:
        first.decompress(body)
    except zlib.error:
        return False
    return bool(first.unused_data)
