"""`oss-bodies samples PAGE`: run the programs that a documentation page prints, as printed.

Each program runs in the lanes of its language, at the minimum SDK version that the page states,
under the page's own endpoint, bucket and key. The results folder is that of a run; in it
`page-cases.json` holds the cases, so that it can be re-judged, and `page.json` the page. The
exchanges have no lane and no transcript, so their findings are in `page.json` alone.
"""

import json
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.assets import VECTORS
from conformance.command.options import session_options
from conformance.command.out import Progress, layout, note, say
from conformance.command.report import show
from conformance.corpus.layout import format_vector
from conformance.corpus.load import Corpus, loaded
from conformance.corpus.selection import select
from conformance.documents.files import read_bytes, read_file
from conformance.documents.schema import schema
from conformance.documents.strict_json import plain
from conformance.engine.case_run import RunPlan, run_cases
from conformance.engine.job import LaneLimits
from conformance.engine.observer import Observer
from conformance.errors import ExitCode, InputError, SelectionError
from conformance.model.manifest import Lane, Manifest
from conformance.operation.reading import shipped
from conformance.pages.blocks import format_of
from conformance.pages.exchange_checks import exchange_findings
from conformance.pages.languages import named
from conformance.pages.minimum_version import minimum_version
from conformance.pages.page_cases import page_document, program_of_lane
from conformance.pages.sample_page import PrintedProgram, SamplePage, read_page
from conformance.report.page_report import PageReport, page_json, page_text
from conformance.results import PAGE, PAGE_CASES, ResultsWriter, read_results, read_transcripts
from conformance.runner.discovery import manifests
from conformance.runner.site import PreparedLane
from conformance.session import Session, Setup, open_session, set_up, uninterrupted

_SITUATIONS = VECTORS / "samples" / "program.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class _PageRun:
    """A page that was read, with the lanes and cases of its programs."""

    setup: Setup
    report: PageReport
    corpus: Corpus
    data: bytes  # of the vector file


def run(options: Namespace) -> int:
    """Run the programs of the page and print the report; returns the exit code."""
    one = _read(options)
    cases = select(one.corpus.cases, options.case)
    folder = Path(options.out)
    with open_session(one.setup, note) as session:
        _note_not_run(one)
        header = replace(
            session.header(vectors=one.corpus.digest, seed=None, cases=options.case),
            timeout=options.timeout,
            vector_files=(PAGE_CASES,),
        )
        page = json.dumps(page_json(one.report), indent=2).encode() + b"\n"
        with ResultsWriter(folder, header, {PAGE_CASES: one.data, PAGE: page}) as writer:
            plan = RunPlan(
                prepared=_prepared(session),
                cases=cases,
                limits=LaneLimits(call=options.timeout),
            )
            progress = Progress(plan.trials)
            try:
                run_cases(session, plan, writer, Observer(note=note, step=progress.step))
            finally:
                progress.close()
        with uninterrupted():
            code = show(folder, as_json=options.json)
            (note if options.json else say)(_text(folder, one.report))
    if code != ExitCode.PASSED or not one.report.failed:
        return code
    note(f"exit {ExitCode.FINDINGS:d}: the programs pass, an exchange on the page does not fit")
    return ExitCode.FINDINGS


def _text(folder: Path, report: PageReport) -> str:
    answers = {
        (transcript.case, transcript.lane): transcript.turns[-1].answer
        for transcript in read_transcripts(folder)
        if transcript.turns
    }
    known = {key: answer for key, answer in answers.items() if answer is not None}
    return page_text(report, read_results(folder).verdicts, known, layout())


def _read(options: Namespace) -> _PageRun:
    """Read the page and choose lanes; raises InputError for a page of which nothing can be run."""
    path = Path(options.page)
    text = _decoded(path)
    page = read_page(text)
    found = manifests([Path(name) for name in options.runner])
    setup = _lanes(path, page, found, options)
    documents = [
        (program, _error_types(setup.lanes, program))
        for program in page.programs
        if _lanes_of(setup.lanes, program)
    ]
    document = page_document(page, documents, plain(read_file(_SITUATIONS)), shipped())
    data = format_vector(document, schema("vectors")).encode()
    report = PageReport(
        page=page,
        form=format_of(text),
        programs=tuple(
            (
                program,
                tuple(lane.name for lane in _lanes_of(setup.lanes, program)),
                _minimum(page, program, found),
            )
            for program in page.programs
        ),
        findings=exchange_findings(page.exchanges, shipped()),
    )
    return _PageRun(
        setup=setup,
        report=report,
        corpus=loaded(json.loads(data), data, name=PAGE_CASES),
        data=data,
    )


