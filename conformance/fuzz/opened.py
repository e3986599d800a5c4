"""Lanes for a test module of one's own: `with open_field("python") as field:`.

What `oss-bodies fuzz` does before it searches, without a command line: the
verifier is calibrated, the lanes are built and started, and all of it is taken down at the end.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from conformance.calibration.calibrating import calibrated
from conformance.corpus.selection import hosts
from conformance.errors import CannotRunError
from conformance.fuzz.entry import case_of
from conformance.fuzz.example import Example
from conformance.fuzz.lane_pool import LanePool
from conformance.runner.container import ContainerSite
from conformance.runner.discovery import builtin, parse_lane, read_manifest
from conformance.runner.host import HostSite
from conformance.runner.site import Site


@contextmanager
def open_lanes(
    *lanes: str, runners: Sequence[Path] = (), containers: bool = False, limit: float = 10.0
) -> Iterator[LanePool]:
    """The lanes of these names, up and ready; runners: folders of your own (runners/README.md).

    limit: seconds for one call. Raises InputError for a name that is not known, CannotRunError for
    a lane that cannot be built or started here, with what mends it.
    """
    calibrated()
    manifests = [*builtin(), *map(read_manifest, runners)]
    site: Site = ContainerSite.connect(_silent) if containers else HostSite()
    try:
        prepared = site.prepare([parse_lane(name, manifests) for name in lanes], _silent)
        for one in prepared:
            if one.reason is not None:
                raise CannotRunError(step="build", reason=one.reason, remedy=one.remedy)
        mock = site.open(hosts([case_of(Example())]))
        with LanePool(site, mock, prepared, limit=limit) as field:
            for name, reason in field.lost.items():
                raise CannotRunError(step="start", reason=f"{name}: {reason}", remedy="see above")
            yield field
    finally:
        site.close()


def _silent(_: str) -> None:
    """Nothing to tell: a test module has its own ways."""
