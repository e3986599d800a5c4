"""An example of each rule: a case, a transcript that complies with the rule and one that does not.

Requests are signed by `conformance.oss` at a fixed time, so that every run makes the same ones.
"""

import base64
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from judge.notation import CLOCK, ID, SECRET, TOKEN, Json, case, transcript

from conformance.model.case import Case, Credentials
from conformance.model.verdict import Transcript
from conformance.oss import v1
from conformance.oss.v4 import Unsigned, presign, sign

HOST = "image-demo.oss-cn-hangzhou.aliyuncs.com"
ONE = (
    '{"RequestId":"58C0F6A4-7B26-5E22-9C60-EFF90E2082ED","Bodies":[{"Confidence":0.733,'
    '"Boundary":{"Left":115,"Top":97,"Height":103,"Width":63}}]}'
)
PARSED: Json = {
    "RequestId": "58C0F6A4-7B26-5E22-9C60-EFF90E2082ED",
    "Bodies": [
        {
            "Confidence": {"$real": "0.733"},
            "Boundary": {
                "Left": {"$int": "115"},
                "Top": {"$int": "97"},
                "Height": {"$int": "103"},
                "Width": {"$int": "63"},
            },
        }
    ],
}
REQUEST_ID = "64BA4685A645AE37313CBD14"
DENIED = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error>\n  <Code>AccessDenied</Code>\n'
    "  <Message>You have no right to access this object because of bucket acl.</Message>\n"
    f"  <RequestId>{REQUEST_ID}</RequestId>\n  <HostId>{HOST}</HostId>\n"
    "  <EC>0003-00000001</EC>\n</Error>\n"
)
BODIES = "image/bodies,sen_50"


def request(
    *,
    method: str = "GET",
    host: str = HOST,
    key: str = "example.jpg",
    query: tuple[tuple[str, str], ...] = (("x-oss-process", BODIES),),
    target: str | None = None,
    extra: tuple[tuple[str, str], ...] = (),
    after: tuple[tuple[str, str], ...] = (),
    identity: str = ID,
    secret: str = SECRET,
    token: str | None = None,
    region: str = "cn-hangzhou",
    bucket: str = "image-demo",
    anonymous: bool = False,
) -> list[str]:
    """The lines of a request. extra: headers that are signed; after: headers added unsigned."""
    headers = (("Host", host), ("User-Agent", "aliyun-sdk-php/2.7.0"), *extra)
    if not anonymous:
        credentials = Credentials(
            access_key_id=identity, access_key_secret=secret, security_token=token
        )
        asked = Unsigned(method=method, bucket=bucket, key=key, query=query, headers=headers)
        headers = sign(asked, credentials=credentials, region=region, clock=CLOCK)
    if target is None:
        spelt = "&".join(f"{quote(n, safe='')}={quote(v, safe='')}" for n, v in query)
        target = f"/{quote(key)}?{spelt}" if spelt else f"/{quote(key)}"
    lines = [f"{name}: {value}" for name, value in (*headers, *after)]
    return [f"{method} {target} HTTP/1.1", *lines]


def by_url(valid: int, *, version: int = 4, begin: int = CLOCK) -> list[str]:
    """The lines of a request by a URL that is valid for these seconds, with V4 from this time on.

    With V1 it is valid until so many seconds after CLOCK.
    """
    query = (("x-oss-process", BODIES),)
    asked = Unsigned(method="GET", bucket="image-demo", key="example.jpg", query=query, headers=())
    keys = Credentials(access_key_id=ID, access_key_secret=SECRET, security_token=None)
    if version == 1:
        pairs = v1.presign(asked, credentials=keys, expires=CLOCK + valid)
    else:
        at: Json = {"region": "cn-hangzhou", "clock": begin}
        pairs = presign(asked, credentials=keys, expires=valid, **at)
    return request(query=pairs, anonymous=True)


def reply(status: str = "200 OK", body: str = ONE, *extra: str) -> Json:
    """A response with its length and request id."""
    head = [
        f"HTTP/1.1 {status}",
        f"Content-Length: {len(body.encode())}",
        f"x-oss-request-id: {REQUEST_ID}",
        *extra,
    ]
    return {"response": head, "response_body": body}


def exchange(lines: list[str] | None = None, **more: Any) -> Json:
    """One successful exchange, unless `more` says otherwise."""
    return {"request": lines or request(), **reply(), **more}


def refused(code: str, lines: list[str]) -> Json:
    """An exchange in which the mock refused the request."""
    body = DENIED.replace("AccessDenied", code)
    return {"request": lines, **reply("403 Forbidden", body), "refusal": code}


