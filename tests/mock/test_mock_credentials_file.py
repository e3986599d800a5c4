"""The file of key pairs: what is read from it, and what its mistakes say."""

import json
from pathlib import Path

import pytest

from conformance.errors import InputError
from conformance.mock.credentials_file import read_credentials
from conformance.model.case import KnownKey

PAIR = {"access_key_id": "id", "access_key_secret": "secret"}


def file(folder: Path, document: object) -> Path:
    path = folder / "credentials.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def test_key_pairs_tokens_and_states_are_read(tmp_path: Path) -> None:
    temporary = {**PAIR, "security_token": "token", "state": "expired"}
    assert read_credentials(file(tmp_path, {"credentials": [PAIR, temporary]})) == (
        KnownKey(id="id", secret="secret"),
        KnownKey(id="id", secret="secret", token="token", state="expired"),
    )


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "line 1"),
        ({}, "'credentials' is missing"),
        ({"credentials": []}, "/credentials"),
        ({"credentials": [{"access_key_id": "id"}]}, "'access_key_secret' is missing"),
        ({"credentials": [{**PAIR, "access_key_secret": ""}]}, "/credentials/0/access_key_secret"),
        ({"credentials": [{**PAIR, "token": "t"}]}, "unknown: 'token' .*security_token"),
        ({"credentials": [{**PAIR, "state": "gone"}]}, "/credentials/0/state: \"gone\" is not"),
        ({"credentials": [PAIR, PAIR]}, "/credentials/1/access_key_id: .*entry 0"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(tmp_path: Path, document: object, message: str) -> None:
    path = file(tmp_path, document)
    with pytest.raises(InputError, match=message) as raised:
        read_credentials(path)
    assert str(path) in str(raised.value)
    assert raised.value.exit_code == 2


@pytest.mark.parametrize("name", ["access_key_secret", "security_token"])
def test_a_wrong_secret_is_not_quoted(tmp_path: Path, name: str) -> None:
    path = file(tmp_path, {"credentials": [{**PAIR, name: 271828}]})
    with pytest.raises(InputError, match=f"{name}: is not a text") as raised:
        read_credentials(path)
    assert "271828" not in str(raised.value)


def test_a_file_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.json: cannot be read"):
        read_credentials(tmp_path / "none.json")
