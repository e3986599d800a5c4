"""A whole runner with nothing but Python's standard library; runners/README.md is its contract."""

import base64
import hashlib
import hmac
import http.client
import json
import locale
import platform
import sys
import threading
import time
from contextlib import suppress
from types import SimpleNamespace as Request
from typing import Any
from urllib.parse import SplitResult, quote, unquote, urlsplit
from xml.etree import ElementTree

ANSWERS = sys.stdout.buffer
Message = dict[str, Any]
CAPABILITIES = ["proxy", "presigned", "path-style", "cname", "anonymous", "token", "process"]
CAPABILITIES += ["timeouts", "version", "threads", "partial", "clock", "kept", "provider", "marks"]
FIELDS = {"Code": "code", "Message": "message", "RequestId": "request_id"}
FIELDS |= {"HostId": "host_id", "EC": "ec"}
SAYS_NOTHING = dict.fromkeys(("status", "code", "message", "request_id", "host_id", "ec"))
TAGS: Message = {
    "parse_int": lambda text: {"$int": text},
    "parse_float": lambda text: {"$real": text},
    "parse_constant": lambda text: {"$real": text},
}


def started() -> Message:
    runtime = f"{platform.python_implementation()} {platform.python_version()}"
    me = {"runner": "reference", "language": "Python", "runtime": runtime}
    sdk = {"sdk": None, "capabilities": CAPABILITIES}
    return {"type": "started", "protocol": 2, "os": platform.system()} | me | sdk


def process_of(command: Message) -> Any:
    if command["process"] is not None:
        return command["process"]
    parameters = (f",{name}_{value}" for name, value in command["parameters"].items())
    return "".join([command["action"], *parameters])


def request_of(command: Message) -> Request:
    endpoint, bucket = urlsplit(command["endpoint"]), command["bucket"]
    host, path = f"{bucket}.{endpoint.netloc}", f"/{quote(command['key'])}"
    if command["addressing"] in ("path", "cname"):
        host = endpoint.netloc
    if command["addressing"] == "path":
        path = f"/{bucket}{path}"
    process = quote(process_of(command), safe="")
    # In the canonical query a name without a value stands alone.
    query = f"x-oss-process={process}" if process else "x-oss-process"
    if command["version_id"] is not None:
        query = f"versionId={quote(command['version_id'], safe='')}&{query}"
    given = {"method": "GET", "scheme": endpoint.scheme, "headers": {"User-Agent": "reference"}}
    return Request(host=host, path=path, query=query, **given)


def sign(request: Request, command: Message) -> None:
    """Add the headers of Signature V4, or the parameters of a URL that is good for an hour."""
    keys, region = command["credentials"], command["region"]
    if not (keys["access_key_id"] and keys["access_key_secret"] and region):
        raise ValueError("access key id, access key secret and region must be set")
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    scope = [now[:8], region, "oss", "aliyun_v4_request"]
    credential, token = "/".join([keys["access_key_id"], *scope]), keys["security_token"]
    added = {"x-oss-date": now} | ({"x-oss-security-token": token} if token else {})
    if command["sign"] == "url":
        added |= {"x-oss-signature-version": "OSS4-HMAC-SHA256", "x-oss-expires": "3600"}
        added |= {"x-oss-credential": credential}
        pairs = [f"{name}={quote(text, safe='')}" for name, text in added.items()]
        request.query = "&".join(sorted([*request.query.split("&"), *pairs]))
        request.query += f"&x-oss-signature={prove(request, command, now, scope)}"
    else:
        request.headers |= added | {"x-oss-content-sha256": "UNSIGNED-PAYLOAD"}
        proof = f"Credential={credential},Signature={prove(request, command, now, scope)}"
        request.headers["Authorization"] = f"OSS4-HMAC-SHA256 {proof}"


def prove(request: Request, command: Message, now: str, scope: list[str]) -> str:
    """The signature over the request as it stands."""
    resource = quote(f"/{command['bucket']}/{command['key']}")
    signed = [f"{k}:{v}" for k, v in sorted(request.headers.items()) if k.startswith("x-oss-")]
    lines = [request.method, resource, request.query, *signed, "", "", "UNSIGNED-PAYLOAD"]
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    key = f"aliyun_v4{command['credentials']['access_key_secret']}".encode()
    for part in [*scope, f"OSS4-HMAC-SHA256\n{now}\n{'/'.join(scope)}\n{digest}"]:
        key = hmac.digest(key, part.encode(), "sha256")
    return key.hex()


