"""A runner that makes the call and signs it with Signature V4."""

import base64
import hashlib
import hmac
import json
import os
import platform
import sys
import time
from urllib.parse import quote, urlsplit

import requests

STARTED = {
    "type": "started",
    "protocol": 2,
    "runner": "tiny",
    "language": "Python",
    "runtime": f"CPython {platform.python_version()}",
    "os": platform.system(),
    "sdk": None,
    "capabilities": ["proxy"],
}


# --8<-- [start:signing]
def get_object(endpoint, region, bucket, key, process, proxy):
    """The client under test: GetObject with a processing string, signed."""
    url = urlsplit(endpoint)
    query = f"x-oss-process={quote(process, safe='')}"
    headers = signed(f"/{bucket}/{key}", query, region)
    address = f"{url.scheme}://{bucket}.{url.netloc}/{quote(key)}?{query}"
    proxies = {"http": proxy, "https": proxy}
    return requests.get(address, headers=headers, proxies=proxies, timeout=5)


def signed(resource, query, region):
    """The header fields of Signature V4."""
    identity, secret = os.environ["OSS_ACCESS_KEY_ID"], os.environ["OSS_ACCESS_KEY_SECRET"]
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    scope = [now[:8], region, "oss", "aliyun_v4_request"]
    headers = {"x-oss-content-sha256": "UNSIGNED-PAYLOAD", "x-oss-date": now}
    lines = [f"{name}:{value}" for name, value in headers.items()]
    request = "\n".join(["GET", quote(resource), query, *lines, "", "", "UNSIGNED-PAYLOAD"])
    digest = hashlib.sha256(request.encode()).hexdigest()
    key = f"aliyun_v4{secret}".encode()
    for part in [*scope, f"OSS4-HMAC-SHA256\n{now}\n{'/'.join(scope)}\n{digest}"]:
        key = hmac.digest(key, part.encode(), "sha256")
    proof = f"Credential={identity}/{'/'.join(scope)},Signature={key.hex()}"
    return headers | {"Authorization": f"OSS4-HMAC-SHA256 {proof}"}


# --8<-- [end:signing]


def call(command):
    if command["sign"] != "header":
        return {"kind": "unsupported", "reason": f"no way to sign named {command['sign']}"}
    keys = command["credentials"]
    if keys is None:
        return {"kind": "unsupported", "reason": "the client has no anonymous access"}
    os.environ["OSS_ACCESS_KEY_ID"] = keys["access_key_id"] or ""
    os.environ["OSS_ACCESS_KEY_SECRET"] = keys["access_key_secret"] or ""
    parameters = [f"{name}_{value}" for name, value in command["parameters"].items()]
    process = command["process"] or ",".join([command["action"], *parameters])
    try:
        response = get_object(
            command["endpoint"],
            command["region"],
            command["bucket"],
            command["key"],
            process,
            command["proxy"],
        )
    except requests.RequestException as error:
        return failure("transport", type(error).__name__, str(error), None)
    if response.status_code != 200:
        return failure("service", "ServiceError", response.text, response.status_code)
    return content(response.content)


def content(raw):
    text, digest = base64.b64encode(raw).decode(), hashlib.sha256(raw).hexdigest()
    try:
        parsed = json.loads(
            raw, parse_int=lambda text: {"$int": text}, parse_float=lambda text: {"$real": text}
        )
        refused = None
    except ValueError as error:
        parsed, refused = None, str(error)
    told = {"base64": text, "length": len(raw), "sha256": digest}
    return {"kind": "content", "content": told, "parsed": parsed, "parse_error": refused}


def failure(origin, error_class, text, status):
    unknown = dict.fromkeys(["code", "message", "request_id", "host_id", "ec"])
    error = {"origin": origin, "error_class": error_class, "text": text, "status": status}
    return {"kind": "error", "error": error | unknown}


def main():
    answers, sys.stdout = sys.stdout, sys.stderr  # standard output belongs to the protocol
    for line in sys.stdin:
        command = json.loads(line)
        if command["type"] == "stop":
            break
        if command["type"] == "start":
            print(json.dumps(STARTED), file=answers, flush=True)
        if command["type"] == "call":
            answer = {"type": "answer", "seq": command["seq"]} | call(command)
            print(json.dumps(answer), file=answers, flush=True)


main()
