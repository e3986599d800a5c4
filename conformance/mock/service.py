"""The documented answers of the service, for one object in one bucket.

The stand-alone mock uses them. A request for an operation (`schemas/operations/`) gets the answer
that is documented for its parameters. If there is none, it gets the last documented answer of a
request that has parameters as well, since only the service can compute the real one. Anything
undocumented is refused with an error that is marked [X] in this module.
"""

from conformance.mock.answer import of_error
from conformance.model.case import Reply
from conformance.operation.definition import Operation
from conformance.operation.processing import BODIES
from conformance.operation.reading import shipped
from conformance.oss.naming import Resource
from conformance.oss.service_error import NO_KEY, ServiceError

BUCKET = "examplebucket"
KEY = "example.jpg"

# 404 page and EC page 0015-00000101
NO_BUCKET = ServiceError(
    status=404,
    code="NoSuchBucket",
    message="The specified bucket does not exist.",
    ec="0015-00000101",
)
# [X] Not documented for this operation.
NOT_PLAYED = ServiceError(
    status=501,
    code="NotImplemented",
    message=f"The mock endpoint answers GetObject with x-oss-process={BODIES} only.",
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
    return _processed(processes[0])


def _processed(process: str) -> Reply:
    action, *items = process.split(",")
    operation = next((known for known in shipped() if known.action == action), None)
    pairs = [(name, text) for name, _, text in (item.partition("_") for item in items)]
    well_formed = all("_" in item and not set(item) & set("/|") for item in items)
    if operation is None or not operation.answers or not well_formed:
        return of_error(NOT_PLAYED)
    values: dict[str, int] = {}
    for name, text in pairs:
        parameter = operation.parameter(name)
        if parameter is None or name in values:
            return of_error(NOT_PLAYED)
        value = parameter.value_of(text)
        if value is None:
            return of_error(_invalid(name, text))
        values[name] = value
    return Reply(status=200, headers=(), body=_answer(operation, values))


def _answer(operation: Operation, values: dict[str, int]) -> bytes:
    """The documented body for these parameters."""
    defaults = {parameter.name: parameter.default for parameter in operation.parameters}
    changed = {name: value for name, value in values.items() if value != defaults[name]}
    exact = [answer for answer in operation.answers if dict(answer.parameters) == changed]
    similar = [answer for answer in operation.answers if bool(answer.parameters) is bool(changed)]
    return (exact or similar or operation.answers)[-1].body


def _invalid(name: str, text: str) -> ServiceError:
    """[X] By analogy with ordinary image processing: a parameter out of range."""
    message = f"The value: {text} of parameter: {name} is invalid."
    return ServiceError(status=400, code="InvalidArgument", message=message)
