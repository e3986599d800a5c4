"""Host mode: runners and mock are child processes, and the mock is the proxy of the runners.

A runner does not inherit the network settings of the machine. It trusts only the certificate
authority of the run, and its proxy is the port that the mock opened for its lane. Where the kernel
allows it, all of them run in a network of their own (`closed_network`).
"""

import functools
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from conformance.assets import PACKAGE
from conformance.errors import CannotRunError, MockError, RunnerError
from conformance.live.live_service import LiveService
from conformance.model.case import ProgramEnvironment
from conformance.model.manifest import Lane, Program
from conformance.model.message import Ended
from conformance.oss import naming
from conformance.runner.build import build_on_host, missing_tools
from conformance.runner.child_process import ChildProcess, run_program, scrubbed
from conformance.runner.closed_network import ClosedNetwork
from conformance.runner.dialer import Dialer
from conformance.runner.discovery import filled
from conformance.runner.host_program import compile_on_host
from conformance.runner.mock_client import MockClient
from conformance.runner.parallel import in_parallel
from conformance.runner.program import command_of, ended_with_compiler
from conformance.runner.proxy_probe import BUCKET, HOST
from conformance.runner.site import PreparedLane, Tell, mock_lane
from conformance.runner.surroundings import USUAL, Surroundings
from conformance.runner.survivors import end_survivors
from conformance.runner.trust import make_trust
from conformance.runner.watchdog import Watchdog
from conformance.runner.working_folder import WorkingFolder, sweep_folders

# (what is missing, remedy). Without a proxy the SDK would send its requests to the real service.
_PROXY_CAPABILITY = ("the capability proxy, which host mode needs", "use --in container")


class HostSite:
    """See site.Site."""

    mode = "host"

    def __init__(self) -> None:
        sweep_folders()
        self._working = WorkingFolder()
        self.folder = self._working.path
        self._network = ClosedNetwork.open(self.folder)
        self.closed = self._network is not None
        self._prefix = self._network.prefix if self._network is not None else ()
        self._watchdog = Watchdog(self.folder, self._network.holder if self._network else 0)
        self._mock: MockClient | None = None
        self._dialer: Dialer | None = None
        self._stations: list[HostStation] = []
        self._lock = threading.Lock()

    def missing(self, lane: Lane) -> tuple[tuple[str, str], ...]:
        """The tools that this machine lacks, and the capability `proxy` if the runner lacks it."""
        tools = tuple((" ".join(tool.command), tool.remedy) for tool in missing_tools(lane))
        return tools if "proxy" in lane.manifest.capabilities else (*tools, _PROXY_CAPABILITY)

    def prepare(self, lanes: Sequence[Lane], tell: Tell) -> tuple[PreparedLane, ...]:
        """Build in parallel; a lane that cannot be built has a `reason`."""

        def prepare_one(lane: Lane, stopped: threading.Event) -> PreparedLane:
            if "proxy" not in lane.manifest.capabilities:
                what, remedy = _PROXY_CAPABILITY
                return PreparedLane(lane=lane, reason=f"missing: {what}", remedy=remedy)
            try:
                home, checksum = build_on_host(lane, stopped)
                programs = compile_on_host(lane, _built_values(home), checksum)
            except CannotRunError as error:
                return PreparedLane(lane=lane, reason=error.summary, remedy=error.remedy)
            tell(f"{lane.name}: built")
            return PreparedLane(lane=lane, home=home, checksum=checksum, programs=programs)

        return in_parallel(prepare_one, lanes)

    def open(self, hosts: frozenset[str], live: LiveService | None = None) -> MockClient:
        """Start the mock as a child process, in a live run with a dialer for its way out."""
        trust = make_trust(hosts | {*naming.hosts(f"https://{HOST}", BUCKET)})
        (self.folder / "ca.pem").write_text(trust.ca_pem, encoding="ascii")
        (self.folder / "truststore.p12").write_bytes(trust.truststore)
        environment = scrubbed({"PYTHONPATH": str(PACKAGE.parent)}, home=self.folder)
        argv = [sys.executable, "-m", "conformance.mock"]
        try:
            channel = ChildProcess(argv, environment, self.folder, self._prefix)
        except OSError as error:
            raise MockError(step="mock", reason=f"cannot be started: {error}") from error
        self._mock = MockClient(channel, live)
        dialer = self.folder / "dialer"
        if live is not None:
            self._dialer = Dialer(dialer, live.addresses)
        self._mock.start(certificates=trust.certificates, listen="host", dialer=str(dialer))
        return self._mock

    def enter(self, prepared: PreparedLane, part: int = 1) -> "HostStation":
        """Start a runner of a lane as a child process that uses the lane's port as its proxy."""
        assert self._mock is not None, "open the site first"
        port = self._mock.add_lane(mock_lane(prepared.lane.name, part))
        station = HostStation(prepared, f"http://127.0.0.1:{port}", self.folder, self._prefix)
        with self._lock:
            self._stations.append(station)
        return station

    def lacks(self, environment: ProgramEnvironment) -> frozenset[str]:
        """A locale that is not installed, and the clock without libfaketime."""
        missing = set()
        if environment.locale is not None and _written(environment.locale) not in _locales():
            missing.add("locale")
        if environment.moves_clock and not has_libfaketime():
            missing.add("clock")
        return frozenset(missing)

    def close(self) -> None:
        """End every child process and remove the folder of the run."""
        with self._lock:
            stations, self._stations = self._stations, []
        for station in stations:
            station.close()
        if self._mock is not None:
            self._mock.close()
        if self._dialer is not None:
            self._dialer.close()
        if self._network is not None:
            end_survivors(self.folder, network=self._network.name, keep=self._network.holder)
            self._network.close()
        else:
            end_survivors(self.folder)
        self._watchdog.close()
        self._working.close()


