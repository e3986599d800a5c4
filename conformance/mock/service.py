"""The service as the documentation page shows it: two answers for one object in one bucket.

Pure. What stands alone answers from here. `image/bodies` gets the page's first answer, any
documented `sen_N` but the default its second: the page shows no third one, and how many bodies a
`sen` finds is for the service to know. What is not published is refused with an error that says
whose it is, and marked [X].
"""

import re

from conformance.mock.answer import of_error
from conformance.model.case import Reply
from conformance.operation.processing import OPERATION
from conformance.oss.error import ServiceError
from conformance.oss.naming import Resource

BUCKET = "examplebucket"
KEY = "example.jpg"
DEFAULT_SEN = 60
# The documented range of sen, both ends valid.
_SEN = range(0, 101)


def _box(confidence: str, left: int, top: int, height: int, width: int) -> str:
    boundary = f'{{"Left":{left},"Top":{top},"Height":{height},"Width":{width}}}'
    return f'{{"Confidence":{confidence},"Boundary":{boundary}}}'


def _body(request_id: str, *boxes: str) -> bytes:
    return f'{{"RequestId":"{request_id}","Bodies":[{",".join(boxes)}]}}'.encode()


# Page "Human body detection", exchanges of 2023-07-21 08:49 and 08:54.
_FIRST = _box("0.733", 115, 97, 103, 63)
EXAMPLE_1 = _body("58C0F6A4-7B26-5E22-9C60-EFF90E2082ED", _FIRST)
EXAMPLE_2 = _body(
    "E9BDE106-1436-5077-9F6E-65D81DC6FEC8",
    _FIRST,
    _box("0.732", 214, 121, 86, 63),
    _box("0.656", 63, 102, 100, 82),
)

# 404 page and EC pages: NoSuchBucket 0015-00000101, NoSuchKey 0026-00000001
NO_BUCKET = ServiceError(
    status=404,
    code="NoSuchBucket",
    message="The specified bucket does not exist.",
    ec="0015-00000101",
)
NO_KEY = ServiceError(
    status=404,
    code="NoSuchKey",
    message="The specified key does not exist.",
    ec="0026-00000001",
)
# What follows is not published for this operation [X].
NOT_PLAYED = ServiceError(
    status=501,
    code="NotImplemented",
    message=f"The mock endpoint plays GetObject with x-oss-process={OPERATION} only.",
)


def reply(method: str, resource: Resource) -> Reply:
    """The answer to an authenticated request."""
    processes = [value for name, value in resource.query if name == "x-oss-process"]
    if resource.bucket != BUCKET:
        return of_error(NO_BUCKET.plus(("BucketName", resource.bucket or "")))
    if method not in ("GET", "HEAD") or resource.key == "" or len(processes) != 1:
        return of_error(NOT_PLAYED)
    if resource.key != KEY:
        return of_error(NO_KEY.plus(("Key", resource.key)))
    return _detect(processes[0])


def _detect(process: str) -> Reply:
    asked = re.fullmatch(rf"{OPERATION}(?:,sen_([^,/|]*))?", process)
    if asked is None:
        return of_error(NOT_PLAYED)
    sen = asked.group(1)
    if sen is None or sen == str(DEFAULT_SEN):
        return Reply(status=200, headers=(), body=EXAMPLE_1)
    if re.fullmatch("[0-9]{1,3}", sen) is None or int(sen) not in _SEN:
        return of_error(_bad_sen(sen))
    return Reply(status=200, headers=(), body=EXAMPLE_2)


def _bad_sen(value: str) -> ServiceError:
    """[X] by analogy with ordinary image processing: parameters out of range."""
    message = f"The value: {value} of parameter: sen is invalid."
    return ServiceError(status=400, code="InvalidArgument", message=message)
