"""Renders `report.html` and `comparison.html`: templates with all that they need inside.

The page may fetch nothing: a Content-Security-Policy forbids it, and allows only the script whose
digest it names.
"""

import base64
import hashlib
import re

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from conformance.assets import PACKAGE
from conformance.report.assemble import Report
from conformance.report.change_table import by_runner, change_table
from conformance.report.citation import bibtex, sentence
from conformance.report.comparing import Comparison
from conformance.report.comparison_text import comparison_headline, comparison_notes, one_sided
from conformance.report.html.failure_list import NEW_SHOWN, failures
from conformance.report.html.fuzz_view import fuzz_view
from conformance.report.html.page_data import NOTHING, Evidence, Installed, as_script, page_data
from conformance.report.lane_cards import lane_cards
from conformance.report.open_behaviour import cases_of, open_behaviour, value_of
from conformance.report.references import linked
from conformance.report.sections import (
    LEGEND,
    PASSED_MEANS,
    agreement_text,
    counts_text,
    headline,
    suspects,
)
from conformance.report.wording import DERIVED_MEANS, SOURCES

TITLE = "OSS image/bodies conformance"
_FILES = PACKAGE / "report" / "html"
# The dark colours, which the script of `report.html` selects, and how a page without one does.
_DARK = re.compile(r':root\[data-theme="dark"\] \{(.*?)\n\}', re.DOTALL)
_BY_PREFERENCE = r"@media (prefers-color-scheme: dark) {\n:root {\1\n}\n}"
_VERSION_SHOWN = 18  # characters of a version; of a longer one, such as a path, the end


def page(report: Report, evidence: Evidence | None = None, installed: Installed = NOTHING) -> str:
    """The page as one HTML document. evidence: of this run only; it is completed."""
    evidence = evidence or Evidence()
    template = _environment().get_template("report.html.j2")
    data = page_data(report, evidence, installed)
    script = (_FILES / "report.js").read_text("utf-8")
    new, causes = failures(report)
    return template.render(
        title=TITLE,
        report=report,
        run=report.run,
        headline=headline(report),
        counts=counts_text(report),
        agreement=agreement_text(report),
        legend={"ok": "passes", **LEGEND},
        passed_means=PASSED_MEANS,
        derived_means=DERIVED_MEANS,
        sources={kind.value: text for kind, text in SOURCES.items()},
        cards=lane_cards(report),
        new=new[:NEW_SHOWN],
        new_total=sum(one.total for one in new),
        new_shown=sum(one.total for one in new[:NEW_SHOWN]),
        causes=causes,
        suspects=suspects(report.agreements),
        behaviour=open_behaviour(report.profiles),
        profiled=[profile.lane for profile in report.profiles],
        versions=[change_table(diffs) for diffs in by_runner(report.versions)],
        times=evidence.durations.lanes(),
        families=evidence.durations.families,
        fuzz=fuzz_view(report.fuzz) if report.fuzz is not None else None,
        sentence=sentence(report),
        bibtex=bibtex(report),
        style=_style(),
        script=Markup(script),
        digest=_digest(script),
        data=Markup(as_script(data)),
    )


def comparison_html(comparison: Comparison, links: str | None) -> str:
    """Two runs compared, as one HTML document without a script.

    links: address of the page of the later run, for links to its cases.
    """
    return (
        _environment()
        .get_template("comparison.html.j2")
        .render(
            title=TITLE,
            comparison=comparison,
            headline=comparison_headline(comparison),
            notes=list(comparison_notes(comparison)),
            pairs=[(change_table([pair.diff]), list(one_sided(pair))) for pair in comparison.pairs],
            links=links,
            style=Markup(_DARK.sub(_BY_PREFERENCE, _style())),
        )
    )


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FILES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["lane_parts"] = lane_parts
    environment.filters["linked"] = linked
    environment.filters["cases_of"] = cases_of
    environment.filters["value_of"] = value_of
    return environment


def _style() -> Markup:
    return Markup((_FILES / "report.css").read_text("utf-8"))


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
