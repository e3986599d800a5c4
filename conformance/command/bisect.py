"""`oss-bodies bisect LANE CASE`: find the first version in which a case has another verdict.

Versions come from the registry. Each one that the binary search asks for is built and run with
this one case; its results are kept in a folder of its own.
"""

import json
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.command.out import note, say
from conformance.corpus.load import Corpus, load
from conformance.corpus.selection import select
from conformance.engine.bisection import Change, change, next_version
from conformance.engine.case_run import RunPlan, run_cases
from conformance.engine.job import LaneLimits
from conformance.engine.observer import Observer
from conformance.errors import ExitCode, SelectionError
from conformance.judge.profile_diff import outcome
from conformance.model.case import Case
from conformance.model.manifest import Lane, Manifest
from conformance.model.verdict import Outcome, Verdict
from conformance.model.version_order import RULES, ordered
from conformance.results import ResultsWriter, read_results
from conformance.runner.discovery import manifests
from conformance.runner.releases import expanded
from conformance.session import SessionOptions, Setup, lanes_of, open_session, set_up


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """What was learned of one version."""

    outcome: str | None  # None: it could not be judged
    text: str  # the outcome, or the reason
    findings: tuple[str, ...] = ()


def run(options: Namespace) -> int:
    """Search and print what was run.

    Returns 0 if the version was found, 1 if the case has the same verdict at both ends, and 3 if
    versions that decide it could not be judged.
    """
    corpus = load()
    case = _case(corpus, options.case)
    folders = tuple(map(Path, options.runner))
    lanes = _lanes(options, manifests(folders))
    setup = set_up(
        SessionOptions(runners=folders, place=options.place), [one.id for one in corpus.cases]
    )
    versions = [lane.version or "" for lane in lanes]
    by_version = dict(zip(versions, lanes, strict=True))
    note(f"{options.lane}: {len(versions)} versions from {versions[0]} to {versions[-1]}")
    judged: dict[str, _Judged] = {}
    while (version := next_version(versions, _outcomes(judged))) is not None:
        judged[version] = _judge(options, setup, corpus, case, by_version[version])
        note(f"{version}: {judged[version].text}")
    return _report(options, [one for one in versions if one in judged], versions, judged)


def _case(corpus: Corpus, wanted: str) -> Case:
    found = select(corpus.cases, [wanted])
    if len(found) > 1:
        raise SelectionError(
            source="CASE", place=wanted, rule=f"means {len(found)} cases", remedy="name one"
        )
    return found[0]


def _lanes(options: Namespace, known: Sequence[Manifest]) -> tuple[Lane, ...]:
    """A lane for each version to search; raises SelectionError for fewer than two."""
    runner, at, _ = options.lane.partition("@")
    manifest = next((one for one in known if one.name == runner), None)
    ends = [end for end in (options.good, options.bad) if end is not None]
    name = options.lane if at else f"{runner}@{_range(manifest, ends)}"
    lanes = lanes_of(expanded([name], known, tell=note), known)
    versions = [lane.version for lane in lanes]
    for end in ends:
        if end not in versions:
            raise _wrong(name, f"has no version {end}", "name versions that the registry has")
    places = [versions.index(end) for end in ends]
    if len(ends) == 2:
        lanes = lanes[min(places) : max(places) + 1]
    elif options.good is not None:
        lanes = lanes[places[0] :]
    elif options.bad is not None:
        lanes = lanes[: places[0] + 1]
    if len(lanes) < 2 or any(lane.version is None for lane in lanes):
        raise _wrong(name, "means fewer than two versions", "name a lane such as python@all")
    return lanes


def _range(manifest: Manifest | None, ends: Sequence[str]) -> str:
    """The range of versions for a bare name: that of the ends, or all documented versions."""
    if manifest is None or manifest.releases is None or not ends:
        return "all"
    rule = RULES[manifest.releases.order]
    among = ordered([*ends, *([manifest.releases.minimum] if len(ends) < 2 else [])], rule)
    pre = "+pre" if any(rule.prerelease(end) for end in ends if end in among) else ""
    return f">={among[0]}{pre}" if among else "all"


def _wrong(name: str, rule: str, remedy: str) -> SelectionError:
    return SelectionError(source="LANE", place=name, rule=rule, remedy=remedy)