def content(text: str = ONE, parsed: Any = None) -> Json:
    """The SDK returned content."""
    return {"kind": "content", "content": text, "parsed": parsed or PARSED}


def failure(**more: Any) -> Json:
    """The SDK reported every field of the error DENIED."""
    return {
        "kind": "error",
        "origin": "service",
        "error_class": "OssException",
        "text": "AccessDenied",
        "status": 403,
        "code": "AccessDenied",
        "message": "You have no right to access this object because of bucket acl.",
        "request_id": REQUEST_ID,
        "host_id": HOST,
        "ec": "0003-00000001",
        **more,
    }


def unverified() -> Json:
    """The SDK rejected the certificate."""
    return {
        "kind": "error",
        "origin": "transport",
        "error_class": "SSLError",
        "text": "certificate verify failed",
    }


def lane(*exchanges: Json, answer: Json | None = None, **more: Any) -> Json:
    """The transcript of one turn."""
    return {"turns": [{"exchanges": list(exchanges), "answer": answer or content(), **more}]}


def several(*answers: Json) -> Json:
    """The answers to calls that were made at once."""
    return {"kind": "several", "answers": list(answers)}


# A case of two calls at once, each with a key and a `sen` of its own.
TWO: Json = {"turns": [{"calls": [
    {"key": "a.jpg", "parameters": {"sen": 10}}, {"key": "b.jpg", "parameters": {"sen": 20}},
]}]}  # fmt: skip


def at_once(*keys: str, strings: tuple[int, ...] = (10, 20), **more: Any) -> Json:
    """The transcript of TWO, with the keys and the values of `sen` that were sent."""
    made = [
        exchange(request(key=key, query=(("x-oss-process", f"image/bodies,sen_{sen}"),)))
        for key, sen in zip(keys, strings, strict=True)
    ]
    return lane(*made, answer=several(content(), content()), **more)


def denied(answer: Json) -> Json:
    """The transcript of a turn that the script answers with 403."""
    return lane({"request": request(), **reply("403 Forbidden", DENIED)}, answer=answer)


def ended(code: int, stdout: str) -> Json:
    """A sample program has ended."""
    return {"kind": "ended", "exit": code, "stdout": stdout}


