"""The expectations of a generated call, required only if the documentation covers the call.

Pure. These are the properties of a single call, in the format of a vector file. That no secret
leaks is always required and needs no expectation.
"""

import re
from typing import Any

from conformance.fuzz.example import Call
from conformance.model.case import JSON
from conformance.model.message import ERROR_FIELDS
from conformance.operation.definition import Operation

DOT_SEGMENT = re.compile(r"(\A|/)\.\.?(/|\Z)")

_ERROR: dict[str, JSON] = {
    "answer": "error",
    "origin": "service",
    **dict.fromkeys(ERROR_FIELDS, "as-sent"),
}


def documented(string: str, key: str, operation: Operation) -> bool:
    """Whether the documentation covers a call with this processing string and object key.

    It does not exclude dot segments from keys, but URI normalization removes them (RFC 3986
    6.2.2.3), and no document says that the service accepts such a key.
    """
    return operation.documented(string) and DOT_SEGMENT.search(key) is None


def expectations(call: Call, operation: Operation) -> dict[str, Any]:
    """The `expect` member of a vector entry for a call, with the names in schema order.

    For a documented call, one request with the right target, processing string and signature is
    required, and so is the answer. Otherwise the request is recommended and the answer observed.
    """
    string = call.string(operation)
    request = _request(string)
    if not documented(string, call.key or "", operation):
        return {"recommended": request, "observed": ["requests", "answer"]}
    if call.served.error is not None:
        return {"required": {**request, **_ERROR}, "observed": ["requests"]}
    required = {"requests": 1, **request, "answer": "content", "content": "as-sent"}
    if call.served.encoding is not None:
        # A client may leave a content coding undecoded that it did not ask for.
        return {"required": required, "observed": ["parsed"]}
    return {"required": {**required, "parsed": "as-sent"}}


def _request(string: str) -> dict[str, JSON]:
    return {
        "method": "GET",
        "scheme": "https",
        "target": "as-asked",
        "process": string,
        "auth": "v4-header",
        "verified": "accepted",
        "access_key_id": "as-given",
        "token": "as-given",
    }
