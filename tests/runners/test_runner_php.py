"""The runner for the PHP SDK: its folder, its manners with an SDK made for the test, and the real
SDK, from the checkout that OSS_BODIES_PHP_SDK names or from Composer's registry."""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.conversation import KEYS, Conversation
from fakes.endpoint import Endpoint, reply
from fakes.manners import ERROR, TOKEN, Manners
from runners.folders import run_sample, sources

FOLDER = sources("php")
MANIFEST = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))

# What the runner uses of the SDK, and nothing else. The object key says what happens.
STAND_IN = {
    "autoload.php": """<?php
        spl_autoload_register(function ($class) {
            require __DIR__ . '/src/' . strtr($class, '\\\\', '/') . '.php';
        });""",
    "src/OSS/Core/OssException.php": """<?php namespace OSS\\Core;
        class OssException extends \\Exception {
            public function getHTTPStatus() { return ''; }
            public function getErrorCode() { return ''; }
            public function getErrorMessage() { return ''; }
            public function getRequestId() { return ''; }
        }""",
    "src/OSS/Credentials/EnvironmentVariableCredentialsProvider.php": """<?php
        namespace OSS\\Credentials;
        class EnvironmentVariableCredentialsProvider {}""",
    "src/OSS/OssClient.php": """<?php namespace OSS;
        class OssClient {
            const OSS_VERSION = '2.7.0';
            const OSS_PROCESS = 'x-oss-process';
            const OSS_SIGNATURE_VERSION_V1 = 'v1';
            const OSS_SIGNATURE_VERSION_V4 = 'v4';
            private $given = [];
            private static $made = 0;
            public function __construct($config) {
                unset($config['provider']);
                $this->given = $config + ['made' => ++self::$made];
            }
            public function setTimeout($seconds) { $this->given['timeout'] = $seconds; }
            public function setConnectTimeout($seconds) { $this->given['connect'] = $seconds; }
            public function getObject($bucket, $key, $options) {
                switch ($key) {
                    case 'settings': return json_encode($this->given + $options);
                    case 'variables': return json_encode([getenv('OSS_ACCESS_KEY_ID'),
                        getenv('OSS_ACCESS_KEY_SECRET'), getenv('OSS_SESSION_TOKEN')]);
                    case 'prints': echo 'printed'; print_r([1]); return 'null';
                    case 'warns': echo $undefined; return 'null';
                    case 'dies': exit('dead');
                    case 'fatal': eval('class A {} class A {}');
                    case 'throws': throw new Core\\OssException("not \\xff UTF-8");
                    case 'errs': throw new \\TypeError('wrong type');
                    default: return $key;
                }
            }
        }""",
}


def test_every_file_that_the_manifest_names_is_there() -> None:
    named = [MANIFEST["build"], MANIFEST["dockerfile"], MANIFEST["sample"]]
    assert [name for name in named if not (FOLDER / name).is_file()] == []


@pytest.mark.parametrize(
    "call",
    [
        "new EnvironmentVariableCredentialsProvider()",
        "new OssClient([",
        "'provider' => $provider",
        "'endpoint' => 'https://oss-cn-hangzhou.aliyuncs.com'",
        "'signatureVersion' => OssClient::OSS_SIGNATURE_VERSION_V4",
        "'region' => 'cn-hangzhou'",
        "$options[OssClient::OSS_PROCESS] = 'image/bodies'",
        "->getObject('examplebucket', 'example.jpg', $options)",
        "var_dump($result)",
        "use OSS\\Core\\OssException;",
        "} catch (OssException $e) {",
    ],
)
def test_the_sample_makes_the_documented_call(call: str) -> None:
    sample = FOLDER / MANIFEST["sample"]
    assert call in sample.read_text(encoding="utf-8")


def build(out: Path, source: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(FOLDER / MANIFEST["build"]), str(out), source],
        env=os.environ | variables, capture_output=True, text=True, check=False,
    )  # fmt: skip


