"""What the service makes of a request that a runner under test has sent."""

import time

from fakes.conversation import KEYS, Message

from conformance.model.case import KnownKey
from conformance.model.http import Request
from conformance.oss.verification import Verification, verify


def verification(request: Request, keys: Message = KEYS, *, ahead: int = 0) -> Verification:
    """The verdict now, in the region of the documented call.

    keys: the one pair that it knows. ahead: seconds by which its clock is.
    """
    known = KnownKey(
        id=keys["access_key_id"], secret=keys["access_key_secret"], token=keys["security_token"]
    )
    bound = (("img.example.com", "examplebucket"),)
    clock = int(time.time()) + ahead
    return verify(request, keys=(known,), region="cn-hangzhou", clock=clock, bound=bound)
