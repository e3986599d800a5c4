"""The exceptions of the suite and the exit codes of the command.

InputError and its subclasses: the input is wrong. CannotRunError and its subclasses: this machine
cannot carry out a step. A trial that cannot be judged raises neither: its transcript records a
`Problem`, and its outcome is `error`.
"""

from collections.abc import Callable
from enum import IntEnum
from functools import partial

_LINES_SHOWN = 12  # last lines of a tool's output, where the cause is named
_LINE_WIDTH = 160  # characters shown of each line; a usage message can have a thousand


class ExitCode(IntEnum):
    """The exit codes of `oss-bodies`."""

    PASSED = 0
    FINDINGS = 1
    WRONG_INPUT = 2
    COULD_NOT_RUN = 3
    INTERRUPTED = 130


class SuiteError(Exception):
    """Base class of the suite's errors; its text is the message for the user."""

    exit_code = ExitCode.COULD_NOT_RUN


class InputError(SuiteError):
    """Wrong input: `source` is the file or option, `place` where in it, `rule` what is wrong."""

    exit_code = ExitCode.WRONG_INPUT

    def __init__(self, *, source: str, place: str, rule: str, remedy: str) -> None:
        self.source = source
        self.place = place
        self.rule = rule
        self.remedy = remedy
        where = f"{source}: {place}" if place else source
        super().__init__(f"{where}: {rule}" + (f" ({remedy})" if remedy else ""))

    def __reduce__(self) -> tuple[Callable[[], "InputError"], tuple[()]]:
        """For a process that judges: `BaseException` would pass the message as an argument."""
        names = ("source", "place", "rule", "remedy")
        return partial(type(self), **{name: getattr(self, name) for name in names}), ()


class VectorError(InputError):
    """A vector file breaks a rule of `schemas/vectors.schema.json` or of the linter."""


class OperationError(InputError):
    """An operation document breaks a rule of `schemas/operation.schema.json`."""


class ManifestError(InputError):
    """A runner's manifest is wrong, or a folder has none."""


class SelectionError(InputError):
    """A lane, case pattern or shard matches nothing or is malformed."""


class ResultsError(InputError):
    """A folder holds no results, or they are incomplete or belong to another run."""


class DamagedResultsError(ResultsError):
    """A line of a results folder is not one that the suite wrote, or is missing."""


class CannotRunError(SuiteError):
    """This machine cannot carry out a step.

    `output` is what the failed tool printed, `summary` the message without the remedy.
    """

    def __init__(self, *, step: str, reason: str, remedy: str = "", output: str = "") -> None:
        self.step = step
        self.reason = reason
        self.remedy = remedy
        self.output = output
        lines = output.strip().splitlines()[-_LINES_SHOWN:]
        tail = "".join(f"\n    {_shortened(line)}" for line in lines)
        self.summary = f"{step}: {reason}{tail}"
        super().__init__(self.summary + (f"\n  fix: {remedy}" if remedy else ""))


def _shortened(line: str) -> str:
    """The beginning of a long line; the mark tells who hides names that one may be cut in two."""
    return line if len(line) <= _LINE_WIDTH else f"{line[:_LINE_WIDTH]}..."


class ToolchainMissingError(CannotRunError):
    """Host mode: a command that the runner's build or run needs is not on this machine."""


class EngineMissingError(CannotRunError):
    """Container mode: no Docker engine answers, or the base image cannot be pulled."""


class BuildError(CannotRunError):
    """A runner's build script or image build failed; `output` is what it printed."""


class RegistryError(CannotRunError):
    """A package registry did not say which versions of an SDK exist; `output`: of its client."""


class MockError(CannotRunError):
    """The mock did not start or broke its protocol."""


class MockLaneError(MockError):
    """The mock refused what one lane asked for; it still serves the others."""


class CalibrationError(CannotRunError):
    """The verifier does not reproduce the published signatures, so no verdict may be given."""


class RunnerError(SuiteError):
    """A runner failed; the engine records it as a `Problem` with the same `step`."""

    def __init__(self, *, step: str, reason: str, remedy: str) -> None:
        self.step = step
        self.reason = reason
        self.remedy = remedy
        super().__init__(f"{step}: {reason} ({remedy})")
