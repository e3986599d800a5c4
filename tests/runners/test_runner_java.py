"""The runner for the Java SDK: its folder, its build script, and, built on this machine, what it
says and sends."""

import base64
import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.conversation import Conversation
from fakes.endpoint import Endpoint, reply
from fakes.manners import ERROR, SdkManners
from runners.folders import run_sample, sources

FOLDER = sources("java")
MANIFEST = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
PACKAGE = MANIFEST["sdk"]["package"]
VERSION = MANIFEST["sdk"]["version"]


def test_every_file_that_the_manifest_names_is_there() -> None:
    named = [MANIFEST["build"], MANIFEST["dockerfile"], MANIFEST["sample"]]
    assert [name for name in named if not (FOLDER / name).is_file()] == []


@pytest.mark.parametrize(
    "call",
    [
        "CredentialsProviderFactory.newEnvironmentVariableCredentialsProvider()",
        "new ClientBuilderConfiguration()",
        ".setSignatureVersion(SignVersion.V4)",
        "OSSClientBuilder.create()",
        '.endpoint("https://oss-cn-hangzhou.aliyuncs.com")',
        ".credentialsProvider(",
        ".clientConfiguration(",
        '.region("cn-hangzhou")',
        ".build()",
        'new GetObjectRequest("examplebucket", "example.jpg")',
        '.setProcess("image/bodies")',
        "ossClient.getObject(request)",
        ".getObjectContent()",
        "ossClient.shutdown()",
    ],
)
def test_the_sample_makes_the_documented_call(call: str) -> None:
    sample = FOLDER / MANIFEST["sample"]
    assert call in sample.read_text(encoding="utf-8")


@pytest.mark.parametrize("argv", [MANIFEST["run"], MANIFEST["program"]["run"]])
def test_the_classes_are_archived_under_the_flags_they_are_used_with(argv: list[str]) -> None:
    """An archive that was made under another collector or class path is silently left aside."""
    script = (FOLDER / MANIFEST["build"]).read_text(encoding="utf-8")
    collector, compiler = (word for word in argv if word.startswith(("-XX:+Use", "-XX:Tiered")))
    assert f"java {collector} {compiler} -XX:ArchiveClassesAtExit=" in script
    # Anything else on the class path has to follow what was there when the classes were archived.
    assert argv[argv.index("-cp") + 1].split(":")[0] == "{home}/runner.jar"


def build(out: Path, source: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(FOLDER / MANIFEST["build"]), str(out), source],
        env=os.environ | variables, capture_output=True, text=True, check=False,
    )  # fmt: skip


def maven(folder: Path, script: str) -> dict[str, str]:
    """A PATH on which `mvn` is the given shell script."""
    program = folder / "bin" / "mvn"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return {"PATH": f"{program.parent}:{os.environ['PATH']}"}


def asked(folder: Path, **variables: str) -> str:
    """What Maven is called with: the option variables of its JVM, then its arguments."""
    told = folder / "told"
    path = maven(folder, f'echo "$MAVEN_OPTS" "$@" ${{MAVEN_ARGS-unset}} >{told}; exit 1')
    build(folder / "out", "3.18.4", **path, **variables)
    return told.read_text()


def test_a_folder_that_is_no_checkout_is_refused_by_name(tmp_path: Path) -> None:
    built = build(tmp_path / "out", f"path:{tmp_path}")
    assert (built.returncode, f"{tmp_path} is no checkout of" in built.stderr) == (1, True)


def test_a_release_that_maven_cannot_fetch_ends_with_its_words_and_a_remedy(tmp_path: Path) -> None:
    advice = "echo '[ERROR] Re-run Maven using the -X switch'"
    path = maven(tmp_path, f"echo '[ERROR] 3.99.0 was not found'; {advice}; exit 1")
    built = build(tmp_path / "out", "3.99.0", **path)
    first, *_, last = built.stderr.splitlines()
    assert (built.returncode, first) == (1, "[ERROR] 3.99.0 was not found")
    assert last.startswith("fix: ")
    assert "Re-run" not in built.stderr


def test_a_release_is_asked_for_under_its_exact_version(tmp_path: Path) -> None:
    assert "-Dsdk.version=3.18.4" in asked(tmp_path)


def test_the_proxy_variables_become_properties_of_mavens_jvm(tmp_path: Path) -> None:
    told = asked(tmp_path, HTTPS_PROXY="http://me:word@proxy:3128/", NO_PROXY="localhost, .corp")
    assert "-Dhttps.proxyHost=proxy -Dhttps.proxyPort=3128" in told
    assert "-Dhttps.proxyUser=me -Dhttps.proxyPassword=word" in told
    assert "-Dhttp.nonProxyHosts=localhost|*.corp " in told


def test_mavens_arguments_are_given_once(tmp_path: Path) -> None:
    told = asked(tmp_path, MAVEN_ARGS="--offline")
    assert (told.split().count("--offline"), told.split()[-1]) == (1, "unset")


