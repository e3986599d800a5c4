"""Rules about the program under test: it answers each call, and it does not end.

The runner stands for a user's program. When it dies or hangs in a call, so does every program that
makes this call; which call it was is known from the turn that has no answer.
"""

import re
from collections.abc import Iterator, Sequence

from conformance.judge.quote import quote, timeless
from conformance.judge.rules import transport
from conformance.judge.view import TurnView, Violation
from conformance.model.case import Case, Level, Provenance, Source
from conformance.model.message import CRASH, Failure
from conformance.model.verdict import UNANSWERED, Finding, Transcript, TurnRecord

STATE = "program.state"
SOURCE = Provenance(
    source=Source.DERIVED,
    note="A call returns or reports an error; a program cannot go on from anything else.",
)
_WAITING = Provenance(
    source=Source.STANDARD,
    note=(
        "Retry-After says how long a client ought to wait before it asks again. To ask again is its"
        " choice (9.2.2), and no document limits the wait, so this is no failure."
    ),
    reference="RFC 9110 10.2.3",
)
# Step of the problem -> rule, what was expected, why it matters.
_ENDS = {
    "death": (
        "program.death",
        "a program that goes on after the call",
        "A user's program ends here, whatever errors it catches.",
    ),
    "timeout": (
        "program.silence",
        "an answer after at most the time-outs of the call",
        "A user's program hangs here.",
    ),
}


def unanswered(transcript: Transcript) -> Finding | None:
    """The finding of a trial in which the runner died or was silent; None if it did neither."""
    problem, turns = transcript.problem, transcript.turns
    if problem is None or problem.step not in UNANSWERED or not turns:
        return None
    last = turns[-1]
    rule, expected, why = _ENDS[problem.step]
    place = "answer" if last.answer is None else "after the answer"
    got = f"{timeless(problem.reason)}; {_requests(turns)}{_last_words(transcript.stderr)}"
    if last.journal.exceeded is not None:  # what the program did until the mock stopped answering
        endless = transport.endless_requests(last.journal.exceeded)
        rule, expected, got, why = endless.rule, endless.expected, endless.got, endless.why
    wait = _asked_to_wait(last) if rule == "program.silence" else None
    if wait is not None:
        got = f"{got}; the last response asks for a wait of {wait} s (Retry-After)"
        why = "A user's program waits as long as any response tells it to."
    return Finding(
        rule=rule,
        where=f"call {len(turns)}, {place}" if len(turns) > 1 else place,
        expected=expected,
        got=got,
        why=why,
        claim=Level.REQUIRED if wait is None else Level.RECOMMENDED,
        source=SOURCE if wait is None else _WAITING,
    )


def outlives(_: Case, transcript: Transcript) -> Iterator[Violation]:
    """Invariant: the program ends when it has nothing more to do.

    A recommendation, because a user's program can end itself by force.
    """
    if transcript.outlives:
        yield Violation(
            rule="program.end",
            part="process of the runner, which was asked to exit after this case",
            expected="its end",
            got="it was still there after ten seconds",
            why="A program that uses the SDK hangs at its end: something that it has started, such "
            "as a thread or a pool of connections, goes on.",
            claim=Level.RECOMMENDED,
        )


def _asked_to_wait(turn: TurnRecord) -> int | None:
    """The seconds for which the last response asks, if the call did not last longer; else None."""
    exchanges = turn.journal.exchanges
    response = exchanges[-1].response if exchanges else None
    value = (response.header("retry-after") or "") if response is not None else ""
    seconds = int(value) if re.fullmatch("[0-9]{1,9}", value) else 0
    return seconds if turn.answer is None and seconds > turn.elapsed else None


def state(view: TurnView) -> Iterator[Violation]:
    """Invariant: a case begins without the connections of the case before."""
    journal = view.record.journal
    for number, exchange in enumerate(journal.exchanges, start=1):
        if view.number == 1 and exchange.connection <= journal.earlier:
            yield Violation(
                rule=STATE,
                part="connection",
                expected="a new connection in the first call of a case",
                got="a connection that was opened before the case began",
                why="What the earlier case left on the connection would be judged as this case.",
                request=number,
            )


def crash(view: TurnView) -> Iterator[Violation]:
    """Invariant: no call ends in an error that is none of the SDK's interface."""
    answer = view.answer
    if isinstance(answer, Failure) and answer.origin == CRASH:
        yield Violation(
            rule="program.crash",
            part="answer",
            expected="content, or an error of the language's ordinary kind",
            got=f"{quote(answer.error_class)} {quote(timeless(answer.text))}",
            why="A user's program ends here, unless it catches what no program should.",
        )


def _requests(turns: Sequence[TurnRecord]) -> str:
    count = len(turns[-1].journal.exchanges)
    return f"{count} request{'' if count == 1 else 's'} in this call"


def _last_words(stderr: str) -> str:
    """The first and the last line on standard error: some languages name the cause first."""
    lines = [timeless(line.strip()) for line in stderr.splitlines() if line.strip()]
    shown = dict.fromkeys(quote(line) for line in (*lines[:1], *lines[-1:]))
    return f"; standard error: {' ... '.join(shown)}" if shown else ""
