"""The runner for the PHP SDK: its folder, its manners with an SDK made for the test, and the real
SDK, from the checkout that OSS_BODIES_PHP_SDK names or from Composer's registry."""

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.asking import ERROR, TOKEN
from fakes.conversation import CALL, KEYS, Conversation
from fakes.endpoint import Endpoint, reply
from fakes.manners import Manners
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
        class EnvironmentVariableCredentialsProvider implements CredentialsProvider {
            public function getCredentials() { return new Credentials(
                getenv('OSS_ACCESS_KEY_ID'), getenv('OSS_ACCESS_KEY_SECRET'),
                getenv('OSS_SESSION_TOKEN')); }
        }""",
    "src/OSS/Credentials/CredentialsProvider.php": """<?php namespace OSS\\Credentials;
        interface CredentialsProvider { public function getCredentials(); }""",
    "src/OSS/Credentials/Credentials.php": """<?php namespace OSS\\Credentials;
        class Credentials {
            public function __construct(public $key, public $secret, public $token) {}
        }""",
    "src/OSS/Http/RequestCore.php": """<?php namespace OSS\\Http;
        class RequestCore { public $timeout = 60; public $connect_timeout = 5; }""",
    "src/OSS/OssClient.php": """<?php namespace OSS;
        class OssClient {
            const OSS_VERSION = '2.7.0';
            const OSS_PROCESS = 'x-oss-process';
            const OSS_SIGNATURE_VERSION_V1 = 'v1';
            const OSS_SIGNATURE_VERSION_V4 = 'v4';
            const OSS_FILE_DOWNLOAD = 'fileDownload';
            private $given = [];
            private $provider;
            private static $made = 0;
            public function __construct($config) {
                $this->provider = $config['provider'];
                unset($config['provider']);
                $this->given = $config + ['made' => ++self::$made];
            }
            public function setTimeout($seconds) { $this->given['timeout'] = $seconds; }
            public function setConnectTimeout($seconds) { $this->given['connect'] = $seconds; }
            public function getMaxRetries() { return 3; }
            public function getObject($bucket, $key, $options) {
                switch ($key) {
                    case 'settings': return json_encode($this->given + $options);
                    case 'keys': return json_encode([$this->given['made'],
                        ...array_values((array) $this->provider->getCredentials())]);
                    case 'prints': ob_start(); echo 'printed'; ob_end_flush(); return 'null';
                    case 'writes': fwrite(STDOUT, 'printed'); return 'null';
                    case 'child': system('printf printed'); return 'null';
                    case 'warns': echo $undefined; return 'null';
                    case 'locale': return json_encode(setlocale(LC_TIME, 0));
                    case 'zone': return json_encode(date('T e', 0));
                    case 'time': return json_encode(time());
                    case 'saves': file_put_contents($options['fileDownload'], '[1]'); return '';
                    case 'saves and throws':
                        file_put_contents($options['fileDownload'], '[1]');
                        throw new Core\\OssException('broken');
                    case 'dies': exit('dead');
                    case 'fatal': eval('class A {} class A {}');
                    case 'greedy':
                        ini_set('memory_limit', '8M');
                        for ($all = null;; $all = [$all]) {}
                    case 'other': throw new \\UnexpectedValueException('not of the SDK');
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


def conversation(home: Path, ca: Path, *before: str, **variables: str) -> Conversation:
    """The runner of a build, with what is written before its command and into its environment."""
    command = [word.format(home=home, ca=ca) for word in MANIFEST["run"]]
    return Conversation([*before, *command], variables)


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
def stand_in_home(php: None, checkout: Path, tmp_path: Path) -> Path:
    built = build(tmp_path / "out", f"path:{checkout}")
    assert built.returncode == 0, built.stderr
    return tmp_path / "out"


@pytest.fixture
def stand_in(stand_in_home: Path) -> Iterator[Conversation]:
    with conversation(stand_in_home, stand_in_home / "no-ca.pem") as talk:
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


def test_what_lies_under_the_sdk_is_told_as_it_is_loaded(stand_in: Conversation) -> None:
    asked = ["php", "-r", "echo curl_version()['version'], ' ', curl_version()['ssl_version'];"]
    curl, tls = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()
    name, version = tls.split("/")
    assert stand_in.start()["dependencies"] == {"libcurl": curl, name: version}


def test_the_defaults_are_those_of_the_classes_that_were_loaded(stand_in: Conversation) -> None:
    expected = {"connect_timeout": "5 s", "timeout": "60 s", "retries": "3"}
    assert stand_in.start()["defaults"] == expected


@pytest.mark.parametrize(
    "change",
    [{"sign": "no-such-sign"}, {"credentials": None}, {"consume": {"limit": 1, "pause": 0}}],
)
def test_what_the_sdk_cannot_do_is_unsupported(
    stand_in: Conversation, change: dict[str, Any]
) -> None:
    assert stand_in.call(**change)["kind"] == "unsupported"


def test_calls_at_once_are_unsupported_each(stand_in: Conversation) -> None:
    call = {name: CALL[name] for name in CALL if name not in {"type", "seq"}}
    answers = stand_in.ask({"type": "calls", "seq": 1, "calls": [call, call]})["answers"]
    assert [one["kind"] for one in answers] == ["unsupported", "unsupported"]


def test_a_parameter_beyond_64_bits_loses_no_digit(stand_in: Conversation) -> None:
    given = stand_in.call(key="settings", parameters={"sen": 2**64 + 1})
    assert given["parsed"]["x-oss-process"] == f"image/bodies,sen_{2**64 + 1}"


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
    first = stand_in.call(key="keys", credentials=TOKEN)["parsed"]
    second = stand_in.call(key="keys")["parsed"]
    assert (first[3], second[3]) == (TOKEN["security_token"], False)


@pytest.mark.parametrize(("provider", "made"), [("program", "1"), ("environment", "2")])
def test_a_kept_client_meets_new_credentials_if_the_program_provides_them(
    stand_in: Conversation, provider: str, made: str
) -> None:
    stand_in.call(key="keys", client="kept", provider=provider)
    again = stand_in.call(key="keys", client="kept", provider=provider, credentials=TOKEN)
    expected = [TOKEN[name] for name in ("access_key_id", "access_key_secret", "security_token")]
    assert again["parsed"] == [{"$int": made}, *expected]


def test_a_programs_provider_has_no_token_if_the_call_has_none(stand_in: Conversation) -> None:
    assert stand_in.call(key="keys", provider="program")["parsed"][3] is None


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("prints", "printed"),
        ("writes", "printed"),
        ("child", "printed"),
        ("warns", "Undefined variable $undefined"),
        ("errs", "TypeError: wrong type"),
    ],
)
def test_what_the_sdk_prints_is_on_standard_error_before_the_answer(
    stand_in_home: Path, tmp_path: Path, key: str, text: str
) -> None:
    printed = tmp_path / "stderr"
    redirected = ("sh", "-c", 'exec "$@" 2>"$0"', str(printed))
    with conversation(stand_in_home, tmp_path / "no-ca.pem", *redirected) as talk:
        talk.call(key=key)
        assert text in printed.read_text()
        assert talk.start()["type"] == "started"


@pytest.mark.parametrize(
    ("key", "code", "text"),
    [
        ("dies", 0, "the program was told to end"),
        ("fatal", 255, "Cannot declare class A"),
        ("greedy", 255, "Allowed memory size"),
    ],
)
def test_a_call_that_ends_the_program_is_answered_as_a_crash(
    stand_in: Conversation, key: str, code: int, text: str
) -> None:
    error = stand_in.call(key=key)["error"]
    assert (error["origin"], error["caught"], text in error["text"]) == ("crash", False, True)
    assert stand_in.process.wait(timeout=60) == code


@pytest.mark.parametrize(
    ("key", "name", "origin", "caught"),
    [
        ("throws", "OSS\\Core\\OssException", "client", True),
        ("other", "UnexpectedValueException", "client", False),
        ("errs", "TypeError", "crash", False),
    ],
)
def test_whatever_the_sdk_throws_is_an_error(
    stand_in: Conversation, key: str, name: str, origin: str, caught: bool
) -> None:
    error = stand_in.call(key=key)["error"]
    assert error["error_class"] == name
    assert (error["origin"], error["caught"]) == (origin, caught)


@pytest.mark.parametrize(("key", "kind"), [("saves", "content"), ("saves and throws", "error")])
def test_an_object_is_saved_by_the_sdk_and_no_file_is_left(
    stand_in_home: Path, tmp_path: Path, key: str, kind: str
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    with conversation(stand_in_home, tmp_path / "no-ca.pem", TMPDIR=str(folder)) as talk:
        answer = talk.call(key=key, into="file")
    assert (answer["kind"], list(folder.iterdir())) == (kind, [])
    assert kind == "error" or answer["parsed"] == [{"$int": "1"}]


def test_the_locale_is_that_of_the_environment(stand_in_home: Path, tmp_path: Path) -> None:
    with conversation(stand_in_home, tmp_path / "no-ca.pem", LC_ALL="C.UTF-8") as talk:
        assert talk.call(key="locale")["parsed"] == "C.UTF-8"


def test_the_time_zone_is_that_of_the_environment(stand_in_home: Path, tmp_path: Path) -> None:
    with conversation(stand_in_home, tmp_path / "no-ca.pem", TZ="Asia/Shanghai") as talk:
        assert talk.call(key="zone")["parsed"] == "CST Asia/Shanghai"


def test_the_clock_is_that_of_libfaketime(stand_in_home: Path, tmp_path: Path) -> None:
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    if not found:
        pytest.skip("libfaketime is not installed")
    moved = {"LD_PRELOAD": str(found[0]), "FAKETIME": "+3d", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    with conversation(stand_in_home, tmp_path / "no-ca.pem", **moved) as talk:
        ahead = int(talk.call(key="time")["parsed"]["$int"]) - time.time()
    assert ahead == pytest.approx(3 * 86400, abs=60)


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
        "caught": True,
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
def test_a_release_tells_the_defaults_that_it_documents(runner: Conversation) -> None:
    expected = {"connect_timeout": "10 s", "timeout": "5184000 s", "retries": "3"}
    assert runner.start()["defaults"] == expected


@pytest.mark.slow
@pytest.mark.parametrize("sign", ["header", "url"])
@pytest.mark.parametrize(("status", "kind"), [("200 OK", "content"), ("404 Not Found", "error")])
def test_what_the_service_sends_goes_through_a_file(
    runner: Conversation, endpoint: Endpoint, sign: str, status: str, kind: str
) -> None:
    endpoint.answer = lambda _: reply(ERROR, status=status)
    answer = runner.call(proxy=endpoint.proxy, sign=sign, into="file")
    assert answer["kind"] == kind
    assert kind == "error" or base64.b64decode(answer["content"]["base64"]) == ERROR


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
