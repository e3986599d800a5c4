"""The command `oss-bodies`: parses the command line, calls the command, returns an exit code.

The exit codes are those of `errors.ExitCode`. Commands are imported when they are called, so that
`oss-bodies cases` does not wait for what only `oss-bodies run` needs.
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
    """Run one command and return its exit code; errors of the suite are printed, not raised."""
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
        print(f"oss-bodies {options.word}: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print(f"oss-bodies {options.word}: interrupted", file=sys.stderr)
        return ExitCode.INTERRUPTED


def _terminated(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="oss-bodies",
        description="Does this OSS SDK do x-oss-process=image/bodies[,sen_N] right?",
        epilog="Exit codes: 0 conformant, 1 findings, 2 wrong input, 3 could not run, "
        "130 interrupted.",
    )
    parser.add_argument("--version", action="version", version=f"oss-bodies {__version__}")
    words = parser.add_subparsers(dest="word", metavar="COMMAND", required=True)

    def word(name: str, module: str, text: str) -> argparse.ArgumentParser:
        made = words.add_parser(name, help=text, description=text)
        made.set_defaults(module=module)
        return made

    _run_options(word("run", "run", "run the cases on the lanes and judge what reached the wire"))

    _fuzz_options(
        word("fuzz", "fuzz", "generate calls, give each to every lane, shrink what fails")
    )

    lanes = word("lanes", "lanes", "which lanes can run here, what is missing, how to install it")
    _place(lanes)
    lanes.add_argument("--runner", action="append", default=[], metavar="DIR")
    lanes.add_argument("--json", action="store_true", help="print JSON")

    cases = word("cases", "cases", "list the cases")
    cases.add_argument("pattern", nargs="*", help="shell patterns over ids, such as 'process/*'")
    cases.add_argument("--json", action="store_true", help="print JSON")

    show = word("show", "show", "everything about one case: input, script, expectations, source")
    show.add_argument("case", metavar="CASE")
    show.add_argument("--json", action="store_true", help="print JSON")

    judge = word("judge", "rejudge", "judge the transcripts of a run again, without its lanes")
    judge.add_argument("folder", metavar="DIR")
    judge.add_argument("--known-failing", action="append", default=[], metavar="FILE")

    report = word("report", "report", "show a results folder and write its summary.md again")
    report.add_argument("folder", metavar="DIR")

    calibrate = word("calibrate", "calibrate", "does the verifier reproduce published signatures?")
    calibrate.add_argument("file", metavar="FILE", nargs="?")

    check = word("check", "check", "say what each file is and whether it is valid")
    check.add_argument("file", metavar="FILE", nargs="+")
    check.add_argument("--fix", action="store_true", help="format vector files")
    check.add_argument("--json", action="store_true", help="print JSON")

    word("sweep", "sweep", "remove what killed runs left behind")

    mock = word("mock", "mock", "the mock endpoint alone, for any client, until it is interrupted")
    mock.add_argument("--port", type=int, default=0, metavar="N", help="default: any free port")
    mock.add_argument("--plain", action="store_true", help="HTTP without TLS")
    mock.add_argument("--case", metavar="ID", help="answer as this case's script says")
    mock.add_argument("--ca", metavar="FILE", help="where to write the CA's certificate (PEM)")
    return parser


def _place(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--in",
        dest="place",
        choices=("auto", "container", "host"),
        default="auto",
        help="containers or child processes; auto: containers when a Docker engine answers",
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
        help="the cases of these files only",
    )
    _place(parser)
    add("--jobs", type=int, default=0, metavar="N", help="lanes at a time; default: all")
    add("--seed", type=int, default=None, metavar="N", help="recorded; a run draws nothing")
    add("--shard", metavar="I/N", help="the I-th of N parts of the cases")
    add("--runner", action="append", default=[], metavar="DIR", help="a runner of your own")
    add("--known-failing", action="append", default=[], metavar="FILE")
    add("--timeout", type=float, default=30.0, metavar="S", help="seconds for one call (30)")
    add("--out", default="oss-bodies-report", metavar="DIR")


def _fuzz_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--lane", action="append", default=[], metavar="NAME", help=_LANE)
    _place(parser)
    add("--examples", type=int, default=None, metavar="N", help="default: 1000, or as time allows")
    add("--time", type=float, default=None, metavar="S", help="draw no more after so many seconds")
    add(
        "--seed", type=int, default=0, metavar="N", help="the same seed draws the same examples (0)"
    )
    add("--runner", action="append", default=[], metavar="DIR", help="a runner of your own")
    add("--known-failing", action="append", default=[], metavar="FILE")
    add("--timeout", type=float, default=10.0, metavar="S", help="seconds for one call (10)")
    add("--out", default="oss-bodies-fuzz", metavar="DIR")


if __name__ == "__main__":
    sys.exit(main())