def _judge(options: Namespace, setup: Setup, corpus: Corpus, case: Case, lane: Lane) -> _Judged:
    """Build one version, run the case and read the verdict from the results folder."""
    folder = Path(options.out) / (lane.version or "")
    one = replace(setup, lanes=(lane,), required=frozenset({lane.name}))
    with open_session(one, lambda _text: None) as session:
        header = session.header(vectors=corpus.digest, seed=None, cases=[case.id])
        with ResultsWriter(folder, header) as writer:
            plan = RunPlan(
                prepared=session.prepare(note),
                cases=(case,),
                limits=LaneLimits(call=options.timeout),
            )
            end = run_cases(session, plan, writer, Observer(note=lambda _: None, step=_nothing))
    if end.interrupted:
        raise KeyboardInterrupt
    results = read_results(folder)
    if results.verdicts:
        return _of_verdict(results.verdicts[0])
    reason = next((record.reason for record in results.lanes if record.reason), "not run")
    return _Judged(outcome=None, text=f"not run: {reason.splitlines()[0]}")


def _nothing(_current: str, _failed: int) -> None: ...


def _of_verdict(verdict: Verdict) -> _Judged:
    text = outcome(verdict)
    if verdict.outcome is Outcome.ERROR:
        return _Judged(outcome=None, text=f"{text}: {verdict.reason}")
    findings = tuple(
        f"{one.rule}, {one.where}: expected {one.expected}, got {one.got}"
        for one in verdict.findings
    )
    return _Judged(outcome=text, text=text, findings=findings)


def _outcomes(judged: dict[str, _Judged]) -> dict[str, str | None]:
    return {version: one.outcome for version, one in judged.items()}


def _report(
    options: Namespace, run: Sequence[str], versions: Sequence[str], judged: dict[str, _Judged]
) -> int:
    ends = [judged.get(versions[0]), judged.get(versions[-1])]
    known = all(end is not None and end.outcome is not None for end in ends)
    found = change(versions, _outcomes(judged)) if known else None
    text, code = _result(options, versions, judged, found, known=known)
    if options.json:
        lines = [
            {"version": one, "outcome": judged[one].text, "findings": judged[one].findings}
            for one in run
        ]
        first = found.after if found is not None and not found.between else None
        document = {"case": options.case, "first": first, "result": text, "versions": lines}
        say(json.dumps({**document, "exit": int(code)}, indent=2))
        return code
    width = max(map(len, ["version", *run]))
    say(f"{'version'.ljust(width)}  {options.case}")
    for version in run:
        say(f"{version.ljust(width)}  {judged[version].text}")
    for line in judged[found.after].findings if found is not None else ():
        say(f"\n{line}")
    say(f"\n{text}\n{len(run)} of {len(versions)} versions run; results in {options.out}/VERSION/")
    return code


def _result(
    options: Namespace,
    versions: Sequence[str],
    judged: dict[str, _Judged],
    found: Change | None,
    *,
    known: bool,
) -> tuple[str, ExitCode]:
    """What was found, in one sentence, and the exit code."""
    runner = options.lane.partition("@")[0]
    if not known:
        end = versions[0] if judged[versions[0]].outcome is None else versions[-1]
        text = f"{runner}@{end} could not be judged, so there is nothing to compare with"
        return f"{text}: name another end with --good and --bad", ExitCode.COULD_NOT_RUN
    if found is None:
        text = f"{versions[0]} and {versions[-1]} have the same verdict: it did not change between"
        text += " them, or changed more than once (not monotonic); run every version with"
        bounds = f"{runner}@>={versions[0]},<={versions[-1]}"
        return f"{text} oss-bodies run --lane '{bounds}' --case {options.case}", ExitCode.FINDINGS
    before, after = judged[found.before], judged[found.after]
    if found.between:
        unsure = ", ".join((*found.between, found.after))
        text = f"the verdict changed in one of {unsure}; those before the last could not be judged"
        return text, ExitCode.COULD_NOT_RUN
    text = f"the verdict changed in {runner}@{found.after}: {before.text}, then {after.text}"
    if after.outcome != judged[versions[-1]].outcome:
        text += f"; it changed again later (not monotonic): {judged[versions[-1]].text}"
    return text, ExitCode.PASSED