def test_a_mirror_is_named_to_maven_in_a_settings_file(tmp_path: Path) -> None:
    script = f"""while [ "$1" != --global-settings ]; do shift; done; cat "$2" >{tmp_path}/told"""
    build(
        tmp_path / "out", VERSION,
        **maven(tmp_path, f"{script}; exit 1"), MAVEN_MIRROR_URL="https://mirror/m?a=1&b",
    )  # fmt: skip
    assert "<url>https://mirror/m?a=1&amp;b</url>" in (tmp_path / "told").read_text()


@pytest.fixture(scope="session")
def toolchain() -> None:
    for tool in MANIFEST["tools"]:
        if shutil.which(tool["command"][0]) is None:
            pytest.skip(f"{tool['command'][0]} is not installed")


def fetch(artifact: str, out: Path) -> None:
    """A file of the SDK's default release from the registry; skips where that cannot be reached."""
    goal = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"
    told = subprocess.run(
        ["mvn", "-B", "-q", goal, f"-Dartifact={artifact}", f"-DoutputDirectory={out}"],
        cwd=out, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if told.returncode:
        pytest.skip(f"the registry cannot be reached: {told.stdout.strip()[:200]}")


@pytest.fixture(scope="session")
def home(toolchain: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runner with the SDK's default release."""
    fetch(f"{PACKAGE}:{VERSION}:pom", tmp_path_factory.mktemp("pom"))
    out = tmp_path_factory.mktemp("java")
    built = build(out, VERSION)
    assert built.returncode == 0, built.stderr
    return out


def conversation(home: Path, identity: Path) -> Conversation:
    places = {"home": home, "truststore": identity.with_suffix(".p12")}
    return Conversation(
        [word.format(**places) for word in MANIFEST["run"]], MANIFEST["environment"]
    )


@pytest.fixture(scope="session")
def runner(home: Path, identity: Path) -> Iterator[Conversation]:
    """One for all tests: the first call of a JVM is a hundred times as slow as the later ones."""
    with conversation(home, identity) as talk:
        yield talk


@pytest.mark.slow
def test_a_release_tells_the_version_that_the_sdk_tells_of_itself(runner: Conversation) -> None:
    assert runner.start()["sdk"] == {"name": PACKAGE, "version": VERSION}


@pytest.mark.slow
def test_a_read_only_checkout_is_built_and_tells_its_own_version(
    toolchain: None, identity: Path, tmp_path: Path
) -> None:
    checkout = tmp_path / "checkout"
    (checkout / "src/main").mkdir(parents=True)
    fetch(f"{PACKAGE}:{VERSION}:jar:sources", tmp_path)
    fetch(f"{PACKAGE}:{VERSION}:pom", tmp_path)
    (pom,), (sources,) = tmp_path.glob("*.pom"), tmp_path.glob("*-sources.jar")
    shutil.copy(pom, checkout / "pom.xml")
    with zipfile.ZipFile(sources) as archive:
        for name in archive.namelist():
            place = "java" if name.endswith(".java") else "resources"
            archive.extract(name, checkout / "src/main" / place)
    told = checkout / "src/main/resources/versioninfo.properties"
    told.write_text(f"version={VERSION}-changed\n")
    subprocess.run(["chmod", "-R", "a-w", str(checkout)], check=True)
    before = sorted(checkout.rglob("*"))
    built = build(tmp_path / "out", f"path:{checkout}")
    assert (built.returncode, sorted(checkout.rglob("*"))) == (0, before), built.stderr
    with conversation(tmp_path / "out", identity) as talk:
        assert talk.start()["sdk"]["version"] == f"{VERSION}-changed"
    subprocess.run(["chmod", "-R", "u+w", str(checkout)], check=True)


@pytest.mark.slow
def test_what_the_runner_can_is_what_its_manifest_says(runner: Conversation) -> None:
    assert runner.start()["capabilities"] == MANIFEST["capabilities"]


@pytest.mark.slow
@pytest.mark.parametrize("words", ["run", "program"])
def test_the_archived_classes_are_used(
    home: Path, identity: Path, words: str, tmp_path: Path
) -> None:
    places = {"home": str(home), "truststore": str(identity.with_suffix(".p12"))}
    environment = {"PATH": os.environ["PATH"]}
    if words == "run":
        java, *rest = [word.format(**places) for word in MANIFEST["run"]]
        ended = subprocess.run(
            [java, "-Xlog:class+load:stderr", *rest],
            input=b'{"type":"start","protocol":2}\n', env=environment,
            capture_output=True, check=False,
        )  # fmt: skip
        loaded = ended.stderr
    else:
        logging = environment | {"JAVA_TOOL_OPTIONS": "-Xlog:class+load:stderr"}
        loaded = run_sample("java", logging, tmp_path, **places).stderr
    assert b"com.aliyun.oss.OSSClientBuilder source: shared" in loaded or (
        words == "run" and b"com.aliyun.oss.common.utils.VersionInfoUtils source: shared" in loaded
    )


@pytest.mark.slow
def test_an_unknown_sign_is_unsupported(runner: Conversation) -> None:
    assert runner.call(sign="no-such-sign")["kind"] == "unsupported"


@pytest.mark.slow
@pytest.mark.parametrize("end", ["stop", "input"])
def test_stop_and_the_end_of_input_end_it(
    home: Path, identity: Path, endpoint: Endpoint, end: str
) -> None:
    with conversation(home, identity) as talk:
        talk.call(proxy=endpoint.proxy, client="kept")
        if end == "input":
            assert talk.end() == 0
        else:
            talk.tell({"type": "stop"})
            assert talk.process.wait(timeout=10) == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "scheme"),
    [
        ({"signature": "v4"}, "OSS4-HMAC-SHA256 Credential=LTAIexample/"),
        ({"signature": "v1"}, "OSS LTAIexample:"),
        ({"credentials": None}, "None"),
    ],
)
def test_a_request_is_signed_as_it_was_asked_for(
    runner: Conversation, endpoint: Endpoint, change: dict[str, Any], scheme: str
) -> None:
    runner.call(proxy=endpoint.proxy, **change)
    (request,) = endpoint.requests
    assert str(request.header("authorization")).startswith(scheme)


