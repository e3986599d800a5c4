"""What the stand-alone service answers to a request that is authenticated.

Pure. A `Plan` is made from the request, then the object is looked up, then the reply is made from
both. What no public document states is marked [X]; the suite never asserts it. [X] too are the
order of the checks, and that with a processing string HEAD is answered as GET without its content
and Range is ignored.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from conformance.model.http import Request
from conformance.operation.processing import BODIES
from conformance.operation.reading import bodies
from conformance.oss.naming import Resource, region_of
from conformance.oss.service_error import ANONYMOUS, NO_KEY, ServiceError
from conformance.oss.v1 import SUB_RESOURCES

# 404 page and EC page 0015-00000101
NO_BUCKET = ServiceError(
    status=404,
    code="NoSuchBucket",
    message="The specified bucket does not exist.",
    ec="0015-00000101",
)
# EC page 0015-00000001; the text is [X]
BUCKET_NAME = ServiceError(
    status=400,
    code="InvalidBucketName",
    message="The specified bucket is not valid.",
    ec="0015-00000001",
)
# 403 page: code and message; no EC is known
WRONG_ENDPOINT = ServiceError(
    status=403,
    code="AccessDenied",
    message="The bucket you are attempting to access must be addressed using the specified "
    "endpoint. Please send all future requests to this endpoint.",
)
# 403 page: one of the texts that are seen. Which of them a plain GET gets, and its EC, are [X].
ANONYMOUS_OBJECT = ServiceError(
    status=403,
    code="AccessDenied",
    message="You have no right to access this object because of bucket acl.",
)
# [X] Not documented for this operation.
NOT_PLAYED = ServiceError(
    status=501,
    code="NotImplemented",
    message=f"The mock endpoint answers GetObject, also with x-oss-process={BODIES}, and "
    "HeadObject only.",
)
# Measured by others for ordinary image processing; for this operation [X].
NOT_AN_IMAGE = ServiceError(
    status=400,
    code="BadRequest",
    message="This image format is not supported.",
    ec="0040-00000005",
)
NO_KEY_TO_PROCESS = ServiceError(
    status=404, code=NO_KEY.code, message=NO_KEY.message, ec="0040-00000024"
)
# [X] What the service answers when its detection fails.
DETECTOR_FAILED = ServiceError(
    status=500,
    code="InternalError",
    message="The detector of the mock endpoint failed; its log says how.",
)
UNREADABLE = ServiceError(
    status=500,
    code="InternalError",
    message="The mock endpoint cannot read the file of this object; its log says why.",
)

_BUCKET = re.compile("[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")  # page "Bucket naming conventions"
BUCKETS = ("examplebucket", "image-demo")  # of the documented samples, of the two exchanges
KEY = "example.jpg"
SEN = "sen"
EXAMPLE = (BUCKETS[0], KEY, 60)  # the first documented exchange
_PROCESS = "x-oss-process"
# Parameters that select another operation than GetObject and HeadObject, which are not played.
_OTHER_OPERATIONS = {
    name for name in SUB_RESOURCES if not name.startswith(("x-oss-", "response-"))
} - {"security-token"}


class Plan(NamedTuple):
    """What a request asks for; a tuple, because one is made for each request."""

    bucket: str
    key: str
    # The value of `sen` for the detection of bodies; None: the object itself is asked for.
    sen: int | None


def plan(request: Request, resource: Resource, *, region: str) -> Plan | ServiceError:
    """What an authenticated request asks for, or the error that needs no look at any object."""
    bucket, key = resource.bucket or "", resource.key
    at = region_of(request.header("host") or "") if resource.public else None
    if at not in (None, region):
        endpoint = f"oss-{region}.aliyuncs.com"
        return WRONG_ENDPOINT.plus(("Bucket", bucket), ("Endpoint", endpoint))
    if request.method not in ("GET", "HEAD") or not bucket or not key:
        return NOT_PLAYED
    if _BUCKET.fullmatch(bucket) is None:
        return BUCKET_NAME.plus(("BucketName", bucket))
    processes = [value for name, value in resource.query if name == _PROCESS]
    if len(processes) > 1 or not all(_is_played(request.method, *pair) for pair in resource.query):
        return NOT_PLAYED
    if not processes:
        return Plan(bucket=bucket, key=key, sen=None)
    sen = _sensitivity(processes[0])
    return sen if isinstance(sen, ServiceError) else Plan(bucket=bucket, key=key, sen=sen)


def denied(resource: Resource, error: ServiceError) -> ServiceError:
    """The error of a request that was not authenticated; anonymous ones depend on the operation."""
    if error is ANONYMOUS and all(name != _PROCESS for name, _ in resource.query):
        return ANONYMOUS_OBJECT
    return error


def missing(asked: Plan, *, bucket_exists: bool) -> ServiceError:
    """The error for an object that does not exist."""
    if not bucket_exists:
        return NO_BUCKET.plus(("BucketName", asked.bucket))
    return (NO_KEY if asked.sen is None else NO_KEY_TO_PROCESS).plus(("Key", asked.key))


def documented(bucket: str, key: str, sen: int) -> bytes | None:
    """The body that the documentation shows for this object and `sen`; None if it shows none."""
    return _documented(sen) if bucket in BUCKETS and key == KEY else None


@lru_cache(maxsize=128)
def _documented(sen: int) -> bytes | None:
    operation = bodies()
    defaults = {one.name: one.default for one in operation.parameters}
    asked = {**defaults, SEN: sen}
    answers = operation.answers
    return next(
        (one.body for one in answers if {**defaults, **dict(one.parameters)} == asked), None
    )


def _is_played(method: str, name: str, value: str) -> bool:
    if name == "versionId":
        return value in ("", "null")  # of a bucket without versions
    if name == "objectMeta":  # GetObjectMeta; its answer is that of HeadObject with fewer fields
        return method == "HEAD"
    return name not in _OTHER_OPERATIONS


@lru_cache(maxsize=128)
def _sensitivity(process: str) -> int | ServiceError:
    """The value of `sen` in a processing string; [X] the errors for all that is undocumented."""
    operation = bodies()
    parameter = operation.parameter(SEN)
    action, *items = process.split(",")
    if action != operation.action or parameter is None or parameter.default is None:
        return NOT_PLAYED
    value = parameter.default
    for item in items:
        name, underscore, text = item.partition("_")
        if name != SEN or not underscore or set(text) & set("/|") or len(items) > 1:
            return NOT_PLAYED
        given = parameter.value_of(text)
        if given is None:
            return _invalid(name, text)
        value = given
    return value


def _invalid(name: str, text: str) -> ServiceError:
    """[X] By analogy with ordinary image processing: a parameter out of range."""
    message = f"The value: {text} of parameter: {name} is invalid."
    return ServiceError(status=400, code="InvalidArgument", message=message, ec="0040-00000312")
