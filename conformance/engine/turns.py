"""The turns of one case, from the first arming of the mock to the answer to the last call.

The mock returns the journal of a script when the next one is armed (see mock/__init__.py), so the
last record of a case lacks its journal until the next case begins; `completed` adds it.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any
from urllib.parse import quote as quote_url

from conformance.errors import CannotRunError, RunnerError
from conformance.judge.quote import quote
from conformance.model.case import Case, Input, Script, Turn
from conformance.model.http import Journal
from conformance.model.message import Answer, Ended, Several, is_crash
from conformance.model.verdict import Problem, Transcript, TurnRecord
from conformance.oss.naming import is_misdirected
from conformance.results.machine_names import MachineNames
from conformance.runner.site import Station


def play(
    case: Case,
    *,
    arm: Callable[[Script, bool], Journal],
    armed: Callable[[Journal], None],
    ask: Callable[[Turn], Answer],
) -> tuple[tuple[TurnRecord, ...], Problem | None]:
    """Make the calls of a case in order, up to one that the runner does not answer.

    An answer that is a crash is the last one too: a user's program would have ended there.

    arm: arms a script, which continues the case or not, and returns the journal of the previous
    one. armed: called after the first arming with the journal, which belongs to the previous case.
    ask: makes the call or the calls of a turn. Returns the records, the last without its journal,
    and the problem if the case ended early.
    """
    records: tuple[TurnRecord, ...] = ()
    problem: Problem | None = None
    for turn in case.turns:
        journal = arm(turn.script, bool(records))
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
        if problem is not None or is_crash(answer):
            break
    return records, problem


def completed(records: Sequence[TurnRecord], journal: Journal) -> tuple[TurnRecord, ...]:
    """The records with the journal added to the last."""
    *complete, last = records
    return (*complete, replace(last, journal=journal))


def continued(records: Sequence[TurnRecord]) -> tuple[TurnRecord, ...]:
    """The records of a case that may use the connections of the case before."""
    first, *rest = records
    return (replace(first, journal=replace(first.journal, earlier=0)), *rest)


def problem_of(error: RunnerError | CannotRunError) -> Problem:
    """The problem of a trial that ended with this error; any step of the site counts as `start`."""
    step = error.step if isinstance(error, RunnerError) else "start"
    return Problem(step=step, reason=error.reason, remedy=error.remedy)


def without_names(transcript: Transcript, names: MachineNames) -> Transcript:
    """The transcript without the names of this machine, in whatever a runner says."""
    problem, hidden = transcript.problem, names.hidden
    if problem is not None:
        reason, remedy = hidden(problem.reason), hidden(problem.remedy)
        problem = replace(problem, reason=reason, remedy=remedy)
    turns = (
        turn if turn.answer is None else replace(turn, answer=_without_names(turn.answer, names))
        for turn in transcript.turns
    )
    stderr, at_end = hidden(transcript.stderr), hidden(transcript.at_end)
    return replace(transcript, turns=tuple(turns), stderr=stderr, problem=problem, at_end=at_end)


def _without_names(answer: Answer, names: MachineNames) -> Answer:
    if isinstance(answer, Several):
        return Several(answers=tuple(_without_names(one, names) for one in answer.answers))
    if isinstance(answer, Ended):
        hidden = names.hidden_bytes
        return replace(answer, stdout=hidden(answer.stdout), stderr=hidden(answer.stderr))
    values = {field.name: getattr(answer, field.name) for field in fields(answer)}
    changed: dict[str, Any] = {
        name: names.hidden(value) for name, value in values.items() if isinstance(value, str)
    }
    return replace(answer, **changed)


def not_run_text(problem: Problem, stderr: str = "") -> str:
    """Why a lane is given up: the problem and its last words in one line, then the remedy."""
    words = stderr.strip().splitlines()[-1:]
    last = f"; the last line on its standard error: {quote(words[0])}" if words else ""
    return f"{problem.step}: {problem.reason}{last}\nfix: {problem.remedy}"


def proxy_of(given: Input, station: Station) -> str | None:
    """The URL of the proxy for a call: it asks for one, or nothing else leads it to the mock."""
    asked = given.proxy is not None or is_misdirected(given.endpoint)
    url = station.mock_as_proxy if asked else station.proxy
    if url is None or given.proxy is None or given.proxy.user is None:
        return url
    scheme, separator, place = url.partition("://")
    words = (word for word in (given.proxy.user, given.proxy.password) if word is not None)
    login = ":".join(quote_url(word, safe="") for word in words)
    return f"{scheme}{separator}{login}@{place}"


def environment(given: Input) -> dict[str, str]:
    """The credentials of an input as the environment variables that a sample program reads."""
    credentials = given.credentials
    if credentials is None:
        return {}
    variables = {
        "OSS_ACCESS_KEY_ID": credentials.access_key_id,
        "OSS_ACCESS_KEY_SECRET": credentials.access_key_secret,
        "OSS_SESSION_TOKEN": credentials.security_token,
    }
    return {name: value for name, value in variables.items() if value is not None}
