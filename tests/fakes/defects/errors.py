"""Defects of errors: a failure is not told as one, or with other words than the service's."""

import json
from http import HTTPStatus

from fakes import answers, keeping, lines
from fakes.twist import Message, Twist

EMPTY = json.dumps({"RequestId": "", "Bodies": []}).encode()
KNOWN = frozenset(HTTPStatus)
SERVICE = ("errors/service/*",)
ERROR = ("error",)
KEPT = {"client": "kept"}


def _rounded(error: Message) -> int:
    """A status as it is if it has a name, else the first of its class."""
    status = int(error["status"])
    return status if status in KNOWN else status // 100 * 100


_KIND: dict[str, Twist] = {
    "error-as-empty-success": Twist(
        does="makes an answer without bodies of an error", rule="errors.kind", cases=SERVICE,
        replies=ERROR, answer=answers.swallow(EMPTY),
    ),
    "error-without-body-as-success": Twist(
        does="takes an error without a body for a success", rule="errors.kind",
        cases=("errors/refused/empty",), replies=("empty-error",),
        send=lines.read(lambda status, *rest: (status if rest[1] else 200, *rest)),
    ),
    "redirect-as-success": Twist(
        does="takes a 3xx for a success", rule="errors.kind",
        cases=("transport/redirect/without-location",), replies=("elsewhere",),
        send=lines.read(lambda status, *rest: (200 if status < 400 else status, *rest)),
    ),
    "short-body-as-whole": Twist(
        does="hands out what came of a body that breaks off", rule="errors.kind",
        cases=("transport/incomplete/half", "transport/incomplete/chunked-without-last"),
        replies=("cut",), send=lines.short_is_whole,
    ),
    "timeout-as-empty-success": Twist(
        does="makes an empty answer of one that does not come in time", rule="errors.kind",
        cases=("transport/waiting/stall-in-body",), replies=("late",),
        given={"timeouts": {"connect": 5000, "read": 100}}, send=lines.timeout_is_empty,
    ),
    "success-as-error": Twist(
        does="reports an error when there is content", rule="errors.kind",
        cases=("process/sen/50",), answer=answers.alarm,
    ),
    "page-as-success": Twist(
        does="takes the page of a gateway for content", rule="errors.kind",
        cases=("errors/gateway/page-502",), replies=("page",),
        send=lines.read(lambda status, *rest: (200 if b"<html" in rest[1] else status, *rest)),
    ),
    "xml-content-as-error": Twist(
        does="makes an error of content that looks like one", rule="errors.kind",
        cases=("bodies/parsers/error-under-200",), replies=(b"<Error/>",),
        send=lines.read(lambda status, *rest: (500 if b"<Error" in rest[1] else status, *rest)),
    ),
    "date-in-one-form": Twist(
        does="knows one of the three forms of a date", rule="errors.kind",
        cases=("transport/response-fields/date-form-*",), replies=("dated",),
        send=lines.one_date_form("Date"),
    ),
    "expires-as-a-date": Twist(
        does="ends on an Expires that is no date", rule="errors.kind",
        cases=("transport/response-fields/expires-0",), replies=("dated",),
        send=lines.one_date_form("Expires"),
    ),
    "error-again": Twist(
        does="reports an error again in the call after it", rule="errors.kind",
        cases=("transport/reuse/after-error",), given=KEPT, replies=("error", "bodies"),
        client=keeping.error_again,
    ),
    "pause-taken-for-a-timeout": Twist(
        does="reports a timeout when the program reads late", rule="errors.kind",
        cases=("transport/readers/late",), given={"consume": {"limit": None, "pause": 120}},
        send=lines.pause_is_timeout,
    ),
    "unset-timeout-is-none": Twist(
        does="reports a timeout at once where no timeout is set", rule="errors.kind",
        cases=("transport/defaults/read-timeout", "transport/defaults/timeouts"),
        given={"timeouts": {"connect": 5000, "read": None}}, send=lines.unset_is_at_once,
    ),
    "timeout-of-the-first-call": Twist(
        does="waits without a limit from the second call of a client on", rule="errors.kind",
        cases=("transport/waiting/stall-of-second-answer",),
        given={"client": "kept", "timeouts": {"connect": 5000, "read": 100}},
        replies=("bodies", "slow"), send=lines.timeout_of_the_first_call(),
    ),
    "checksum-of-the-object-compared": Twist(
        does="compares a file with the checksum of the object that was looked at",
        rule="errors.kind", cases=("transport/files/checksum-of-the-object",),
        given={"into": "file"}, replies=("with-checksum",), send=lines.checksum_of_the_object,
        can=("to-file",),
    ),
    "refusal-in-a-file": Twist(
        does="writes a refusal to the file and reports success", rule="errors.kind",
        cases=("transport/files/refused",), given={"into": "file"}, replies=("error",),
        send=lines.refusal_in_a_file, can=("to-file",),
    ),
    "origin-wrong": Twist(
        does="takes an error of the service for one of the transport", rule="errors.origin",
        cases=SERVICE, replies=ERROR, answer=answers.error(origin="transport"),
    ),
    "transport-as-service": Twist(
        does="takes trouble on the way for an error of the service", rule="errors.origin",
        advised=True, cases=("transport/head/not-http",), replies=("hung-up",),
        answer=answers.origin("transport", "service"),
    ),
}  # fmt: skip

