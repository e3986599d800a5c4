"""`oss-bodies cases [PATTERN]`: list cases with their titles."""

import json
from argparse import Namespace

from conformance.command.out import say
from conformance.corpus.load import load
from conformance.corpus.selection import needs, select


def run(options: Namespace) -> int:
    """List the cases that match; raises SelectionError for a pattern that matches none."""
    cases = select(load().cases, options.pattern)
    if options.json:
        for case in cases:
            line = {
                "id": case.id,
                "title": case.title,
                "file": case.file,
                "source": case.provenance.source.value,
                "needs": sorted(needs(case)),
            }
            say(json.dumps(line, ensure_ascii=False))
        return 0
    width = max(len(case.id) for case in cases)
    for case in cases:
        say(f"{case.id.ljust(width)}  {case.title}")
    say(f"\n{len(cases)} cases")
    return 0