def conversation(home: Path, ca: Path) -> Conversation:
    return Conversation([word.format(home=home, ca=ca) for word in MANIFEST["run"]], {})


@pytest.fixture(scope="session")
def php() -> None:
    for tool in MANIFEST["tools"]:
        if shutil.which(tool["command"][0]) is None:
            pytest.skip("php is not installed")
        if subprocess.run(tool["command"], capture_output=True, check=False).returncode:
            pytest.skip("php is too old or lacks an extension that the SDK needs")


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkout")
    for name, text in STAND_IN.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def stand_in(php: None, checkout: Path, tmp_path: Path) -> Iterator[Conversation]:
    built = build(tmp_path / "out", f"path:{checkout}")
    assert built.returncode == 0, built.stderr
    with conversation(tmp_path / "out", tmp_path / "no-ca.pem") as talk:
        yield talk


def test_a_build_from_a_checkout_leaves_the_checkout_as_it_was(
    checkout: Path, tmp_path: Path
) -> None:
    before = sorted(checkout.rglob("*"))
    build(tmp_path / "out", f"path:{checkout}")
    assert sorted(checkout.rglob("*")) == before


def test_a_folder_that_is_no_checkout_is_refused_by_name(tmp_path: Path) -> None:
    built = build(tmp_path / "out", f"path:{tmp_path}")
    assert (built.returncode, f"{tmp_path} is no checkout" in built.stderr) == (1, True)


def composer(folder: Path, script: str) -> dict[str, str]:
    """A PATH on which `composer` is the given shell script."""
    program = folder / "bin" / "composer"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return {"PATH": f"{program.parent}:{os.environ['PATH']}"}


def test_a_release_that_composer_cannot_fetch_ends_with_its_words_and_a_remedy(
    tmp_path: Path,
) -> None:
    path = composer(tmp_path, "echo 'curl error 6 while downloading packages.json'; exit 100")
    built = build(tmp_path / "out", "2.7.0", **path)
    words = built.stderr.splitlines()
    assert (built.returncode, words[0]) == (1, "curl error 6 while downloading packages.json")
    assert "lane php@path:DIR" in words[-1]


def test_a_release_comes_from_composer_under_its_exact_name(tmp_path: Path) -> None:
    wanted = 'for word; do last=$word; done; mkdir vendor; printf %s "$last" >vendor/autoload.php'
    path = composer(tmp_path, f'cd "${{2#--working-dir=}}"; {wanted}')
    assert build(tmp_path / "out", "2.7.1", **path).returncode == 0
    asked = (tmp_path / "out/vendor/autoload.php").read_text()
    assert asked == f"{MANIFEST['sdk']['package']}:2.7.1"


def test_the_version_is_that_of_the_class_that_was_loaded(stand_in: Conversation) -> None:
    named = {"name": MANIFEST["sdk"]["package"], "version": "2.7.0"}
    assert stand_in.start()["sdk"] == named


def test_a_release_without_a_setting_for_path_style_does_not_claim_it(
    stand_in: Conversation,
) -> None:
    claimed = stand_in.start()["capabilities"]
    assert set(MANIFEST["capabilities"]) - set(claimed) == {"path-style"}
    assert stand_in.call(addressing="path")["kind"] == "unsupported"


@pytest.mark.parametrize("change", [{"sign": "no-such-sign"}, {"credentials": None}])
def test_what_the_sdk_cannot_do_is_unsupported(
    stand_in: Conversation, change: dict[str, Any]
) -> None:
    assert stand_in.call(**change)["kind"] == "unsupported"


def test_the_settings_of_a_call_are_those_of_the_client(stand_in: Conversation) -> None:
    given = stand_in.call(
        key="settings",
        parameters={"sen": 50},
        proxy="http://proxy:1",
        timeouts={"connect": 1, "read": 2001},
    )
    assert json.loads(base64.b64decode(given["content"]["base64"])) == {
        "endpoint": "https://oss-cn-hangzhou.aliyuncs.com",
        "signatureVersion": "v4",
        "region": "cn-hangzhou",
        "request_proxy": "http://proxy:1",
        "connect": 1,
        "timeout": 3,
        "x-oss-process": "image/bodies,sen_50",
        "made": 1,
    }


