"""The runner for oss2: commands on stdin, one SDK call each, answers on stdout.

runners/README.md is the contract. Everything that is not an answer goes to standard error: file
descriptor 1 is moved away before the SDK is loaded.
"""

import base64
import hashlib
import http.client
import json
import os
import platform
import sys

PROTOCOL = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)

import oss2  # noqa: E402
import requests  # noqa: E402
import urllib3  # noqa: E402
from oss2.credentials import EnvironmentVariableCredentialsProvider  # noqa: E402

CAPABILITIES = [
    *("proxy", "presigned", "path-style", "cname", "anonymous", "token", "kept", "v1", "process"),
    *("timeouts", "version"),
]
URL_VALID = 3600  # seconds
VARIABLES = {
    "OSS_ACCESS_KEY_ID": "access_key_id",
    "OSS_ACCESS_KEY_SECRET": "access_key_secret",
    "OSS_SESSION_TOKEN": "security_token",
}
# What makes a client, and so what one must have in common with the last call to be kept.
SETTINGS = ("endpoint", "region", "signature", "credentials", "addressing", "proxy", "timeouts")
AUTH = {"v4": oss2.ProviderAuthV4, "v1": oss2.ProviderAuth}
# oss2 lets these pass unchanged while the content is read; before that it wraps them.
BROKEN_OFF = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException)


class Session(oss2.Session):
    """The SDK's own session, which remembers whether a response came."""

    responded = False

    def do_request(self, req, timeout):
        """What the SDK does, noted."""
        self.responded = False
        response = super().do_request(req, timeout)
        self.responded = True
        return response

    def close(self):
        """Close the connections; oss2 has no name for it."""
        self.session.close()


def started():
    """The answer to `start`."""
    return {
        "type": "started",
        "protocol": 1,
        "runner": "python",
        "language": "Python",
        "runtime": f"{platform.python_implementation()} {platform.python_version()}",
        "os": f"{platform.system()} {platform.release()}",
        "sdk": {"name": "oss2", "version": oss2.__version__},
        "capabilities": CAPABILITIES,
    }


def session_for(command, kept):
    """A session of the call's own, or the one that calls with the same settings share."""
    if command["client"] == "fresh":
        return Session()
    settings = json.dumps([command[name] for name in SETTINGS], sort_keys=True)
    if settings not in kept:
        kept[settings] = Session()
    return kept[settings]


def bucket_for(command, session):
    """The bucket as a program would open it."""
    credentials, proxy, limits = command["credentials"], command["proxy"], command["timeouts"]
    for variable, field in VARIABLES.items():
        os.environ.pop(variable, None)
        if credentials is not None and credentials[field] is not None:
            os.environ[variable] = credentials[field]
    if credentials is None:
        auth = oss2.AnonymousAuth()
    else:
        auth = AUTH[command["signature"]](EnvironmentVariableCredentialsProvider())
    # oss2 has one timeout, in seconds, and hands it to requests as it is, which takes it for
    # connecting and for reading alike; only as a pair can the two differ.
    connect, read = limits["connect"] / 1000, limits["read"] / 1000
    options = {"connect_timeout": connect if connect == read else (connect, read)}
    if command["region"] is not None:
        options["region"] = command["region"]
    if command["addressing"] == "path":
        options["is_path_style"] = True
    if command["addressing"] == "cname":
        options["is_cname"] = True
    if proxy is not None:
        options["proxies"] = {"http": proxy, "https": proxy}
    return oss2.Bucket(auth, command["endpoint"], command["bucket"], session=session, **options)


def process_of(command):
    """The processing string: the given one, or the one that a user writes."""
    if command["process"] is not None:
        return command["process"]
    if command["sen"] is None:
        return "image/bodies"
    return f"image/bodies,sen_{command['sen']}"


def get(bucket, command):
    """The object as a program asks for it, or by a URL that was signed beforehand."""
    key, process, version = command["key"], process_of(command), command["version_id"]
    params = None if version is None else {"versionId": version}
    if command["operation"] == "bodies":
        return bucket.get_object(key, process=process, params=params)
    params = {oss2.Bucket.PROCESS: process} | (params or {})
    # Without slash_safe a `/` of the key would be `%2F` in the URL; those who share URLs set it.
    url = bucket.sign_url("GET", key, URL_VALID, params=params, slash_safe=True)
    return bucket.get_object_with_url(url)


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
    """The part of an answer that tells what the SDK handed over."""
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


def origin_of(error, responded):
    """Where an error comes from, by its class and by whether a response had come."""
    if isinstance(error, oss2.exceptions.RequestError):
        cause = error.exception
        # requests makes its errors about a URL, a proxy or a header it was given ValueErrors. An
        # InvalidHeader that names a request came from reading the response.
        of_response = isinstance(cause, requests.exceptions.InvalidHeader) and cause.request
        return "client" if isinstance(cause, ValueError) and not of_response else "transport"
    if isinstance(error, oss2.exceptions.ServerError):
        return "service"
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return "parse"
    if isinstance(error, (*BROKEN_OFF, OSError)):
        return "transport"
    return "parse" if responded else "client"


def failure(error, responded):
    """The part of an answer that tells which error the SDK raised.

    The fields of an oss2 error that came from no response are placeholders (status -1, empty
    texts), and so is an empty text in one that did: both are told as null.
    """
    origin = origin_of(error, responded)
    shown = error if origin == "service" else None
    details = getattr(shown, "details", {})
    return {
        "kind": "error",
        "error": {
            "origin": origin,
            "error_class": f"{type(error).__module__}.{type(error).__qualname__}",
            "text": str(error),
            "status": getattr(shown, "status", None),
            "code": getattr(shown, "code", None) or None,
            "message": getattr(shown, "message", None) or None,
            "request_id": getattr(shown, "request_id", None) or None,
            "host_id": details.get("HostId") or None,
            "ec": getattr(shown, "ec", None) or None,
        },
    }


def call(command, kept):
    """The answer to `call`, without its type and number."""
    if command["operation"] not in ("bodies", "presigned"):
        return {"kind": "unsupported", "reason": f"no operation {command['operation']}"}
    session = session_for(command, kept)
    session.responded = False
    try:
        return content(get(bucket_for(command, session), command).read())
    except Exception as error:  # whatever the SDK raises is what its user gets
        return failure(error, session.responded)
    finally:
        if command["client"] == "fresh":
            session.close()


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
