"""The network, the trust volume and the containers of one run.

A container is read-only, has no capabilities, does not run as root, is limited in memory,
processors and processes, and ends with its input. The CA certificate is in a volume, so that a
remote engine works too. Every object has the labels of the run, so that the objects of an
interrupted run can be removed.
"""

import contextlib
import io
import tarfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import docker
from docker.types import LogConfig

from conformance.errors import RunnerError
from conformance.model.message import Ended
from conformance.runner.attach import (
    ContainerChannel,
    ContainerEnding,
    ExecEnding,
    close_socket,
    exec_code,
    read_to_end,
)
from conformance.runner.docker_engine import REFUSALS, add_file, explanation, refused
from conformance.runner.labels import new_mark, remove_run

TRUST = "/trust"  # mount point of the volume
USER = "65534:65534"  # nobody
ENVIRONMENT = {"HOME": "/tmp", "TZ": "UTC", "LANG": "C.UTF-8"}
_OUTSIDE = "bridge"  # the network of containers that name none
_MEMORY = "768m"  # a JVM that reads 10,000 bodies needs less than 400 MB
# Seconds for one request when a run ends; the engine takes 0.2 to remove a container.
_CLOSING_LIMIT = 20
_PROCESSES = 256  # a JVM starts about 40 threads, Go and curl fewer


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerProgram:
    """What a container runs."""

    image: str
    name: str
    argv: tuple[str, ...] = ()  # empty: the command of the image
    environment: Mapping[str, str] = field(default_factory=dict)


