"""`oss-bodies lanes`: list the lanes that can run here, what the others lack, and the remedy."""

import json
from argparse import Namespace
from pathlib import Path

from conformance.command.out import note, say
from conformance.runner.discovery import manifests
from conformance.session import lanes_of, site_for


def run(options: Namespace) -> int:
    """List the lanes without building them; returns 0 even if some cannot run."""
    found = manifests([Path(name) for name in options.runner])
    site = site_for(options.place, tell=note)
    try:
        states = [(lane, site.missing(lane)) for lane in lanes_of([], found)]
    finally:
        site.close()
    if options.json:
        for lane, missing in states:
            line = {
                "lane": lane.name,
                "language": lane.manifest.language,
                "sdk": lane.manifest.sdk_package,
                "place": site.mode,
                "ready": not missing,
                "missing": [{"what": what, "remedy": remedy} for what, remedy in missing],
            }
            say(json.dumps(line, ensure_ascii=False))
        return 0
    width = max(len(lane.name) for lane, _ in states)
    for lane, missing in states:
        sdk = lane.manifest.sdk_package or "no SDK"
        say(f"{lane.name.ljust(width)}  {'can run' if not missing else 'cannot run'}, {sdk}")
        for what, remedy in missing:
            say(f"{'':{width}}    missing: {what}")
            say(f"{'':{width}}    fix:     {remedy}")
    ready = sum(not missing for _, missing in states)
    say(f"\n{ready} of {len(states)} lanes can run in {site.mode} mode")
    return 0