def send(request: Request, command: Message) -> tuple[int, Any, bytes]:
    """Status, header fields and body; what breaks is an OSError or an HTTPException."""
    secure, site = request.scheme == "https", urlsplit(f"//{request.host}")
    opened = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    proxy, limits = urlsplit(command["proxy"] or ""), command["timeouts"]
    relay = proxy.netloc.rpartition("@")[2]
    connect, read = (limits[one] and limits[one] / 1000 for one in ("connect", "read"))
    line = opened(relay or request.host, timeout=connect)
    if relay:
        line.set_tunnel(site.hostname or "", site.port or opened.default_port, login_of(proxy))
    try:
        line.connect()
        line.sock.settimeout(read)
        headers = {"Host": request.host} | request.headers
        line.request(request.method, f"{request.path}?{request.query}", headers=headers)
        response = line.getresponse()
        return response.status, response.headers, body_of(response, command)
    finally:
        line.close()


def login_of(proxy: SplitResult) -> dict[str, str]:
    """The header field with the credentials for the proxy, if its URL has any."""
    if proxy.username is None:
        return {}
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}".encode()
    return {"Proxy-Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def body_of(response: http.client.HTTPResponse, command: Message) -> bytes:
    """The body; of content, what the command has the program read."""
    consume = command["consume"]
    if consume is None or response.status >= 300:
        return response.read()
    if consume["pause"]:
        time.sleep(consume["pause"] / 1000)
    body = response.read(consume["limit"])
    if response.length and len(body) < (consume["limit"] or 0):  # then read() says nothing of it
        raise http.client.IncompleteRead(body, response.length)
    return body


def content(raw: bytes) -> Message:
    text, digest = base64.b64encode(raw).decode(), hashlib.sha256(raw).hexdigest()
    told = {"base64": text, "length": len(raw), "sha256": digest}
    try:
        parsed, refused = json.loads(raw, **TAGS), None
    except (ValueError, RecursionError) as error:
        parsed, refused = None, str(error)
    return {"kind": "content", "content": told, "parsed": parsed, "parse_error": refused}


def failure(origin: str, error_class: str, text: str, **known: Any) -> Message:
    told = {"origin": origin, "error_class": error_class, "text": text}
    return {"kind": "error", "error": SAYS_NOTHING | told | known}


def answer_of(status: int, headers: Any, body: bytes) -> Message:
    if status < 300:
        return content(body)
    known = {"status": status, "request_id": headers["x-oss-request-id"], "ec": headers["x-oss-ec"]}
    try:
        document = ElementTree.fromstring(body)
        known |= {FIELDS[item.tag]: item.text for item in document if item.tag in FIELDS}
    except ElementTree.ParseError:
        pass
    return failure("service", "ServiceError", f"{status} {known.get('code')}", **known)


def call(command: Message) -> Message:
    if command["sign"] not in ("header", "url") or command["signature"] not in ("v4", None):
        return {"kind": "unsupported", "reason": "no such way to sign"}
    try:
        request = request_of(command)
        if command["credentials"] is not None:
            sign(request, command)
        return answer_of(*send(request, command))
    except (Exception, SystemExit) as error:
        return failure(origin_of(error), type(error).__name__, str(error))


def origin_of(error: BaseException) -> str:
    if isinstance(error, RecursionError | MemoryError) or not isinstance(error, Exception):
        return "crash"
    return "transport" if isinstance(error, OSError | http.client.HTTPException) else "client"


def calls(commands: list[Message]) -> list[Message]:
    """The answers to calls that start together. They have no client to share."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  # a tenth of its start

    together = threading.Barrier(len(commands))

    def one(command: Message) -> Message:
        together.wait()
        return call(command)

    with ThreadPoolExecutor(len(commands)) as pool:
        return list(pool.map(one, commands))


def new_case() -> None:
    """Close what was kept, which is nothing here: clients are all alike."""


def write(message: Message) -> None:
    sys.stderr.write("\x1e")
    sys.stderr.flush()
    ANSWERS.write(json.dumps(message).encode() + b"\n")
    ANSWERS.flush()


def main() -> None:
    sys.stdout = sys.stderr  # standard output belongs to the protocol
    with suppress(locale.Error):  # one that is not installed
        locale.setlocale(locale.LC_ALL, "")
    for line in sys.stdin.buffer:
        command = json.loads(line)
        about = {"type": "answer", "seq": command.get("seq")}
        if command["type"] == "stop":
            break
        if command["type"] == "case":
            new_case()
        elif command["type"] == "start":
            write(started())
        elif command["type"] == "calls":
            answers = [about | answer for answer in calls(command["calls"])]
            write(about | {"type": "answers", "answers": answers})
        else:
            write(about | call(command))


if __name__ == "__main__":
    main()
