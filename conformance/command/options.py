"""Options that several commands have, from the command line to values."""

from argparse import Namespace
from pathlib import Path

from conformance.session import SessionOptions


def session_options(options: Namespace) -> SessionOptions:
    """The options of `run`, `fuzz` and `samples` that choose lanes, lists and the place."""
    return SessionOptions(
        lanes=tuple(options.lane),
        runners=tuple(map(Path, options.runner)),
        known_failing=tuple(map(Path, getattr(options, "known_failing", ()))),
        place=options.place,
    )
