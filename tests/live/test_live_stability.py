"""Fields that are equal in several recordings are told from those that differ."""

from conformance.live.stability import fields_of, stability
from conformance.model.http import Response


def response(body: str, *headers: tuple[str, str], status: int = 200) -> Response:
    return Response(status=status, headers=headers, body=body.encode())


def test_the_fields_of_a_document_an_error_and_other_content() -> None:
    document = fields_of(response('{"A":[{"B":1},{}],"C":null}', ("ETag", "x"), ("Date", "now")))
    assert document == {
        "status": "200", "field etag": "x", "member /A/0/B": "1", "member /A/1": "{}",
        "member /C": "null",
    }  # fmt: skip
    error = fields_of(response("<Error><Code>NoSuchKey</Code></Error>", status=404))
    assert error == {"status": "404", "element Code": "NoSuchKey"}
    assert fields_of(response("no")) == {"status": "200", "content": "6e6f"}


def test_a_field_is_stable_if_every_recording_has_it_with_the_same_value() -> None:
    found = stability([
        response('{"RequestId":"A","N":1}', ("x-a", "1")),
        response('{"RequestId":"B","N":1}'),
        response('{"RequestId":"C","N":1}', ("x-a", "1")),
    ])  # fmt: skip
    assert found.stable == ("status", "member /N")
    assert found.varying == ("field x-a", "member /RequestId")
    assert found.note.startswith("Equal in 3 recordings: status, member /N. Different: ")


def test_one_recording_is_no_evidence() -> None:
    assert stability([response("{}")]).note == ""
