"""Processing strings: `ACTION[,name_value]...`, such as `image/bodies,sen_50`.

Source: https://help.aliyun.com/en/oss/user-guide/synchronous-processing .
"""

from collections.abc import Iterable

from conformance.model.case import Input

BODIES = "image/bodies"  # the action of the operation that the suite ships


def write(
    action: str, parameters: Iterable[tuple[str, int | str]], process: str | None = None
) -> str:
    """The processing string of a call; `process`, if given, unchanged."""
    if process is not None:
        return process
    return "".join([action, *(f",{name}_{value}" for name, value in parameters)])


def asked(given: Input) -> str:
    """The processing string of an input."""
    return write(given.action, given.parameters, given.process)
