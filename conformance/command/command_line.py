"""The command line: every command with its options.

A command's module is not imported here, so that `oss-bodies cases` does not load what `run` needs.
"""

import argparse
from collections.abc import Callable
from typing import Any

from conformance import __version__

Command = Callable[..., argparse.ArgumentParser]  # adds a command: name, text, module

_LANE = (
    "java, python, go, php or rest; java@3.18.4 for a version; java@path:DIR for a checkout; "
    "java@all, java@latest or 'java@>=3.17.4' for released versions"
)
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
_BUDGET = _number(int, lambda count: 0 < count <= 60_000, "a whole number from 1 to 60000")
_SECONDS = _number(float, lambda seconds: seconds > 0, "a number greater than 0")


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line; `module` of its result names the module to run."""
    made = argparse.ArgumentParser(
        prog="oss-bodies",
        description="Test OSS SDKs for conformance: x-oss-process=image/bodies[,sen_N].",
        epilog="Exit codes: 0 no new failures, 1 findings, 2 wrong input, 3 could not run, "
        "130 interrupted.",
    )
    made.add_argument("--version", action="version", version=f"oss-bodies {__version__}")
    commands = made.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, text: str, *, module: str = "") -> argparse.ArgumentParser:
        subparser = commands.add_parser(name, help=text, description=text)
        subparser.set_defaults(module=module or name)
        return subparser

    _running(command)
    _listing(command)
    _about_results(command)
    _others(command)
    return made


def _running(command: Command) -> None:
    """The commands that run SDKs."""
    _run_options(command("run", "run cases on lanes and judge what was sent and returned"))

    _fuzz_options(command("fuzz", "send generated calls to every lane and shrink failures"))

    _bisect_options(command("bisect", "find the first version in which a case has another verdict"))
    samples = command(
        "samples", "run the programs that a documentation page prints", module="page_samples"
    )
    _samples_options(samples)


def _listing(command: Command) -> None:
    """The commands that show what there is."""
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
    whole = "of a run: cut no text, request or content"
    show.add_argument("-v", "--verbose", action="store_true", help=whole)


def _about_results(command: Command) -> None:
    """The commands that read results folders."""
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

    _merge_options(command("merge", "make one run of the parts that --shard made"))

    _known_options(
        command("known-failing", "update known-failing lists by a run", module="known_update")
    )


def _others(command: Command) -> None:
    """The commands about files, the mock and what runs left behind."""
    calibrate = command("calibrate", "test the verifier against published signatures")
    calibrate.add_argument("file", metavar="FILE", nargs="?")

    check = command("check", "print the kind of each file and the mistakes in it")
    check.add_argument("file", metavar="FILE", nargs="+")
    check.add_argument(
        "--fix", action="store_true", help="rewrite vector files in the standard layout"
    )
    check.add_argument("--json", action="store_true", help="print JSON")

    record = command("record", "write the exchanges of a run as a vector file to replay")
    record.add_argument("folder", metavar="DIR")
    record.add_argument("second", metavar="DIR2", nargs="?", help="compare with this recording")
    record.add_argument("--out", metavar="FILE", help="the vector file")

    command("sweep", "remove what killed runs left behind")

    mock = command("mock", "run the mock endpoint alone, for any client, until it is interrupted")
    mock.add_argument("--port", type=_PORT, default=0, metavar="N", help="default: any free port")
    mock.add_argument("--plain", action="store_true", help="HTTP without TLS")
    mock.add_argument("--quiet", action="store_true", help="log no requests")
    mock.add_argument("--case", metavar="ID", help="answer with the script of this case")
    mock.add_argument("--objects", metavar="DIR", help="serve the objects DIR/BUCKET/KEY")
    mock.add_argument("--credentials", metavar="FILE", help="accept the key pairs in this file too")
    mock.add_argument(
        "--detector", metavar="COMMAND", help="detects bodies: image on stdin, JSON on stdout"
    )
    mock.add_argument("--region", metavar="R", help="of the buckets; default: cn-hangzhou")
    mock.add_argument("--ca", metavar="FILE", help="write the CA certificate (PEM) to this file")


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
    add(
        "--jobs",
        type=_NOT_NEGATIVE,
        default=0,
        metavar="N",
        help="runners at a time (a lane has one or two); default: all",
    )
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
    _live_options(parser.add_argument_group("live runs, which cost money"))


def _live_options(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--live", action="store_true", help="run the live cases against the service")
    add("--bucket", metavar="B", help="your bucket, bound to an IMM project")
    add("--key", metavar="K", help="an image in it")
    add("--region", metavar="R", help="of the bucket, such as cn-hangzhou")
    add("--endpoint", metavar="URL", help="connect there in place of the region's endpoint")
    add("--ca", metavar="FILE", help="also trust these certificates (PEM) at the endpoint")
    add(
        "--credentials",
        metavar="FILE",
        help="profile file; default: OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET, OSS_SESSION_TOKEN",
    )
    add("--yes", action="store_true", help="agree to the costs without being asked")
    add("--max-requests", type=_BUDGET, metavar="N", help="send no more than N, whatever happens")
    add("--explore", action="store_true", help="also calls whose answer is not documented")
    add("--redact", **_REPEATABLE, choices=("bucket",), help="replace it in all results too")


def _fuzz_options(parser: argparse.ArgumentParser) -> None:
    _lane_options(parser)
    add = parser.add_argument
    add("--examples", type=_POSITIVE, metavar="N", help="default: 1000, or all that --time allows")
    add("--time", type=_SECONDS, metavar="S", help="stop drawing examples after S seconds")
    add("--seed", type=int, default=0, metavar="N", help="draws the same examples; default: 0")
    add("--timeout", type=_SECONDS, metavar="S", help="seconds for one call; default: 10")
    add("--out", default="oss-bodies-fuzz", metavar="DIR", help="default: %(default)s")


def _bisect_options(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "Exit codes: 0 found, 1 the verdict is the same at both ends, 2 wrong input, "
        "3 a version that decides it could not be judged, 130 interrupted."
    )
    add = parser.add_argument
    add("lane", metavar="LANE", help="java, or a range such as 'java@>=3.10'; default: java@all")
    add("case", metavar="CASE", help="the id of one case")
    add("--good", metavar="V", help="version at one end; default: the oldest of LANE")
    add("--bad", metavar="V", help="version at the other end; default: the newest of LANE")
    add("--runner", **_REPEATABLE, metavar="DIR", help="add the lane of your own runner")
    _place(parser)
    add("--timeout", type=_SECONDS, metavar="S", help="seconds for one call")
    add("--out", default="oss-bodies-bisect", metavar="DIR", help="default: %(default)s")
    add("--json", action="store_true", help="print JSON")


def _samples_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("page", metavar="PAGE", help="a saved page: HTML, Markdown or text, in UTF-8")
    add("--lane", **_REPEATABLE, metavar="NAME", help=_LANE + "; default: what the page states")
    add("--runner", **_REPEATABLE, metavar="DIR", help="add the lane of your own runner")
    _place(parser)
    add("--case", **_REPEATABLE, metavar="PATTERN", help="run only these ids, such as '*/success'")
    add(
        "--timeout", type=_SECONDS, metavar="S", help="seconds for one program; default: as for run"
    )
    add("--out", default="oss-bodies-samples", metavar="DIR", help="default: %(default)s")
    add("--json", action="store_true", help="print the report as JSON")


def _merge_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("folder", metavar="DIR", nargs="+", help="results folder of a part")
    add("--out", required=True, metavar="DIR", help="folder of the whole run")
    add("--json", action="store_true", help="print the report as JSON")


def _known_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("action", choices=["update"])
    add("folder", metavar="DIR", help="results folder of the run")
    add("--file", metavar="FILE", help="the list; default: those of the run")
    add("--owner", metavar="NAME", help="who removes or extends the new entries")
    add("--link", metavar="URL", help="the issue of the new entries")
    add("--expires", metavar="DATE", help="last day of the new entries, such as 2027-03-31")
    add("--yes", action="store_true", help="write without a question")
