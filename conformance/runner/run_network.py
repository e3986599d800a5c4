"""The network, the trust volume and the containers of one run.

A container is read-only, without capabilities or privileges, not root, limited in memory,
processors and processes, and ends with its input. The run's trust is in a volume, so that a
remote engine works as a local one does. Every object carries the labels of the run, so that an
interrupted run can be swept.
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
from docker.errors import APIError
from docker.types import LogConfig

from conformance.errors import CannotRunError, RunnerError
from conformance.model.message import Ended
from conformance.runner.attach import ContainerChannel, Ending, close_socket, read_to_end
from conformance.runner.docker_engine import REFUSALS, explanation
from conformance.runner.labels import new_mark, remove_run

TRUST = "/trust"  # where the volume is mounted
USER = "65534:65534"  # nobody
ENVIRONMENT = {"HOME": "/tmp", "TZ": "UTC", "LANG": "C.UTF-8"}
_MEMORY = "768m"  # a JVM with a 10,000-body answer stays below 400 MB
_PROCESSES = 256  # a JVM starts some 40 threads, Go and curl fewer


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerProgram:
    """What a container runs."""

    image: str
    name: str
    argv: tuple[str, ...] = ()  # empty: the image's own command
    environment: Mapping[str, str] = field(default_factory=dict)


class RunNetwork:
    """Creates and removes what one run needs in the engine."""

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
        """Create the network, which has no way out, and the volume; CannotRunError if refused."""
        api, labels = self._client.api, self._mark.labels
        try:
            api.create_network(
                self._name,
                driver="bridge",
                internal=True,
                labels=labels,
                # Without an address on the bridge the host's own services cannot be reached either.
                options={"com.docker.network.bridge.inhibit_ipv4": "true"},
            )
            api.create_volume(self._name, labels=labels)
        except REFUSALS as error:
            raise _refused("network and volume", error) from error

    def start_mock(
        self, program: ContainerProgram, trust: Mapping[str, bytes]
    ) -> tuple[ContainerChannel, str]:
        """Start the container that fills the volume with these files; its channel and address."""

        def fill(container: str) -> None:
            self._client.api.put_archive(container, TRUST, _tar(trust))

        return self.start(program, fill)

    def resolve(self, names: Sequence[str], address: str) -> None:
        """Give these host names this address in every container that starts from now on."""
        self._hosts = dict.fromkeys(names, address)

    def start(
        self, program: ContainerProgram, fill: Callable[[str], None] | None = None
    ) -> tuple[ContainerChannel, str]:
        """Create, attach and start a container: its channel and its address on the network.

        fill: called with the container before it starts; the trust volume is then writable.
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
            raise _refused(name, error) from error

        def remove() -> None:
            with contextlib.suppress(APIError):  # gone, or on its way: with its input it ends
                api.remove_container(container, force=True)

        try:
            if fill is not None:
                fill(container)
            streams = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
            attached = api.attach_socket(container, params=streams)
            ending = Ending(api, container)
            channel = ContainerChannel(attached, ending=ending, remove=remove)
            with self._lock:
                self._channels.append(channel)
            api.start(container)
            networks = api.inspect_container(container)["NetworkSettings"]["Networks"]
        except REFUSALS as error:
            remove()
            raise _refused(name, error) from error
        if self._closed:
            channel.close()
        channel.container = container
        return channel, str(networks[self._name]["IPAddress"])

    def run_in(
        self, container: str, argv: Sequence[str], environment: dict[str, str], timeout: float
    ) -> Ended | None:
        """Run a program in a lane's container; None if it did not end in time."""
        api = self._client.api
        try:
            made = api.exec_create(container, list(argv), environment=environment)["Id"]
            attached = api.exec_start(made, socket=True)
            try:
                outputs = read_to_end(attached, time.monotonic() + timeout)
            finally:
                close_socket(attached)
            if outputs is None:
                return None
            code = api.exec_inspect(made)["ExitCode"]
        except REFUSALS as error:
            raise RunnerError(
                step="death",
                reason=f"the container of the lane is gone: {explanation(error)}",
                remedy="see what ended it: a container ends with its runner",
            ) from error
        return Ended(exit=code, stdout=outputs[0], stderr=outputs[1])

    def close(self) -> None:
        """Remove containers, then network and volume; safe to call twice."""
        with self._lock:
            self._closed = True
            channels, self._channels = self._channels, []
        if channels:
            with ThreadPoolExecutor(max_workers=len(channels)) as pool:
                list(pool.map(lambda channel: channel.close(), channels))
        # By label, so that what an interruption cut off from its owner goes as well.
        with contextlib.suppress(*REFUSALS):
            remove_run(self._client, self._mark.run)

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
            # The names are in /etc/hosts; any other name must not leave through the engine.
            dns=["127.0.0.1"],
            dns_opt=["timeout:1", "attempts:1"],  # glibc would ask for 10 s
            extra_hosts=self._hosts,
            sysctls={"net.ipv4.ip_unprivileged_port_start": "0"},
            log_config=LogConfig(type="none"),
        )
        return config


def _refused(name: str, error: Exception) -> CannotRunError:
    return CannotRunError(
        step=f"{name}: container",
        reason=f"the engine refused it: {explanation(error)}",
        remedy="run with --in host, or repair the engine",
    )


def _tar(files: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o444
            tar.addfile(entry, io.BytesIO(data))
    return made.getvalue()
