"""The runner for oss2: one SDK call for each command. runners/README.md is the contract."""

import http.client
import os

from protocol import (
    PYTHON,
    URL_VALID,
    Sessions,
    class_of,
    content,
    failure,
    process_of,
    serve,
    timeouts_of,
)

import oss2  # isort: skip  # after protocol, which has moved standard output away
import requests
import urllib3
from oss2.credentials import EnvironmentVariableCredentialsProvider

STARTED = {
    "runner": "python",
    "language": "Python",
    "runtime": PYTHON,
    "sdk": {"name": "oss2", "version": oss2.__version__},
    "capabilities": [
        *("proxy", "presigned", "path-style", "cname", "anonymous", "token", "kept", "v1"),
        *("process", "timeouts", "version"),
    ],
}
VARIABLES = {
    "OSS_ACCESS_KEY_ID": "access_key_id",
    "OSS_ACCESS_KEY_SECRET": "access_key_secret",
    "OSS_SESSION_TOKEN": "security_token",
}
# oss2 has no default for the version: a program chooses a class. That of V1 is the first in its
# documentation.
AUTH = {"v4": oss2.ProviderAuthV4, "v1": oss2.ProviderAuth, None: oss2.ProviderAuth}
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


def bucket_for(command, session):
    """The bucket as a program would open it."""
    credentials, proxy = command["credentials"], command["proxy"]
    for variable, field in VARIABLES.items():
        os.environ.pop(variable, None)
        if credentials is not None and credentials[field] is not None:
            os.environ[variable] = credentials[field]
    if credentials is None:
        auth = oss2.AnonymousAuth()
    else:
        auth = AUTH[command["signature"]](EnvironmentVariableCredentialsProvider())
    options = {}
    # oss2 has one timeout, in seconds, and passes it to requests unchanged, which takes it for
    # connecting and for reading alike; only as a pair can the two differ.
    connect, read = timeouts_of(command)
    if (connect, read) != (None, None):
        default = oss2.defaults.connect_timeout
        pair = (default if connect is None else connect, default if read is None else read)
        options["connect_timeout"] = connect if connect == read else pair
    if command["region"] is not None:
        options["region"] = command["region"]
    if command["addressing"] == "path":
        options["is_path_style"] = True
    if command["addressing"] == "cname":
        options["is_cname"] = True
    if proxy is not None:
        options["proxies"] = {"http": proxy, "https": proxy}
    return oss2.Bucket(auth, command["endpoint"], command["bucket"], session=session, **options)


def get(bucket, command):
    """The object as a program asks for it, or by a URL that was signed beforehand."""
    key, process, version = command["key"], process_of(command), command["version_id"]
    params = None if version is None else {"versionId": version}
    if command["sign"] == "header":
        return bucket.get_object(key, process=process, params=params)
    params = {oss2.Bucket.PROCESS: process} | (params or {})
    # Without slash_safe a `/` of the key would be `%2F` in the URL; those who share URLs set it.
    url = bucket.sign_url("GET", key, URL_VALID, params=params, slash_safe=True)
    return bucket.get_object_with_url(url)


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


def raised(error, responded):
    """The answer for what the SDK raised.

    The fields of an oss2 error that came from no response are placeholders (status -1, empty
    texts), and so is an empty text in one that did: both become null.
    """
    origin = origin_of(error, responded)
    shown = error if origin == "service" else None
    return failure(
        origin,
        class_of(error),
        str(error),
        status=getattr(shown, "status", None),
        code=getattr(shown, "code", None) or None,
        message=getattr(shown, "message", None) or None,
        request_id=getattr(shown, "request_id", None) or None,
        host_id=getattr(shown, "details", {}).get("HostId") or None,
        ec=getattr(shown, "ec", None) or None,
    )


def call(command, session):
    """The answer to `call`."""
    session.responded = False
    try:
        return content(get(bucket_for(command, session), command).read())
    except Exception as error:  # whatever the SDK raises is what its user gets
        return raised(error, session.responded)


serve(STARTED, call, Sessions(Session))
