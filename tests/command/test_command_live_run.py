"""What is wrong with a live run ends it with a sentence before anything is sent."""

import argparse
import ipaddress
from pathlib import Path
from typing import Any

import pytest

from conformance.command import live_run, show
from conformance.command.live_run import (
    agreed,
    live_cases,
    live_service,
    reachable,
    refuse_without_live,
    resolved,
    without_secrets,
)
from conformance.command.out import say
from conformance.corpus.load import load
from conformance.errors import CannotRunError, InputError
from conformance.live.live_service import LiveService
from conformance.model.case import Credentials

USER = {"OSS_ACCESS_KEY_ID": "LTAI5tIdOfTheUser", "OSS_ACCESS_KEY_SECRET": "secret-of-the-user"}
CASES = load().cases


@pytest.fixture(autouse=True)
def user(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*USER, "OSS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in USER.items():
        monkeypatch.setenv(name, value)


def options(**changes: Any) -> argparse.Namespace:
    usual: dict[str, Any] = {
        "bucket": "mine", "key": "k.jpg", "region": "cn-hangzhou", "endpoint": None, "ca": None,
        "credentials": None, "redact": [], "yes": False, "max_requests": None, "explore": False,
    }  # fmt: skip
    return argparse.Namespace(**usual | changes)


def test_the_endpoint_is_the_public_one_of_the_region_unless_it_is_named() -> None:
    assert live_service(options()).endpoint == "https://oss-cn-hangzhou.aliyuncs.com"
    assert live_service(options(endpoint="http://127.0.0.1:1")).endpoint == "http://127.0.0.1:1"


def test_options_of_live_runs_are_refused_in_others() -> None:
    with pytest.raises(InputError, match="--bucket: is an option of live runs"):
        refuse_without_live(options())


@pytest.mark.parametrize("name", ["bucket", "key", "region"])
def test_what_is_not_named_is_asked_for(name: str) -> None:
    with pytest.raises(InputError, match=f"--{name}: is missing"):
        live_service(options(**{name: None}))


@pytest.mark.parametrize("name", USER)
def test_missing_credentials_are_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(name)
    with pytest.raises(InputError, match=f"has no {name}"):
        live_service(options())


def profile(path: Path, text: str, mode: int = 0o600) -> str:
    path.write_text(text)
    path.chmod(mode)
    return str(path)


@pytest.mark.parametrize("text", [
    "[default]\naccessKeyId = LTAI5tOfTheFile\naccessKeySecret = secret%of%file\n",
    "[Credentials]\naccessKeyID=LTAI5tOfTheFile\naccessKeySecret=secret%of%file\nstsToken=\n",
    "[me]\naccess_key_id=LTAI5tOfTheFile\naccess_key_secret=secret%of%file\n",
])  # fmt: skip
def test_a_profile_file_takes_the_place_of_the_environment(text: str, tmp_path: Path) -> None:
    given = live_service(options(credentials=profile(tmp_path / "profile", text))).credentials
    assert given == Credentials(access_key_id="LTAI5tOfTheFile", access_key_secret="secret%of%file")


@pytest.mark.parametrize(("text", "mode", "says"), [
    ("[default]\naccessKeyId = LTAI5tOfTheFile\n", 0o600, "has no OSS_ACCESS_KEY_SECRET"),
    ("accessKeyId\n", 0o600, "is no profile file"),
    ("[default]\n", 0o644, "other users may read it"),
])  # fmt: skip
def test_a_wrong_profile_file_is_refused(text: str, mode: int, says: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=says):
        live_service(options(credentials=profile(tmp_path / "profile", text, mode)))


def test_a_short_secret_is_refused_because_it_could_not_be_redacted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OSS_ACCESS_KEY_SECRET", "short")
    with pytest.raises(InputError, match="fewer than 8 characters"):
        live_service(options())


def looked_up(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_run, "_looked_up", lambda _host, port: [(address, port)])


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "192.168.1.1", "::1", "100.100.1.1"])
def test_an_address_that_is_not_public_is_refused(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up(address, monkeypatch)
    with pytest.raises(CannotRunError, match="not public"):
        resolved(live_service(options()), options())


def test_an_address_that_the_user_names_is_accepted() -> None:
    named = options(endpoint="http://127.0.0.1:8080")
    service = resolved(live_service(named), named)
    assert (service.addresses, service.trust) == ((("127.0.0.1", 8080),), None)


def test_a_public_address_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up("8.8.8.8", monkeypatch)
    assert ipaddress.ip_address("8.8.8.8").is_global
    service = resolved(live_service(options()), options())
    assert service.addresses == (("8.8.8.8", 443),)
    assert "BEGIN CERTIFICATE" in str(service.trust)


@pytest.mark.parametrize("endpoint", ["ftp://h", "h", "http://[", "http://h:x"])
def test_an_endpoint_that_is_no_url_is_refused(endpoint: str) -> None:
    named = options(endpoint=endpoint)
    with pytest.raises(InputError, match="--endpoint"):
        resolved(live_service(named), named)


@pytest.mark.parametrize("text", ["", "no PEM"])
def test_a_wrong_ca_file_is_refused(text: str, tmp_path: Path) -> None:
    named = options(endpoint="https://127.0.0.1", ca=str(tmp_path / "ca.pem"))
    (tmp_path / "ca.pem").write_text(text)
    with pytest.raises(InputError, match="is no file of certificates"):
        resolved(live_service(named), named)


def test_a_container_cannot_reach_this_machine() -> None:
    named = options(endpoint="http://127.0.0.1:8080")
    service = resolved(live_service(named), named)
    reachable(service, "host")
    with pytest.raises(CannotRunError, match="use --in host"):
        reachable(service, "container")


def test_without_a_live_case_there_is_nothing_to_run() -> None:
    only = tuple(case for case in CASES if not case.live)
    with pytest.raises(InputError, match="no selected case may run live"):
        live_cases(only, explore=True)


def test_a_case_shows_why_its_live_run_is_safe(capsys: pytest.CaptureFixture[str]) -> None:
    show.run(argparse.Namespace(case="process/outside/minus-one", json=False))
    (line,) = (one for one in capsys.readouterr().out.splitlines() if one.startswith("live "))
    assert line.startswith("live        with --explore: At most one GetObject")


def test_the_budget_is_the_planned_requests_and_as_many_again() -> None:
    cases = live_cases(CASES, explore=False)
    service: LiveService = agreed(live_service(options()), cases, 2, options(yes=True))
    assert service.requests == 2 * 2 * len(cases)
    assert agreed(service, cases, 2, options(yes=True, max_requests=7)).requests == 7


def test_without_a_terminal_consent_has_to_be_an_option() -> None:
    with pytest.raises(InputError, match="add --yes"):
        agreed(live_service(options()), live_cases(CASES, explore=False), 1, options())


@pytest.mark.parametrize(("answer", "sent"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_the_user_is_asked(answer: str, sent: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal:
        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            return answer

    monkeypatch.setattr("sys.stdin", Terminal())
    cases = live_cases(CASES, explore=False)
    if sent:
        assert agreed(live_service(options()), cases, 1, options()).requests
    else:
        with pytest.raises(InputError, match="nothing was sent"):
            agreed(live_service(options()), cases, 1, options())


def test_nothing_that_is_printed_shows_a_secret(capsys: pytest.CaptureFixture[str]) -> None:
    with without_secrets(live_service(options()).redaction()):
        say("the secret is secret-of-the-user")
    assert "secret-of-the-user" not in capsys.readouterr().out
