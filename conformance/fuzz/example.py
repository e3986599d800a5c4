"""An example: calls on one client with what the server answers, smaller than a case and hashable.

Pure. An example is what the strategies draw and what is shrunk. Whatever it leaves out, a key or a
key pair, is as in `vectors/defaults.json`. `entry` turns it into a vector entry and a case.
"""

from dataclasses import dataclass, field, replace

from conformance.model.case import Credentials
from conformance.operation.definition import Arguments, Operation
from conformance.operation.reading import bodies

# The first call of an example is answered with two bodies, the next with three, and so on: the
# answer to one call cannot be mistaken for the answer to another.
FIRST_COUNT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What the server answers to one call."""

    status: int = 200
    text: str | None = None  # the body; None: `count` detected bodies, see vectors/README.md
    count: int | None = None  # None: FIRST_COUNT plus the position of the call
    error: tuple[str, str, str] | None = None  # code, message and EC of an XML error as the body
    framing: str = "length"  # length, chunked or close
    encoding: str | None = None  # content coding: gzip or deflate
    pieces: int = 0  # bytes that are written at a time; 0: all at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of an example."""

    arguments: Arguments = ()  # of the operation
    process: str | None = None  # passed through as it is in place of the operation
    key: str | None = None  # object key; None: the default one
    served: Served = Served()

    def string(self, operation: Operation) -> str:
        """The processing string that is asked for."""
        return operation.string(self.arguments) if self.process is None else self.process


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Calls made one after the other."""

    calls: tuple[Call, ...] = (Call(),)
    credentials: Credentials | None = None  # None: the default key pair
    # The same for all examples of a search, so it tells no two of them apart.
    operation: Operation = field(default_factory=bodies, compare=False, repr=False)

    def alone(self, index: int) -> "Example":
        """One of the calls as an example of its own, with the answer that it gets in this one."""
        call = self.calls[index]
        if len(self.calls) > 1 and call.served.count is None:
            call = replace(call, served=replace(call.served, count=FIRST_COUNT + index))
        return replace(self, calls=(call,))
