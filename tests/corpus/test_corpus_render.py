"""Bodies from their descriptions: the same bytes on every machine."""

import gzip
import json
import zlib
from typing import Any

import pytest

from conformance.corpus.render import body, compact
from conformance.documents.strict_json import read
from conformance.model.content_coding import encode


@pytest.mark.parametrize(
    ("description", "content"),
    [
        ({"json": {"b": 1, "a": [True, None, "é"]}}, '{"b":1,"a":[true,null,"é"]}'.encode()),
        ({"text": " 对 \n"}, " 对 \n".encode()),
        ({"base64": "/wA="}, b"\xff\x00"),
        ({"repeat": {"text": "ab", "times": 3}}, b"ababab"),
    ],
)
def test_each_kind_of_body_gives_its_bytes(description: dict[str, Any], content: bytes) -> None:
    assert body(description) == content


def test_a_json_body_keeps_the_spelling_of_its_numbers() -> None:
    document, _ = read(b'{"n": [0.10, 1e-7, 12]}')
    assert compact(document) == '{"n":[0.10,1e-7,12]}'


def test_two_detections_are_the_text_of_the_readme() -> None:
    assert body({"detections": 2}) == (
        b'{"RequestId":"00000000-0000-4000-8000-000000000002","Bodies":['
        b'{"Confidence":0.733,"Boundary":{"Left":115,"Top":97,"Height":103,"Width":63}},'
        b'{"Confidence":0.101,"Boundary":{"Left":214,"Top":122,"Height":120,"Width":104}}]}'
    )


def test_no_detections_are_an_empty_list() -> None:
    assert json.loads(body({"detections": 0}))["Bodies"] == []


def test_detections_do_not_repeat_before_999_and_stay_between_0_and_1() -> None:
    bodies = json.loads(body({"detections": 999}))["Bodies"]
    confidences = {one["Confidence"] for one in bodies}
    assert len(confidences) == 999
    assert (min(confidences), max(confidences)) == (0.001, 0.999)


def test_gzip_has_no_time_and_no_name_of_a_system() -> None:
    packed = encode(b"content", "gzip")
    assert packed[:10] == bytes.fromhex("1f8b08000000000000ff")
    assert gzip.decompress(packed) == b"content"


def test_deflate_is_in_the_form_of_zlib() -> None:
    assert zlib.decompress(encode(b"content", "deflate")) == b"content"
