"""Processing strings: the documented spelling.

Source: https://help.aliyun.com/en/oss/user-guide/synchronous-processing .
"""

from collections.abc import Iterable

OPERATION = "image/bodies"


def write(action: str, parameters: Iterable[tuple[str, int | str]]) -> str:
    """`ACTION[,name_value]...`, such as `image/bodies,sen_50`."""
    return "".join([action, *(f",{name}_{value}" for name, value in parameters)])
