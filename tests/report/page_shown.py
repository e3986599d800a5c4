"""A page with one of everything: the run of run_shown.py with transcripts, and hostile texts."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from report.run_shown import END, GO, NAMES, PHP, PYTHON, REST, RESULTS, STRING, finished, record

from conformance.model.case import Case
from conformance.model.http import Exchange, Journal
from conformance.model.message import Answer, Content, Failure
from conformance.model.verdict import Outcome, Transcript, TurnRecord
from conformance.report.assemble import assemble
from conformance.report.html.page import page
from conformance.report.html.page_data import Evidence, shown_trial

HOSTILE = (
    "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>"
    "\u202e\x1b[31m\ud800"
)
ODD = "errors/hostile/markup"
SIDE = "process/sen/50"


def exchange(target: str, *headers: str, status: str = "200 OK", body: bytes = b"{}") -> Exchange:
    head = "".join(f"{line}\r\n" for line in (f"GET {target} HTTP/1.1", *headers))
    return Exchange(
        received=f"{head}\r\n".encode("latin-1"),
        sent=f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body,
        scheme="https",
        connection=1,
        clock=0,
        at=0.012,
    )


def transcript(case: str, lane: str, answer: Answer, *exchanges: Exchange) -> Transcript:
    turn = TurnRecord(answer=answer, journal=Journal(exchanges=exchanges), elapsed=0.25)
    return Transcript(case=case, lane=lane, mode="host", turns=(turn,), exposes=())


def content(data: bytes = b"{}") -> Content:
    return Content(content=data, parsed={}, parse_error=None)


def transcripts() -> Iterator[Transcript]:
    for lane in (PYTHON, GO, PHP, REST):
        comma = "%2C" if lane in (PYTHON, REST) else "%252C"
        target = f"/example.jpg?x-oss-process=image%2Fbodies{comma}sen_50"
        sent = exchange(target, "Host: b.example", f"User-Agent: {lane}", "X-Odd: a\xe4\\b")
        yield transcript(SIDE, lane, content(), sent)
    error = Failure(origin="service", error_class=HOSTILE, text=HOSTILE * 5000, message=HOSTILE)
    yield transcript(ODD, GO, error, exchange("/", f"X: {HOSTILE!a}", body=HOSTILE[:-1].encode()))


ODD_FINDING = replace(STRING, where=HOSTILE, expected=HOSTILE, got=HOSTILE * 2000, why=HOSTILE)
RUN = replace(
    RESULTS,
    cases=(*RESULTS.cases, replace(record(ODD), title=HOSTILE)),
    verdicts=(
        *RESULTS.verdicts,
        finished(ODD, GO, Outcome.FAIL, findings=(ODD_FINDING,), known_failing=None),
        finished(ODD, PYTHON, Outcome.FAIL, findings=(ODD_FINDING,), known_failing=HOSTILE),
        finished(ODD, PHP, Outcome.ERROR, reason=HOSTILE),
    ),
    end=END,
)
REPORT = assemble(RUN, folder="out")


def evidence(
    of: Iterable[Transcript], cases: Mapping[str, Case] = MappingProxyType({})
) -> Evidence:
    evidence = Evidence(shown_trial(cases, one) for one in of)
    evidence.complete()
    return evidence


PAGE = page(REPORT, evidence(transcripts()))

__all__ = ["GO", "NAMES", "ODD", "PAGE", "PHP", "PYTHON", "REPORT", "REST", "SIDE"]
