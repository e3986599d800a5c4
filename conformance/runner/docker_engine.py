"""The connection to a Docker engine, and its errors.

The `docker` package raises DockerException, the exceptions of requests, which are OSErrors, and
those of urllib3 while a response is read; all of them mean that the engine refused a request or did
not answer in time (`REFUSALS`). `connect` checks the connection, so that a missing engine is
reported at once and not by the first build.
"""

import contextlib
import io
import os
import socket
import tarfile

import docker
from docker.errors import DockerException
from urllib3.exceptions import HTTPError

from conformance.errors import CannotRunError, EngineMissingError
from conformance.runner.labels import sweep

REFUSALS = (DockerException, OSError, HTTPError)
_DEFAULT_SOCKET = "unix:///var/run/docker.sock"  # the default of the docker package
_CONNECT_LIMIT = 10  # seconds; a local engine answers within milliseconds
_REMOVE_LIMIT = 120  # seconds for one request; a removal on a busy disk takes a minute


def sweep_engine() -> list[str]:
    """Remove what dead runs left, and return a line for each object; raises EngineMissingError."""
    with contextlib.closing(connect()) as client:
        client.api.timeout = _REMOVE_LIMIT
        try:
            return sweep(client)
        except REFUSALS as error:
            raise refused("sweep", error) from error


def connect() -> docker.DockerClient:
    """Connect to the engine that DOCKER_HOST names, or the local one; raises EngineMissingError."""
    try:
        _check_socket()
        client = docker.from_env(timeout=_CONNECT_LIMIT)
        client.ping()
    except REFUSALS as error:
        raise EngineMissingError(
            step="engine",
            reason="no Docker engine answers",
            remedy="start one (systemctl start docker), set DOCKER_HOST, or use --in host",
            output=str(error),
        ) from error
    return client


def refused(step: str, error: Exception) -> CannotRunError:
    """The error for a request that the engine refused or did not answer in time."""
    return CannotRunError(
        step=step,
        reason=f"the Docker engine reported: {explanation(error)}",
        remedy="fix the Docker engine, or use --in host",
    )


def explanation(error: Exception) -> str:
    """The explanation that the engine gives for an error, or else the text of the exception."""
    return str(getattr(error, "explanation", None) or error).strip()


def add_file(tar: tarfile.TarFile, name: str, data: bytes, mode: int = 0o644) -> None:
    """Add a file to an archive for the engine; its time and owner are always the same."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), mode
    tar.addfile(entry, io.BytesIO(data))


def _check_socket() -> None:
    """Raise OSError if nothing listens at the engine's Unix socket.

    The `docker` package cannot be used for this: it leaks a socket when a connection fails.
    """
    kind, _, path = (os.environ.get("DOCKER_HOST") or _DEFAULT_SOCKET).partition("://")
    if kind == "unix":
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(_CONNECT_LIMIT)
            probe.connect(path)
