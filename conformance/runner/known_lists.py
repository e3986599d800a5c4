"""The known-failing lists of the runners, and those that were named."""

from collections.abc import Sequence
from pathlib import Path

from conformance.corpus.known_failing import KnownList, stale
from conformance.corpus.load import load_known
from conformance.documents.mistake import as_error
from conformance.errors import SelectionError
from conformance.judge.rule_names import RULE_NAMES
from conformance.model.manifest import Manifest

KNOWN_FAILING = "known-failing.json"


def known_lists(
    known: Sequence[Manifest], files: Sequence[Path], case_ids: Sequence[str]
) -> tuple[KnownList, ...]:
    """The lists of the runners and those in the files; entries name cases and rules that exist."""
    paths = ((manifest.folder / KNOWN_FAILING, manifest.name) for manifest in known)
    of_runners = (load_known(path, runner=runner) for path, runner in paths if path.is_file())
    lists = (*of_runners, *map(load_known, files))
    for listed in lists:
        for _, mistake in stale(listed, case_ids, RULE_NAMES):
            raise as_error(mistake, source=listed.source, kind=SelectionError)
    return lists
