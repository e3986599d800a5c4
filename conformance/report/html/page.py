"""Renders `report.html`: the template with its stylesheet, its script and the data inside.

The page may fetch nothing: a Content-Security-Policy forbids it, and allows only the script whose
digest it names.
"""

import base64
import hashlib
from collections.abc import Iterable

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from conformance.assets import PACKAGE
from conformance.model.verdict import Transcript
from conformance.report.assemble import Report
from conformance.report.citation import bibtex, sentence
from conformance.report.html.failure_list import NEW_SHOWN, failures
from conformance.report.html.fuzz_view import fuzz_view
from conformance.report.html.page_data import NOTHING, Installed, as_script, page_data
from conformance.report.lane_cards import lane_cards
from conformance.report.open_behaviour import cases_of, open_behaviour, value_of
from conformance.report.sections import (
    LEGEND,
    agreement_text,
    counts_text,
    headline,
    suspects,
)

TITLE = "OSS image/bodies conformance"
_FILES = PACKAGE / "report" / "html"
_VERSION_SHOWN = 18  # characters of a version; of a longer one, such as a path, the end


def page(
    report: Report, transcripts: Iterable[Transcript] = (), installed: Installed = NOTHING
) -> str:
    """The page as one HTML document. transcripts: in any order, each read once."""
    data, durations = page_data(report, transcripts, installed)
    files = {name: (_FILES / name).read_text("utf-8") for name in ("report.css", "report.js")}
    new, causes = failures(report)
    environment = Environment(
        loader=FileSystemLoader(_FILES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["lane_parts"] = lane_parts
    environment.filters["cases_of"] = cases_of
    environment.filters["value_of"] = value_of
    return environment.get_template("report.html.j2").render(
        title=TITLE,
        report=report,
        run=report.run,
        headline=headline(report),
        counts=counts_text(report.counts),
        agreement=agreement_text(report),
        legend={"ok": "passes", "note": "passes, with a recommendation not followed", **LEGEND},
        cards=lane_cards(report),
        new=new[:NEW_SHOWN],
        new_total=len(new),
        causes=causes,
        suspects=suspects(report.agreements),
        behaviour=open_behaviour(report.profiles),
        profiled=[profile.lane for profile in report.profiles],
        times=durations.lanes(),
        families=durations.families,
        fuzz=fuzz_view(report.fuzz) if report.fuzz is not None else None,
        sentence=sentence(report),
        bibtex=bibtex(report),
        style=Markup(files["report.css"]),
        script=Markup(files["report.js"]),
        digest=_digest(files["report.js"]),
        data=Markup(as_script(data)),
    )


def lane_parts(lane: str) -> tuple[str, str]:
    """The name and version of a lane, for two lines; of a long version the end."""
    name, _, version = lane.partition("@")
    version = version.removeprefix("path:")
    if len(version) > _VERSION_SHOWN:
        version = "..." + version[3 - _VERSION_SHOWN :]
    return name, version


def _digest(script: str) -> str:
    """The digest of the script for the Content-Security-Policy; line ends are those of the page."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
