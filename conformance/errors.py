"""Everything that can go wrong, told in the order of the flow.

One class for each step that can fail, with the fields that a person needs to mend it.
The two roots say whose turn it is: the user's (exit code 2) or the machine's (exit code 3). A
trial that goes wrong is neither: it ends as a `Problem` in its transcript and as outcome `error`.
"""

_LINES_SHOWN = 12  # of a tool's own words: the cause stands near their end
_WIDEST = 160  # characters of each; a usage message can be a thousand


class SuiteError(Exception):
    """What every error of the suite is; its text is fit to be printed as it stands."""

    exit_code = 3


class InputError(SuiteError):
    """The user's input is wrong: says the file, the place in it, the rule and the remedy."""

    exit_code = 2

    def __init__(self, *, source: str, place: str, rule: str, remedy: str) -> None:
        self.source = source
        self.place = place
        self.rule = rule
        self.remedy = remedy
        at = f"{source}: {place}" if place else source
        super().__init__(f"{at}: {rule}" + (f" ({remedy})" if remedy else ""))


class VectorError(InputError):
    """A vector file is not what `schemas/vectors.schema.json` and the linter ask for."""


class OperationError(InputError):
    """An operation document is not what `schemas/operation.schema.json` asks for."""


class ManifestError(InputError):
    """A runner's manifest is wrong or its folder is not a runner."""


class SelectionError(InputError):
    """A lane, case pattern or shard that matches nothing or cannot be read."""


class ResultsError(InputError):
    """A results folder is not one of ours, was cut, or belongs to another run."""


class CannotRunError(SuiteError):
    """The machine cannot do it: says which step, what the tool said, and the mending command."""

    def __init__(self, *, step: str, reason: str, remedy: str = "", output: str = "") -> None:
        self.step = step
        self.reason = reason
        self.remedy = remedy
        self.output = output
        lines = output.strip().splitlines()[-_LINES_SHOWN:]
        tail = "".join(f"\n    {line[:_WIDEST]}" for line in lines)
        super().__init__(f"{step}: {reason}{tail}" + (f"\n  mend: {remedy}" if remedy else ""))


class ToolchainMissingError(CannotRunError):
    """Host mode: a command that the runner's build or run needs is not on this machine."""


class EngineMissingError(CannotRunError):
    """Container mode: no Docker engine answers, or the base image cannot be had."""


class BuildError(CannotRunError):
    """A runner's build script or image build failed; `output` ends with the tool's own words."""


class MockError(CannotRunError):
    """The mock did not start or broke its protocol."""


class CalibrationError(CannotRunError):
    """The verifier does not reproduce the published known answers: no verdict may be given."""


class RunnerError(SuiteError):
    """A runner broke off; `step` as in `Problem`, which the engine turns it into."""

    def __init__(self, *, step: str, reason: str, remedy: str) -> None:
        self.step = step
        self.reason = reason
        self.remedy = remedy
        super().__init__(f"{step}: {reason} ({remedy})")


class InterruptedRunError(SuiteError):
    """Ctrl-C or SIGTERM: what was measured until then is kept."""

    exit_code = 130
