"""The command `oss-bodies`: parses the command line, runs a command, maps errors to exit codes.

A command's module is imported only when that command runs: see `command/command_line.py`.
"""

import contextlib
import gc
import importlib
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from conformance.command.command_line import parser
from conformance.command.ending import exit_code
from conformance.command.streams import LastingStream
from conformance.errors import ExitCode


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code, which is 2 for a wrong option.

    Exit code 1 means findings, so nothing else ends with it: what was not foreseen is 3.
    """
    output, errors = LastingStream(sys.stdout), LastingStream(sys.stderr)
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        code = _run(arguments)
        output.flush()
        for name, stream in (("output", output), ("error", errors)):
            if stream.failure is not None and code in (ExitCode.PASSED, ExitCode.FINDINGS):
                code = ExitCode.COULD_NOT_RUN
                print(
                    f"oss-bodies: standard {name} cannot be written: {stream.failure} (what the "
                    "command wrote to files is complete)",
                    file=sys.stderr,
                )
    return code


def _run(arguments: Sequence[str] | None) -> int:
    # Results and transcripts are trees: the collector finds nothing in them, and looking for cycles
    # every 700 objects, the default, takes a sixth of the time of reading them.
    gc.set_threshold(100_000, 20, 20)
    try:
        options = parser().parse_args(arguments)
    except SystemExit as end:  # argparse: 0 after --help, 2 for a wrong option
        return int(end.code or 0)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _terminated)

    def act() -> int:
        module = importlib.import_module(f"conformance.command.{options.module}")
        return int(module.run(options))

    return exit_code(f"oss-bodies {options.command}", act)


def _terminated(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
