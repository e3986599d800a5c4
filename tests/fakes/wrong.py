"""Runners that are wrong on purpose: one defect each, seen before in SDKs or easily imagined.

The test of the judge runs every one of them and asks for a finding of the rule that names it. They
stand in defects/, a file for each family.
"""

from typing import Any

from fakes.defects import auth, bodies, conditions, errors, naming, process, threads, transport
from fakes.meeting import met
from fakes.reference import runner
from fakes.twist import Twist, main

FAMILIES = {
    "process": process.DEFECTS, "auth": auth.DEFECTS, "bodies": bodies.DEFECTS,
    "errors": errors.DEFECTS, "naming": naming.DEFECTS, "transport": transport.DEFECTS,
    "threads": threads.DEFECTS, "conditions": conditions.DEFECTS,
}  # fmt: skip
DEFECTS: dict[str, Twist] = {
    name: twist for family in FAMILIES.values() for name, twist in family.items()
}

if __name__ == "__main__":
    reference: Any = runner
    reference.calls = met(runner.calls)
    main(DEFECTS, reference)