class RunNetwork:
    """Creates and removes the objects of one run in the engine."""

    def __init__(self, client: docker.DockerClient) -> None:
        self._client = client
        self._mark = new_mark()
        self._name = f"oss-bodies-{self._mark.run}"
        self._lock = threading.Lock()
        self._closed = False
        self._channels: list[ContainerChannel] = []
        self._hosts: dict[str, str] = {}
        self._processors = int(client.info()["NCPU"])

    def create(self) -> None:
        """Create an internal network and the volume; raises CannotRunError."""
        api, labels = self._client.api, self._mark.labels
        try:
            api.create_network(
                self._name,
                driver="bridge",
                internal=True,
                labels=labels,
                # Without an address on the bridge, services of the host cannot be reached either.
                options={"com.docker.network.bridge.inhibit_ipv4": "true"},
            )
            api.create_volume(self._name, labels=labels)
        except REFUSALS as error:
            raise refused("network and volume", error) from error

    def start_mock(
        self, program: ContainerProgram, trust: Mapping[str, bytes], *, outside: bool
    ) -> tuple[ContainerChannel, str]:
        """Start the mock and put `trust` into the volume; return its channel and address.

        outside: whether it is also on the engine's usual network, which has a way out.
        """

        def fill(container: str) -> None:
            self._client.api.put_archive(container, TRUST, _tar(trust))
            if outside:
                self._client.api.connect_container_to_network(container, _OUTSIDE)

        return self.start(program, fill)

    def resolve(self, names: Sequence[str], address: str) -> None:
        """Map these host names to an address in every container that starts from now on."""
        self._hosts = dict.fromkeys(names, address)

    def start(
        self, program: ContainerProgram, fill: Callable[[str], None] | None = None
    ) -> tuple[ContainerChannel, str]:
        """Start a container; return its channel and its address on the network.

        fill: called with the id of the container before it starts; makes the volume writable.
        """
        api, name = self._client.api, program.name
        unique = f"{self._name}-{name}-{time.monotonic_ns():x}"
        try:
            container = api.create_container(
                program.image,
                command=list(program.argv) or None,
                name=unique,
                user=USER,
                stdin_open=True,
                environment={**ENVIRONMENT, **program.environment},
                labels=self._mark.labels,
                host_config=self._host_config(writable=fill is not None),
                use_config_proxy=False,  # the user's proxies are for builds
            )["Id"]
        except REFUSALS as error:
            raise refused(f"{name}: container", error) from error

        def remove() -> None:
            # It is gone or being removed, since its input ended; if not, `close` comes across it.
            with contextlib.suppress(*REFUSALS):
                api.remove_container(container, force=True)

        try:
            if fill is not None:
                fill(container)
            streams = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
            attached = api.attach_socket(container, params=streams)
            ending = ContainerEnding(api, container)
            channel = ContainerChannel(attached, ending=ending, remove=remove)
            with self._lock:
                self._channels.append(channel)
            api.start(container)
            networks = api.inspect_container(container)["NetworkSettings"]["Networks"]
        except REFUSALS as error:
            remove()
            raise refused(f"{name}: container", error) from error
        if self._closed:
            channel.close()
        channel.container = container
        return channel, str(networks[self._name]["IPAddress"])

    def start_in(
        self, holder: ContainerChannel, argv: Sequence[str], environment: Mapping[str, str]
    ) -> ContainerChannel:
        """Start a process in a container that another one keeps; raises CannotRunError.

        Closing its channel removes the container: an engine cannot end one process of it.
        """
        api = self._client.api
        try:
            execution = api.exec_create(
                holder.container, list(argv), stdin=True, environment=dict(environment)
            )["Id"]
            attached = api.exec_start(execution, socket=True)
        except REFUSALS as error:
            raise refused("a process in the container of the lane", error) from error
        ending = ExecEnding(api, execution)
        channel = ContainerChannel(attached, ending=ending, remove=holder.close)
        channel.container = holder.container
        with self._lock:
            self._channels.append(channel)
        if self._closed:
            channel.close()
        return channel

    def run_in(
        self, container: str, argv: Sequence[str], environment: dict[str, str], timeout: float
    ) -> Ended | None:
        """Run a program in the container of a lane; None if it did not exit in time."""
        api = self._client.api
        try:
            execution = api.exec_create(container, list(argv), environment=environment)["Id"]
            attached = api.exec_start(execution, socket=True)
            deadline = time.monotonic() + timeout
            try:
                outputs = read_to_end(attached, deadline)
            finally:
                close_socket(attached)
            code = None if outputs is None else exec_code(api, execution, deadline)
        except REFUSALS as error:
            raise RunnerError(
                step="start",
                reason=f"the container of the lane is gone: {explanation(error)}",
                remedy="find out why the runner exited; its container ends with it",
            ) from error
        if outputs is None or code is None:
            return None
        return Ended(exit=code, stdout=outputs[0], stderr=outputs[1])

    def close(self) -> list[str]:
        """Remove containers, then network and volume; return a line for each that is left.

        Safe to call twice. An engine that does not answer is waited for `_CLOSING_LIMIT` seconds.
        """
        self._client.api.timeout = _CLOSING_LIMIT
        with self._lock:
            self._closed = True
            channels, self._channels = self._channels, []
        if channels:
            with ThreadPoolExecutor(max_workers=len(channels)) as pool:
                list(pool.map(lambda channel: channel.close(), channels))
        # By label, which also finds objects whose creation was interrupted.
        try:
            return remove_run(self._client, self._mark.run)
        except REFUSALS as error:
            return [f"what has the label of run {self._mark.run} ({explanation(error)})"]

    def _host_config(self, *, writable: bool) -> dict[str, Any]:
        config: dict[str, Any] = self._client.api.create_host_config(
            auto_remove=True,
            read_only=True,
            tmpfs={"/tmp": "rw,noexec,nosuid,nodev,size=256m,mode=1777"},
            binds={self._name: {"bind": TRUST, "mode": "rw" if writable else "ro"}},
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            mem_limit=_MEMORY,
            memswap_limit=_MEMORY,
            nano_cpus=min(2, self._processors) * 10**9,
            pids_limit=_PROCESSES,
            init=True,
            network_mode=self._name,
            # Host names are in /etc/hosts; the engine must not resolve any other name.
            dns=["127.0.0.1"],
            dns_opt=["timeout:1", "attempts:1"],  # the defaults of glibc take 10 s
            extra_hosts=self._hosts,
            sysctls={"net.ipv4.ip_unprivileged_port_start": "0"},
            log_config=LogConfig(type="none"),
        )
        return config


def _tar(files: Mapping[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, data in files.items():
            add_file(tar, name, data)
    return archive.getvalue()
