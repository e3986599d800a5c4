"""One page for each rule that a finding can name, and their index, made when the site is built.

A hook of MkDocs. What a page says comes from where the suite has it: the reason from a finding that
the judge makes of a wrong transcript (tests/judge/rule_examples.py), the source from the table of
invariants, the runners with the defect from tests/fakes, released SDKs from known-failing lists.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from fakes.wrong import DEFECTS  # noqa: E402 - the paths above
from judge.rule_examples import RuleExample, examples  # noqa: E402

from conformance.corpus.load import load_known  # noqa: E402
from conformance.judge import judge  # noqa: E402
from conformance.judge.invariants import INVARIANTS, TRIAL_INVARIANTS  # noqa: E402
from conformance.model.case import Provenance  # noqa: E402
from conformance.model.verdict import Finding  # noqa: E402
from conformance.session import KNOWN_FAILING, manifests  # noqa: E402

FAMILIES = {
    "process": "the processing string",
    "auth": "authentication, and what must stay secret",
    "transport": "HTTP, connections and retries",
    "naming": "hosts, buckets and keys",
    "bodies": "the content",
    "errors": "how a refused request is reported",
    "samples": "a complete program from the documentation",
    "program": "what the SDK does to the program that uses it",
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages to those of the folder."""
    for name, text in pages().items():
        files.append(File.generated(config, name, content=text))
    return files


def pages() -> dict[str, str]:
    """The pages, by their paths below the folder of the site."""
    found = dict(sorted((finding.rule, finding) for finding in map(_finding, _examples())))
    made = {f"rules/{rule}.md": "\n".join(_page(finding)) for rule, finding in found.items()}
    return {"rules/index.md": "\n".join(_index(found.values())), **made}


def _examples() -> Iterator[RuleExample]:
    yield from examples()
    one = next(examples())  # for the one rule that rests on a recommendation
    output = replace(one.right, stderr="oss: request sent\n")
    yield replace(one, rule="program.output", wrong=output)


def _finding(example: RuleExample) -> Finding:
    """The finding of the rule of an example."""
    verdict = judge(example.case, example.wrong)
    return next(finding for finding in verdict.findings if finding.rule == example.rule)


def _index(findings: Iterable[Finding]) -> Iterator[str]:
    yield from ("# Rules", "", "Each finding names the rule that does not hold.", "")
    for family, subject in FAMILIES.items():
        yield from (f"## `{family}`: {subject}", "", "| rule | why it matters |", "|---|---|")
        for one in findings:
            if one.family == family:
                yield f"| [`{one.rule}`]({one.rule}.md) | {one.why} |"
        yield ""


def _page(finding: Finding) -> Iterator[str]:
    rule = finding.rule
    yield from (f"# {rule}", "", "## Why it matters", "", finding.why, "", "## Source", "")
    yield from (f"Level: {finding.claim.value}.", "")
    sources = [one.source for one in (*INVARIANTS, *TRIAL_INVARIANTS) if one.rule == rule]
    if sources:
        yield from ("The rule applies to every case.", "")
        yield from (f"- {_source(source)}" for source in dict.fromkeys(sources))
    else:
        yield "Each case that judges by this rule names its own source: `oss-bodies show CASE`."
    yield from ("", "## Example", "", f"- where: {_code(finding.where)}")
    yield from (f"- expected: {_code(finding.expected)}", f"- got: {_code(finding.got)}")
    defects = [twist.does for twist in DEFECTS.values() if twist.rule == rule]
    if defects:
        yield from ("", "## Defects that it finds", "", "In the suite's tests, a runner that", "")
        yield from (f"- {does}" for does in sorted(defects))
    known = list(_known(rule))
    if known:
        yield from ("", "## Known failures of released SDKs", "")
        yield from known
    yield ""


def _source(source: Provenance) -> str:
    reference = source.reference or ""
    shown = f"<{reference}>" if reference.startswith("http") else reference
    return f"{source.source.value}: {source.note}" + (f" ({shown})" if shown else "")


def _known(rule: str) -> Iterator[str]:
    for manifest in manifests():
        path = manifest.folder / KNOWN_FAILING
        if not path.is_file():
            continue
        for entry in load_known(path, runner=manifest.name).entries:
            if rule in entry.rules:
                yield f"- `{manifest.name}`, {_code(entry.cases)}: {entry.reason}"


def _code(text: str) -> str:
    """Text as code on one line, whatever it contains."""
    fence = "``" if "`" in text else "`"
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text}{pad}{fence}"