@pytest.mark.slow
def test_no_digit_of_a_number_is_lost(runner: Conversation, endpoint: Endpoint) -> None:
    endpoint.answer = lambda _: reply(
        b"[1, -0, 1.0, 1E2, 1e400, 0.12345678901234567, 1234567890123456789012]"
    )
    assert runner.call(proxy=endpoint.proxy)["parsed"] == [
        {"$int": "1"}, {"$int": "-0"}, {"$real": "1.0"}, {"$real": "1E2"}, {"$real": "1e400"},
        {"$real": "0.12345678901234567"}, {"$int": "1234567890123456789012"},
    ]  # fmt: skip


@pytest.mark.slow
def test_what_is_no_number_comes_back_as_it_is(runner: Conversation, endpoint: Endpoint) -> None:
    endpoint.answer = lambda _: reply('[{}, [], null, true, "<é", "\\ud800"]'.encode())
    assert runner.call(proxy=endpoint.proxy)["parsed"] == [{}, [], None, True, "<é", "\ud800"]


@pytest.mark.slow
@pytest.mark.parametrize("body", [b"<html>", b"", b'{"a":1} {}', b"[01]", b"[NaN]", b"[" * 100_000])
def test_what_gson_refuses_is_content_with_its_words(
    runner: Conversation, endpoint: Endpoint, body: bytes
) -> None:
    endpoint.answer = lambda _: reply(body)
    answer = runner.call(proxy=endpoint.proxy)
    assert base64.b64decode(answer["content"]["base64"]) == body
    assert answer["parse_error"]


@pytest.mark.slow
def test_every_field_that_the_sdk_exposes_comes_back(
    runner: Conversation, endpoint: Endpoint
) -> None:
    endpoint.answer = lambda _: reply(ERROR, status="404 Not Found")
    error = runner.call(proxy=endpoint.proxy)["error"]
    del error["text"]
    assert error == {
        "origin": "service",
        "error_class": "com.aliyun.oss.OSSException",
        "status": None,
        "code": "NoSuchKey",
        "message": "The specified key does not exist.",
        "request_id": "64BA",
        "host_id": "examplebucket.oss",
        "ec": "0026-00000001",
    }
    assert {name for name, value in error.items() if value} >= set(MANIFEST["exposes"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "answer", "origin"),
    [
        ({"region": None}, reply(b""), "client"),
        ({}, reply(b"<html>", status="403 Forbidden"), "parse"),
        ({}, reply(b"", status="204 No Content"), "parse"),
        ({}, reply(b"", status="304 Not Modified"), "service"),
        ({}, b"no http\r\n\r\n", "transport"),
    ],
)
def test_the_origin_of_an_error_is_told_of_odd_answers_too(
    runner: Conversation, endpoint: Endpoint, change: dict[str, Any], answer: bytes, origin: str
) -> None:
    endpoint.answer = lambda _: answer
    told = runner.call(proxy=endpoint.proxy, **change)
    assert told["error"]["origin"] == origin, told


@pytest.mark.slow
def test_the_sample_ends_with_1_when_credentials_are_missing(home: Path, tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"]}
    ended = run_sample("java", environment, tmp_path, home=str(home), truststore="none.p12")
    assert (ended.exit, b"InvalidCredentialsException" in ended.stderr) == (1, True)


@pytest.mark.slow
class TestManners(SdkManners):
    """Those of every runner."""
