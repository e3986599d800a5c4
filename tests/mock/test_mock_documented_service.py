"""The stand-alone mock as a service: objects, detection and errors, as a client meets them."""

import asyncio
import base64
import gzip
import json
import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from conformance.documents.schema import schema, schema_mistakes
from conformance.mock.standalone_responder import StandaloneConfig, StandaloneResponder
from conformance.mock.steps import Arrival, Playback, Write
from conformance.mock.stored_object import example
from conformance.model.case import Credentials, KnownKey
from conformance.model.http import Header, Request, Response
from conformance.oss.crc64 import crc64
from conformance.oss.encoding import encode
from conformance.oss.service_error import read
from conformance.oss.v4 import Unsigned, presign, sign

CLOCK = 1_800_000_000
KEYS = (
    KnownKey(id="id", secret="secret"),
    KnownKey(id="STS.id", secret="temporary", token="to/ken+=="),
    KnownKey(id="old", secret="secret", token="old token", state="expired"),
)
PAIR = Credentials(access_key_id="id", access_key_secret="secret")
STS = Credentials(access_key_id="STS.id", access_key_secret="temporary", security_token="to/ken+==")
JPEG = example().content
BODIES = ("x-oss-process", "image/bodies")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request to the service; None for `credentials`: anonymous."""

    bucket: str = "mine"
    key: str = "photo.jpg"
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[Header, ...] = ()
    method: str = "GET"
    credentials: Credentials | None = PAIR
    endpoint: str = "oss-cn-hangzhou.aliyuncs.com"
    region: str = "cn-hangzhou"
    path_style: bool = False

    def request(self) -> Request:
        host = self.endpoint if self.path_style else f"{self.bucket}.{self.endpoint}"
        unsigned = Unsigned(
            method=self.method, bucket=self.bucket, key=self.key, query=self.query,
            headers=(("Host", host), *self.headers),
        )  # fmt: skip
        headers = unsigned.headers
        if self.credentials is not None:
            headers = sign(unsigned, credentials=self.credentials, region=self.region, clock=CLOCK)
        path = f"/{encode(self.key, keep='/')}"
        path = f"/{self.bucket}{path}" if self.path_style else path
        query = "&".join(f"{name}={encode(value)}" for name, value in self.query)
        target = f"{path}?{query}" if query else path
        return Request(method=self.method, target=target, version="HTTP/1.1", headers=headers)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {"photo.jpg": JPEG, "dir/a.txt": b"text " * 400, "long.bin": bytes(300_000)}
    for key, content in files.items():
        path = tmp_path / "objects" / "mine" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "objects"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The service, and the lines that it logs."""

    responder: StandaloneResponder
    log: list[str]

    def ask(self, call: Call) -> Response:
        return self.answer(call.request())

    def answer(self, request: Request) -> Response:
        async def asked() -> Playback:
            playback = self.responder.respond(Arrival(request=request, scheme="https", clock=CLOCK))
            return playback if isinstance(playback, Playback) else await playback

        steps = asyncio.run(asked()).steps
        response = Response.read(b"".join(one.data for one in steps if isinstance(one, Write)))
        assert response is not None
        return response

    def bodies(self, sen: int, key: str = "photo.jpg", bucket: str = "mine") -> list[object]:
        process = ("x-oss-process", f"image/bodies,sen_{sen}")
        document = json.loads(self.ask(Call(bucket=bucket, key=key, query=(process,))).body)
        assert schema_mistakes(document, schema("bodies")) == ()
        listed: list[object] = document["Bodies"]
        return listed


def service(folder: Path | None, **changes: object) -> Service:
    log: list[str] = []
    config = replace(StandaloneConfig(keys=KEYS, objects=folder), **changes)  # type: ignore[arg-type]
    return Service(responder=StandaloneResponder(config, log.append), log=log)


def error(response: Response) -> tuple[int, str | None, str | None]:
    named = read(response.body) or {}
    assert response.header("x-oss-ec") == named.get("EC")
    return response.status, named.get("Code"), named.get("EC")


