"""Errors of the mock itself, as opposed to errors of the service that it imitates.

Each message names the mock, so that it is not mistaken for a message of OSS.
"""

from dataclasses import replace

from conformance.oss.service_error import ServiceError

STRAY = ServiceError(
    status=503, code="ServiceUnavailable", message="The mock endpoint has no script armed."
)
UNKNOWN_PEER = ServiceError(
    status=400, code="BadRequest", message="The mock endpoint knows no lane at this address."
)
PLAIN_HTTP = ServiceError(
    status=400, code="BadRequest", message="Plain HTTP was sent to an HTTPS endpoint of the mock."
)
DEFECT = ServiceError(
    status=500, code="InternalError", message="The mock endpoint failed; its stderr says how."
)
_MALFORMED = ServiceError(status=400, code="BadRequest", message="The request is not HTTP/1.1: ")


def malformed(problem: str) -> ServiceError:
    """The answer to what is not HTTP; `problem` says what is wrong with it."""
    return replace(_MALFORMED, message=_MALFORMED.message + problem)
