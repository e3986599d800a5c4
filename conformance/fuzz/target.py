"""What is fuzzed: an action of the service and the parameters that it takes.

Pure. The strategies draw parameters from these values, by name and range, so nothing else in this
package names a parameter. A valid call has any of them, each within its range, or none.
"""

from dataclasses import dataclass

from conformance.corpus.undocumented import DOCUMENTED
from conformance.operation.processing import OPERATION, write

Arguments = tuple[tuple[str, int], ...]
"""Parameters of one call, by name, in the order in which they are written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """An integer parameter of an action; both ends of its range are valid."""

    name: str
    minimum: int
    maximum: int

    @property
    def range(self) -> range:
        """The valid values."""
        return range(self.minimum, self.maximum + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An action and its parameters."""

    action: str  # `image/bodies`
    parameters: tuple[Parameter, ...]

    def string(self, arguments: Arguments) -> str:
        """The processing string: `ACTION[,name_value]...`."""
        return write(self.action, arguments)

    def documented(self, string: str) -> bool:
        """Whether the documentation gives a processing string a meaning."""
        return DOCUMENTED.fullmatch(string) is not None


BODIES = Operation(action=OPERATION, parameters=(Parameter(name="sen", minimum=0, maximum=100),))
