"""The exit code of a command, whatever it ends with, and what is printed about an error."""

import sys
import traceback
from collections.abc import Callable

from conformance import __version__
from conformance.errors import ExitCode, SuiteError


def exit_code(command: str, act: Callable[[], int]) -> int:
    """The exit code that `act` returns, or that of its error, which goes to standard error."""
    try:
        return int(act())
    except SuiteError as error:
        print(f"{command}: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print(f"{command}: interrupted", file=sys.stderr)
        return ExitCode.INTERRUPTED
    except Exception:
        traceback.print_exc()
        print(
            f"{command}: this is a defect of oss-bodies {__version__} and says nothing about an "
            "SDK (please report it to the project with the lines above and the command line)",
            file=sys.stderr,
        )
        return ExitCode.COULD_NOT_RUN
