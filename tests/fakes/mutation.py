"""The suite's own mutation score: how many of the runners that are wrong on purpose it catches.

    make mutation

A defect is killed when a finding of the rule that names it comes up, and survives when none does.
Freedoms that become findings are told too: they are what a suite that cries wolf looks like.
"""

import sys
import tempfile
from pathlib import Path

from fakes.harmless import FREEDOMS
from fakes.running import TELLING, run, shown_by
from fakes.sample import SAMPLES
from fakes.wrong import DEFECTS, FAMILIES


def main() -> int:
    """Print the score by family with the survivors; 1 if there are any, or a false alarm."""
    programs = {kind: program.rule for kind, program in SAMPLES.items() if program.rule}
    wanted = {kind: twist.rule or "" for kind, twist in DEFECTS.items()} | programs
    families = {name: tuple(family) for name, family in FAMILIES.items()}
    families["samples"] = tuple(programs)
    chosen = shown_by(DEFECTS) | dict.fromkeys(FREEDOMS, TELLING)
    with tempfile.TemporaryDirectory() as name:
        ran = run(chosen | dict.fromkeys(programs, ("samples/*",)), Path(name))
    found = {kind: ran.rules(kind) for kind in wanted}
    unshown = [kind for kind in wanted if ran.clockless(kind)]
    survivors = [k for k, rule in wanted.items() if rule not in found[k] and k not in unshown]
    alarms = [kind for kind in FREEDOMS if ran.rules(kind)]
    for family, kinds in families.items():
        killed = len(kinds) - len(set(survivors).intersection(kinds))
        print(f"{family:<10} {killed:>3} of {len(kinds)} killed")
    for kind in survivors:
        got = ", ".join(sorted(found[kind]) or ran.reasons(kind)) or "nothing"
        print(f"survivor: {kind}: wanted {wanted[kind]}, found {got}")
    for kind in unshown:
        print(f"not shown: {kind}: libfaketime is not installed")
    for kind in alarms:
        print(f"false alarm: {kind}: {', '.join(sorted(ran.rules(kind)))}")
    for lane, reason in ran.failed.items():
        print(f"not started: {lane}: {reason}")
    print(
        f"{len(wanted) - len(survivors)} of {len(wanted)} defects killed, "
        f"{len(alarms)} of {len(FREEDOMS)} freedoms taken for defects"
    )
    return int(bool(survivors or alarms or ran.failed))


if __name__ == "__main__":
    sys.exit(main())
