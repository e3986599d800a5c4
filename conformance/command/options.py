"""Options that several commands have, from the command line to values."""

from argparse import Namespace
from pathlib import Path

from conformance.errors import InputError
from conformance.session import SessionOptions


def session_options(options: Namespace) -> SessionOptions:
    """The options of `run` and `fuzz` that choose lanes, lists and the place."""
    return SessionOptions(
        lanes=tuple(options.lane),
        runners=tuple(map(Path, options.runner)),
        known_failing=tuple(map(Path, options.known_failing)),
        place=options.place,
    )


def check_positive(options: Namespace, *names: str) -> None:
    """Raise InputError for the first of these options that was given and is not above 0."""
    for name in names:
        value = getattr(options, name)
        if value is not None and not value > 0:
            raise InputError(
                source=f"--{name}",
                place=str(value),
                rule="must be greater than 0",
                remedy="leave it out for the default",
            )
