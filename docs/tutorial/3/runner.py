"""A runner that makes the call, and does not sign it."""

import base64
import hashlib
import json
import platform
import sys
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


def get_object(endpoint, bucket, key, process, proxy):
    """The client under test: GetObject with a processing string."""
    url = urlsplit(endpoint)
    address = f"{url.scheme}://{bucket}.{url.netloc}/{quote(key)}"
    proxies = {"http": proxy, "https": proxy}
    return requests.get(address, params={"x-oss-process": process}, proxies=proxies, timeout=5)


def call(command):
    if command["sign"] != "header":
        return {"kind": "unsupported", "reason": f"no way to sign named {command['sign']}"}
    parameters = [f"{name}_{value}" for name, value in command["parameters"].items()]
    process = command["process"] or ",".join([command["action"], *parameters])
    try:
        response = get_object(
            command["endpoint"], command["bucket"], command["key"], process, command["proxy"]
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
