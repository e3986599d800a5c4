"""Selects the trials of a run by case pattern, lane, shard and the capabilities that cases need.

Pure: the functions select from values that were read elsewhere. A shard runs each of its cases on
all lanes, because lanes can only be compared on a case that ran on all of them.
"""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from conformance.errors import SelectionError
from conformance.model.case import Case, Input, ProgramEnvironment, Script
from conformance.model.manifest import SAMPLE, Lane
from conformance.model.verdict import Trial
from conformance.oss import naming

# Milliseconds, as in vectors/defaults.json (a test compares them). A lane that cannot set timeouts
# can run every case with this value or none.
USUAL_TIMEOUT = 5000
# Calls after which every runtime is warm; the JVM takes longest, a second for its first calls.
_WARM_UP = 50
_WORTH_A_RUNNER = 10  # cases in which a lane may wait that are worth a runner of their own
# Such cases for which another runner is worth its start. An SDK that asks again three times, with
# pauses, waits up to 6 s in a case.
_PER_RUNNER = 100
_RETRIED = frozenset({429, *range(500, 600)})  # statuses after which clients may retry


def select(cases: Sequence[Case], patterns: Sequence[str]) -> tuple[Case, ...]:
    """The cases whose id matches any of the shell patterns, in corpus order; all without patterns.

    `*` matches `/` too. Raises SelectionError, with a suggestion, if a pattern matches no case.
    """
    ids = [case.id for case in cases]
    for pattern in patterns:
        if not any(fnmatchcase(case_id, pattern) for case_id in ids):
            raise SelectionError(
                source="--case", place=pattern, rule="matches no case", remedy=_near(pattern, ids)
            )
    if not patterns:
        return tuple(cases)
    return tuple(
        case for case in cases if any(fnmatchcase(case.id, pattern) for pattern in patterns)
    )


def _near(pattern: str, ids: Sequence[str]) -> str:
    """A suggestion: the cases below the pattern, or else ids and topics with a similar spelling."""
    under = pattern.rstrip("/*") + "/"
    if any(case_id.startswith(under) for case_id in ids):
        return f"did you mean '{under}*'?"
    topics = sorted({case_id.rpartition("/")[0] + "/*" for case_id in ids})
    close = get_close_matches(pattern, [*ids, *topics], n=3, cutoff=0.5)
    if close:
        return f"did you mean {' or '.join(close)}?"
    families = sorted({case_id.partition("/")[0] + "/*" for case_id in ids})
    return f"the families are {', '.join(families)}; 'oss-bodies cases' lists all cases"


def needs(case: Case) -> frozenset[str]:
    """The capabilities that a lane needs for a case; runners/README.md lists them.

    The mode of the run provides `sample`, `any-host` and `direct`; host mode also needs `proxy`.
    """
    asked = {need for turn in case.turns for given in turn.inputs for need in _needs(given)}
    return frozenset(asked | {"threads" for turn in case.turns if turn.calls})


def _needs(given: Input) -> Iterable[str]:
    timeouts = {given.connect_timeout, given.read_timeout}
    needed = {
        "sample": given.program is not None,
        "any-host": naming.is_misdirected(given.endpoint),
        "direct": naming.is_unreachable(given.endpoint),
        "process": given.process is not None and given.program is None,
        "version": given.version_id is not None,
        "presigned": given.sign == "url",
        "path-style": given.addressing == "path",
        "cname": given.addressing == "cname",
        "anonymous": given.credentials is None,
        "token": given.credentials is not None and given.credentials.security_token is not None,
        "kept": given.client == "kept",
        "v1": given.signature == "v1",
        "timeouts": not timeouts <= {USUAL_TIMEOUT, None},
        "provider": given.provider == "program",
        "to-file": given.into == "file",
        "partial": given.consume is not None,
        "proxy": given.proxy is not None,
        "clock": given.environment is not None and given.environment.moves_clock,
        "locale": given.environment is not None and given.environment.locale is not None,
    }
    return (name for name, is_needed in needed.items() if is_needed)


def in_running_order(cases: Sequence[Case]) -> tuple[Case, ...]:
    """The cases in the order in which a lane runs them, those in which it may wait early.

    While one lane waits, others can use the processors, as long as they have cases left. Some cases
    without waiting come first, because the first calls of a runtime are slow. Cases with an
    environment of their own come last, those with the same together, because each needs a process.
    """
    usual = [case for case in cases if environment_of(case) is None]
    prompt = [case for case in usual if not _may_wait(case)]
    waiting = [case for case in usual if _may_wait(case)]
    groups: dict[ProgramEnvironment, list[Case]] = {}
    for case in cases:
        environment = environment_of(case)
        if environment is not None:
            groups.setdefault(environment, []).append(case)
    own = [case for group in groups.values() for case in group]
    return (*prompt[:_WARM_UP], *waiting, *prompt[_WARM_UP:], *own)


