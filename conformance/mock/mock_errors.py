"""Errors of the mock itself, as opposed to those of the service that it imitates.

Each message names the mock, so that it is not mistaken for a message from OSS.
"""

from conformance.oss.service_error import ServiceError

STRAY = ServiceError(
    status=503, code="ServiceUnavailable", message="The mock endpoint has no script armed."
)
UNKNOWN_PEER = ServiceError(
    status=400, code="BadRequest", message="The mock endpoint has no lane with this client address."
)
PLAIN_HTTP = ServiceError(
    status=400, code="BadRequest", message="Plain HTTP was sent to an HTTPS endpoint of the mock."
)
DEFECT = ServiceError(
    status=500,
    code="InternalError",
    message="The mock endpoint failed; its stderr has the traceback.",
)

# The code for a request that is malformed, or broken off and therefore not answered.
MALFORMED = "BadRequest"


class RefusedError(Exception):
    """A message of the engine cannot be carried out; the text is sent to it."""


def malformed(problem: str) -> ServiceError:
    """The error for a malformed request; `problem` says what is wrong with it."""
    message = f"The mock endpoint cannot read the request as HTTP/1.1: {problem}"
    return ServiceError(status=400, code=MALFORMED, message=message)