def test_what_is_null_is_not_set(stand_in: Conversation) -> None:
    given = stand_in.call(key="settings", region=None, signature="v1")
    assert set(given["parsed"]) == {
        "endpoint", "signatureVersion", "connect", "timeout", "x-oss-process", "made",
    }  # fmt: skip


def test_settings_that_are_all_null_leave_the_client_as_the_sdk_makes_it(
    stand_in: Conversation,
) -> None:
    nothing = dict.fromkeys(("region", "signature", "addressing", "proxy"))
    given = stand_in.call(key="settings", **nothing, timeouts={"connect": None, "read": None})
    assert set(given["parsed"]) == {"endpoint", "x-oss-process", "made"}


def test_a_kept_client_does_not_outlive_its_case(stand_in: Conversation) -> None:
    stand_in.call(key="settings", client="kept")
    stand_in.tell({"type": "case"})
    again = stand_in.call(key="settings", client="kept")
    assert again["parsed"]["made"] == {"$int": "2"}


@pytest.mark.parametrize(("client", "made"), [("fresh", "2"), ("kept", "1")])
def test_only_a_kept_client_is_used_again(stand_in: Conversation, client: str, made: str) -> None:
    stand_in.call(key="settings", client=client)
    again = stand_in.call(key="settings", client=client)
    assert again["parsed"]["made"] == {"$int": made}


def test_a_token_of_one_call_is_not_in_the_next(stand_in: Conversation) -> None:
    first = stand_in.call(key="variables", credentials=TOKEN)["parsed"]
    second = stand_in.call(key="variables")["parsed"]
    assert (first[2], second[2]) == (TOKEN["security_token"], False)


@pytest.mark.parametrize("key", ["prints", "warns"])
def test_what_the_sdk_prints_does_not_break_the_protocol(stand_in: Conversation, key: str) -> None:
    answers = [stand_in.call(key=key)["kind"], stand_in.start()["type"]]
    assert answers == ["content", "started"]


@pytest.mark.parametrize(("key", "code"), [("dies", 0), ("fatal", 255)])
def test_a_call_that_ends_the_program_is_not_answered(
    stand_in: Conversation, key: str, code: int
) -> None:
    with pytest.raises(json.JSONDecodeError):
        stand_in.call(key=key)
    assert stand_in.process.wait(timeout=10) == code


@pytest.mark.parametrize(
    ("key", "name"), [("throws", "OSS\\Core\\OssException"), ("errs", "TypeError")]
)
def test_whatever_the_sdk_throws_is_an_error(stand_in: Conversation, key: str, name: str) -> None:
    error = stand_in.call(key=key)["error"]
    assert (error["origin"], error["error_class"]) == ("client", name)


@pytest.mark.parametrize(
    ("document", "parsed"),
    [
        ("[0.733, 1.0, 1E2]", [{"$real": "0.733"}, {"$real": "1.0"}, {"$real": "100.0"}]),
        ("[115, -1]", [{"$int": "115"}, {"$int": "-1"}]),
        ("[9223372036854775808]", [{"$real": "9.223372036854776E+18"}]),
        ('{"a":{},"b":[],"0":null}', {"a": {}, "b": [], "0": None}),
    ],
)
def test_the_document_is_what_json_decode_makes_of_it(
    stand_in: Conversation, document: str, parsed: object
) -> None:
    assert stand_in.call(key=document)["parsed"] == parsed


def test_what_json_decode_refuses_is_content_with_its_words(stand_in: Conversation) -> None:
    answer = stand_in.call(key="<html>")
    assert (answer["parsed"], answer["parse_error"]) == (None, "Syntax error")


