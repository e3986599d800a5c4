"""The runner without an SDK: `requests`, and the suite's own Signature V4.

What the documentation's REST section asks of a program: a GetObject request with x-oss-process in
its query, signed. runners/README.md is the contract.
"""

import base64
import hashlib
import json
import os
import platform
import sys
import time
from urllib.parse import urlsplit

PROTOCOL = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)

import requests  # noqa: E402

from conformance.model.case import Credentials  # noqa: E402
from conformance.operation import processing
from conformance.oss import error as service  # noqa: E402
from conformance.oss import v4
from conformance.oss.encode import encode  # noqa: E402

CAPABILITIES = [
    *("proxy", "presigned", "path-style", "cname", "anonymous", "token", "kept", "process"),
    *("timeouts", "version"),
]
URL_VALID = 3600  # seconds
SETTINGS = ("endpoint", "region", "signature", "credentials", "addressing", "proxy", "timeouts")


class AskError(ValueError):
    """The request cannot be made from what was given; nothing was sent."""


def started():
    """The answer to `start`."""
    return {
        "type": "started",
        "protocol": 1,
        "runner": "rest",
        "language": "HTTP",
        "runtime": f"{platform.python_implementation()} {platform.python_version()}, "
        f"requests {requests.__version__}",
        "os": f"{platform.system()} {platform.release()}",
        "sdk": None,
        "capabilities": CAPABILITIES,
    }


def session_for(command, kept):
    """A session of the call's own, or the one that calls with the same settings share."""
    if command["client"] == "fresh":
        return requests.Session()
    settings = json.dumps([command[name] for name in SETTINGS], sort_keys=True)
    if settings not in kept:
        kept[settings] = requests.Session()
    return kept[settings]


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
    if command["operation"] == "presigned":
        valid = {"clock": now, "expires": URL_VALID}
        return v4.presign(asked, credentials=keys, region=region, **valid), {}
    return query, dict(v4.sign(asked, credentials=keys, region=region, clock=now))


def get(command, session):
    """The response to the GetObject request, read to its end."""
    wanted = command["process"]
    wanted = processing.write(command["sen"]) if wanted is None else wanted
    version = command["version_id"]
    named = () if version is None else (("versionId", version),)
    query, headers = signed(command, (*named, ("x-oss-process", wanted)))
    endpoint, bucket, key = urlsplit(command["endpoint"]), command["bucket"], command["key"]
    # A `/` of the key goes as %2F, as the service allows: of a bare one, what stands behind it
    # would be taken by requests for a dot segment if it looks like one (RFC 3986 5.2.4).
    host, path = f"{bucket}.{endpoint.netloc}", f"/{encode(key)}"
    if command["addressing"] == "path":
        host, path = endpoint.netloc, f"/{bucket}{path}"
    if command["addressing"] == "cname":
        host = endpoint.netloc
    proxy, limits = command["proxy"], command["timeouts"]
    return session.get(
        f"{endpoint.scheme}://{host}{path}?{v4.canonical_query(query)}",
        headers=headers,
        proxies=None if proxy is None else {"http": proxy, "https": proxy},
        timeout=(limits["connect"] / 1000, limits["read"] / 1000),
        # The signature was made for this bucket and key and for no other place.
        allow_redirects=False,
    )


def tagged(value):
    """A parsed document with the type of each number kept."""
    if isinstance(value, dict):
        return {name: tagged(item) for name, item in value.items()}
    if isinstance(value, list):
        return [tagged(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return {"$int": str(value)}
    if isinstance(value, float):
        return {"$real": repr(value)}
    return value


def content(raw):
    """The part of an answer that tells what was received."""
    parsed, parse_error = None, None
    try:
        parsed = tagged(json.loads(raw))
    except (ValueError, RecursionError) as error:
        parse_error = str(error)
    return {
        "kind": "content",
        "content": {
            "base64": base64.b64encode(raw).decode("ascii"),
            "length": len(raw),
            "sha256": hashlib.sha256(raw).hexdigest(),
        },
        "parsed": parsed,
        "parse_error": parse_error,
    }


def refusal(response):
    """The part of an answer that tells what the service said instead of content."""
    told = service.read(response.content) or {}
    return {
        "origin": "service",
        "error_class": "HTTP",
        "text": f"{response.status_code} {response.reason}: {told.get('Code')}",
        "status": response.status_code,
        "code": told.get("Code"),
        "message": told.get("Message"),
        "request_id": told.get("RequestId") or response.headers.get("x-oss-request-id"),
        "host_id": told.get("HostId"),
        "ec": told.get("EC") or response.headers.get("x-oss-ec"),
    }


def failure(error):
    """The part of an answer that tells of an error that came from no whole response."""
    if isinstance(error, AskError):
        origin = "client"
    elif isinstance(error, requests.exceptions.ContentDecodingError):
        origin = "parse"
    elif isinstance(error, ValueError) and getattr(error, "request", None) is None:
        origin = "client"  # requests refuses a URL, a proxy or a header before it sends
    else:
        origin = "transport"
    fields = dict.fromkeys(("status", "code", "message", "request_id", "host_id", "ec"))
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    return {"origin": origin, "error_class": name, "text": str(error), **fields}


def call(command, kept):
    """The answer to `call`, without its type and number."""
    if command["operation"] not in ("bodies", "presigned"):
        return {"kind": "unsupported", "reason": f"no operation {command['operation']}"}
    if command["signature"] != "v4":
        return {"kind": "unsupported", "reason": "signs with V4 only"}
    session = session_for(command, kept)
    try:
        response = get(command, session)
    except (requests.RequestException, ValueError, OSError) as error:
        return {"kind": "error", "error": failure(error)}
    finally:
        if command["client"] == "fresh":
            session.close()
    if response.status_code >= 300:
        return {"kind": "error", "error": refusal(response)}
    return content(response.content)


def main():
    """Answer each line until `stop` or the end of input."""
    kept = {}
    for line in sys.stdin.buffer:
        command = json.loads(line)
        if command["type"] == "stop":
            break
        if command["type"] == "start":
            answer = started()
        else:
            answer = {"type": "answer", "seq": command["seq"], **call(command, kept)}
        PROTOCOL.write(json.dumps(answer).encode("ascii") + b"\n")
        PROTOCOL.flush()


main()
