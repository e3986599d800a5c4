"""Container mode: lanes and mock on an internal network, the mock under the real host names.

Images are built in parallel, then a network is created for the run. The mock starts while the
containers of the lanes start, which saves half a second on two cores.
"""

import contextlib
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import docker

from conformance.errors import CannotRunError, RunnerError
from conformance.live.live_service import LiveService
from conformance.model.case import ProgramEnvironment
from conformance.model.manifest import Lane, Program
from conformance.model.message import Ended
from conformance.oss.naming import is_looked_up
from conformance.runner.attach import ContainerChannel
from conformance.runner.child_process import program_timeout
from conformance.runner.discovery import filled
from conformance.runner.docker_engine import REFUSALS, connect, refused
from conformance.runner.image import (
    add_programs,
    build_image,
    ensure_base,
    lane_recipe,
    mock_recipe,
    tag_of,
)
from conformance.runner.labels import sweep
from conformance.runner.mock_client import MockClient
from conformance.runner.parallel import in_parallel
from conformance.runner.program import command_of, ended_with_compiler, programs_of
from conformance.runner.protocol import Runner
from conformance.runner.run_network import TRUST, ContainerProgram, RunNetwork
from conformance.runner.site import PreparedLane, Tell, mock_lane
from conformance.runner.surroundings import USUAL, Surroundings
from conformance.runner.trust import make_trust

_VALUES = {
    "home": "/opt/runner",
    "ca": f"{TRUST}/ca.pem",
    "truststore": f"{TRUST}/truststore.p12",
    "python": "python3",
    "suite": "/opt/suite",
}
_PROGRAMS = "/opt/programs"
_PROXY = "proxy.oss-bodies.internal"  # the name of the mock for calls that use it as a proxy
# Writes files, given as name and content up to `--`, into the home folder, which exists only while
# the container runs, and then runs the command after it.
_WITH_HOME = 'while [ "$1" != -- ]; do printf %s "$2" >"$HOME/$1"; shift 2; done; shift; exec "$@"'
# Keeps a container until its input ends. A process that is started in it later begins as in a new
# container: no other process but these two, nothing in its folders.
_HOLDER = ("sh", "-c", "exec cat >/dev/null")
_ALONE = (
    "for one in $(ls /proc | grep -x '[0-9]*' | sort -n | sed 1,2d); do "
    '[ "$one" = $$ ] || kill -KILL "$one"; done 2>/dev/null; '
    "find /tmp /dev/shm -mindepth 1 -delete 2>/dev/null; "
)
_END_LIMIT = 3.0  # seconds that a runner may take to exit when it is asked to
# Seconds for one request to the engine; a start on a machine that is swapping takes 30.
_ENGINE_LIMIT = 120


class ContainerSite:
    """See site.Site."""

    mode = "container"
    closed = True

    def __init__(self, client: docker.DockerClient, base: str, tell: Tell) -> None:
        self._client, self._base, self._tell = client, base, tell
        client.api.timeout = _ENGINE_LIMIT  # `connect` set a short one
        self.network = RunNetwork(client)
        self._mock: MockClient | None = None
        self._mock_image = ""
        self._starting = ThreadPoolExecutor(max_workers=1)
        self._mock_started: Future[str] | None = None

    @classmethod
    def connect(cls, tell: Tell) -> "ContainerSite":
        """Connect to the engine, remove what dead runs left, and get the base image.

        Raises EngineMissingError, or CannotRunError if the engine answers and then fails.
        """
        client = connect()
        try:
            for line in sweep(client):
                tell(f"removed a leftover of an earlier run: {line}")
            return cls(client, ensure_base(client, tell), tell)
        except REFUSALS as error:
            raise refused("engine", error) from error

    def missing(self, lane: Lane) -> tuple[tuple[str, str], ...]:
        """A Dockerfile, if the runner has none; the image brings everything else."""
        if lane.manifest.dockerfile is None:
            return (("a Dockerfile", "add one to the runner's folder, or use --in host"),)
        return ()

    def prepare(self, lanes: Sequence[Lane], tell: Tell) -> tuple[PreparedLane, ...]:
        """Build the images in parallel; a lane whose image cannot be built has a `reason`.

        An interruption need not stop a build: the engine cancels it when its client is gone.
        """

        def prepare_one(lane: Lane | None, _stopped: threading.Event) -> PreparedLane | None:
            if lane is None:
                mock = mock_recipe()
                self._mock_image, _ = build_image(self._client, mock, self._base, tell)
                return None
            for what, remedy in self.missing(lane):
                return PreparedLane(lane=lane, reason=f"missing: {what}", remedy=remedy)
            try:
                image, checksum = build_image(self._client, lane_recipe(lane), self._base, tell)
                programs = programs_of(lane, _PROGRAMS)
                if programs is not None and programs.given:
                    runner = tag_of(lane.manifest.name, checksum)
                    image = add_programs(self._client, runner, programs, _VALUES, tell)
            except CannotRunError as error:
                return PreparedLane(lane=lane, reason=error.summary, remedy=error.remedy)
            return PreparedLane(lane=lane, image=image, checksum=checksum, programs=programs)

        results = in_parallel(prepare_one, [None, *lanes])
        return tuple(prepared for prepared in results if prepared is not None)

    def open(self, hosts: frozenset[str], live: LiveService | None = None) -> MockClient:
        """Create the certificates and the network, and start the mock.

        In a live run the mock alone is also on the engine's usual network, the tap's way out.
        """
        trust = make_trust(hosts)
        self.network.create()
        files = {"ca.pem": trust.ca_pem.encode(), "truststore.p12": trust.truststore}
        program = ContainerProgram(image=self._mock_image, name="mock")
        channel, address = self.network.start_mock(program, files, outside=live is not None)
        names = [name for name in hosts if is_looked_up(name)]
        self.network.resolve([*names, _PROXY], address)
        mock = self._mock = MockClient(channel, live)
        self._mock_started = self._starting.submit(
            mock.start, certificates=trust.certificates, listen="container"
        )
        return mock

    def enter(self, prepared: PreparedLane, part: int = 1) -> "ContainerStation":
        """Start a container of a lane; the mock identifies the lane by its address."""
        assert self._mock is not None, "open the site first"
        return ContainerStation(self, self._mock, prepared, part)

    def wait_for_mock(self) -> None:
        """Wait until the mock has started; raises MockError if it fails."""
        if self._mock_started is not None:
            self._mock_started.result()

    def lacks(self, environment: ProgramEnvironment) -> frozenset[str]:  # noqa: ARG002 (Site)
        """Nothing: the images have the locales of the corpus and libfaketime."""
        return frozenset()

    def close(self) -> None:
        """Remove everything; what the engine does not remove in time is reported."""
        if self._mock is not None:
            self._mock.stop()
        for line in self.network.close():
            self._tell(f"not removed: {line} (oss-bodies sweep tries again)")
        self._client.close()


