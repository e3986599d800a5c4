"""The bodies that the stand-alone service finds in an image, for clients that need some.

Pure. No picture is looked at. Number, places and confidence of the bodies follow from a hash of the
content, so that they are the same in every run; a higher `sen` finds all bodies that a lower one
finds, and more, as the documentation says. [X] Everything else about them is invented.
"""

import hashlib
import json
from functools import lru_cache

from conformance.mock.image_size import Size

_FEWEST, _MORE = 3, 6  # bodies at the highest `sen`: 3 to 8
_HIGHEST = 100


@lru_cache(maxsize=1024)
def bodies(digest: bytes, size: Size, sen: int) -> bytes:
    """The list of bodies as compact JSON.

    digest: SHA-256 of the content. size: of the image in pixels. sen: 0 to 100.
    """
    count = _FEWEST + digest[0] % _MORE
    found = []
    for number in range(count):
        draws = hashlib.sha256(digest + bytes([number])).digest()
        # One body becomes visible in each of `count` equal parts of the range.
        visible_from = (number * 256 + draws[0]) * _HIGHEST // (count * 256)
        if visible_from <= sen:
            found.append(_body(draws, size, visible_from))
    return json.dumps(found, separators=(",", ":")).encode()


def _body(draws: bytes, size: Size, visible_from: int) -> dict[str, object]:
    """One body; the later it becomes visible, the less certain it is."""
    width, height = max(1, size[0]), max(1, size[1])
    tall = max(1, height * (64 + draws[1] // 2) // 384)  # a sixth to a half of the image
    wide = max(1, min(width, tall * (96 + draws[2] // 2) // 256))
    confidence = 950 - 6 * visible_from - draws[3] // 8  # thousandths, 319 to 950
    boundary = {
        "Left": (width - wide) * draws[4] // 255,
        "Top": (height - tall) * draws[5] // 255,
        "Height": tall,
        "Width": wide,
    }
    return {"Confidence": confidence / 1000, "Boundary": boundary}