def test_bodies_are_the_same_each_time_and_more_with_a_higher_sen(folder: Path) -> None:
    one = service(folder)
    assert one.bodies(100) == service(folder).bodies(100)
    assert len(one.bodies(100)) > len(one.bodies(40)) > len(one.bodies(0))


def test_without_sen_the_default_is_detected(folder: Path) -> None:
    document = json.loads(service(folder).ask(Call(query=(BODIES,))).body)
    assert document["Bodies"] == service(folder).bodies(60)


def test_each_answer_has_ids_of_its_own(folder: Path) -> None:
    answers = [each.ask(Call(query=(BODIES,))) for each in (service(folder), service(folder)) * 2]
    assert len({answer.header("x-oss-request-id") for answer in answers}) == 4
    assert len({json.loads(answer.body)["RequestId"] for answer in answers}) == 4


@pytest.mark.parametrize("bucket", ["examplebucket", "image-demo"])
def test_the_documented_exchange_has_the_documented_fields(bucket: str) -> None:
    answer = service(None).ask(Call(bucket=bucket, key="example.jpg", query=(BODIES,)))
    names = [name for name, _ in answer.headers]
    assert names == [
        "Server", "Date", "Content-Type", "Content-Length", "Connection", "x-oss-request-id",
        "ETag", "Last-Modified", "x-oss-object-type", "x-oss-hash-crc64ecma",
        "x-oss-storage-class", "x-oss-ec", "Content-Disposition", "x-oss-force-download",
        "x-oss-server-time",
    ]  # fmt: skip
    assert answer.header("x-oss-ec") == "0048-00000104"
    assert json.loads(answer.body)["RequestId"] == "58C0F6A4-7B26-5E22-9C60-EFF90E2082ED"


def test_other_values_of_sen_are_detected_in_the_example_too() -> None:
    one = service(None)
    assert len(one.bodies(100, "example.jpg", "examplebucket")) > 3
    assert len(one.bodies(50, "example.jpg", "examplebucket")) == 3


def test_get_and_head_describe_the_object(folder: Path) -> None:
    one = service(folder)
    got, head = one.ask(Call()), one.ask(Call(method="HEAD"))
    assert (got.body, head.body) == (JPEG, b"")
    assert got.header("x-oss-hash-crc64ecma") == str(crc64(JPEG))
    for name in ("ETag", "Last-Modified", "Content-Length", "Content-Type", "x-oss-object-type"):
        assert got.header(name) == head.header(name) != None, name  # noqa: E711
    assert got.header("Content-Length") == str(len(JPEG))
    assert got.header("Content-Type") == "image/jpeg"


def test_the_detection_has_the_fields_of_the_object(folder: Path) -> None:
    one = service(folder)
    got, found = one.ask(Call()), one.ask(Call(query=(BODIES,)))
    assert found.header("ETag") == got.header("ETag")
    assert found.header("Content-Type") == "application/json;charset=utf-8"
    assert found.header("x-oss-ec") is None


@pytest.mark.parametrize(("key", "elsewhere"), [("long.bin", True), ("photo.jpg", False)])
def test_a_long_object_is_read_in_another_thread(
    folder: Path, monkeypatch: pytest.MonkeyPatch, key: str, elsewhere: bool
) -> None:
    threads = []
    read_bytes = Path.read_bytes

    def noted(path: Path) -> bytes:
        threads.append(threading.current_thread() is not threading.main_thread())
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", noted)
    one = service(folder)
    assert one.ask(Call(key=key)).body == one.ask(Call(key=key)).body
    assert threads == [elsewhere]


def test_a_parameter_sets_a_field_of_the_answer(folder: Path) -> None:
    query = (("response-content-type", "text/x"), ("response-cache-control", "no-store"))
    answer = service(folder).ask(Call(query=query))
    types = [value for name, value in answer.headers if name == "Content-Type"]
    assert (types, answer.header("cache-control")) == (["text/x"], "no-store")


STANDARD = ("x-oss-range-behavior", "standard")
SIZE = len(JPEG)


