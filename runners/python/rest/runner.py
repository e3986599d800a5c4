"""The runner without an SDK: `requests`, and the suite's own Signature V4.

What the documentation's REST section asks of a program: a GetObject request with x-oss-process in
its query, signed. runners/README.md is the contract.
"""

import time
from urllib.parse import urlsplit

from protocol import (
    PYTHON,
    URL_VALID,
    class_of,
    consumed,
    content,
    failure,
    process_of,
    serve,
    timeouts_of,
    unsupported,
)

import requests  # isort: skip  # after protocol, which has moved standard output away
from requests_transport import DEPENDENCIES, origin_of

from conformance.model.case import Credentials
from conformance.oss import service_error as service
from conformance.oss import v4
from conformance.oss.encoding import encode

STARTED = {
    "runner": "rest",
    "language": "HTTP",
    "runtime": f"{PYTHON}, requests {requests.__version__}",
    "sdk": None,
    "dependencies": DEPENDENCIES,
    "capabilities": [
        *("proxy", "presigned", "path-style", "cname", "anonymous", "token", "kept", "process"),
        *("timeouts", "version", "provider", "threads", "partial", "clock", "marks"),
    ],
}


class AskError(ValueError):
    """The request cannot be made from what was given; nothing was sent."""


def signed(command, query):
    """The pairs of the query and the headers, one of them signed; neither for anonymous access."""
    given, region = command["credentials"], command["region"]
    if given is None:
        return query, {}
    for variable, name in (("_ID", "access_key_id"), ("_SECRET", "access_key_secret")):
        if not given[name]:
            raise AskError(f"OSS_ACCESS_KEY{variable} is not set")
    if region is None:
        raise AskError("Signature V4 needs a region")
    asked = v4.Unsigned(method="GET", bucket=command["bucket"], key=command["key"], query=query)
    keys, now = Credentials(**given), int(time.time())
    if command["sign"] == "url":
        valid = {"clock": now, "expires": URL_VALID}
        return v4.presign(asked, credentials=keys, region=region, **valid), {}
    return query, dict(v4.sign(asked, credentials=keys, region=region, clock=now))


def get(command, session):
    """The response to the GetObject request, read to its end unless the program reads it itself."""
    version = command["version_id"]
    named = () if version is None else (("versionId", version),)
    query, headers = signed(command, (*named, ("x-oss-process", process_of(command))))
    endpoint, bucket, key = urlsplit(command["endpoint"]), command["bucket"], command["key"]
    # A `/` of the key goes as %2F, as the service allows: of a bare one, what follows it would be
    # taken by requests for a dot segment if it looks like one (RFC 3986 5.2.4).
    host, path = f"{bucket}.{endpoint.netloc}", f"/{encode(key)}"
    if command["addressing"] == "path":
        host, path = endpoint.netloc, f"/{bucket}{path}"
    if command["addressing"] == "cname":
        host = endpoint.netloc
    proxy = command["proxy"]
    return session.get(
        f"{endpoint.scheme}://{host}{path}?{v4.canonical_query(query)}",
        headers=headers,
        proxies=None if proxy is None else {"http": proxy, "https": proxy},
        timeout=timeouts_of(command),
        # The signature was made for this bucket and key and for no other place.
        allow_redirects=False,
        stream=command["consume"] is not None,
    )


def refusal(response):
    """The answer for what the service sent instead of content."""
    fields = service.read(response.content) or {}
    return failure(
        "service",
        "HTTP",
        f"{response.status_code} {response.reason}: {fields.get('Code')}",
        status=response.status_code,
        code=fields.get("Code"),
        message=fields.get("Message"),
        request_id=fields.get("RequestId") or response.headers.get("x-oss-request-id"),
        host_id=fields.get("HostId"),
        ec=fields.get("EC") or response.headers.get("x-oss-ec"),
    )


def raised(error):
    """The answer for an error that came before there was a whole response."""
    return failure(origin_of(error), class_of(error), str(error))


class Client:
    """A session of requests, which goes to any bucket with any credentials."""

    own = ()

    def __init__(self, _):
        self._session = requests.Session()

    def call(self, command):
        """The answer to a call."""
        if command["signature"] not in ("v4", None):
            return unsupported("signs with V4 only")
        if command["into"] == "file":
            return unsupported("writes no files")
        response = get(command, self._session)
        if response.status_code >= 300:
            return refusal(response)
        if command["consume"] is None:
            return content(response.content)
        response.raw.decode_content = True
        return content(consumed(response.raw, command["consume"]))

    def close(self):
        """Close the connections."""
        self._session.close()


serve(STARTED, Client, raised)
