"""For all tests: an interrupt interrupts, however they were started."""

import signal


def pytest_configure() -> None:
    """A shell lets what it starts with `&` ignore SIGINT, and so would all that is started here."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
