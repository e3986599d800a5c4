"""The runner for oss2: one SDK call for each command. runners/README.md is the contract."""

import os

from protocol import (
    PYTHON,
    URL_VALID,
    VARIABLES,
    class_of,
    consumed,
    content,
    failure,
    process_of,
    serve,
    timeouts_of,
    written,
)

import oss2  # isort: skip  # after protocol, which has moved standard output away
from oss2.credentials import (
    Credentials,
    CredentialsProvider,
    EnvironmentVariableCredentialsProvider,
)
from requests_transport import DEPENDENCIES, origin_of

STARTED = {
    "runner": "python",
    "language": "Python",
    "runtime": PYTHON,
    "sdk": {"name": "oss2", "version": oss2.__version__},
    "dependencies": DEPENDENCIES,
    "defaults": {
        "connect_timeout": f"{oss2.defaults.connect_timeout} s",
        "retries": str(oss2.defaults.request_retries),
        "connection_pool_size": str(oss2.defaults.connection_pool_size),
    },
    "capabilities": [
        *("proxy", "presigned", "path-style", "cname", "anonymous", "token", "kept", "v1"),
        *("process", "timeouts", "version", "provider", "threads", "to-file", "partial", "clock"),
        "marks",
    ],
}
# oss2 has no default for the version: a program chooses a class. That of V1 is the first in its
# documentation.
AUTH = {"v4": oss2.ProviderAuthV4, "v1": oss2.ProviderAuth, None: oss2.ProviderAuth}


class ProgramProvider(CredentialsProvider):
    """A provider of the program's own. The environment holds what the call under way has."""

    def get_credentials(self):
        """The credentials of now."""
        return Credentials(*map(os.environ.get, VARIABLES))


PROVIDERS = {"environment": EnvironmentVariableCredentialsProvider, "program": ProgramProvider}


class Client:
    """What a user of oss2 keeps: a Bucket, with the session that it makes."""

    own = ("bucket",)

    def __init__(self, command):
        proxy = command["proxy"]
        if command["credentials"] is None:
            auth = oss2.AnonymousAuth()
        else:
            auth = AUTH[command["signature"]](PROVIDERS[command["provider"]]())
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
        self._bucket = oss2.Bucket(auth, command["endpoint"], command["bucket"], **options)

    def call(self, command):
        """The answer to a call."""
        if command["into"] == "file":
            return content(written(lambda path: self._get(command, "_to_file", path)))
        return content(consumed(self._get(command), command["consume"]))

    def _get(self, command, suffix="", *where):
        """The object as a program asks for it, or by a URL that was signed beforehand."""
        key, process, version = command["key"], process_of(command), command["version_id"]
        params = None if version is None else {"versionId": version}
        if command["sign"] == "header":
            get = getattr(self._bucket, f"get_object{suffix}")
            return get(key, *where, process=process, params=params)
        params = {oss2.Bucket.PROCESS: process} | (params or {})
        # Without slash_safe a `/` of the key would be `%2F` in the URL; who shares URLs sets it.
        url = self._bucket.sign_url("GET", key, URL_VALID, params=params, slash_safe=True)
        return getattr(self._bucket, f"get_object_with_url{suffix}")(url, *where)

    def close(self):
        """Close the connections; oss2 has no name for it."""
        self._bucket.session.session.close()


def raised(error):
    """The answer for what the SDK raised.

    oss2 wraps what requests raises until the content is read, and lets it pass unchanged then. The
    fields of an oss2 error that came from no response are placeholders (status -1, empty texts),
    and so is an empty text in one that did: both become null.
    """
    served = isinstance(error, oss2.exceptions.ServerError)
    shown = error if served else None
    return failure(
        "service" if served else origin_of(getattr(error, "exception", error)),
        class_of(error),
        str(error),
        status=getattr(shown, "status", None),
        code=getattr(shown, "code", None) or None,
        message=getattr(shown, "message", None) or None,
        request_id=getattr(shown, "request_id", None) or None,
        host_id=getattr(shown, "details", {}).get("HostId") or None,
        ec=getattr(shown, "ec", None) or None,
        caught=isinstance(error, oss2.exceptions.OssError),
    )


serve(STARTED, Client, raised)