def _decoded(path: Path) -> str:
    data = read_bytes(path)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            source=str(path),
            place=f"byte {error.start}",
            rule="is not UTF-8",
            remedy="save the page as UTF-8, as HTML, Markdown or text",
        ) from error


def _lanes(path: Path, page: SamplePage, found: Sequence[Manifest], options: Namespace) -> Setup:
    """The lanes with the programs that each is built with."""
    names = list(options.lane)
    for manifest in found:
        programs = [one for one in page.programs if one.whole and _speaks(manifest, one)]
        if programs and not options.lane:
            version = manifest.sdk_version and _minimum(page, programs[0], found)
            names.append(f"{manifest.name}@{version}" if version else manifest.name)
    if not names:
        raise _nothing(path, page, found)
    setup = set_up(replace(session_options(options), lanes=tuple(names)))
    lanes = tuple(
        replace(lane, programs=tuple(map(program_of_lane, programs)))
        for lane in setup.lanes
        if (programs := [one for one in page.programs if one.whole and _speaks(lane.manifest, one)])
    )
    for name in options.lane:
        if not any(
            lane.name == name or lane.manifest.name == name.partition("@")[0] for lane in lanes
        ):
            raise SelectionError(
                source="--lane",
                place=name,
                rule="the page prints no program for this lane",
                remedy="the page has " + (_listed(page.programs) or "no program"),
            )
    required = frozenset(lane.name for lane in lanes) if options.lane else frozenset()
    return replace(setup, lanes=lanes, required=required)


def _nothing(path: Path, page: SamplePage, found: Sequence[Manifest]) -> InputError:
    """The exception for a page of which nothing can be run."""
    known = {named(one.language): one.language for one in found if one.program is not None}
    languages = ", ".join(sorted(text for one, text in known.items() if one is not None))
    if not page.programs:
        return InputError(
            source=str(path),
            place="",
            rule="prints no program",
            remedy=f"save the page with its code, in {languages}",
        )
    return InputError(
        source=str(path),
        place=f"line {page.programs[0].line}",
        rule=f"prints no program that a runner can run, only {_listed(page.programs)}",
        remedy=f"there are runners for whole programs in {languages}; --runner DIR adds one",
    )


def _listed(programs: Sequence[PrintedProgram]) -> str:
    texts = (
        f"{one.language.name}{'' if one.whole else ' (not a whole program)'} in line {one.line}"
        for one in programs
    )
    return ", ".join(texts)


def _speaks(manifest: Manifest, program: PrintedProgram) -> bool:
    language = named(manifest.language)
    return manifest.program is not None and language == program.language


def _lanes_of(lanes: Sequence[Lane], program: PrintedProgram) -> list[Lane]:
    return [lane for lane in lanes if program.id in {given.id for given in lane.programs}]


def _error_types(lanes: Sequence[Lane], program: PrintedProgram) -> tuple[str, ...]:
    own = (lane.manifest.error_types for lane in _lanes_of(lanes, program))
    return tuple(dict.fromkeys(name for types in own for name in types))


def _minimum(page: SamplePage, program: PrintedProgram, found: Sequence[Manifest]) -> str | None:
    packages = [one.sdk_package for one in found if _speaks(one, program)]
    package = packages[0] if packages else None
    return minimum_version(program.language, package, program.section, page.texts)


def _note_not_run(one: _PageRun) -> None:
    """Say which programs are not run, and why."""
    for program, lanes, _ in one.report.programs:
        if not lanes:
            note(f"not run: {_listed([program])}; no lane of this run is for it")


def _prepared(session: Session) -> tuple[PreparedLane, ...]:
    """The lanes built, without those whose programs the mode cannot run as they are."""
    setup = session.setup
    refused = [lane for lane in setup.lanes if not _can_run(lane, session.site.mode)]
    able = replace(setup, lanes=tuple(lane for lane in setup.lanes if lane not in refused))
    reasons = (
        PreparedLane(
            lane=lane,
            reason=f"host names and trust of programs in {lane.manifest.language} cannot be set "
            "from outside in host mode",
            remedy="use --in container",
        )
        for lane in refused
    )
    return (*replace(session, setup=able).prepare(note), *reasons)


def _can_run(lane: Lane, mode: str) -> bool:
    rules = lane.manifest.program
    return rules is not None and (mode == "container" or rules.host_mode)
