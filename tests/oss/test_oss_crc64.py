"""The checksum of the service is CRC-64/XZ."""

import pytest

from conformance.oss.crc64 import crc64


def bit_by_bit(content: bytes) -> int:
    checksum = (1 << 64) - 1
    for byte in content:
        checksum ^= byte
        for _ in range(8):
            checksum = checksum >> 1 ^ (0xC96C5795D7870F42 if checksum & 1 else 0)
    return checksum ^ (1 << 64) - 1


def test_the_check_value_of_the_catalogue_is_reproduced() -> None:
    # https://reveng.sourceforge.io/crc-catalogue/17plus.htm : CRC-64/XZ
    assert crc64(b"123456789") == 0x995DC9BBDF1939FA


@pytest.mark.parametrize("length", [0, 1, 7, 8, 9, 16, 1000])
def test_every_length_has_the_checksum_that_single_bits_give(length: int) -> None:
    content = bytes(number * 37 & 0xFF for number in range(length))
    assert crc64(content) == bit_by_bit(content)