@pytest.mark.parametrize(
    ("headers", "status", "within"),
    [
        ((("Range", "bytes=0-9"),), 206, (0, 10)),
        ((("Range", "bytes=10-"),), 206, (10, SIZE)),
        ((("Range", "bytes=-10"),), 206, (SIZE - 10, SIZE)),
        ((("Range", f"bytes=-{SIZE + 1}"),), 206, (0, SIZE)),
        ((("Range", f"bytes=10-{SIZE}"),), 200, (0, SIZE)),
        ((("Range", f"bytes=10-{SIZE}"), STANDARD), 206, (10, SIZE)),
        ((("Range", f"bytes={SIZE}-"),), 200, (0, SIZE)),
        ((("Range", f"bytes={SIZE}-"), STANDARD), 416, None),
        ((("Range", "bytes=-0"), STANDARD), 416, None),
        ((("Range", "bytes=0-1,3-4"),), 416, None),
        ((("Range", "bytes=9-1"), STANDARD), 200, (0, SIZE)),
        ((("Range", "bytes=-"),), 200, (0, SIZE)),
        ((("Range", "lines=1-2"),), 200, (0, SIZE)),
    ],
)
def test_a_range_is_served_as_documented(
    folder: Path, headers: tuple[Header, ...], status: int, within: tuple[int, int] | None
) -> None:
    answer = service(folder).ask(Call(headers=headers))
    assert answer.status == status
    if within is None:
        assert error(answer)[1] == "InvalidRange"
        return
    begin, end = within
    assert answer.body == JPEG[begin:end]
    shown = f"bytes {begin}-{end - 1}/{SIZE}" if status == 206 else None
    assert answer.header("Content-Range") == shown


@pytest.mark.parametrize("call", [Call(key="dir/a.txt"), Call(query=(BODIES,))])
def test_text_and_json_are_compressed_when_asked_for(folder: Path, call: Call) -> None:
    one = service(folder)
    plain = one.ask(replace(call, headers=(("Accept-Encoding", "identity"),)))
    small = one.ask(replace(call, headers=(("Accept-Encoding", "deflate, gzip"),)))
    assert (plain.header("Content-Encoding"), small.header("Content-Encoding")) == (None, "gzip")
    assert small.header("Content-Length") is None
    assert small.header("ETag") == plain.header("ETag")
    unpacked = gzip.decompress(small.body)
    if call.query:
        assert json.loads(unpacked)["Bodies"] == json.loads(plain.body)["Bodies"]
    else:
        assert unpacked == plain.body


def test_an_image_is_not_compressed(folder: Path) -> None:
    answer = service(folder).ask(Call(headers=(("Accept-Encoding", "gzip"),)))
    assert (answer.header("Content-Encoding"), answer.body) == (None, JPEG)


WRONG = replace(PAIR, access_key_secret="x")


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (Call(key="none"), (404, "NoSuchKey", "0026-00000001")),
        (Call(key="none", query=(BODIES,)), (404, "NoSuchKey", "0040-00000024")),
        (Call(bucket="other"), (404, "NoSuchBucket", "0015-00000101")),
        (Call(bucket="No_Bucket", path_style=True, endpoint="localhost"),
         (400, "InvalidBucketName", "0015-00000001")),
        (Call(credentials=WRONG), (403, "SignatureDoesNotMatch", "0002-00000201")),
        (Call(credentials=replace(PAIR, access_key_id="who")),
         (403, "InvalidAccessKeyId", "0002-00000902")),
        (Call(credentials=None), (403, "AccessDenied", None)),
        (Call(credentials=None, query=(BODIES,)), (403, "AccessDenied", None)),
        (Call(credentials=replace(STS, security_token=None)),
         (403, "InvalidAccessKeyId", "0002-00000003")),
        (Call(credentials=replace(STS, security_token="x")),
         (403, "InvalidSecurityToken", "0002-00000008")),
        (Call(credentials=Credentials(access_key_id="old", access_key_secret="secret",
                                      security_token="old token")),
         (403, "SecurityTokenExpired", "0002-00000007")),
        (Call(path_style=True), (403, "SecondLevelDomainForbidden", None)),
        (Call(region="beijing"), (400, "InvalidArgument", "0002-00000226")),
        (Call(region="cn-shanghai", endpoint="oss-cn-shanghai.aliyuncs.com"),
         (403, "AccessDenied", None)),
        (Call(key="dir/a.txt", query=(BODIES,)), (400, "BadRequest", "0040-00000005")),
        (Call(query=(("x-oss-process", "image/bodies,sen_101"),)),
         (400, "InvalidArgument", "0040-00000312")),
        (Call(query=(("acl", ""),)), (501, "NotImplemented", None)),
        (Call(query=(("versionId", "abc"),)), (501, "NotImplemented", None)),
        (Call(query=(BODIES, BODIES)), (501, "NotImplemented", None)),
        (Call(method="DELETE"), (501, "NotImplemented", None)),
    ],
)  # fmt: skip
def test_an_error_has_its_documented_form(
    folder: Path, call: Call, expected: tuple[int, str, str | None]
) -> None:
    assert error(service(folder).ask(call)) == expected


