"""Which trials a run has: cases by pattern, lanes, shards, and the capabilities that cases need.

Pure: every function chooses among values that were read elsewhere. A shard has whole cases, because
lanes can only be compared on a case that ran on all of them.
"""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from conformance.errors import SelectionError
from conformance.model.case import Case, Input, Script
from conformance.model.manifest import Lane
from conformance.model.verdict import Trial
from conformance.oss import naming

# Milliseconds, those of vectors/defaults.json (there is a test). A lane that cannot set timeouts
# can run every case that has these or none.
USUAL_TIMEOUT = 5000
# After this many calls every runtime is warm; the JVM takes longest, a second for its first calls.
_WARM = 50
_RETRIED = frozenset({429, *range(500, 600)})  # statuses after which clients may try again


def select(cases: Sequence[Case], patterns: Sequence[str]) -> tuple[Case, ...]:
    """The cases whose id matches any of the shell patterns, in corpus order; no pattern: all.

    `*` matches `/` too. SelectionError with a suggestion for a pattern that matches nothing.
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
    """A suggestion: the cases below the pattern, or else ids and topics that are spelled alike."""
    under = pattern.rstrip("/*") + "/"
    if any(case_id.startswith(under) for case_id in ids):
        return f"did you mean '{under}*'?"
    topics = sorted({case_id.rpartition("/")[0] + "/*" for case_id in ids})
    close = get_close_matches(pattern, [*ids, *topics], n=3, cutoff=0.5)
    if close:
        return f"did you mean {' or '.join(close)}?"
    families = sorted({case_id.partition("/")[0] + "/*" for case_id in ids})
    return f"there are {', '.join(families)}; 'oss-bodies cases' lists all"


def needs(case: Case) -> frozenset[str]:
    """The capabilities that a lane must have for a case: those of runners/README.md.

    `sample` and `any-host` are provided by the mode of the run; host mode needs `proxy` besides.
    """
    asked = {need for turn in case.turns for given in turn.inputs for need in _needs(given)}
    return frozenset(asked | {"threads" for turn in case.turns if turn.calls})


def _needs(given: Input) -> Iterable[str]:
    timeouts = {given.connect_timeout, given.read_timeout}
    asked = {
        "sample": given.program is not None,
        "any-host": not naming.is_resolved(given.endpoint),
        "process": given.process is not None,
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
        "clock": given.environment is not None and given.environment.day_of_month is not None,
        "locale": given.environment is not None and given.environment.locale is not None,
    }
    return (name for name, needed in asked.items() if needed)


def in_running_order(cases: Sequence[Case]) -> tuple[Case, ...]:
    """The cases in the order in which a lane runs them: those in which it may wait come early.

    While a lane waits, others use the processors; at the end of the run they would have no work
    left. Some plain cases come first of all, because the first calls of a runtime are slow.
    """
    plain = [case for case in cases if not _waits(case)]
    waiting = [case for case in cases if _waits(case)]
    return (*plain[:_WARM], *waiting, *plain[_WARM:])


def _waits(case: Case) -> bool:
    """Whether a client may wait: for bytes that do not come, or before it tries again."""
    scripts = [turn.script for turn in case.turns]
    again = any(r.faults or r.status in _RETRIED for s in scripts for r in s.replies)
    return again or any(script.certificate != "trusted" for script in scripts)


def hosts(cases: Iterable[Case]) -> frozenset[str]:
    """Every host name that a lane may contact: endpoints, buckets on them, targets of redirects."""
    found: set[str] = set()
    for case in cases:
        for turn in case.turns:
            for given in turn.inputs:
                found |= set(naming.hosts(given.endpoint, given.bucket))
            found |= set(_redirects(turn.script))
    return frozenset(found)


def _redirects(script: Script) -> Iterable[str]:
    """The hosts that Location fields name, in headers and in raw heads."""
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


def trials(cases: Sequence[Case], lanes: Sequence[Lane]) -> tuple[Trial, ...]:
    """Every case on every lane: lane by lane, each in the order of the cases."""
    return tuple(Trial(case=case, lane=lane) for lane in lanes for case in cases)


def shard(planned: Sequence[Trial], part: str | None) -> tuple[Trial, ...]:
    """The trials of part I of N (`2/3`), assigned case by case; None: all of them."""
    if part is None:
        return tuple(planned)
    match = re.fullmatch(r"([1-9]\d*)/([1-9]\d*)", part)
    if match is None or int(match[1]) > int(match[2]):
        rule = "is not I/N with I from 1 to N"
        raise SelectionError(source="--shard", place=part, rule=rule, remedy="write it such as 1/4")
    mine, of = int(match[1]), int(match[2])
    ids = dict.fromkeys(trial.case.id for trial in planned)
    chosen = {case_id for index, case_id in enumerate(ids) if index % of == mine - 1}
    return tuple(trial for trial in planned if trial.case.id in chosen)
