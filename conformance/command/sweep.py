"""`oss-bodies sweep`: remove what killed runs left on this machine and in the Docker engine.

Objects of runs that are still alive are kept.
"""

from argparse import Namespace

from conformance.command.out import say
from conformance.runner.docker_engine import sweep_engine
from conformance.runner.working_folder import sweep_folders


def run(_options: Namespace) -> int:
    """Print what was removed; EngineMissingError when no engine answers."""
    folders = sweep_folders()
    for line in folders:
        say(line)
    removed = sweep_engine()
    for line in removed:
        say(line)
    say(f"{len(folders) + len(removed)} removed")
    return 0
