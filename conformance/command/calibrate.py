"""`oss-bodies calibrate [FILE]`: test the verifier against published signatures.

Without a file it uses the known answers of the suite, for V4 and V1.
"""

from argparse import Namespace
from pathlib import Path

from conformance.calibration.answer_file import read
from conformance.calibration.calibrating import KNOWN_ANSWERS, calibrate
from conformance.command.out import say
from conformance.errors import CalibrationError


def run(options: Namespace) -> int:
    """Print the counts and a line for each failure; returns 0, or 3 if there is one."""
    paths = (Path(options.file),) if options.file else KNOWN_ANSWERS
    outcome = calibrate(tuple(answer for path in paths for answer in read(path)))
    for line in (*outcome.missed, *outcome.survivors):
        say(line)
    say(f"{outcome.reproduced} reproduced, {len(outcome.missed)} not")
    say(f"{outcome.mutations} mutations refused, {len(outcome.survivors)} accepted")
    return CalibrationError.exit_code if outcome.missed or outcome.survivors else 0
