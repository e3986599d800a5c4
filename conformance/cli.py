"""The command `oss-bodies`: parses the command line, runs a command, maps errors to exit codes.

A command's module is imported only when that command runs, so that `oss-bodies cases` does not load
what `oss-bodies run` needs.
"""

import argparse
import contextlib
import gc
import importlib
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

from conformance import __version__
from conformance.command.streams import LastingStream
from conformance.errors import ExitCode, SuiteError

_LANE = "java, python, go, php or rest; java@3.18.4 for a version; java@path:DIR for a checkout"
_REPEATABLE: dict[str, Any] = {"action": "append", "default": []}


def _number(
    kind: type[float], accepts: Callable[[float], bool], wanted: str
) -> Callable[[str], float]:
    """An argparse type for numbers; argparse prints its errors with the option and exits with 2."""

    def convert(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = float("nan")
        if not accepts(value):
            raise argparse.ArgumentTypeError(f"{text!r} is not {wanted}")
        return value

    return convert


_PORT = _number(int, lambda port: 0 <= port <= 65535, "a port number from 0 to 65535")
_NOT_NEGATIVE = _number(int, lambda count: count >= 0, "a whole number of 0 or more")
_POSITIVE = _number(int, lambda count: count > 0, "a whole number greater than 0")
_SECONDS = _number(float, lambda seconds: seconds > 0, "a number greater than 0")


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
    command = "oss-bodies"
    # Results and transcripts are trees: the collector finds nothing in them, and looking for cycles
    # every 700 objects, the default, takes a sixth of the time of reading them.
    gc.set_threshold(100_000, 20, 20)
    try:
        options = _parser().parse_args(arguments)
        command = f"oss-bodies {options.command}"
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _terminated)
        module = importlib.import_module(f"conformance.command.{options.module}")
        return int(module.run(options))
    except SystemExit as end:  # argparse: 0 after --help, 2 for a wrong option
        return int(end.code or 0)
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

    def command(name: str, text: str, *, module: str = "") -> argparse.ArgumentParser:
        subparser = commands.add_parser(name, help=text, description=text)
        subparser.set_defaults(module=module or name)
        return subparser

    _run_options(command("run", "run cases on lanes and judge what was sent and returned"))

    _fuzz_options(command("fuzz", "send generated calls to every lane and shrink failures"))

    lanes = command("lanes", "list the lanes that can run here, and what the others need")
    _place(lanes)
    lanes.add_argument("--runner", **_REPEATABLE, metavar="DIR", help="also list this runner")
    lanes.add_argument("--json", action="store_true", help="print JSON")

    cases = command("cases", "list the cases")
    cases.add_argument("pattern", nargs="*", help="shell patterns for ids, such as 'process/*'")
    cases.add_argument("--json", action="store_true", help="print JSON")

    show = command("show", "print one case, or what a run got in it")
    show.add_argument("case", metavar="CASE", help="an id; RUN/ID for a case of a results folder")
    show.add_argument("--json", action="store_true", help="print JSON")

    judge = command(
        "judge",
        "re-judge the transcripts of a run, without any SDK; writes nothing",
        module="rejudge",
    )
    judge.add_argument("folder", metavar="DIR")
    judge.add_argument("--known-failing", **_REPEATABLE, metavar="FILE", help="apply this list too")
    _verbose(judge)

    report = command("report", "print the report of a results folder and rewrite its outputs")
    report.add_argument("folder", metavar="DIR")
    report.add_argument("--json", action="store_true", help="print JSON")
    _verbose(report)

    verify = command("verify", "test whether a results folder is whole, unchanged and judged right")
    verify.add_argument("folder", metavar="DIR")
    verify.add_argument("--json", action="store_true", help="print JSON")

    compare = command("compare", "show what a later run fixed, broke and does differently")
    compare.add_argument("old", metavar="OLD", help="results folder of the earlier run")
    compare.add_argument("new", metavar="NEW", help="results folder of the later run")
    compare.add_argument(
        "--markdown", metavar="FILE", help="also write the comparison to this file"
    )
    compare.add_argument(
        "--out", metavar="FILE", help="write the page to this file; default: NEW/comparison.html"
    )
    compare.add_argument("--json", action="store_true", help="print JSON")

    calibrate = command("calibrate", "test the verifier against published signatures")
    calibrate.add_argument("file", metavar="FILE", nargs="?")

    check = command("check", "print the kind of each file and the mistakes in it")
    check.add_argument("file", metavar="FILE", nargs="+")
    check.add_argument(
        "--fix", action="store_true", help="rewrite vector files in the standard layout"
    )
    check.add_argument("--json", action="store_true", help="print JSON")

    command("sweep", "remove what killed runs left behind")

    mock = command("mock", "run the mock endpoint alone, for any client, until it is interrupted")
    mock.add_argument("--port", type=_PORT, default=0, metavar="N", help="default: any free port")
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
        help="where lanes run; auto: in containers when a Docker engine answers",
    )


def _verbose(parser: argparse.ArgumentParser) -> None:
    text = "print the matrix of cases and every result"
    parser.add_argument("-v", "--verbose", action="store_true", help=text)


def _lane_options(parser: argparse.ArgumentParser) -> None:
    """The options that `run` and `fuzz` have in common; --timeout differs in its default."""
    add = parser.add_argument
    add("--lane", **_REPEATABLE, metavar="NAME", help=_LANE)
    add("--runner", **_REPEATABLE, metavar="DIR", help="add the lane of your own runner")
    _place(parser)
    add("--known-failing", **_REPEATABLE, metavar="FILE", help="apply this list too")


def _run_options(parser: argparse.ArgumentParser) -> None:
    _lane_options(parser)
    add = parser.add_argument
    add("--case", **_REPEATABLE, metavar="PATTERN", help="run only these ids, such as 'process/*'")
    add("--vectors", **_REPEATABLE, metavar="FILE", help="run only the cases of these files")
    add("--jobs", type=_NOT_NEGATIVE, default=0, metavar="N", help="lanes at a time; default: all")
    add("--seed", type=int, metavar="N", help="recorded in the results; nothing in a run is random")
    add("--shard", metavar="I/N", help="run the I-th of N parts of the cases")
    add(
        "--timeout",
        type=_SECONDS,
        metavar="S",
        help="seconds for one call; default: 30 more than it may wait",
    )
    add("--out", default="oss-bodies-report", metavar="DIR", help="default: %(default)s")
    add("--json", action="store_true", help="print the report as JSON")
    _verbose(parser)


def _fuzz_options(parser: argparse.ArgumentParser) -> None:
    _lane_options(parser)
    add = parser.add_argument
    add("--examples", type=_POSITIVE, metavar="N", help="default: 1000, or all that --time allows")
    add("--time", type=_SECONDS, metavar="S", help="stop drawing examples after S seconds")
    add("--seed", type=int, default=0, metavar="N", help="draws the same examples; default: 0")
    add("--timeout", type=_SECONDS, metavar="S", help="seconds for one call; default: 10")
    add("--out", default="oss-bodies-fuzz", metavar="DIR", help="default: %(default)s")


if __name__ == "__main__":
    sys.exit(main())