class HostStation:
    """See site.Station."""

    def __init__(
        self, prepared: PreparedLane, proxy: str, folder: Path, prefix: tuple[str, ...] = ()
    ) -> None:
        self._prefix = prefix
        assert prepared.home is not None, "the lane is built"
        self._manifest = prepared.lane.manifest
        self._programs = prepared.programs
        self.proxy: str | None = proxy
        self.mock_as_proxy: str | None = proxy
        # A home folder for each lane, because SDKs leave files there.
        self._home = self._usual_home = Path(tempfile.mkdtemp(prefix="lane-", dir=folder))
        self._surroundings = USUAL
        self._values = {
            **_built_values(prepared.home),
            "ca": str(folder / "ca.pem"),
            "truststore": str(folder / "truststore.p12"),
        }
        self.channel = self._started()

    def restart(self, surroundings: Surroundings = USUAL) -> None:
        """End the runner and start another."""
        self.channel.close()
        self._surroundings = surroundings
        self._home = self._usual_home
        if surroundings.home:
            self._home = Path(tempfile.mkdtemp(prefix="home-", dir=self._usual_home))
            for name, text in surroundings.home:
                (self._home / name).write_text(text, encoding="utf-8")
        self.channel = self._started()

    def follow(self, surroundings: Surroundings) -> None:
        """As `restart`: a process costs nothing else here."""
        self.restart(surroundings)

    def run_program(self, program: Program, environment: dict[str, str], timeout: float) -> Ended:
        """Run a program with the lane's proxy in its environment."""
        if self._manifest.program is not None and not self._manifest.program.host_mode:
            raise RunnerError(
                step="start",
                reason="programs in this language cannot be given a proxy and a CA by variables",
                remedy="run it with --in container",
            )
        # http_proxy too: plain HTTP must not reach the real service either.
        proxies = dict.fromkeys(("HTTPS_PROXY", "https_proxy", "http_proxy"), str(self.proxy))
        argv = command_of(self._programs, program, self._values)
        variables = self._environment(proxies | environment)

        def run(command: Sequence[str]) -> Ended:
            return run_program(command, variables, self._home, timeout, self._prefix)

        return ended_with_compiler(run(argv), self._programs, program, run)

    def close(self) -> None:
        """End the runner."""
        self.channel.close()

    def _started(self) -> ChildProcess:
        argv = [filled(word, self._values) for word in self._manifest.run]
        try:
            return ChildProcess(argv, self._environment({}), self._home, self._prefix)
        except OSError as error:
            raise CannotRunError(
                step=f"{self._manifest.name}: start",
                reason=f"{argv[0]} cannot be started: {error.strerror}",
                remedy="see 'oss-bodies lanes'",
            ) from error

    def _environment(self, extra: dict[str, str]) -> dict[str, str]:
        variables = {name: filled(text, self._values) for name, text in self._manifest.environment}
        for name, text in self._surroundings.variables:
            variables[name] = filled(text, self._values)
        return scrubbed(variables | extra, home=self._home)


@functools.cache
def has_libfaketime() -> bool:
    """Whether this machine has the library at one of the places that LIBFAKETIME can mean."""
    return any(Path("/usr").glob("lib*/**/faketime/libfaketime.so.1"))


@functools.cache
def _locales() -> frozenset[str]:
    """The locales of this machine, as `_written` writes them."""
    if shutil.which("locale") is None:
        return frozenset()
    listed = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False)
    return frozenset(map(_written, listed.stdout.split()))


def _written(locale: str) -> str:
    """The name of a locale in one spelling: `fa_ir.utf8` for `fa_IR.UTF-8`."""
    return locale.lower().replace("-", "")


def _built_values(home: Path) -> dict[str, str]:
    """The placeholders that have a value when a lane is built."""
    return {"home": str(home), "python": sys.executable, "suite": str(PACKAGE.parent)}
