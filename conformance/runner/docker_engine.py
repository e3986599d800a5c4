"""The connection to a Docker engine, and what goes wrong with it.

The `docker` package raises its own exceptions and those of requests, which are OSErrors; both mean
that the engine refused or did not answer (`REFUSALS`). A connection is checked before it is used,
so that a missing engine is reported at once and not by the first build.
"""

import contextlib
import os
import socket

import docker
from docker.errors import DockerException

from conformance.errors import EngineMissingError
from conformance.runner.labels import sweep

REFUSALS = (DockerException, OSError)
_DEFAULT_SOCKET = "unix:///var/run/docker.sock"  # the default of the docker package
_CONNECT_LIMIT = 10  # seconds; a local engine answers within milliseconds


def sweep_engine() -> list[str]:
    """Remove what dead runs left; EngineMissingError when no engine answers."""
    with contextlib.closing(connect()) as client:
        return sweep(client)


def connect() -> docker.DockerClient:
    """A client of the engine that DOCKER_HOST names; EngineMissingError when none answers."""
    try:
        _check_socket()
        client = docker.from_env(timeout=_CONNECT_LIMIT)
        client.ping()
    except REFUSALS as error:
        raise EngineMissingError(
            step="engine",
            reason="no Docker engine answers",
            remedy="start one (systemctl start docker), or set DOCKER_HOST",
            output=str(error),
        ) from error
    return client


def explanation(error: Exception) -> str:
    """The engine's own explanation of an error, or else the error's text."""
    return str(getattr(error, "explanation", None) or error).strip()


def _check_socket() -> None:
    """Raise OSError if nothing listens at the engine's Unix socket.

    The `docker` package leaves its own socket open when a connection fails.
    """
    kind, _, path = (os.environ.get("DOCKER_HOST") or _DEFAULT_SOCKET).partition("://")
    if kind == "unix":
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(_CONNECT_LIMIT)
            probe.connect(path)
