"""What the runners share whose transport is `requests`. Import it after `protocol`."""

import http.client
import ssl

import requests
import urllib3
from protocol import WIRE, is_crash

OPENSSL, OPENSSL_VERSION, *_ = ssl.OPENSSL_VERSION.split()
DEPENDENCIES = {
    "requests": requests.__version__,
    "urllib3": urllib3.__version__,
    OPENSSL: OPENSSL_VERSION,
}
BROKEN_OFF = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
)


def origin_of(error):
    """Where an error comes from that is no answer of the service."""
    if is_crash(error):
        return "crash"
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return "parse"
    # requests makes its errors about a URL, a proxy or a header it was given ValueErrors.
    if isinstance(error, BROKEN_OFF) and (WIRE.sent or not isinstance(error, ValueError)):
        return "transport"
    return "parse" if WIRE.sent else "client"
