"""`oss-bodies sweep`: remove what killed runs left on this machine and in the Docker engine.

What belongs to a run that is still alive is kept.
"""

from argparse import Namespace

from conformance.command.out import say
from conformance.runner.cache import sweep_cache
from conformance.runner.docker_engine import sweep_engine
from conformance.runner.working_folder import sweep_folders


def run(_options: Namespace) -> int:
    """Print what was removed; raises EngineMissingError if no Docker engine answers."""
    removed = 0
    for sweep in (sweep_folders, sweep_cache, sweep_engine):
        for line in sweep():
            say(line)
            removed += 1
    say(f"{removed} removed")
    return 0
