"""Detect human bodies in an image on OSS with nothing but an HTTP client."""

import hashlib
import hmac
import os
import sys
import time
from urllib.parse import quote

import requests

REGION = "cn-hangzhou"
ENDPOINT = "oss-cn-hangzhou.aliyuncs.com"
BUCKET = "examplebucket"
KEY = "example.jpg"
PROCESS = "image/bodies"

access_key_id = os.environ.get("OSS_ACCESS_KEY_ID")
access_key_secret = os.environ.get("OSS_ACCESS_KEY_SECRET")
security_token = os.environ.get("OSS_SESSION_TOKEN")
if not access_key_id or not access_key_secret:
    sys.exit("Set OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET first.")

# The headers that take part in the signature.
now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
headers = {"x-oss-content-sha256": "UNSIGNED-PAYLOAD", "x-oss-date": now}
if security_token:
    headers["x-oss-security-token"] = security_token

# Canonical request: method, resource, query, headers, additional headers (none), payload hash.
query = "x-oss-process=" + quote(PROCESS, safe="")
canonical_request = "\n".join(
    [
        "GET",
        quote("/" + BUCKET + "/" + KEY),
        query,
        "".join(name + ":" + headers[name] + "\n" for name in sorted(headers)),
        "",
        "UNSIGNED-PAYLOAD",
    ]
)

# String to sign, and the key that is derived for this day, region and product.
scope = "/".join([now[:8], REGION, "oss", "aliyun_v4_request"])
digest = hashlib.sha256(canonical_request.encode("utf-8")).hexdigest()
string_to_sign = "\n".join(["OSS4-HMAC-SHA256", now, scope, digest])
key = ("aliyun_v4" + access_key_secret).encode("utf-8")
for part in scope.split("/"):
    key = hmac.new(key, part.encode("utf-8"), hashlib.sha256).digest()
signature = hmac.new(key, string_to_sign.encode("utf-8"), hashlib.sha256).hexdigest()
headers["Authorization"] = (
    "OSS4-HMAC-SHA256 Credential=" + access_key_id + "/" + scope + ",Signature=" + signature
)

url = "https://" + BUCKET + "." + ENDPOINT + "/" + quote(KEY) + "?" + query
try:
    response = requests.get(url, headers=headers, timeout=10, allow_redirects=False)
except requests.RequestException as error:
    sys.exit("The request failed: " + str(error))

if response.status_code != 200:
    print("The service refused:", response.status_code, file=sys.stderr)
    sys.exit(response.text)
print("Detected bodies:")
print(response.text)
