"""What `oss-bodies samples` says about a page besides the report of the run of its programs.

Pure. Which programs and exchanges the page prints, what does not fit in the exchanges, and what a
reader who runs the programs meets.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from conformance.judge.rules.samples import uncaught
from conformance.model.case import Level
from conformance.model.message import Answer, Ended
from conformance.model.verdict import Finding, Verdict
from conformance.pages.page_cases import TOPIC, asked_on
from conformance.pages.sample_page import PrintedProgram, SamplePage
from conformance.report.text_layout import Layout, table, text_of, wrapped
from conformance.results.values import Json

_LEGEND = (
    "exit N: how the program ended; uncaught: with an error that nothing in it caught (exit code "
    "not 0); -: it was not run"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReport:
    """A page with what is run of it and what was found on it."""

    page: SamplePage
    form: str  # `HTML`, `Markdown` or `text`
    # Each program with the names of its lanes and the minimum version that the page states.
    programs: tuple[tuple[PrintedProgram, tuple[str, ...], str | None], ...]
    findings: tuple[Finding, ...]  # about the exchanges

    @property
    def failed(self) -> bool:
        """Whether anything that a page must have right is wrong."""
        return any(finding.claim is Level.REQUIRED for finding in self.findings)


def page_json(report: PageReport) -> Json:
    """What a page prints and what was found on it, for programs."""
    return {
        "title": report.page.title,
        "format": report.form,
        "programs": [
            {
                "id": program.id,
                "language": program.language.name,
                "line": program.line,
                "whole": program.whole,
                "sha256": program.sha256,
                "lanes": list(lanes),
                "minimum": minimum,
                "asked": asdict(asked_on(report.page, program)),
                "unusual": list(program.unusual),
                "placeholders": list(program.placeholders),
            }
            for program, lanes, minimum in report.programs
        ],
        "exchanges": [
            {
                "line": exchange.line,
                "process": exchange.request.process if exchange.request is not None else None,
                "status": exchange.response.status if exchange.response is not None else None,
            }
            for exchange in report.page.exchanges
        ],
        "findings": [asdict(finding) for finding in report.findings],
    }


def page_text(
    report: PageReport,
    verdicts: Iterable[Verdict],
    answers: Mapping[tuple[str, str], Answer],
    layout: Layout,
) -> str:
    """The same as text, with what a reader meets. answers: by case and lane."""
    out = [f"page: {report.page.title} ({report.form})"]
    for program, lanes, minimum in report.programs:
        out += wrapped(_program(report.page, program, lanes, minimum), "  ", layout.width)
    whole = sum(
        one.request is not None and one.response is not None for one in report.page.exchanges
    )
    out.append(f"  exchanges with request and response: {whole}")
    for finding in report.findings:
        word = "FAIL" if finding.claim is Level.REQUIRED else "note"
        out.append(f"{layout.colored(word, word)} {finding.rule}, {finding.where}")
        for name in ("expected", "got", "why"):
            out += wrapped(getattr(finding, name), f"  {name:<9} ", layout.width)
    out += ["", *_met(report, verdicts, answers, layout)]
    return text_of(out)


def _program(
    page: SamplePage, program: PrintedProgram, lanes: Sequence[str], minimum: str | None
) -> str:
    said = asked_on(page, program)
    asks = f"{said.process or 'no processing string'} of {said.bucket or '?'}/{said.key or '?'}"
    version = f"SDK {minimum} or later" if minimum is not None else "no SDK version stated"
    kind = "" if program.whole else ", a fragment or in a language that is not known"
    where = f"on {', '.join(lanes)}" if lanes else "not run"
    more = [("characters that look like others", program.unusual)]
    more.append(("to be replaced by the reader, and not replaced", program.placeholders))
    return (
        f"line {program.line}: {program.language.name}{kind}, {version}, {where}; {asks} at "
        f"{said.endpoint or '?'}"
        + "".join(f"; {name}: {', '.join(values)}" for name, values in more if values)
    )


def _met(
    report: PageReport,
    verdicts: Iterable[Verdict],
    answers: Mapping[tuple[str, str], Answer],
    layout: Layout,
) -> Iterator[str]:
    """A table of what each program did in each situation."""
    by_key = {(verdict.case, verdict.lane): verdict for verdict in verdicts}
    situations = list(dict.fromkeys(case.rpartition("/")[2] for case, _ in by_key))
    columns = [
        (program.id.removeprefix("page/"), lane)
        for program, lanes, _ in report.programs
        for lane in lanes
    ]
    heads = [f"{slug}@{lane.partition('@')[2]}".removesuffix("@") for slug, lane in columns]
    lines = [
        (
            situation,
            [
                _cell(by_key.get(key), answers.get(key))
                for slug, lane in columns
                for key in [(f"{TOPIC}/{slug}/{situation}", lane)]
            ],
        )
        for situation in situations
    ]
    if lines:
        yield from table("what a reader meets", lines, heads, layout)
        yield from wrapped(_LEGEND, "", layout.width)


def _cell(verdict: Verdict | None, answer: Answer | None) -> str:
    if verdict is None or not isinstance(answer, Ended):
        return "-"
    if any(finding.rule == "samples.compile" for finding in verdict.findings):
        return "no compile"
    return "uncaught" if uncaught(answer) is not None else f"exit {answer.exit}"
