"""What does not fit in printed exchanges is found, and the right page has no finding."""

import pytest
from fakes.printed import EXCHANGES, PAGE

from conformance.model.case import Level
from conformance.model.verdict import Finding
from conformance.operation.reading import shipped
from conformance.pages.exchange_checks import exchange_findings
from conformance.pages.sample_page import read_page

HEAD = """```http
GET /a.jpg?x-oss-process=image/faces HTTP/1.1
Host: b.oss-cn-hangzhou.aliyuncs.com
Date: Fri, 21 Jul 2023 08:49:07 GMT
Authorization: SignatureValue
```
```http
HTTP/1.1 200 OK
Date: Fri, 21 Jul 2023 08:49:09 GMT
Content-Type: application/json;charset=utf-8
x-oss-request-id: 64BA4685A645AE37313C****
"""


def found(text: str) -> tuple[Finding, ...]:
    return exchange_findings(read_page(text).exchanges, shipped())


def test_the_right_exchange_has_no_finding() -> None:
    assert found(PAGE) == ()


@pytest.mark.parametrize("kind", EXCHANGES)
def test_a_wrong_exchange_is_found_by_its_rule(kind: str) -> None:
    findings = found(EXCHANGES[kind].text)
    level = Level.RECOMMENDED if EXCHANGES[kind].advised else Level.REQUIRED
    assert (EXCHANGES[kind].rule, level) in {(one.rule, one.claim) for one in findings}
    assert {one.rule for one in findings} <= {EXCHANGES[kind].rule, "page.headers"}
    for one in findings:
        assert all((one.where.startswith("line "), one.expected, one.got, one.why))


@pytest.mark.parametrize("length", [7, 8, 9])
def test_a_length_is_that_of_any_spelling_of_the_content(length: int) -> None:
    assert found(HEAD + f'Content-Length: {length}\n\n{{"a": 1}}\n```') == ()


def test_another_length_is_none_of_any_spelling() -> None:
    assert [one.rule for one in found(HEAD + 'Content-Length: 6\n\n{"a": 1}\n```')] == [
        "page.content-length"
    ]


def test_content_may_follow_the_fields_without_an_empty_line() -> None:
    (exchange,) = read_page(HEAD + '{"a": 1}\n```').exchanges
    assert exchange.response is not None
    assert exchange.response.body == '{"a": 1}'


def test_content_of_an_operation_without_a_schema_only_has_to_be_json() -> None:
    assert found(HEAD + '\n{"Faces": []}\n```') == ()


def test_ids_of_which_a_part_is_hidden_are_not_compared() -> None:
    assert found((HEAD + '\n{"Faces": []}\n```\n') * 2) == ()


def test_a_request_alone_shows_the_form_of_requests() -> None:
    text = (
        "```\nGET /ObjectName?x-oss-process=image/bodies HTTP/1.1\nHost: BucketName.Endpoint\n```"
    )
    assert found(text) == ()
    assert len(read_page(text).exchanges) == 1
