"""Where lanes run: the interface that the engine sees, with containers or the host behind it.

A site prepares (builds) lanes, starts the mock, and lets each lane in; a station is one
lane's place in it. Both kinds behave alike up to what `mode` says, and a test holds them to it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from conformance.model.manifest import Lane
from conformance.model.message import Ended
from conformance.runner.channel import Channel
from conformance.runner.mock_client import MockClient

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedLane:
    """A lane that is built, or the reason why not with the command that mends it.

    home: folder of the build output, host mode. image: digest, container mode. checksum: SHA-256
    over what the build was made from, or the registry's own.
    """

    lane: Lane
    home: Path | None = None
    image: str | None = None
    checksum: str | None = None
    reason: str | None = None
    remedy: str = ""


class Station(Protocol):
    """One lane's place: its runner's channel, and a way to run its sample program."""

    @property
    def channel(self) -> Channel:
        """The runner's."""

    @property
    def proxy(self) -> str | None:
        """What a call is to use as its proxy; None in containers."""

    def restart(self) -> None:
        """A new runner in place of one that died or cannot be trusted any more."""

    def run_program(self, environment: dict[str, str], timeout: float) -> Ended:
        """Run the sample to its end with these variables; RunnerError after `timeout` seconds."""

    def close(self) -> None:
        """End the runner; safe to call twice."""


class Site(Protocol):
    """A place for a run; `mode` is `container` or `host`."""

    mode: str

    def missing(self, lane: Lane) -> tuple[tuple[str, str], ...]:
        """What a lane lacks here: (what, the command that mends it)."""

    def prepare(self, lanes: Sequence[Lane], tell: Tell) -> tuple[PreparedLane, ...]:
        """Build lanes side by side; what cannot be built comes back with its reason."""

    def open(self, hosts: frozenset[str]) -> MockClient:
        """Start the mock with a certificate for these host names."""

    def enter(self, prepared: PreparedLane) -> Station:
        """Start a lane's runner; CannotRunError if it cannot be started at all."""

    def close(self) -> None:
        """Remove everything; safe to call twice and from a signal handler."""
