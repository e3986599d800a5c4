"""Containers as a site: one internal network, and on it the mock under the real host names.

Works through the `docker` package. A lane's container is read-only, without
capabilities or privileges, not root, bounded in memory, processors and processes, and dies with
its input. The run's trust goes into a volume, so that a remote engine works as a local one does.
"""

import contextlib
import io
import os
import socket
import tarfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import docker
from docker.errors import APIError, DockerException
from docker.types import LogConfig

from conformance.errors import CannotRunError, EngineMissingError, RunnerError
from conformance.model.manifest import Lane
from conformance.model.message import Ended
from conformance.oss.naming import is_looked_up
from conformance.runner.attach import ContainerChannel, Ending, close_socket, read_to_end
from conformance.runner.discovery import filled
from conformance.runner.image import build_image, ensure_base, lane_recipe, mock_recipe
from conformance.runner.labels import new_mark, remove_run, sweep
from conformance.runner.mock_client import MockClient
from conformance.runner.parallel import side_by_side
from conformance.runner.site import PreparedLane, Tell
from conformance.runner.trust import make_trust

_TRUST = "/trust"
_VALUES = {
    "home": "/opt/runner",
    "ca": f"{_TRUST}/ca.pem",
    "truststore": f"{_TRUST}/truststore.p12",
    "python": "python3",
    "suite": "/opt/suite",
}
_USER = "65534:65534"  # nobody
_MEMORY = "768m"  # a JVM with a 10,000-body answer stays below 400 MB
_PROCESSES = 256  # a JVM starts some 40 threads, Go and curl fewer
# What docker-py raises: its own exceptions, and those of requests, which are OSErrors.
_REFUSALS = (DockerException, OSError)
_USUAL_SOCKET = "unix:///var/run/docker.sock"  # as the docker package has it
_ANSWERS_WITHIN = 10  # seconds for the engine to answer at all; a local one takes milliseconds


def sweep_engine() -> list[str]:
    """Remove what dead runs left; EngineMissingError when no engine answers."""
    with contextlib.closing(_connect()) as client:
        return sweep(client)


def _connect() -> docker.DockerClient:
    try:
        _knock()
        client = docker.from_env(timeout=_ANSWERS_WITHIN)
        client.ping()
    except _REFUSALS as error:
        raise EngineMissingError(
            step="engine",
            reason="no Docker engine answers",
            remedy="start one (systemctl start docker), or set DOCKER_HOST",
            output=str(error),
        ) from error
    return client


def _knock() -> None:
    """See whether anybody listens at the engine's Unix socket; OSError if not.

    The `docker` package leaves its socket open when that fails.
    """
    kind, _, path = (os.environ.get("DOCKER_HOST") or _USUAL_SOCKET).partition("://")
    if kind == "unix":
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(_ANSWERS_WITHIN)
            probe.connect(path)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Program:
    """What a container runs; no argv means the image's own command."""

    image: str
    name: str
    argv: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


