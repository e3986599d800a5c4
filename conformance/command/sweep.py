"""`oss-bodies sweep`: remove what killed runs left in the Docker engine.

Floor 6, a hand. Objects of a run that is still alive are left alone.
"""

from argparse import Namespace

from conformance.command.out import say
from conformance.runner.container import sweep_engine


def run(_options: Namespace) -> int:
    """Print what was removed; EngineMissingError when no engine answers."""
    removed = sweep_engine()
    for line in removed:
        say(line)
    say(f"{len(removed)} removed")
    return 0