def side_by_side(cases: Sequence[Case]) -> tuple[tuple[Case, ...], ...]:
    """The cases for each runner of a lane, in the order in which it runs them.

    All but the first have the cases in which a lane may wait, so that the others do not wait behind
    them, and they wait at the same time. Those with an environment of their own are one runner's,
    because they share its process.
    """
    ordered = in_running_order(cases)
    usual = [case for case in ordered if environment_of(case) is None]
    waiting = tuple(case for case in usual if _may_wait(case))
    prompt = [case for case in usual if not _may_wait(case)]
    more = -(-len(waiting) // _PER_RUNNER)
    if len(waiting) < _WORTH_A_RUNNER or len(prompt) <= (more + 1) * _WARM_UP:
        return (ordered,)
    own = [case for case in ordered if environment_of(case) is not None]
    slow = {environment_of(case) for case in own if _may_wait(case)}
    own_waiting = [case for case in own if environment_of(case) in slow]
    others = (
        (
            *prompt[part * _WARM_UP : (part + 1) * _WARM_UP],
            *waiting[part::more],
            *(own_waiting if part == 0 else ()),
        )
        for part in range(more)
    )
    return (
        (*prompt[more * _WARM_UP :], *(case for case in own if environment_of(case) not in slow)),
        *others,
    )


def environment_of(case: Case) -> ProgramEnvironment | None:
    """What the process of the case finds, which is the same in all its turns."""
    return case.turns[0].inputs[0].environment


def _may_wait(case: Case) -> bool:
    """Whether a client may wait for missing bytes or before a retry, or its program pauses."""
    return any(
        turn.script.certificate != "trusted"
        or any(naming.is_unreachable(given.endpoint) for given in turn.inputs)
        or any(given.consume is not None and given.consume.pause for given in turn.inputs)
        or any(reply.faults or reply.status in _RETRIED for reply in turn.script.replies)
        for turn in case.turns
    )


def hosts(cases: Iterable[Case]) -> frozenset[str]:
    """Every host name that a lane may contact: endpoints, buckets on them, targets of redirects."""
    found: set[str] = set()
    for case in cases:
        for turn in case.turns:
            for given in turn.inputs:
                if not naming.is_unreachable(given.endpoint):
                    found |= set(naming.hosts(given.endpoint, given.bucket))
            found |= set(_redirects(turn.script))
    return frozenset(found)


def _redirects(script: Script) -> Iterable[str]:
    """The hosts in Location fields, both of headers and of raw heads."""
    for reply in script.replies:
        targets = [value for name, value in reply.headers if name.lower() == "location" and value]
        for kind, argument in reply.faults:
            if kind == "raw_head":
                targets += re.findall(r"(?im)^location:\s*(\S+)", argument)
        for target in targets:
            try:
                host = urlsplit(target).hostname
            except ValueError:
                continue  # some cases have a Location that is not a URI
            if host:
                yield host


def of_lane(cases: Sequence[Case], lane: Lane) -> tuple[Case, ...]:
    """The cases without those about a program of a page that is not one of the lane's."""
    known = {None, SAMPLE, *(program.id for program in lane.programs)}
    return tuple(case for case in cases if all(turn.input.program in known for turn in case.turns))


def trials(cases: Sequence[Case], lanes: Sequence[Lane]) -> tuple[Trial, ...]:
    """A trial of every case on every lane, ordered by lane."""
    return tuple(Trial(case=case, lane=lane) for lane in lanes for case in cases)


def shard(planned: Sequence[Trial], part: str | None) -> tuple[Trial, ...]:
    """The trials of shard I of N (`2/3`), assigned case by case; None selects all.

    Cases are dealt out in running order, so that shards have equally many cases, and equally many
    of those that may wait or need a process of their own (each number differs by at most 1).
    """
    if part is None:
        return tuple(planned)
    number, count = shard_numbers(part)
    cases = {trial.case.id: trial.case for trial in planned}
    dealt = enumerate(in_running_order(tuple(cases.values())))
    chosen = {case.id for index, case in dealt if index % count == number - 1}
    return tuple(trial for trial in planned if trial.case.id in chosen)


def shard_numbers(part: str) -> tuple[int, int]:
    """I and N of `I/N`; raises SelectionError if it is something else."""
    match = re.fullmatch(r"([1-9]\d*)/([1-9]\d*)", part)
    if match is None or int(match[1]) > int(match[2]):
        rule = "is not I/N with I from 1 to N"
        remedy = "write the number of the shard and of all shards, such as 1/4"
        raise SelectionError(source="--shard", place=part, rule=rule, remedy=remedy)
    return int(match[1]), int(match[2])