RIGHT = lane(exchange())
SIGNED = {"verified": "accepted"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleExample:
    """One rule with its case and the two transcripts."""

    rule: str
    case: Case
    right: Transcript
    wrong: Transcript


def examples() -> Iterator[RuleExample]:
    """One example for each rule."""
    for rule, about, expect, right, wrong, *rest in [
        *_process(),
        *_auth(),
        *_transport(),
        *_program(),
        *_proxies(),
        *_service(),
        *_rest(),
    ]:
        data = {"about": about, "expect": expect, **(rest[0] if rest else {})}
        yield RuleExample(
            rule=rule, case=case(data), right=transcript(right), wrong=transcript(wrong)
        )


Row = tuple[Any, ...]


def _service() -> Iterator[Row]:
    live = {"script": {"live": True}}
    misspelt, parsed = ONE.replace("Bodies", "bodies"), {**PARSED}
    parsed["bodies"] = parsed.pop("Bodies")
    yield (
        "bodies.schema",
        "The live service answers with other members than its page describes.",
        {"required": {"answer": "content"}},
        RIGHT,
        lane(exchange(**reply(body=misspelt)), answer=content(misspelt, parsed)),
        live,
    )
    short = DENIED.replace(f"<HostId>{HOST}</HostId>", "")
    unknown = request(identity="LTAI5tExampleUnknown")
    refusal = {"request": unknown, "refusal": "InvalidAccessKeyId"}
    yield (
        "errors.shape",
        "The live service answers an error without its host id.",
        {"required": {"answer": "error"}},
        lane(refusal | reply("403 Forbidden", DENIED), answer=failure()),
        lane(refusal | reply("403 Forbidden", short), answer=failure(host_id=None)),
        live,
    )


def _process() -> Iterator[Row]:
    twice = (("x-oss-process", "image/bodies%2Csen_50"),)
    yield (
        "process.string",
        "The comma of the processing string is encoded twice.",
        {"required": {"process": BODIES}},
        RIGHT,
        lane(exchange(request(query=twice))),
    )
    yield (
        "process.place",
        "The processing string is sent as a header.",
        {"required": {"answer": "content"}},
        RIGHT,
        lane(exchange(request(query=(), extra=(("x-oss-process", BODIES),)))),
    )
    spelt = "/example.jpg?x-oss-process=image%2Fbodies%2Csen_50"
    yield (
        "process.canonical",
        "The query is signed encoded twice and sent encoded once.",
        {"required": SIGNED},
        RIGHT,
        lane(
            refused(
                "SignatureDoesNotMatch",
                request(query=(("x-oss-process", "image%2Fbodies%2Csen_50"),), target=spelt),
            )
        ),
    )
    both = (("x-oss-process", BODIES), ("x-oss-process", "image/bodies"))
    yield (
        "process.duplicate",
        "The parameter is sent twice.",
        {"required": {"answer": "content"}},
        RIGHT,
        lane(exchange(request(query=both))),
    )


def _auth() -> Iterator[Row]:
    yield (
        "auth.scheme",
        "The request is not signed at all.",
        {"required": {"auth": "v4-header"}},
        RIGHT,
        lane(refused("AccessDenied", request(anonymous=True))),
    )
    yield (
        "auth.signature",
        "The signature is made with a different secret.",
        {"required": SIGNED},
        RIGHT,
        lane(refused("SignatureDoesNotMatch", request(secret="AnotherSecretOf30Characters000"))),
    )
    yield (
        "auth.access-key",
        "The last character of the access key id is missing.",
        {"required": {"access_key_id": "as-given"}},
        RIGHT,
        lane(refused("InvalidAccessKeyId", request(identity=ID[:-1]))),
    )
    sts = {
        "input": {
            "credentials": {
                "access_key_id": ID,
                "access_key_secret": SECRET,
                "security_token": TOKEN,
            }
        },
        "script": {"keys": [{"id": ID, "secret": SECRET, "token": TOKEN}]},
    }
    yield (
        "auth.token",
        "The token is not sent.",
        {"required": {"token": "as-given"}},
        lane(exchange(request(token=TOKEN))),
        lane(refused("InvalidAccessKeyId", request())),
        sts,
    )
    in_url = ("security-token", TOKEN), ("x-oss-process", BODIES)
    bare = f"/example.jpg?security-token={TOKEN}&x-oss-process={quote(BODIES, safe='')}"
    yield (
        "auth.bare-plus",
        "The plus of a token in the URL is not encoded.",
        {"required": {"answer": "content"}},
        lane(exchange(request(query=in_url))),
        lane(exchange(request(query=in_url, target=bare))),
    )
    yield (
        "auth.expires",
        "A presigned URL is valid for a week.",
        {"required": {"answer": "content"}},
        lane(exchange(by_url(3600))),
        lane(exchange(by_url(604800))),
        {"input": {"sign": "url"}},
    )
    yield (
        "auth.time",
        "A request is signed with the time at which its client was made.",
        {"required": {"signing_time": "current"}},
        RIGHT,
        lane(exchange(clock=CLOCK + 60)),
    )
    yield (
        "auth.region",
        "The region of the credential scope is that of another site.",
        {"required": {"signing_region": "cn-hangzhou"}},
        RIGHT,
        lane(refused("InvalidArgument", request(region="oss-cn-hangzhou"))),
    )
    yield (
        "auth.clear-text",
        "A signed request goes over http although the endpoint is https.",
        {"required": {"answer": "content"}},
        RIGHT,
        lane(exchange(scheme="http")),
    )
    yield (
        "auth.secret-leak",
        "The secret is in an unsigned header, percent-encoded.",
        {"required": {"answer": "content"}},
        RIGHT,
        lane(exchange(request(after=(("X-Debug", f"secret%3D{SECRET}"),)))),
    )


def _transport() -> Iterator[Row]:
    yield (
        "transport.requests",
        "A second GET follows the first.",
        {"required": {"requests": 1}},
        RIGHT,
        lane(exchange(), exchange()),
    )
    yield (
        "transport.method",
        "A HEAD is sent instead of a GET.",
        {"required": {"method": "GET"}},
        RIGHT,
        lane(exchange(request(method="HEAD"))),
    )
    yield (
        "transport.scheme",
        "The request goes over http.",
        {"required": {"scheme": "https"}},
        RIGHT,
        lane(exchange(scheme="http")),
    )
    yield (
        "transport.malformed",
        "The request line contains a bare space.",
        {"required": {"answer": "content"}},
        RIGHT,
        lane(exchange(["GET /an example.jpg HTTP/1.1", f"Host: {HOST}"])),
    )
    yield (
        "transport.unasked-field",
        "A range is asked for that nobody set.",
        {"required": {"answer": "content"}},
        RIGHT,
        lane(exchange(request(after=(("Range", "bytes=0-"),)))),
    )
    yield (
        "transport.user-agent",
        "The User-Agent has quotation marks.",
        {"required": {"answer": "content"}},
        RIGHT,
        lane(exchange(request(after=(("User-Agent", '"sdk"'),)))),
    )
    through = request()
    through[0] = through[0].replace("GET /", f"GET https://{HOST}/")
    yield (
        "transport.absolute-form",
        "A request in a tunnel names its host in the target.",
        {"required": {"answer": "content"}},
        lane(exchange(authority=f"{HOST}:443", via="connect")),
        lane(exchange(through, authority=f"{HOST}:443", via="connect")),
    )
    yield (
        "transport.stray",
        "A request arrives before the call.",
        {"required": {"requests": 1}},
        RIGHT,
        lane(exchange(), strays=[exchange()]),
    )
    yield (
        "transport.certificate",
        "The request goes to a server with an expired certificate.",
        {"required": {"answer": "error", "origin": "transport"}},
        lane(answer=unverified(), handshakes=["TLSV1_ALERT_UNKNOWN_CA"]),
        lane(exchange(faults=["certificate-expired"])),
        {"script": {"certificate": "expired"}},
    )
    yield (
        "transport.fault-unused",
        "No request meets the reply that is to be cut.",
        {"required": {"answer": "content"}},
        lane(exchange()),
        lane(exchange(), unused=[0]),
        {"script": {"faults": [["cut", 10]]}},
    )
    yield (
        "transport.open-connections",
        "The connection of an error is never given back.",
        {"required": {"open_connections": 1}},
        lane(exchange(), open=1),
        lane(exchange(), open=2),
    )
    yield (
        "transport.target-host",
        "The request goes to the endpoint of another region.",
        {"required": {"target": "as-asked"}},
        RIGHT,
        lane(exchange(request(host="image-demo.oss-cn-beijing.aliyuncs.com"))),
    )


def _program() -> Iterator[Row]:
    died = {"step": "death", "reason": "the process was killed by SIGSEGV", "remedy": "see stderr"}
    silent = {"step": "timeout", "reason": "no answer before the deadline", "remedy": "answer"}
    yield (
        "program.death",
        "The program ends in the call.",
        {"required": {"answer": "content"}},
        RIGHT,
        {"turns": [{"answer": None}], "problem": died, "stderr": "panic: boom\n"},
    )
    yield (
        "program.silence",
        "The program does not return from the call.",
        {"required": {"answer": "content"}},
        RIGHT,
        {"turns": [{"answer": None}], "problem": silent},
    )
    yield (
        "program.crash",
        "The error is none of the SDK's interface.",
        {"required": {"answer": "error"}},
        denied(failure()),
        denied(failure(origin="crash")),
    )
    yield (
        "program.state",
        "The first request of the case goes over a connection of the case before.",
        {"required": {"answer": "content"}},
        RIGHT,
        lane(exchange(), earlier=1),
    )
    yield (
        "transport.endless",
        "The client asks again until the server stops answering.",
        {"required": {"requests": 1}},
        RIGHT,
        lane(exchange(), exceeded="1,000 requests"),
    )


def _proxies() -> Iterator[Row]:
    given = {"input": {"proxy": {"user": "u", "password": "p"}}}
    login = (("Proxy-Authorization", "Basic dTpw"),)
    there = {"authority": f"{HOST}:443", "via": "connect"}
    yield (
        "auth.proxy-authorization",
        "The password for the proxy goes to the server.",
        {"required": SIGNED},
        lane(exchange(request(), **there)),
        lane(exchange(request(after=login), **there)),
        given,
    )
    yield (
        "transport.proxy",
        "A request goes past the proxy.",
        {"required": SIGNED},
        lane(exchange(request(), **there)),
        lane(exchange(request())),
        given,
    )


def _rest() -> Iterator[Row]:
    plus = {"input": {"key": "a+b c.jpg"}}
    yield (
        "naming.target",
        "The plus of the key becomes a space.",
        {"required": {"target": "as-asked"}},
        lane(exchange(request(key="a+b c.jpg"))),
        lane(exchange(request(key="a b c.jpg"))),
        plus,
    )
    in_path = request(host="oss-cn-hangzhou.aliyuncs.com")
    in_path[0] = in_path[0].replace("/example.jpg", "/image-demo/example.jpg")
    yield (
        "naming.path-style",
        "The bucket is in the path at an endpoint of the service.",
        {"required": {"target": "as-asked"}},
        RIGHT,
        lane(refused("SecondLevelDomainForbidden", in_path)),
    )
    with_port = f"{HOST}:8443"
    yield (
        "naming.port",
        "The port is left out of the Host field.",
        {"required": {"target": "as-asked"}},
        lane(exchange(request(host=with_port), authority=with_port)),
        lane(exchange(authority=with_port)),
        {"input": {"endpoint": "https://oss-cn-hangzhou.aliyuncs.com:8443"}},
    )
    yield (
        "naming.version",
        "The version of the object is not requested.",
        {"required": {"target": "as-asked"}},
        lane(exchange(request(query=(("versionId", "CAEQ"), ("x-oss-process", BODIES))))),
        RIGHT,
        {"input": {"version_id": "CAEQ"}},
    )
    yield (
        "naming.unasked",
        "One of two calls at once gets an object that neither asked for.",
        {"required": {"answer": "content"}},
        at_once("a.jpg", "b.jpg"),
        at_once("a.jpg", "c.jpg"),
        TWO,
    )
    yield (
        "bodies.bytes",
        "The last byte of the content is missing.",
        {"required": {"content": "as-sent"}},
        RIGHT,
        lane(exchange(), answer=content(ONE[:-1])),
    )
    coded = gzip.compress(ONE.encode(), mtime=0)
    asked = request(after=(("Accept-Encoding", "gzip"),))
    head = ["HTTP/1.1 200 OK", "Content-Encoding: gzip"]
    on_demand = {"request": asked, "response": head, "response_body": coded}
    raw = {"kind": "content", "base64": base64.b64encode(coded).decode(), "parsed": None}
    yield (
        "bodies.coding",
        "The client asks for gzip and returns what it gets without decoding it.",
        {"required": {"content": "as-sent"}},
        lane(on_demand),
        lane(on_demand, answer=raw),
    )
    rounded = json.loads(json.dumps(PARSED).replace("0.733", "0.73"))
    yield (
        "bodies.parsed",
        "The confidence is rounded to two digits.",
        {"required": {"parsed": "as-sent"}},
        RIGHT,
        lane(exchange(), answer=content(parsed=rounded)),
    )
    yield (
        "errors.kind",
        "The service's error is returned as content.",
        {"required": {"answer": "error"}},
        denied(failure()),
        denied(content(DENIED, {"never": "parsed"})),
    )
    yield (
        "errors.origin",
        "The service's error is reported as one of the connection.",
        {"required": {"answer": "error", "origin": "service"}},
        denied(failure()),
        denied(failure(origin="transport")),
    )
    yield (
        "errors.caught",
        "The error is of a type that the SDK does not document.",
        {"required": {"answer": "error", "caught": True}},
        denied(failure(caught=True)),
        denied(failure(caught=False)),
    )
    for name, value in (
        ("status", 400),
        ("code", None),
        ("message", "Forbidden"),
        ("request_id", ""),
        ("host_id", "oss-cn-hangzhou.aliyuncs.com"),
        ("ec", "0003-00000002"),
    ):
        yield (
            f"errors.{name.replace('_', '-')}",
            f"The SDK exposes {name}, but not as the server sent it.",
            {"required": {"answer": "error", name: "as-sent"}},
            denied(failure()),
            denied(failure(**{name: value})),
        )
    sample = {"input": {"program": "sample"}, "id": "samples/page/success"}
    yield (
        "samples.exit",
        "The program exits with 0 although access was denied.",
        {"required": {"answer": "ended", "exit": "nonzero"}},
        denied(ended(1, "AccessDenied\n")),
        denied(ended(0, "AccessDenied\n")),
        sample,
    )
    yield (
        "samples.output",
        "The program prints a heading and nothing of the content.",
        {"required": {"answer": "ended", "prints": ["{content}"]}},
        lane(exchange(), answer=ended(0, f'string({len(ONE)}) "{ONE}"\n')),
        lane(exchange(), answer=ended(0, "data:\n")),
        sample,
    )
    yield (
        "samples.compile",
        "The program does not compile.",
        {"required": {"answer": "ended", "compiles": [], "requests": 1}},
        lane(exchange(), answer=ended(0, ONE)),
        lane(answer={**ended(1, "A.java:3: error: illegal character\n"), "compiled": False}),
        sample,
    )
    yield (
        "samples.handled",
        "The error of the SDK ends the program, which has a clause for it.",
        {"required": {"answer": "ended", "handled": True}},
        denied(ended(1, "AccessDenied\n")),
        denied(ended(1, "Traceback (most recent call last):\n  File\nOssError: no\n")),
        sample,
    )
