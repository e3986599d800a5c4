"""The interface of container mode and host mode.

A site builds lanes and starts the mock and a runner for each lane. Both modes give the same
verdicts, which a test checks.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from conformance.live.live_service import LiveService
from conformance.model.case import ProgramEnvironment
from conformance.model.manifest import Checkout, Lane, Program
from conformance.model.message import Ended
from conformance.runner.channel import Channel
from conformance.runner.mock_client import MockClient
from conformance.runner.program import Programs
from conformance.runner.surroundings import USUAL, Surroundings

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedLane:
    """A lane that is built, or the reason why it cannot run."""

    lane: Lane
    home: Path | None = None  # folder of the build output, in host mode
    image: str | None = None  # digest, in container mode
    checkout: Checkout | None = None  # of a lane that is one
    checksum: str | None = None  # SHA-256 of the input of the build, in hex
    programs: Programs | None = None  # that can be run there; None: none
    reason: str | None = None  # why the lane cannot run; None if it can
    remedy: str = ""  # how to make it run


def mock_lane(lane: str, part: int) -> str:
    """The name by which the mock knows a runner of a lane; `part` counts them from 1."""
    return lane if part == 1 else f"{lane}, runner {part}"


def built(lanes: Iterable[PreparedLane]) -> tuple[PreparedLane, ...]:
    """The lanes that can run."""
    return tuple(lane for lane in lanes if lane.reason is None)


class Station(Protocol):
    """The running runner of one lane, and the environment in which its other programs run."""

    @property
    def channel(self) -> Channel:
        """The channel to the runner."""

    @property
    def proxy(self) -> str | None:
        """The URL of the proxy that each call has to use; None in containers."""

    @property
    def mock_as_proxy(self) -> str | None:
        """The URL of the mock as a proxy, for the calls that ask for one."""

    def restart(self, surroundings: Surroundings = USUAL) -> None:
        """Replace the runner by one in these surroundings, whatever state it is in."""

    def follow(self, surroundings: Surroundings) -> None:
        """Replace a runner that has answered its last call by one in these surroundings."""

    def run_program(self, program: Program, environment: dict[str, str], timeout: float) -> Ended:
        """Run a program that was built with the lane, with these variables.

        If it did not compile, the result is that of the compiler. Raises RunnerError after
        `timeout` seconds.
        """

    def close(self) -> None:
        """End the runner; safe to call twice."""


class Site(Protocol):
    """One of the two modes; `mode` is `container` or `host`."""

    mode: str
    closed: bool  # whether nothing that a lane sends can leave the machine

    def missing(self, lane: Lane) -> tuple[tuple[str, str], ...]:
        """What a lane needs and the mode or this machine lacks, as (what, remedy)."""

    def prepare(self, lanes: Sequence[Lane], tell: Tell) -> tuple[PreparedLane, ...]:
        """Build lanes in parallel; a lane that cannot be built has a `reason`."""

    def open(self, hosts: frozenset[str], live: LiveService | None = None) -> MockClient:
        """Start the mock with a certificate for these host names; as the tap of a live service."""

    def enter(self, prepared: PreparedLane, part: int = 1) -> Station:
        """Start a runner of a lane, of those it has the one with this number.

        Raises CannotRunError.
        """

    def lacks(self, environment: ProgramEnvironment) -> frozenset[str]:
        """The capabilities for this environment that this machine lacks: `locale`, `clock`."""

    def close(self) -> None:
        """Remove everything; safe to call twice and from a signal handler."""
