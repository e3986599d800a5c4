"""The suite's own mutation score: how many of the runners that are wrong on purpose it catches.

    make mutation

A defect is killed when a finding of the rule that names it comes up, and survives when none does.
Freedoms that become findings are told too: they are what a suite that cries wolf looks like.
"""

import sys
import tempfile
from pathlib import Path

from fakes.harmless import FREEDOMS
from fakes.running import TELLING, run
from fakes.sample import SAMPLES
from fakes.wrong import DEFECTS


def main() -> int:
    """Print the score by family with the survivors; 1 if there are any, or a false alarm."""
    wrong = {kind: twist.rule or "" for kind, twist in DEFECTS.items()}
    programs = {kind: program.rule for kind, program in SAMPLES.items() if program.rule}
    with tempfile.TemporaryDirectory() as name:
        ran = run([*DEFECTS, *FREEDOMS], TELLING, Path(name))
        samples = run(list(programs), ("samples/*",), Path(name))
    found = {kind: ran.rules(kind) for kind in wrong}
    found |= {kind: samples.rules(kind) for kind in programs}
    wrong |= programs
    families: dict[str, list[bool]] = {}
    for kind, rule in wrong.items():
        families.setdefault(rule.partition(".")[0], []).append(rule in found[kind])
    for family, killed in sorted(families.items()):
        print(f"{family:<10} {sum(killed):>3} of {len(killed)} killed")
    survivors = [kind for kind, rule in wrong.items() if rule not in found[kind]]
    alarms = [kind for kind in FREEDOMS if ran.rules(kind)]
    for kind in survivors:
        got = ", ".join(sorted(found[kind])) or "nothing"
        print(f"survivor: {kind}: wanted {wrong[kind]}, found {got}")
    for kind in alarms:
        print(f"false alarm: {kind}: {', '.join(sorted(ran.rules(kind)))}")
    print(
        f"{len(wrong) - len(survivors)} of {len(wrong)} defects killed, "
        f"{len(alarms)} of {len(FREEDOMS)} freedoms taken for defects"
    )
    return int(bool(survivors or alarms))


if __name__ == "__main__":
    sys.exit(main())