@pytest.mark.parametrize(
    ("query", "message"),
    [((), "no right to access this object"), ((BODIES,), "Anonymous access is forbidden")],
)
def test_anonymous_access_is_denied_in_the_words_of_the_operation(
    folder: Path, query: tuple[tuple[str, str], ...], message: str
) -> None:
    denied = read(service(folder).ask(Call(credentials=None, query=query)).body) or {}
    assert message in denied["Message"]


@pytest.mark.parametrize(
    "call",
    [
        Call(credentials=STS),
        Call(path_style=True, endpoint="127.0.0.1:8443"),
        Call(path_style=True, endpoint="localhost"),
        Call(endpoint="oss-cn-hangzhou-internal.aliyuncs.com"),
        Call(endpoint="oss-accelerate.aliyuncs.com"),
        Call(endpoint="cn-hangzhou.oss.aliyuncs.com"),
        Call(query=(("versionId", "null"),)),
        Call(method="HEAD", query=(("objectMeta", ""),)),
    ],
)
def test_every_way_to_the_object_is_open(folder: Path, call: Call) -> None:
    assert service(folder).ask(call).status == 200


def test_another_region_can_be_that_of_the_buckets(folder: Path) -> None:
    call = Call(region="cn-shanghai", endpoint="oss-cn-shanghai.aliyuncs.com")
    assert service(folder, region="cn-shanghai").ask(call).status == 200
    wrong = read(service(folder, region="cn-shanghai").ask(Call()).body) or {}
    assert wrong["Endpoint"] == "oss-cn-shanghai.aliyuncs.com"


def test_an_error_of_head_is_in_a_field(folder: Path) -> None:
    answer = service(folder).ask(Call(key="none", method="HEAD"))
    named = read(base64.b64decode(answer.header("x-oss-err") or "")) or {}
    assert (answer.status, answer.body, named["Code"]) == (404, b"", "NoSuchKey")
    assert named["RequestId"] == answer.header("x-oss-request-id")


def test_two_host_fields_are_refused_before_the_object_is_found(folder: Path) -> None:
    request = Call().request()
    doubled = replace(request, headers=(*request.headers, ("Host", "other")))
    assert error(service(folder).answer(doubled))[:2] == (400, "BadRequest")


def test_a_presigned_url_is_accepted_until_it_is_changed(folder: Path) -> None:
    unsigned = Unsigned(method="GET", bucket="mine", key="photo.jpg", query=(BODIES,))
    query = presign(unsigned, credentials=STS, region="cn-hangzhou", clock=CLOCK, expires=60)
    target = "/photo.jpg?" + "&".join(f"{name}={encode(value)}" for name, value in query)
    request = replace(Call(credentials=None).request(), target=target)
    assert service(folder).answer(request).status == 200
    changed = replace(request, target=target.replace("bodies", "bodies%2Csen_50"))
    assert error(service(folder).answer(changed))[1] == "SignatureDoesNotMatch"


def command(script: str) -> tuple[str, ...]:
    return "sh", "-c", script


