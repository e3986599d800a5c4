"""What a live run asks for, as far as results tell it: see `RunHeader.live`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveTarget:
    """The object that the calls of a live run ask for."""

    bucket: str  # a label if the user asked for it to be redacted
    key: str  # of an image that exists
    region: str
    token: bool = False  # whether the credentials are temporary, so that calls carry a token
