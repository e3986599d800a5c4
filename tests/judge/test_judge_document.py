"""Documents with tagged numbers, and the one spelling that equal values have."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.judge.document import NotJsonError, difference, normal, read, shown, spelt, tagged

NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
)


@given(DOCUMENTS)
def test_bytes_are_spelt_as_their_document_is(document: object) -> None:
    content = json.dumps(document).encode()
    assert spelt(content) == shown(normal(read(content)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"[1.0, 1e2, 0]", b"[ 1, 100, -0 ]"),
        (b'{"a":1.50,"b":12345678901234567890}', b'{"b":12345678901234567890,"a":15e-1}'),
        (b'["\\u5e74"]', '["年"]'.encode()),
    ],
)
def test_equal_values_are_spelt_alike_and_kinds_of_numbers_apart(one: bytes, other: bytes) -> None:
    alike = difference(read(one), read(other)) is None
    assert (spelt(one) == spelt(other)) == alike


def test_a_number_beyond_what_python_converts_is_spelt_as_it_came() -> None:
    digits = b"1" * 5000
    assert digits.decode() in spelt(b"[" + digits + b"]")


def test_what_is_no_json_is_not_spelt() -> None:
    with pytest.raises(NotJsonError):
        spelt(b"[NaN]")


def test_the_first_difference_in_document_order_is_returned() -> None:
    wanted, got = tagged({"a": 1, "b": [1, 2], "c": 3}), tagged({"a": 1, "b": [1, 9], "c": 4})
    assert difference(wanted, got) == ("/b/1", "integer 2", "integer 9")


def test_an_equal_number_in_another_notation_is_passed_over() -> None:
    sent, got = read(b'{"a":1.50,"b":1}'), read(b'{"a":1.5,"b":2}')
    assert difference(sent, got) == ("/b", "integer 1", "integer 2")
