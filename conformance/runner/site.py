"""Where lanes run: the interface of container mode and host mode.

A site builds lanes, starts the mock, and starts a runner for each lane. Verdicts are the same in
both modes; a test compares them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from conformance.model.manifest import Lane, Program
from conformance.model.message import Ended
from conformance.runner.channel import Channel
from conformance.runner.mock_client import MockClient
from conformance.runner.program import Programs

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedLane:
    """A lane that is built, or the reason why it is not, with the remedy."""

    lane: Lane
    home: Path | None = None  # folder of the build output, in host mode
    image: str | None = None  # digest, in container mode
    checksum: str | None = None  # SHA-256 of the build's input, in hex
    programs: Programs | None = None  # that can be run there; None: none
    reason: str | None = None  # why the lane cannot run; None if it can
    remedy: str = ""  # a command or sentence that makes it run


def built(lanes: Iterable[PreparedLane]) -> tuple[PreparedLane, ...]:
    """The lanes that can run."""
    return tuple(lane for lane in lanes if lane.reason is None)


class Station(Protocol):
    """The runner of one lane as a running program, and a way to run other programs beside it."""

    @property
    def channel(self) -> Channel:
        """The pipe to the runner."""

    @property
    def proxy(self) -> str | None:
        """The proxy that each call has to use; None in containers."""

    def restart(self) -> None:
        """Replace a runner that died, or whose answers cannot be trusted any more."""

    def run_program(self, program: Program, environment: dict[str, str], timeout: float) -> Ended:
        """Run a program that was built with the lane; RunnerError after `timeout` seconds.

        It gets these variables. If it did not compile, what the compiler ended with is the result.
        """

    def close(self) -> None:
        """End the runner; safe to call twice."""


class Site(Protocol):
    """Where a run takes place; `mode` is `container` or `host`."""

    mode: str

    def missing(self, lane: Lane) -> tuple[tuple[str, str], ...]:
        """What a lane needs and this machine lacks, as (what, remedy)."""

    def prepare(self, lanes: Sequence[Lane], tell: Tell) -> tuple[PreparedLane, ...]:
        """Build lanes in parallel; a lane that cannot be built has a `reason`."""

    def open(self, hosts: frozenset[str]) -> MockClient:
        """Start the mock with a certificate for these host names."""

    def enter(self, prepared: PreparedLane) -> Station:
        """Start a lane's runner; CannotRunError if it cannot be started at all."""

    def close(self) -> None:
        """Remove everything; safe to call twice and from a signal handler."""
