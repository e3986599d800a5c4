"""The garbage collector of a process that serves requests."""

import gc

# Python's default is 700; requests leave no cycles.
_OBJECTS_BETWEEN_COLLECTIONS = 70_000


def collect_rarely() -> None:
    """Have the collector run rarely, and spare it all objects that exist now."""
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
