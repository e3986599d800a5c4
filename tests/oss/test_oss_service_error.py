"""Error bodies, written and read."""

import pytest

from conformance.oss import service_error as error
from conformance.oss.service_error import ServiceError, read, render

ERROR = ServiceError(
    status=403, code="AccessDenied", message="a < b & c", ec="0003-00000001", extra=(("X", "y"),)
)


def test_the_elements_stand_in_the_documented_order() -> None:
    body = render(ERROR, request_id="1", host_id="h")
    found = read(body)
    assert found is not None
    assert list(found) == [
        "Code", "Message", "RequestId", "HostId", "X", "EC", "RecommendDoc",
    ]  # fmt: skip


def test_what_was_written_is_read_back() -> None:
    found = read(render(ERROR, request_id="1", host_id="h"))
    assert found is not None
    assert (found["Message"], found["RecommendDoc"]) == (
        "a < b & c",
        "https://api.aliyun.com/troubleshoot?q=0003-00000001",
    )


def test_a_body_begins_as_the_documentation_shows() -> None:
    body = render(ERROR, request_id="1", host_id="h")
    start = b'<?xml version="1.0" encoding="UTF-8"?>\n<Error>\n  <Code>AccessDenied</Code>\n'
    assert body.startswith(start)


def test_without_a_finer_code_there_is_no_ec_and_no_advice() -> None:
    plain = ServiceError(status=404, code="NoSuchKey", message="gone")
    found = read(render(plain, request_id="1", host_id="h"))
    assert found is not None
    assert "EC" not in found
    assert "RecommendDoc" not in found


@pytest.mark.parametrize("text", ["\x00", "\x1b", "\ud800", "\uffff"])
def test_a_character_that_xml_cannot_hold_is_replaced(text: str) -> None:
    found = read(render(ERROR.plus(("Y", text)), request_id="1", host_id="h"))
    assert found is not None
    assert found["Y"] == "\ufffd"


def test_line_ends_come_back_as_they_were() -> None:
    found = read(render(ERROR.plus(("Y", "a\r\nb\n")), request_id="1", host_id="h"))
    assert found is not None
    assert found["Y"] == "a\r\nb\n"


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"<Error>", b"<Other><Code>x</Code></Other>", b"\xff\xfe", b"<html></html>",
     b'<!DOCTYPE Error [<!ENTITY a "b">]><Error><Code>&a;</Code></Error>',
     b'<?xml version="1.0" encoding="nonsense"?><Error/>'],
)  # fmt: skip
def test_what_is_no_error_document_is_not_read(body: bytes) -> None:
    assert read(body) is None


def test_a_body_without_prolog_is_read() -> None:
    assert read(b"<Error><Code>NoSuchKey</Code></Error>") == {"Code": "NoSuchKey"}


@pytest.mark.parametrize(
    ("found", "code", "status", "ec"),
    [
        (error.V4_SIGNATURE, "SignatureDoesNotMatch", 403, "0002-00000201"),
        (error.V1_SIGNATURE, "SignatureDoesNotMatch", 403, "0002-00000040"),
        (error.KEY_UNKNOWN, "InvalidAccessKeyId", 403, "0002-00000902"),
        (error.SKEWED, "RequestTimeTooSkewed", 403, "0002-00000504"),
        (error.TOKEN_EXPIRED, "SecurityTokenExpired", 403, "0002-00000007"),
        (error.TOKEN_INVALID, "InvalidSecurityToken", 403, "0002-00000008"),
        (error.V4_REGION, "InvalidArgument", 400, "0002-00000226"),
        (error.V4_PRODUCT, "InvalidArgument", 400, "0002-00000227"),
    ],
)
def test_documented_errors_have_their_documented_codes(
    found: ServiceError, code: str, status: int, ec: str
) -> None:
    assert (found.code, found.status, found.ec) == (code, status, ec)
