"""The runner for the Java SDK: its folder, its build script, and, built on this machine, what it
says and sends."""

import base64
import json
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes.asking import ERROR
from fakes.conversation import CALL, KEYS, Conversation
from fakes.endpoint import Endpoint, reply
from fakes.manners import SdkManners
from runners.folders import kept_build, run_sample, sources

from conformance.errors import BuildError

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


@pytest.mark.parametrize("part", ["tzdata", "locales", "faketime", "de_DE", "fa_IR", "th_TH"])
def test_the_image_has_time_zones_locales_and_a_clock_that_can_be_moved(part: str) -> None:
    assert re.search(rf"\b{part}\b", (FOLDER / MANIFEST["dockerfile"]).read_text())


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


def fetch(kind: str, out: Path) -> None:
    """A file of the SDK's default release from the registry; skips where that cannot be reached."""
    goal = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"
    artifact = f"-Dartifact={PACKAGE}:{VERSION}:{kind}"
    told = subprocess.run(
        ["mvn", "-B", "-q", goal, artifact, f"-DoutputDirectory={out}"],
        cwd=out, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if told.returncode:
        pytest.skip(f"the registry cannot be reached: {told.stdout.strip()[:200]}")


@pytest.fixture(scope="session")
def home(toolchain: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runner with the SDK's default release."""
    try:
        return kept_build("java")
    except BuildError:
        fetch("pom", tmp_path_factory.mktemp("pom"))
        raise


def conversation(home: Path, identity: Path, **variables: str) -> Conversation:
    places = {"home": home, "truststore": identity.with_suffix(".p12")}
    return Conversation(
        [word.format(**places) for word in MANIFEST["run"]], MANIFEST["environment"] | variables
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
    home: Path, identity: Path, tmp_path: Path
) -> None:
    checkout = tmp_path / "checkout"
    (checkout / "src/main").mkdir(parents=True)
    group, name = PACKAGE.split(":")
    with zipfile.ZipFile(home / "lib" / f"{name}-{VERSION}.jar") as release:
        (checkout / "pom.xml").write_bytes(release.read(f"META-INF/maven/{group}/{name}/pom.xml"))
    fetch("jar:sources", tmp_path)
    (sources,) = tmp_path.glob("*-sources.jar")
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
    logging = {"JAVA_TOOL_OPTIONS": f"-Xlog:class+load:file={tmp_path}/loaded"}
    environment = {"PATH": os.environ["PATH"]} | logging
    if words == "run":
        subprocess.run(
            [word.format(**places) for word in MANIFEST["run"]],
            input=b'{"type":"start","protocol":2}\n', env=environment,
            capture_output=True, check=True,
        )  # fmt: skip
    else:
        run_sample("java", environment, tmp_path, **places)
    loaded = (tmp_path / "loaded").read_text()
    used = "common.utils.VersionInfoUtils" if words == "run" else "OSSClientBuilder"
    assert f"com.aliyun.oss.{used} source: shared" in loaded


@pytest.mark.slow
@pytest.mark.parametrize("words", ["run", "program"])
def test_an_archive_that_does_not_fit_costs_nothing_but_time(
    home: Path, identity: Path, words: str, tmp_path: Path
) -> None:
    """The JVM warns of one that was made elsewhere, and nothing but an answer is on its stdout."""
    shutil.copytree(home, tmp_path / "elsewhere")
    if words == "run":
        with conversation(tmp_path / "elsewhere", identity) as talk:
            assert talk.start()["sdk"]["version"] == VERSION
    else:
        places = {"home": str(tmp_path / "elsewhere"), "truststore": "none.p12"}
        ended = run_sample("java", {"PATH": os.environ["PATH"]}, tmp_path, **places)
        assert (ended.stdout, b"shared archive" in ended.stderr) == (b"", True)


@pytest.mark.slow
def test_a_moved_clock_moves_the_time_of_requests_and_leaves_an_idle_jvm_idle(
    home: Path, identity: Path, endpoint: Endpoint
) -> None:
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    if not found:
        pytest.skip("libfaketime is not installed")
    moved = {"LD_PRELOAD": str(found[0]), "FAKETIME": "+3d", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    with conversation(home, identity, **moved) as talk:
        talk.call(proxy=endpoint.proxy)
        # On a busy machine it still compiles what it has run for a while.
        assert any(used_in_a_second(talk.process) < 0.1 for _ in range(10))
    (request,) = endpoint.requests
    sent = datetime.strptime(str(request.header("x-oss-date")), "%Y%m%dT%H%M%S%z")
    assert abs(sent - datetime.now(UTC) - timedelta(days=3)) < timedelta(minutes=1)


def used_in_a_second(process: subprocess.Popen[bytes]) -> float:
    """Seconds of processor time that a process that does not end uses meanwhile."""
    before = processor_time(process.pid)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=1)
    return processor_time(process.pid) - before


def processor_time(process: int) -> float:
    """Seconds that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # utime and stime


@pytest.mark.slow
def test_it_tells_what_is_loaded_under_the_sdk_and_what_the_sdk_says_of_its_defaults(
    home: Path, runner: Conversation
) -> None:
    started = runner.start()
    loaded = started["dependencies"]
    assert set(loaded) == {"httpclient", "httpcore"}
    assert [(home / f"lib/{name}-{loaded[name]}.jar").is_file() for name in loaded] == [True] * 2
    assert started["defaults"] == {
        "checksum": "true", "connect_timeout": "50000 ms", "connections": "1024",
        "read_timeout": "50000 ms", "redirects": "true", "retries": "3", "signature": "V1",
    }  # fmt: skip


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
            assert talk.process.wait(timeout=60) == 0


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
        "caught": True,
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
@pytest.mark.parametrize(
    ("change", "answer", "name"),
    [
        ({}, reply(ERROR, status="404 Not Found"), "com.aliyun.oss.OSSException"),
        ({}, b"no http\r\n\r\n", "com.aliyun.oss.ClientException"),
        ({}, reply(b"{", length=9), "org.apache.http.ConnectionClosedException"),
        ({}, reply(b"", status="204 No Content"), "java.lang.IllegalArgumentException"),
        ({"region": None}, reply(b""), "java.lang.NullPointerException"),
        (
            {"credentials": KEYS | {"access_key_id": None}, "provider": "program"}, reply(b""),
            "com.aliyun.oss.common.auth.InvalidCredentialsException",
        ),
    ],
)  # fmt: skip
def test_an_error_is_caught_by_who_catches_the_documented_types(
    runner: Conversation, endpoint: Endpoint, change: dict[str, Any], answer: bytes, name: str
) -> None:
    endpoint.answer = lambda _: answer
    error = runner.call(proxy=endpoint.proxy, **change)["error"]
    assert (error["error_class"], error["caught"]) == (name, name in MANIFEST["error_types"])


@pytest.mark.slow
def test_a_file_that_is_not_what_the_checksum_says_was_asked_for(
    runner: Conversation, endpoint: Endpoint
) -> None:
    """The SDK compares only what it writes to a file. Its error comes after something was sent."""
    checksum = reply(b"{}").replace(b"\r\n\r\n", b"\r\nx-oss-hash-crc64ecma: 1\r\n\r\n")
    endpoint.answer = lambda _: checksum
    assert runner.call(proxy=endpoint.proxy)["kind"] == "content"
    error = runner.call(proxy=endpoint.proxy, into="file")["error"]
    told = (error["origin"], error["error_class"], error["caught"])
    assert told == ("parse", "com.aliyun.oss.InconsistentException", False)


@pytest.mark.slow
def test_a_kept_client_with_the_environments_provider_belongs_to_its_credentials(
    runner: Conversation, endpoint: Endpoint
) -> None:
    for name in ("LTAIexample", "LTAIother", "LTAIexample"):
        keys = KEYS | {"access_key_id": name}
        runner.call(proxy=endpoint.proxy, client="kept", credentials=keys)
    assert (len(endpoint.requests), endpoint.connections) == (3, 2)


# In place of the SDK's own: it does what the id of the key says.
ODD_PROVIDER = """
package com.aliyun.oss.common.auth;
public class EnvironmentVariableCredentialsProvider implements CredentialsProvider {
    public void setCredentials(Credentials credentials) { }
    public Credentials getCredentials() {
        switch (System.getenv("OSS_ACCESS_KEY_ID")) {
            case "overflow": return getCredentials();
            case "class": throw new NoClassDefFoundError("some/Class");
            case "memory": throw new OutOfMemoryError();
            case "null": throw new NullPointerException();
            default: System.out.write('!'); return new DefaultCredentials("id", "secret");
        }
    }
}
"""


@pytest.fixture(scope="session")
def odd_sdk(home: Path, identity: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command line of the runner with ODD_PROVIDER before the SDK."""
    folder = tmp_path_factory.mktemp("odd")
    source = folder / "EnvironmentVariableCredentialsProvider.java"
    source.write_text(ODD_PROVIDER)
    subprocess.run(
        ["javac", "-proc:none", "-cp", home / "runner.jar", "-d", folder, source], check=True
    )
    places = {"home": home, "truststore": identity.with_suffix(".p12")}
    words = [word.format(**places) for word in MANIFEST["run"]]
    at = words.index("-cp") + 1
    return [*words[:at], f"{folder}:{words[at]}", *words[at + 1 :]]


@pytest.mark.slow
def test_what_is_no_exception_is_a_crash_and_the_runner_goes_on(
    odd_sdk: list[str], endpoint: Endpoint
) -> None:
    with Conversation(odd_sdk, MANIFEST["environment"]) as talk:
        told = {}
        for name in ("overflow", "class", "memory", "null"):
            error = talk.call(credentials=KEYS | {"access_key_id": name})["error"]
            told[name] = (error["error_class"], error["origin"], error["caught"])
        assert told == {
            "overflow": ("java.lang.StackOverflowError", "crash", False),
            "class": ("java.lang.NoClassDefFoundError", "crash", False),
            "memory": ("java.lang.OutOfMemoryError", "crash", False),
            "null": ("java.lang.NullPointerException", "client", False),
        }
        assert talk.call(proxy=endpoint.proxy)["kind"] == "content"


@pytest.mark.slow
def test_what_the_sdk_prints_is_on_standard_error_before_the_answer(
    odd_sdk: list[str], endpoint: Endpoint, tmp_path: Path
) -> None:
    call = json.dumps(CALL | {"proxy": endpoint.proxy}).encode() + b"\n"
    together = tmp_path / "together"
    with together.open("ab") as file:  # what is written first is first in it
        subprocess.run(odd_sdk, input=call * 2, stdout=file, stderr=file, check=True)
    # What the JVM says of the archive, which does not fit, is a line of its own.
    lines = [line for line in together.read_bytes().splitlines() if b"[warning]" not in line]
    assert [re.match(rb"!+\x1e{", line) is not None for line in lines] == [True, True], lines
    alone = subprocess.run(odd_sdk, input=call, capture_output=True, check=True).stdout
    assert json.loads(alone)["kind"] == "content"


@pytest.mark.slow
@pytest.mark.parametrize("locale", ["fa-IR", "th-TH", "tr-TR"])
def test_an_answer_is_the_same_in_every_locale(
    home: Path, identity: Path, runner: Conversation, endpoint: Endpoint, locale: str
) -> None:
    endpoint.answer = lambda _: reply('{"I": [1.5, "é"]}'.encode())
    asked = {"proxy": endpoint.proxy, "parameters": {"sen": 50}, "client": "kept"}
    language, _, country = locale.partition("-")
    chosen = {"JAVA_TOOL_OPTIONS": f"-Duser.language={language} -Duser.country={country}"}
    with conversation(home, identity, **chosen) as talk:
        assert talk.call(**asked) == runner.call(**asked)


@pytest.mark.slow
def test_the_sample_ends_with_1_when_credentials_are_missing(home: Path, tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"]}
    ended = run_sample("java", environment, tmp_path, home=str(home), truststore="none.p12")
    assert (ended.exit, b"InvalidCredentialsException" in ended.stderr) == (1, True)


@pytest.mark.slow
class TestManners(SdkManners):
    """Those of every runner."""
