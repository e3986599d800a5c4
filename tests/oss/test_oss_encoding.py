"""Percent-encoding as Signature V4 wants it, and back."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.oss.encoding import decode, encode, query_pairs

UNRESERVED = string.ascii_letters + string.digits + "-_.~"
MODEST = settings(derandomize=True, max_examples=100, deadline=None)


def test_the_unreserved_characters_stay_as_they_are() -> None:
    assert encode(UNRESERVED) == UNRESERVED


@pytest.mark.parametrize("character", sorted(set(string.printable) - set(UNRESERVED)))
def test_every_other_ascii_character_is_escaped_in_upper_case(character: str) -> None:
    assert encode(character) == f"%{ord(character):02X}"


def test_kept_characters_stay_as_they_are() -> None:
    assert encode("a/b,c", keep="/") == "a/b%2Cc"


def test_text_beyond_ascii_is_escaped_as_utf_8() -> None:
    assert encode("猫") == "%E7%8C%AB"


def test_a_long_text_is_escaped_as_a_short_one() -> None:
    assert encode("ä," * 300) == "%C3%A4%2C" * 300


def test_a_byte_that_is_not_utf_8_survives_both_ways() -> None:
    assert encode(decode("a%FFb")) == "a%FFb"


def test_a_raw_byte_that_was_not_escaped_is_read_as_the_byte_it_was() -> None:
    raw_utf_8 = "é".encode().decode("latin-1")
    assert decode(raw_utf_8) == "é"


def test_a_plus_sign_is_no_space() -> None:
    assert decode("a+b") == "a+b"


@pytest.mark.parametrize("text", ["%", "100%", "%2", "%zz", "%%41"])
def test_a_percent_sign_that_escapes_nothing_stays(text: str) -> None:
    assert decode(text).startswith(text[:1])
    assert decode(encode(text)) == text


def test_a_lone_surrogate_that_stands_for_no_byte_is_encoded_all_the_same() -> None:
    assert encode("\ud800") == "%ED%A0%80"


def test_duplicates_and_order_of_parameters_are_kept() -> None:
    assert query_pairs("b=1&a=%2F&b=2&c") == (("b", "1"), ("a", "/"), ("b", "2"), ("c", ""))


def test_empty_parts_of_a_query_are_no_parameters() -> None:
    assert query_pairs("&&a=1&") == (("a", "1"),)


def test_only_the_first_equals_sign_divides_name_and_value() -> None:
    assert query_pairs("a=b=c") == (("a", "b=c"),)


@MODEST
@given(st.text())
def test_decoding_undoes_encoding_of_any_text(text: str) -> None:
    assert decode(encode(text)) == text


@MODEST
@given(st.binary())
def test_decoding_undoes_encoding_of_any_bytes(content: bytes) -> None:
    text = content.decode("utf-8", "surrogateescape")
    assert decode(encode(text)) == text


@MODEST
@given(st.binary())
def test_encoding_uses_unreserved_characters_and_escapes_only(content: bytes) -> None:
    encoded = encode(content.decode("utf-8", "surrogateescape"))
    assert set(encoded) <= set(UNRESERVED + "%")
