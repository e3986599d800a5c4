"""What several commands choose alike: runners, lanes, lists, the place of a run."""

from collections.abc import Callable, Sequence
from pathlib import Path

from conformance.corpus.known_failing import KnownList, unmatched
from conformance.corpus.load import load_known
from conformance.errors import EngineMissingError, SelectionError
from conformance.model.manifest import Lane, Manifest
from conformance.runner.container import ContainerSite
from conformance.runner.discovery import builtin, parse_lane, read_manifest
from conformance.runner.host import HostSite
from conformance.runner.site import Site


def manifests(folders: Sequence[str]) -> tuple[Manifest, ...]:
    """The suite's runners and those of the folders named; a name that stands twice is refused."""
    found = [*builtin(), *(read_manifest(Path(folder)) for folder in folders)]
    names = [manifest.name for manifest in found]
    for manifest in found:
        if names.count(manifest.name) > 1:
            raise SelectionError(
                source=str(manifest.folder),
                place="/name",
                rule=f"the name {manifest.name!r} stands for two runners",
                remedy="give yours another name in its manifest",
            )
    return tuple(found)


def lanes_of(
    asked: Sequence[str], known: Sequence[Manifest], *, named: Sequence[str]
) -> tuple[Lane, ...]:
    """The lanes asked for; without any, those of the folders named, else all of the suite's."""
    if not asked:
        own = known[len(known) - len(named) :] if named else known
        asked = [manifest.name for manifest in own]
    lanes = [parse_lane(text, known) for text in asked]
    unique = {lane.name: lane for lane in lanes}
    return tuple(unique.values())


def known_lists(
    known: Sequence[Manifest], files: Sequence[str], case_ids: Sequence[str]
) -> tuple[KnownList, ...]:
    """Each runner's own list and those named; an entry that matches no case is refused."""
    own = [
        load_known(manifest.folder / "known-failing.json", runner=manifest.name)
        for manifest in known
        if (manifest.folder / "known-failing.json").is_file()
    ]
    lists = (*own, *(load_known(Path(name)) for name in files))
    for listed, entry in unmatched(lists, case_ids):
        raise SelectionError(
            source=listed.source,
            place=entry.cases,
            rule="matches no case of the corpus",
            remedy="take the entry off the list or correct its pattern",
        )
    return lists


def site_for(place: str, *, tell: Callable[[str], None]) -> Site:
    """Containers or the host; `auto` takes containers when engine and base image are there."""
    if place == "host":
        return HostSite()
    try:
        site = ContainerSite.connect(tell)
        if place == "auto":
            tell("container mode: a Docker engine answers and has the base image")
        return site
    except EngineMissingError as error:
        if place == "container":
            raise
        tell(f"host mode: {error.reason}; --in container would need: {error.remedy}")
        return HostSite()
