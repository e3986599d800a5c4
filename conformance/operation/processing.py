"""Processing strings in their documented spelling.

Source: https://help.aliyun.com/en/oss/user-guide/synchronous-processing .
"""

MODULE = "image"
ACTION = "bodies"
PARAMETER = "sen"
OPERATION = f"{MODULE}/{ACTION}"


def write(sen: int | None) -> str:
    """The documented spelling: `image/bodies`, or `image/bodies,sen_N`."""
    return OPERATION if sen is None else f"{OPERATION},{PARAMETER}_{sen}"