class ContainerStation:
    """See site.Station."""

    proxy: str | None = None
    mock_as_proxy: str | None = f"http://{_PROXY}:8080"

    def __init__(
        self, site: ContainerSite, mock: MockClient, prepared: PreparedLane, part: int = 1
    ) -> None:
        self._site, self._mock, self._prepared = site, mock, prepared
        self._mock_lane = mock_lane(prepared.lane.name, part)
        self._manifest = prepared.lane.manifest
        self._environment = {
            name: filled(text, _VALUES) for name, text in self._manifest.environment
        }
        # The container in which runners follow each other, if the present one runs there.
        self._holder: ContainerChannel | None = None
        self.channel = self._container(USUAL, self._command(USUAL))

    def restart(self, surroundings: Surroundings = USUAL) -> None:
        """Remove the container and start another."""
        self.channel.close()
        self._holder = None
        self.channel = self._container(surroundings, self._command(surroundings))

    def follow(self, surroundings: Surroundings) -> None:
        """Start the next runner in a container kept for that, which takes a sixth of the time."""
        if self._holder is not None and self.channel.ended() is None:
            with contextlib.suppress(RunnerError):  # it does not read; the next lines see to it
                Runner(self.channel).stop()
        if self._holder is None or not self.channel.has_ended(_END_LIMIT):
            self.channel.close()
            self._holder = self._container(USUAL, _HOLDER)
        argv = self._command(surroundings, before=_ALONE)
        variables = self._variables(surroundings)
        self.channel = self._site.network.start_in(self._holder, argv, variables)

    def run_program(self, program: Program, environment: dict[str, str], timeout: float) -> Ended:
        """Run a program in the container of the lane, with the same isolation."""

        def run(argv: Sequence[str]) -> Ended:
            ended = self._site.network.run_in(self.channel.container, argv, environment, timeout)
            if ended is None:
                self.channel.close()  # the only way to end a program started by exec
                raise program_timeout(timeout)
            return ended

        programs = self._prepared.programs
        ended = run(command_of(programs, program, _VALUES))
        return ended_with_compiler(ended, programs, program, run)

    def close(self) -> None:
        """Remove the container."""
        self.channel.close()

    def _command(self, around: Surroundings, before: str = "") -> tuple[str, ...]:
        """The command of the runner, behind a shell if something has to be done before it."""
        argv = tuple(filled(word, _VALUES) for word in self._manifest.run)
        if not around.home and not before:
            return argv
        files = [part for file in around.home for part in file]
        return ("sh", "-c", before + _WITH_HOME, "sh", *files, "--", *argv)

    def _variables(self, around: Surroundings) -> dict[str, str]:
        return {name: filled(text, _VALUES) for name, text in around.variables}

    def _container(self, around: Surroundings, argv: tuple[str, ...]) -> ContainerChannel:
        """Start a container of the lane with this command and make it known to the mock."""
        program = ContainerProgram(
            image=self._prepared.image or "",
            name=self._manifest.name,
            argv=argv,
            environment=self._environment | self._variables(around),
        )
        channel, address = self._site.network.start(program)
        self._site.wait_for_mock()
        self._mock.add_lane(self._mock_lane, peer=address)
        return channel
