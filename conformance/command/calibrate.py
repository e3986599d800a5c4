"""`oss-bodies calibrate [FILE]`: checks the verifier against published signatures.

Without a file the known answers of the suite are used, of V4 and of V1.
"""

from argparse import Namespace
from pathlib import Path

from conformance.calibration.calibrating import KNOWN_ANSWERS, calibrate, read
from conformance.command.out import say
from conformance.errors import ExitCode


def run(options: Namespace) -> int:
    """Print `N reproduced, M not` and a line for each that is not; 0 or 3."""
    paths = (Path(options.file),) if options.file else KNOWN_ANSWERS
    outcome = calibrate(tuple(answer for path in paths for answer in read(path)))
    for line in (*outcome.missed, *outcome.survivors):
        say(line)
    say(f"{outcome.reproduced} reproduced, {len(outcome.missed)} not")
    say(f"{outcome.mutations} mutations refused, {len(outcome.survivors)} accepted")
    return ExitCode.COULD_NOT_RUN if outcome.missed or outcome.survivors else ExitCode.CONFORMANT