_FIELDS: dict[str, Twist] = {
    "status-wrong": Twist(
        does="reports status 400 for every error", rule="errors.status", cases=SERVICE,
        replies=ERROR, answer=answers.error(status=400),
    ),
    "status-unknown-as-round": Twist(
        does="rounds a status that it does not know", rule="errors.status", advised=True,
        cases=("transport/status/unknown-4xx",), replies=("error-499",),
        answer=answers.error(status=_rounded),
    ),
    "status-of-documents-alone": Twist(
        does="loses the status of an error whose body is not the documented one",
        rule="errors.status", advised=True,
        cases=("errors/gateway/page-403", "errors/gateway/page-502"),
        replies=("page",), answer=answers.error(status=lambda e: e["code"] and e["status"]),
    ),
    "code-lost": Twist(
        does="loses the error code", rule="errors.code", cases=SERVICE,
        replies=ERROR, answer=answers.error(code=None),
    ),
    "code-of-an-inner-element": Twist(
        does="takes the code that comes last, wherever it is", rule="errors.code", advised=True,
        cases=("errors/xml/nested-code",), replies=("nested-error",),
        send=lines.refused(lines.elements_at_any_depth),
    ),
    "code-lost-when-chunked": Twist(
        does="does not read the body of an error that is chunked", rule="errors.code",
        advised=True, cases=("errors/forms/chunked",), replies=("chunked-error",),
        send=lines.refused(lambda head, body: (head, b"" if head["Transfer-Encoding"] else body)),
    ),
    "error-of-the-first-call": Twist(
        does="reports the first error of a client again in place of the next", rule="errors.code",
        cases=("transport/reuse/two-errors",), given=KEPT, replies=("error", "another-error"),
        client=keeping.error_before,
    ),
    "message-lost": Twist(
        does="loses the error message", rule="errors.message", cases=SERVICE,
        replies=ERROR, answer=answers.error(message=None),
    ),
    "message-for-code": Twist(
        does="reports the code where the message belongs", rule="errors.message", cases=SERVICE,
        replies=ERROR, answer=answers.error(message=lambda error: error["code"]),
    ),
    "message-cut": Twist(
        does="has room for 24 characters of the message", rule="errors.message", cases=SERVICE,
        replies=ERROR, answer=answers.error(message=lambda error: (error["message"] or "")[:24]),
    ),
    "message-with-references": Twist(
        does="leaves the references of XML in the message", rule="errors.message",
        cases=("errors/text/markup",), replies=("markup-error",),
        send=lines.refused(lambda head, body: (head, body.replace(b"&", b"&amp;"))),
    ),
    "message-beyond-ascii-lost": Twist(
        does="writes ? for what is not ASCII in the message", rule="errors.message",
        cases=("errors/text/non-ascii",), replies=("non-ascii-error",),
        answer=answers.error(
            message=lambda error: (error["message"] or "").encode("ascii", "replace").decode()
        ),
    ),
    "request-id-swapped": Twist(
        does="reports the host id as the request id", rule="errors.request-id", cases=SERVICE,
        replies=ERROR, answer=answers.error(request_id=lambda error: error["host_id"]),
    ),
    "request-id-of-the-body-alone": Twist(
        does="does not look for the request id in the header", rule="errors.request-id",
        advised=True, cases=("errors/identity/header-only",), replies=("empty-error",),
        send=lines.refused(lines.no_request_id_in_head),
    ),
    "request-id-of-the-header-alone": Twist(
        does="does not look for the request id in the body", rule="errors.request-id",
        advised=True, cases=("errors/identity/body-only",), replies=ERROR,
        send=lines.refused(lines.no_request_id_in_body),
    ),
    "host-id-lost": Twist(
        does="loses the host id", rule="errors.host-id", cases=SERVICE,
        replies=ERROR, answer=answers.error(host_id=None),
    ),
    "ec-lost": Twist(
        does="loses the EC", rule="errors.ec", cases=SERVICE,
        replies=ERROR, answer=answers.error(ec=None),
    ),
}  # fmt: skip

DEFECTS = _KIND | _FIELDS
