"""Examples: calls on one client with the server's answers, as small hashable values.

Pure. Strategies draw examples and a search shrinks them. What an example leaves out, such as the
key, is taken from `vectors/defaults.json`. entry.py converts an example to a case.
"""

from dataclasses import dataclass, field, replace

from conformance.model.case import Credentials
from conformance.operation.definition import Arguments, Operation
from conformance.operation.reading import bodies

# The answer to the first call has two bodies, the next three, and so on, so that the answers to
# different calls can be distinguished.
FIRST_COUNT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """The answer of the server to one call."""

    status: int = 200
    text: str | None = None  # the body; None: `count` detected bodies, see vectors/README.md
    count: int | None = None  # None: FIRST_COUNT plus the position of the call
    error: tuple[str, str, str] | None = None  # code, message and EC of an XML error as the body
    framing: str = "length"  # length, chunked or close
    encoding: str | None = None  # content coding: gzip or deflate
    pieces: int = 0  # number of bytes written at a time; 0: all at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of an example."""

    arguments: Arguments = ()  # for the parameters of the operation
    process: str | None = None  # a processing string to pass through in place of `arguments`
    key: str | None = None  # object key; None: the default one
    served: Served = Served()

    def string(self, operation: Operation) -> str:
        """The processing string of the call."""
        return operation.string(self.arguments) if self.process is None else self.process


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Calls made one after another on one client."""

    calls: tuple[Call, ...] = (Call(),)
    credentials: Credentials | None = None  # None: the default key pair
    # Not compared, since it is the same for all examples of a search.
    operation: Operation = field(default_factory=bodies, compare=False, repr=False)

    def alone(self, index: int) -> "Example":
        """An example of one of the calls only, with the answer that it has in this example."""
        call = self.calls[index]
        if len(self.calls) > 1 and call.served.count is None:
            call = replace(call, served=replace(call.served, count=FIRST_COUNT + index))
        return replace(self, calls=(call,))
