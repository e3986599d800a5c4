"""The errors of the suite, in the order of the flow, and the exit codes of the command.

There is one class for each step that can fail, with the fields that a person needs to fix it.
InputError and its subclasses mean that the input is wrong, CannotRunError and its subclasses that
this machine cannot do it. A trial that goes wrong is neither: it ends as a `Problem` in its
transcript and with the outcome `error`.
"""

from enum import IntEnum

_LINES_SHOWN = 12  # of a tool's output: the cause is near its end
_WIDEST = 160  # characters of each line; a usage message can be a thousand


class ExitCode(IntEnum):
    """The exit codes of `oss-bodies`."""

    CONFORMANT = 0
    FINDINGS = 1
    WRONG_INPUT = 2
    COULD_NOT_RUN = 3
    INTERRUPTED = 130


class SuiteError(Exception):
    """The base of every error of the suite; its text can be printed as it is."""

    exit_code = ExitCode.COULD_NOT_RUN


class InputError(SuiteError):
    """The user's input is wrong: names the file, the place in it, the rule and the remedy."""

    exit_code = ExitCode.WRONG_INPUT

    def __init__(self, *, source: str, place: str, rule: str, remedy: str) -> None:
        self.source = source
        self.place = place
        self.rule = rule
        self.remedy = remedy
        at = f"{source}: {place}" if place else source
        super().__init__(f"{at}: {rule}" + (f" ({remedy})" if remedy else ""))


class VectorError(InputError):
    """A vector file breaks a rule of `schemas/vectors.schema.json` or of the linter."""


class OperationError(InputError):
    """An operation document is not what `schemas/operation.schema.json` asks for."""


class ManifestError(InputError):
    """A runner's manifest is wrong or its folder is not a runner."""


class SelectionError(InputError):
    """A lane, case pattern or shard that matches nothing or cannot be read."""


class ResultsError(InputError):
    """A results folder is not one of ours, was cut, or belongs to another run."""


class CannotRunError(SuiteError):
    """This machine cannot do it: names the step, the tool's output and the remedy.

    `summary` is the text without the remedy.
    """

    def __init__(self, *, step: str, reason: str, remedy: str = "", output: str = "") -> None:
        self.step = step
        self.reason = reason
        self.remedy = remedy
        self.output = output
        lines = output.strip().splitlines()[-_LINES_SHOWN:]
        tail = "".join(f"\n    {line[:_WIDEST]}" for line in lines)
        self.summary = f"{step}: {reason}{tail}"
        super().__init__(self.summary + (f"\n  fix: {remedy}" if remedy else ""))


class ToolchainMissingError(CannotRunError):
    """Host mode: a command that the runner's build or run needs is not on this machine."""


class EngineMissingError(CannotRunError):
    """Container mode: no Docker engine answers, or the base image cannot be had."""


class BuildError(CannotRunError):
    """A runner's build script or image build failed; `output` is the tool's."""


class MockError(CannotRunError):
    """The mock did not start or broke its protocol."""


class CalibrationError(CannotRunError):
    """The verifier does not reproduce the published known answers: no verdict may be given."""


class RunnerError(SuiteError):
    """A runner broke off; the engine makes a `Problem` of it. `step`: see there."""

    def __init__(self, *, step: str, reason: str, remedy: str) -> None:
        self.step = step
        self.reason = reason
        self.remedy = remedy
        super().__init__(f"{step}: {reason} ({remedy})")