def test_the_deepest_document_that_json_decode_takes_is_answered(stand_in: Conversation) -> None:
    assert stand_in.call(key="[" * 511 + "1" + "]" * 511)["parse_error"] is None


def test_the_end_of_input_ends_it(stand_in: Conversation) -> None:
    assert stand_in.end() == 0


@pytest.fixture(scope="session")
def home(php: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runner with the real SDK."""
    named = os.environ.get("OSS_BODIES_PHP_SDK")
    out = tmp_path_factory.mktemp("php")
    built = build(out, f"path:{named}" if named else MANIFEST["sdk"]["version"])
    if built.returncode and not named:
        pytest.skip(f"name a checkout in OSS_BODIES_PHP_SDK; {built.stderr.strip()[-200:]}")
    assert built.returncode == 0, built.stderr
    return out


@pytest.fixture
def runner(home: Path, identity: Path) -> Iterator[Conversation]:
    with conversation(home, identity) as talk:
        yield talk


@pytest.mark.slow
def test_a_redirect_of_a_presigned_url_is_told_and_not_followed(
    runner: Conversation, endpoint: Endpoint
) -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
    endpoint.answer = lambda _: moved
    error = runner.call(proxy=endpoint.proxy, sign="url")["error"]
    assert (error["origin"], error["status"], len(endpoint.received)) == ("service", 302, 1)


@pytest.mark.slow
def test_a_presigned_url_that_says_nothing_is_given_up_after_the_timeout(
    runner: Conversation, endpoint: Endpoint
) -> None:
    endpoint.answer = lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
    limits = {"connect": 5000, "read": 200}
    answer = runner.call(proxy=endpoint.proxy, sign="url", timeouts=limits)
    assert answer["error"]["origin"] == "transport"


@pytest.mark.slow
def test_the_fields_that_the_real_sdk_exposes_come_back(
    runner: Conversation, endpoint: Endpoint
) -> None:
    endpoint.answer = lambda _: reply(ERROR, status="404 Not Found")
    error = runner.call(proxy=endpoint.proxy)["error"]
    del error["text"]
    assert error == {
        "origin": "service",
        "error_class": "OSS\\Core\\OssException",
        "status": 404,
        "code": "NoSuchKey",
        "message": "The specified key does not exist.",
        "request_id": "64BA",
        "host_id": None,
        "ec": None,
    }


@pytest.mark.slow
@pytest.mark.parametrize("sign", ["header", "url"])
def test_an_empty_key_is_refused_before_anything_is_sent(
    runner: Conversation, endpoint: Endpoint, sign: str
) -> None:
    answer = runner.call(proxy=endpoint.proxy, sign=sign, key="")
    assert (answer["error"]["origin"], endpoint.received) == ("client", [])


@pytest.mark.slow
def test_a_refusal_that_is_no_error_document_is_the_services(
    runner: Conversation, endpoint: Endpoint
) -> None:
    endpoint.answer = lambda _: reply(b"<html>", status="403 Forbidden")
    assert runner.call(proxy=endpoint.proxy)["error"]["origin"] == "service"


@pytest.mark.slow
@pytest.mark.parametrize("keys", [KEYS, {}])
def test_the_sample_runs_through_a_proxy_that_the_environment_names(
    home: Path, identity: Path, endpoint: Endpoint, keys: dict[str, str], tmp_path: Path
) -> None:
    variables = {f"OSS_{name.upper()}": text for name, text in keys.items() if text}
    environment = variables | {"PATH": os.environ["PATH"], "HTTPS_PROXY": endpoint.proxy}
    endpoint.answer = lambda _: reply(b'{"Bodies":[]}')
    ended = run_sample("php", environment, tmp_path, home=str(home), ca=str(identity))
    assert (ended.exit == 0, b'{"Bodies":[]}' in ended.stdout) == (bool(keys), bool(keys))


@pytest.mark.slow
class TestManners(Manners):
    """Those of every runner."""
