"""How a run is cited: a sentence, and an entry for BibTeX.

Pure. The run's id stands for its verdicts; the digest of the vectors for what was asked.
"""

from conformance.report.assemble import Report

_NAME = "oss-bodies-conformance"
_AUTHOR = "The oss-bodies-conformance maintainers"
_TITLE = "conformance tests for human body detection of Alibaba Cloud OSS"


def sentence(report: Report) -> str:
    """The run in one sentence for a text or a footnote."""
    return f"{_NAME} {report.run.suite}, run {report.run.id}, {_details(report)}."


def bibtex(report: Report) -> str:
    """An entry for BibTeX."""
    fields = {
        "author": f"{{{_AUTHOR}}}",
        "title": f"{_NAME}: {_TITLE}",
        "year": report.run.started[:4],
        "version": report.run.suite,
        "note": f"Run {report.run.id}, {_details(report)}",
    }
    lines = [f"  {name} = {{{_escaped(value)}}}," for name, value in fields.items()]
    return "\n".join([f"@misc{{{_NAME}-{report.run.id},", *lines, "}"])


def _details(report: Report) -> str:
    lanes = ", ".join(lane.lane for lane in report.lanes if lane.status == "ran") or "no lane"
    return (
        f"{report.run.started[:10]} ({lanes}; {report.run.mode} mode; "
        f"vectors sha256:{report.run.vectors[:16]})"
    )


def _escaped(text: str) -> str:
    return text.replace("_", "\\_").replace("&", "\\&").replace("%", "\\%").replace("#", "\\#")