def test_a_detector_decides_what_is_found(folder: Path) -> None:
    script = """cat >/dev/null; echo '{"Bodies": []}'"""
    one = service(folder, detector=command(script))
    for bucket, key in (("mine", "photo.jpg"), ("mine", "dir/a.txt"),
                        ("examplebucket", "example.jpg")):  # fmt: skip
        assert one.bodies(60, key, bucket) == []
    assert one.ask(Call()).body == JPEG


def test_a_detector_that_fails_is_a_logged_error_of_the_service(folder: Path) -> None:
    one = service(folder, detector=command("printf 'no \\033[1mmodel' >&2; exit 3"), quiet=True)
    assert error(one.ask(Call(query=(BODIES,))))[:2] == (500, "InternalError")
    assert one.log == ["the detector failed for mine/photo.jpg: exit code 3: no \\x1b[1mmodel"]


@pytest.mark.parametrize("key", ["photo.jpg", "long.bin"])
def test_a_file_that_cannot_be_read_is_a_logged_error_of_the_service(
    folder: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    def refused(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refused)
    one = service(folder, quiet=True)
    assert error(one.ask(Call(key=key)))[:2] == (500, "InternalError")
    assert one.log == [f"cannot read mine/{key}: Permission denied"]


def logged(folder: Path, *calls: Call) -> list[str]:
    one = service(folder)
    for call in calls:
        one.ask(call)
    return one.log


def test_quiet_logs_no_requests(folder: Path) -> None:
    one = service(folder, quiet=True)
    for call in (Call(), Call(credentials=None), Call(key="none")):
        one.ask(call)
    one.responder.handshake_failed("reason")
    assert one.log == []


@pytest.mark.parametrize(
    ("call", "reasons"),
    [
        (Call(key="none"), ["    Key: none"]),
        (Call(bucket="other"), ["    BucketName: other"]),
        (Call(credentials=replace(PAIR, access_key_id="who")),
         ["    theirs who; known access key ids: id, STS.id, old"]),
        (Call(region="beijing"),
         ["    theirs beijing; the region of this endpoint is cn-hangzhou"]),
        (Call(path_style=True), ["    the bucket mine is in the path, not in the host name"]),
        (Call(credentials=replace(STS, security_token=None)),
         ["    STS.id needs a security token; the request has none"]),
        (Call(region="cn-shanghai", endpoint="oss-cn-shanghai.aliyuncs.com"),
         ["    Endpoint: oss-cn-hangzhou.aliyuncs.com"]),
    ],
)  # fmt: skip
def test_a_refusal_is_logged_with_its_reason(folder: Path, call: Call, reasons: list[str]) -> None:
    assert logged(folder, call)[1:] == reasons


def test_another_secret_is_logged_with_the_string_to_sign(folder: Path) -> None:
    lines = logged(folder, Call(credentials=WRONG))
    assert "Perhaps the access key secret is another one." in lines[1]
    assert lines[2] == "    ours: OSS4-HMAC-SHA256"
    assert lines[4] == "    ours: 20270115/cn-hangzhou/oss/aliyun_v4_request"


def test_no_signature_and_no_token_is_logged(folder: Path) -> None:
    unsigned = Unsigned(method="GET", bucket="mine", key="photo.jpg", query=(BODIES,))
    query = presign(unsigned, credentials=STS, region="cn-hangzhou", clock=CLOCK, expires=60)
    target = "/photo.jpg?" + "&".join(f"{name}={encode(value)}" for name, value in query)
    one = service(folder)
    for changed in (target, target.replace("bodies", "bodies%2Csen_5"), target[:-1]):
        one.answer(replace(Call(credentials=None).request(), target=changed))
    one.ask(Call(credentials=STS, headers=(("x-oss-meta-a", "b"),), method="HEAD"))
    secrets: Iterable[str] = ("to/ken", "to%2Fken", dict(query)["x-oss-signature"], "temporary")
    for line in one.log:
        assert not [secret for secret in secrets if secret in line], line
    assert "x-oss-signature=***" in one.log[0]
