"""The command `oss-bodies`: parses the command line, runs a command, maps errors to exit codes.

The exit codes are those of `errors.ExitCode`. The module of a command is imported when the command
runs, so that `oss-bodies cases` does not load what only `oss-bodies run` needs.
"""

import argparse
import importlib
import io
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from conformance import __version__
from conformance.errors import ExitCode, SuiteError

_LANE = "java, python, go, php or rest; java@3.18.4 for a version; java@path:DIR for a checkout"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code and never raises for wrong input."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _terminated)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a finding may quote any character
    try:
        command = importlib.import_module(f"conformance.command.{options.module}")
        code: int = command.run(options)
        sys.stdout.flush()
        return code
    except SuiteError as error:
        print(f"oss-bodies {options.command}: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print(f"oss-bodies {options.command}: interrupted", file=sys.stderr)
        return ExitCode.INTERRUPTED


def _terminated(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="oss-bodies",
        description="Test OSS SDKs for conformance: x-oss-process=image/bodies[,sen_N].",
        epilog="Exit codes: 0 no new failures, 1 findings, 2 wrong input, 3 could not run, "
        "130 interrupted.",
    )
    parser.add_argument("--version", action="version", version=f"oss-bodies {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, module: str, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.set_defaults(module=module)
        return made

    _run_options(command("run", "run", "run cases on lanes and judge what reached the wire"))

    _fuzz_options(command("fuzz", "fuzz", "send generated calls to every lane and shrink failures"))

    lanes = command("lanes", "lanes", "list the lanes that can run here, and what the others need")
    _place(lanes)
    lanes.add_argument("--runner", action="append", default=[], metavar="DIR")
    lanes.add_argument("--json", action="store_true", help="print JSON")

    cases = command("cases", "cases", "list the cases")
    cases.add_argument("pattern", nargs="*", help="shell patterns over ids, such as 'process/*'")
    cases.add_argument("--json", action="store_true", help="print JSON")

    show = command("show", "show", "print one case: input, script, expectations, source")
    show.add_argument("case", metavar="CASE")
    show.add_argument("--json", action="store_true", help="print JSON")

    judge = command("judge", "rejudge", "judge the transcripts of a run again, without any SDK")
    judge.add_argument("folder", metavar="DIR")
    judge.add_argument("--known-failing", action="append", default=[], metavar="FILE")

    report = command("report", "report", "show a results folder and write its summary.md again")
    report.add_argument("folder", metavar="DIR")

    calibrate = command("calibrate", "calibrate", "test the verifier against published signatures")
    calibrate.add_argument("file", metavar="FILE", nargs="?")

    check = command(
        "check", "check", "print what kind of file each one is, and whether it is valid"
    )
    check.add_argument("file", metavar="FILE", nargs="+")
    check.add_argument(
        "--fix", action="store_true", help="rewrite vector files in the standard layout"
    )
    check.add_argument("--json", action="store_true", help="print JSON")

    command("sweep", "sweep", "remove what killed runs left behind")

    mock = command("mock", "mock", "run the mock endpoint alone, for any client, until a signal")
    mock.add_argument("--port", type=int, default=0, metavar="N", help="default: any free one")
    mock.add_argument("--plain", action="store_true", help="HTTP without TLS")
    mock.add_argument("--case", metavar="ID", help="answer with the script of this case")
    mock.add_argument("--ca", metavar="FILE", help="write the CA certificate (PEM) to this file")
    return parser


def _place(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--in",
        dest="place",
        choices=("auto", "container", "host"),
        default="auto",
        help="where lanes run; auto: containers when a Docker engine answers",
    )


def _run_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--lane", action="append", default=[], metavar="NAME", help=_LANE)
    add("--case", action="append", default=[], metavar="PATTERN", help="ids, such as 'process/*'")
    add(
        "--vectors",
        action="append",
        default=[],
        metavar="FILE",
        help="run only the cases of these files",
    )
    _place(parser)
    add("--jobs", type=int, default=0, metavar="N", help="lanes at a time; default: all")
    add(
        "--seed",
        type=int,
        default=None,
        metavar="N",
        help="recorded in the results; nothing in a run is random",
    )
    add("--shard", metavar="I/N", help="run the I-th of N parts of the cases")
    add("--runner", action="append", default=[], metavar="DIR", help="a runner of your own")
    add("--known-failing", action="append", default=[], metavar="FILE")
    add("--timeout", type=float, default=None, metavar="S", help="seconds for one call (30)")
    add("--out", default="oss-bodies-report", metavar="DIR")


def _fuzz_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--lane", action="append", default=[], metavar="NAME", help=_LANE)
    _place(parser)
    add("--examples", type=int, default=None, metavar="N", help="default: 1000, or as time allows")
    add("--time", type=float, default=None, metavar="S", help="stop drawing after S seconds")
    add(
        "--seed", type=int, default=0, metavar="N", help="the same seed draws the same examples (0)"
    )
    add("--runner", action="append", default=[], metavar="DIR", help="a runner of your own")
    add("--known-failing", action="append", default=[], metavar="FILE")
    add("--timeout", type=float, default=None, metavar="S", help="seconds for one call (10)")
    add("--out", default="oss-bodies-fuzz", metavar="DIR")


if __name__ == "__main__":
    sys.exit(main())
