"""What is required of a generated call ends where the documented contract ends."""

import pytest

from conformance.fuzz import Call, Served, expectations
from conformance.operation.reading import bodies


@pytest.mark.parametrize("process", ["image/bodies,sen_101", "image/bodies,sen_050", "", "x"])
def test_of_an_undocumented_string_nothing_is_required(process: str) -> None:
    assert "required" not in expectations(Call(process=process), bodies())


@pytest.mark.parametrize("key", [".", "..", "a/../b", "a/."])
def test_of_a_key_with_dot_segments_nothing_is_required(key: str) -> None:
    assert "required" not in expectations(Call(key=key), bodies())


def test_dots_inside_a_segment_are_within_the_contract() -> None:
    assert "required" in expectations(Call(key="a..b/.c"), bodies())


def test_a_parameter_is_expected_in_the_string_by_its_name() -> None:
    expected = expectations(Call(arguments=(("sen", 37),)), bodies())
    assert expected["required"]["process"] == "image/bodies,sen_37"


def test_an_error_is_required_to_be_reported_as_sent() -> None:
    call = Call(served=Served(status=404, error=("NoSuchKey", "Missing.", "0026-00000001")))
    required = expectations(call, bodies())["required"]
    assert (required["answer"], required["code"]) == ("error", "as-sent")


def test_a_coded_document_need_not_be_parsed() -> None:
    expected = expectations(Call(served=Served(encoding="gzip")), bodies())
    assert "parsed" not in expected["required"]
    assert expected["observed"] == ["parsed"]
