"""A hook of MkDocs: a page for each rule, and the two reference pages that live beside the data.

Nothing on a rule's page is written by hand. What the rule demands is its docstring, the finding is
that of the judge on the example of the rule's test, and the programs that break the rule are the
deliberately wrong ones of the test suite.
"""

import inspect
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
for folder in (ROOT, ROOT / "tests"):
    sys.path.insert(0, str(folder))

from fakes.sample import SAMPLES  # noqa: E402 - tests are no package
from fakes.wrong import DEFECTS  # noqa: E402
from judge.rule_examples import RuleExample, examples  # noqa: E402

from conformance.corpus.load import load, load_known  # noqa: E402
from conformance.documents.schema import schema  # noqa: E402
from conformance.judge import judge  # noqa: E402
from conformance.judge.invariants import INVARIANTS, TRIAL_INVARIANTS  # noqa: E402
from conformance.model.case import Provenance, Turn  # noqa: E402
from conformance.model.verdict import Finding  # noqa: E402
from conformance.runner.discovery import manifests  # noqa: E402
from conformance.runner.known_lists import KNOWN_FAILING  # noqa: E402

FAMILIES = {
    "process": "The processing string reaches the server as it was asked for.",
    "auth": "The request is signed as documented, and no secret goes where it does not belong.",
    "transport": "Messages, connections and redirects keep to HTTP.",
    "naming": "The request is for the bucket, object and version that were asked for.",
    "bodies": "The program gets what the server sent.",
    "errors": "A failure is reported as one, with what the server said of it.",
    "samples": "A program from the documentation ends and prints as its readers expect.",
    "program": "The program stays alive, answers, and begins each case from nothing.",
}
# Pages that lie beside what they describe.
REFERENCE = {"protocol.md": "runners/README.md", "vector-files.md": "vectors/README.md"}
_SHOWN = 12  # cases and wrong programs on a page
_LINK = re.compile(r"\[([^\]]+)\]\((?!https?:|#)[^)]+\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages."""
    for path, text in pages().items():
        files.append(File.generated(config, path, content=text))
    return files


def pages() -> dict[str, str]:
    """The text of each generated page by its path below docs/."""
    found = tuple(sorted(_examples(), key=lambda example: _order(example.rule)))
    texts = {f"rules/{example.rule}.md": rule_page(example) for example in found}
    texts["rules/index.md"] = _index(found)
    for path, source in REFERENCE.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        # Files of the repository are not part of the site.
        texts[path] = _LINK.sub(r"\1", text)
    return texts


def _examples() -> Iterator[RuleExample]:
    yield from examples()
    one = next(examples())  # for the rules that are only recommended
    printed = replace(one.right, stderr="oss: request sent\n")
    yield replace(one, rule="program.output", wrong=printed)
    yield replace(one, rule="program.end", wrong=replace(one.right, outlives=True))


def rule_page(example: RuleExample) -> str:
    """What a rule demands and why, a finding of it, and what shows that it can fail."""
    rule = example.rule
    finding = _finding(example)
    parts = [f"# `{rule}`", *_demands(example, finding), "## Why it matters", finding.why]
    parts += ["## A finding", _example(finding)]
    parts += ["## It can fail", *_wrong_programs(rule)]
    parts += [*_cases(_expectations(example)), *_known(rule)]
    return "\n\n".join(parts) + "\n"


def _finding(example: RuleExample) -> Finding:
    """The finding of the rule on the wrong transcript of its example."""
    findings = judge(example.case, example.wrong).findings
    return next(finding for finding in findings if finding.rule == example.rule)


def _order(rule: str) -> tuple[int, str]:
    return list(FAMILIES).index(rule.partition(".")[0]), rule


def _index(found: tuple[RuleExample, ...]) -> str:
    lines = [
        "# Rules",
        "",
        "Each finding names its rule. An expectation is checked where a case asks for it, with the "
        "source of that case; an invariant is checked in every trial and has a source of its own.",
    ]
    family = ""
    for example in found:
        if example.rule.partition(".")[0] != family:
            family = example.rule.partition(".")[0]
            lines += ["", f"## {family}", "", FAMILIES[family], ""]
        lines.append(f"- [`{example.rule}`]({example.rule}.md): {_finding(example).why}")
    return "\n".join(lines) + "\n"


def _demands(example: RuleExample, finding: Finding) -> Iterator[str]:
    """What the checks of a rule say of themselves, with the sources of invariants."""
    checks = [one for one in (*INVARIANTS, *TRIAL_INVARIANTS) if one.rule == example.rule]
    for one in checks:
        text = re.sub(r"^Invariant: (\w)", lambda found: found[1].upper(), _docstring(one.check))
        yield f"{text}\n\n*An invariant of every trial. {_source(one.source)}*"
    names = _expectations(example)
    for name in names:
        yield f"{_described(name)}\n\n*The expectation `{name}` of a case, whose source it has.*"
    if not checks and not names and finding.source is not None:
        yield f"*Checked in every trial. {_source(finding.source)}*"


def _docstring(check: Callable[..., Any]) -> str:
    return inspect.getdoc(check) or ""


def _expectations(example: RuleExample) -> tuple[str, ...]:
    """The expectations of the example's case that find the rule by themselves."""
    turns = example.case.turns
    if _finds(example, *(replace(turn, expect=()) for turn in turns)):
        return ()  # an invariant, which needs none
    alone = {
        name: (replace(turn, expect=(replace(level, values=((name, value),)),)),)
        for turn in turns
        for level in turn.expect
        for name, value in level.values
    }
    return tuple(name for name, changed in alone.items() if _finds(example, *changed))


def _finds(example: RuleExample, *turns: Turn) -> bool:
    """Whether the rule finds the wrong transcript of the example if its case has these turns."""
    verdict = judge(replace(example.case, turns=turns), example.wrong)
    return example.rule in {one.rule for one in verdict.findings}


def _described(name: str) -> str:
    """What the schema of vector files says of an expectation."""
    members = schema("vectors")["$defs"]["expectations"]["properties"]
    text = str(members[name].get("description", ""))
    return text[:1].upper() + text[1:]


def _source(source: Provenance) -> str:
    reference = source.reference or ""
    if reference.startswith("http"):
        reference = f"<{reference}>"
    reference = reference and f" ({reference})"
    return f"Its source is {source.source.value}{reference}: {source.note}"


def _example(finding: Finding) -> str:
    rows = {
        "where": finding.where,
        "expected": finding.expected,
        "got": finding.got,
        "why": finding.why,
    }
    return "\n".join(["```text", *(f"{name:<9} {text}" for name, text in rows.items()), "```"])


def _wrong_programs(rule: str) -> list[str]:
    programs: Mapping[str, Any] = {**DEFECTS, **SAMPLES}
    wrong = sorted({program.does for program in programs.values() if program.rule == rule})
    if not wrong:
        return ["The example above is that of the rule's own test."]
    lines = [f"- a program that {text}" for text in wrong[:_SHOWN]]
    more = len(wrong) - len(lines)
    return ["Found in programs that are wrong on purpose:", "\n".join(lines)] + (
        [f"and {more} more."] if more else []
    )


def _cases(names: Sequence[str]) -> list[str]:
    """The cases that expect what the rule checks, by topic; nothing for an invariant."""
    topics: defaultdict[str, int] = defaultdict(int)
    for case in load().cases if names else ():
        expected = {n for turn in case.turns for e in turn.expect for n, _ in e.values}
        topics[case.id.rpartition("/")[0]] += bool(set(names) & expected)
    if not names:
        return []
    shown = [f"`{topic}` ({count})" for topic, count in sorted(topics.items()) if count]
    return ["## Cases", f"{sum(topics.values())} cases: {', '.join(shown)}."]


def _known(rule: str) -> list[str]:
    """What the known-failing lists of the suite's own lanes say of the rule."""
    listed = {manifest.name: manifest.folder / KNOWN_FAILING for manifest in manifests()}
    lines = [
        f"- `{lane}`, `{entry.cases}`: {entry.reason}"
        for lane, path in listed.items()
        if path.is_file()
        for entry in load_known(path, runner=lane).entries
        if rule in entry.rules
    ]
    return ["## Known failures of released SDKs", "\n".join(lines)] if lines else []
