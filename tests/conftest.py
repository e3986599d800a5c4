"""For all tests: an interrupt interrupts, however they were started; long files start first."""

import signal

from longest_first import (  # noqa: F401  # hooks
    pytest_collection_modifyitems,
    pytest_xdist_make_scheduler,
)


def pytest_configure() -> None:
    """A shell lets what it starts with `&` ignore SIGINT, and so would all that is started here."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