class ContainerSite:
    """See site.Site."""

    mode = "container"

    def __init__(self, client: docker.DockerClient, base: str) -> None:
        self._client, self._base = client, base
        client.api.timeout = 600  # builds and slow disks; `_connect` asked for a quick answer
        self._mark = new_mark()
        self._name = f"oss-bodies-{self._mark.run}"
        self._lock = threading.Lock()
        self._closed = False
        self._channels: list[ContainerChannel] = []
        self._hosts: dict[str, str] = {}
        self._mock: MockClient | None = None
        self._beside = ThreadPoolExecutor(max_workers=1)
        self._awake: Future[str] | None = None
        self._mock_image = ""
        self._processors = int(client.info()["NCPU"])

    @classmethod
    def connect(cls, tell: Tell) -> "ContainerSite":
        """A site in the engine that answers, swept, with its base image; EngineMissingError."""
        client = _connect()
        for line in sweep(client):
            tell(f"removed what an earlier run left: {line}")
        return cls(client, ensure_base(client, tell))

    def missing(self, lane: Lane) -> tuple[tuple[str, str], ...]:
        """Containers bring their toolchains; a runner without a Dockerfile cannot run here."""
        if lane.manifest.dockerfile is None:
            return (("a Dockerfile", "add one to the runner's folder, or --in host"),)
        return ()

    def prepare(self, lanes: Sequence[Lane], tell: Tell) -> tuple[PreparedLane, ...]:
        """Build the images side by side; a lane whose image does not build says why.

        The engine gives up a build whose client is gone, so an interruption needs no word to it.
        """

        def one(lane: Lane | None, _stopped: threading.Event) -> PreparedLane | None:
            if lane is None:
                mock = mock_recipe()
                self._mock_image, _ = build_image(self._client, mock, self._base, tell)
                return None
            for what, mend in self.missing(lane):
                return PreparedLane(lane=lane, reason=f"missing: {what}", remedy=mend)
            try:
                image, checksum = build_image(self._client, lane_recipe(lane), self._base, tell)
            except CannotRunError as error:
                reason = error.summary
                return PreparedLane(lane=lane, reason=reason, remedy=error.remedy)
            return PreparedLane(lane=lane, image=image, checksum=checksum)

        made = side_by_side(one, [None, *lanes])
        return tuple(prepared for prepared in made if prepared is not None)

    def open(self, hosts: frozenset[str]) -> MockClient:
        """Make the network and the trust, and start the mock."""
        trust = make_trust(hosts)
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
        except _REFUSALS as error:
            raise self._refused("network and volume", error) from error
        files = {"ca.pem": trust.ca_pem.encode(), "truststore.p12": trust.truststore}

        def fill(container: str) -> None:
            api.put_archive(container, _TRUST, _tar(files))

        channel, address = self.start(_Program(image=self._mock_image, name="mock"), fill)
        self._hosts = {name: address for name in hosts if is_looked_up(name)}
        mock = self._mock = MockClient(channel)
        # Its interpreter starts while the lanes' containers do: on two cores half a second less.
        self._awake = self._beside.submit(
            mock.start, certificates=trust.certificates, listen="container"
        )
        return mock

    def enter(self, prepared: PreparedLane) -> "ContainerStation":
        """Start a lane's container; the mock knows it by its address."""
        assert self._mock is not None, "open the site first"
        return ContainerStation(self, self._mock, prepared)

    def mock_is_awake(self) -> None:
        """Wait for the mock's own start; MockError if it did not."""
        if self._awake is not None:
            self._awake.result()

    def start(
        self, program: _Program, fill: Callable[[str], None] | None = None
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
                user=_USER,
                stdin_open=True,
                environment={"HOME": "/tmp", "TZ": "UTC", "LANG": "C.UTF-8", **program.environment},
                labels=self._mark.labels,
                host_config=self._host_config(writable=fill is not None),
                use_config_proxy=False,  # the user's proxies are for builds
            )["Id"]
        except _REFUSALS as error:
            raise self._refused(name, error) from error

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
        except _REFUSALS as error:
            remove()
            raise self._refused(name, error) from error
        if self._closed:
            channel.close()
        channel.container = container
        return channel, str(networks[self._name]["IPAddress"])

    def run_beside(
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
        except _REFUSALS as error:
            raise RunnerError(
                step="death",
                reason=f"the container of the lane is gone: {_words(error)}",
                remedy="see what ended it: a container ends with its runner",
            ) from error
        return Ended(exit=code, stdout=outputs[0], stderr=outputs[1])

    def close(self) -> None:
        """Remove containers, then network and volume."""
        with self._lock:
            self._closed = True
            channels, self._channels = self._channels, []
        if channels:
            with ThreadPoolExecutor(max_workers=len(channels)) as pool:
                list(pool.map(lambda channel: channel.close(), channels))
        # By label, so that what an interruption cut off from its owner goes as well.
        with contextlib.suppress(*_REFUSALS):
            remove_run(self._client, self._mark.run)
        self._client.close()

    def _host_config(self, *, writable: bool) -> dict[str, Any]:
        config: dict[str, Any] = self._client.api.create_host_config(
            auto_remove=True,
            read_only=True,
            tmpfs={"/tmp": "rw,nosuid,nodev,size=256m,mode=1777"},
            binds={self._name: {"bind": _TRUST, "mode": "rw" if writable else "ro"}},
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

    def _refused(self, name: str, error: Exception) -> CannotRunError:
        return CannotRunError(
            step=f"{name}: container",
            reason=f"the engine refused it: {_words(error)}",
            remedy="oss-bodies run --in host, or mend the engine",
        )


class ContainerStation:
    """See site.Station."""

    proxy: str | None = None

    def __init__(self, site: ContainerSite, mock: MockClient, prepared: PreparedLane) -> None:
        self._site, self._mock, self._prepared = site, mock, prepared
        self._manifest = prepared.lane.manifest
        self._environment = {
            name: filled(text, _VALUES) for name, text in self._manifest.environment
        }
        self.channel = self._started()

    def restart(self) -> None:
        """Remove the container and start another."""
        self.channel.close()
        self.channel = self._started()

    def run_program(self, environment: dict[str, str], timeout: float) -> Ended:
        """Run the sample in the lane's container, so in the same isolation."""
        sample = self._manifest.sample
        if sample is None:
            raise RunnerError(step="start", reason="no sample", remedy="add one to the manifest")
        argv = [filled(word, _VALUES) for word in sample.run]
        ended = self._site.run_beside(self.channel.container, argv, environment, timeout)
        if ended is None:
            self.channel.close()  # the only way to end a program that exec has started
            raise RunnerError(
                step="timeout",
                reason=f"the program did not end within {timeout:g} s",
                remedy="see what it waits for; --timeout allows more time",
            )
        return ended

    def close(self) -> None:
        """Remove the container."""
        self.channel.close()

    def _started(self) -> ContainerChannel:
        argv = [filled(word, _VALUES) for word in self._manifest.run]
        program = _Program(
            image=self._prepared.image or "",
            name=self._manifest.name,
            argv=tuple(argv),
            environment=self._environment,
        )
        channel, address = self._site.start(program)
        self._site.mock_is_awake()
        self._mock.add_lane(self._prepared.lane.name, peer=address)
        return channel


def _words(error: Exception) -> str:
    return str(getattr(error, "explanation", None) or error)


def _tar(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o444
            tar.addfile(entry, io.BytesIO(data))
    return made.getvalue()
