"""The rule about what an SDK prints by itself during a call.

A runner writes nothing on standard error during a call (runners/README.md), so what is there was
printed by the SDK, its HTTP client or the language. Only trials without faults are judged: what a
client logs about a broken connection may come at any time, even in the next case.
"""

from collections.abc import Iterator

from conformance.judge.quote import FOLDERS, quote, timeless
from conformance.judge.view import Violation
from conformance.model.case import Case, Level
from conformance.model.message import is_crash
from conformance.model.verdict import STDERR_CUT, Transcript


def output(case: Case, transcript: Transcript) -> Iterator[Violation]:
    """Invariant: a call prints nothing."""
    lines = [line.strip() for line in transcript.stderr.splitlines() if line.strip()]
    if lines and not _ended(transcript) and not _faulty(case):
        line, more = lines[0], ""
        if STDERR_CUT in lines:  # how much is missing depends on the length of the paths in it
            line, more = lines[-1], " (the last of many lines)"
        elif len(lines) > 1:
            more = f" (the first of {len(lines)} lines)"
        yield Violation(
            rule="program.output",
            part="standard error during the case",
            expected="nothing",
            got=quote(FOLDERS.sub("<folder>/", timeless(line))) + more,
            why="What a library prints gets into the output of the programs that use it.",
            claim=Level.RECOMMENDED,
        )


def _ended(transcript: Transcript) -> bool:
    """Whether the program ended, so that another finding quotes its last words."""
    answers = [turn.answer for turn in transcript.turns]
    return None in answers or any(map(is_crash, answers))


def _faulty(case: Case) -> bool:
    scripts = [turn.script for turn in case.turns]
    faults = any(reply.faults for script in scripts for reply in script.replies)
    return faults or any(script.certificate != "trusted" for script in scripts)
