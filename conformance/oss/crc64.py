"""The checksum in `x-oss-hash-crc64ecma`: CRC-64/XZ (ECMA-182, reflected), over the whole object.

Python has no function for it. Eight bytes are looked up at a time (slicing-by-8), which is three
times as fast as one; an object of 1 MB still takes tens of milliseconds.
"""

from functools import cache
from struct import iter_unpack

_POLYNOMIAL = 0xC96C5795D7870F42  # of ECMA-182, bits reversed
_ONES = (1 << 64) - 1


@cache
def _tables() -> tuple[tuple[int, ...], ...]:
    """Eight tables; the k-th holds the effect of a byte that k zero bytes follow."""
    first = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)  # noqa: PLW2901
        first.append(value)
    tables = [tuple(first)]
    for _ in range(7):
        tables.append(tuple([first[value & 0xFF] ^ value >> 8 for value in tables[-1]]))
    return tuple(tables)


def crc64(content: bytes) -> int:
    """The checksum of this content, as an unsigned number."""
    t0, t1, t2, t3, t4, t5, t6, t7 = _tables()
    checksum = _ONES
    whole = len(content) & ~7
    for (word,) in iter_unpack("<Q", memoryview(content)[:whole]):
        value = checksum ^ word
        checksum = (
            t7[value & 0xFF]
            ^ t6[value >> 8 & 0xFF]
            ^ t5[value >> 16 & 0xFF]
            ^ t4[value >> 24 & 0xFF]
            ^ t3[value >> 32 & 0xFF]
            ^ t2[value >> 40 & 0xFF]
            ^ t1[value >> 48 & 0xFF]
            ^ t0[value >> 56]
        )
    for byte in content[whole:]:
        checksum = t0[(checksum ^ byte) & 0xFF] ^ checksum >> 8
    return checksum ^ _ONES
