"""`oss-bodies lanes`: which lanes can run here, what is missing, and the command that mends it.

It looks and builds nothing.
"""

import json
from argparse import Namespace

from conformance.command.choose import lanes_of, manifests, site_for
from conformance.command.out import note, say


def run(options: Namespace) -> int:
    """List the lanes; 0 even if some cannot run, because being asked is no failure."""
    known = manifests(options.runner)
    site = site_for(options.place, tell=note)
    try:
        states = [(lane, site.missing(lane)) for lane in lanes_of([], known, named=[])]
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
                "missing": [{"what": what, "mend": mend} for what, mend in missing],
            }
            say(json.dumps(line, ensure_ascii=False))
        return 0
    width = max(len(lane.name) for lane, _ in states)
    for lane, missing in states:
        sdk = lane.manifest.sdk_package or "no SDK"
        say(f"{lane.name.ljust(width)}  {'can run' if not missing else 'cannot run'}, {sdk}")
        for what, mend in missing:
            say(f"{'':{width}}    missing: {what}")
            say(f"{'':{width}}    mend:    {mend}")
    ready = sum(not missing for _, missing in states)
    say(f"\n{ready} of {len(states)} lanes can run in {site.mode} mode")
    return 0
