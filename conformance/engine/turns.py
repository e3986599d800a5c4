"""The turns of one case, from the first arming of the mock to the answer to the last call.

The mock hands over the journal of an arming with the next arming (see mock/__init__.py), so the
last record of a case is without its journal until the next case begins: see `completed`.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from conformance.errors import CannotRunError, RunnerError
from conformance.model.case import Case, Input, Script, Turn
from conformance.model.http import Journal
from conformance.model.message import Answer
from conformance.model.verdict import Problem, TurnRecord


def play(
    case: Case,
    *,
    arm: Callable[[Script], Journal],
    armed: Callable[[Journal], None],
    ask: Callable[[Turn], Answer],
) -> tuple[tuple[TurnRecord, ...], Problem | None]:
    """Ask the turns of a case in order; stop at the first that the runner does not answer.

    arm: arms a script and returns the journal of the arming before. armed: called after the first
    arming with the journal that belongs to the case before. Returns the records, the last without
    its journal, and the problem that ended the case early.
    """
    records: tuple[TurnRecord, ...] = ()
    problem: Problem | None = None
    for turn in case.turns:
        journal = arm(turn.script)
        if records:
            records = completed(records, journal)
        else:
            armed(journal)
        began = time.perf_counter()
        answer: Answer | None = None
        try:
            answer = ask(turn)
        except RunnerError as error:
            problem = problem_of(error)
        elapsed = round(time.perf_counter() - began, 6)
        records = (*records, TurnRecord(answer=answer, journal=Journal(), elapsed=elapsed))
        if problem is not None:
            break
    return records, problem


def completed(records: Sequence[TurnRecord], journal: Journal) -> tuple[TurnRecord, ...]:
    """The records, the last with its journal."""
    *complete, last = records
    return (*complete, replace(last, journal=journal))


def problem_of(error: RunnerError | CannotRunError) -> Problem:
    """The problem of a trial that ended with this error; a step of the site counts as the start."""
    step = error.step if isinstance(error, RunnerError) else "start"
    return Problem(step=step, reason=error.reason, remedy=error.remedy)


def environment(given: Input) -> dict[str, str]:
    """The credentials of an input as the environment variables that a program reads them from."""
    keys = given.credentials
    if keys is None:
        return {}
    named = {
        "OSS_ACCESS_KEY_ID": keys.access_key_id,
        "OSS_ACCESS_KEY_SECRET": keys.access_key_secret,
        "OSS_SESSION_TOKEN": keys.security_token,
    }
    return {name: value for name, value in named.items() if value is not None}
