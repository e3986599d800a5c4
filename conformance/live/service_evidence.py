"""What a live run has seen of the service where its documents say nothing: a line for each case.

It is evidence for open questions, such as what a higher `sen` detects, and never a verdict. Pure.
"""

from collections.abc import Iterable, Iterator

from conformance.model.verdict import Verdict

_NAMES = ("live-status", "live-results", "live-error")
_WORDS = {"live-results": "{} results", "live-error": "error {}"}


def service_evidence(verdicts: Iterable[Verdict]) -> Iterator[str]:
    """Lines such as `process/sen/50: 200, 3 results`; each answer with the lanes that got it."""
    seen: dict[str, dict[str, list[str]]] = {}
    for verdict in verdicts:
        values = dict(verdict.profile)
        parts = [_WORDS.get(name, "{}").format(values[name]) for name in _NAMES if name in values]
        if parts:
            lanes = seen.setdefault(verdict.case, {}).setdefault(", ".join(parts), [])
            lanes.append(verdict.lane)
    for case, answers in sorted(seen.items()):
        for answer, lanes in answers.items():
            yield f"{case}: {answer}" + (f" ({', '.join(lanes)})" if len(answers) > 1 else "")
