"""The labels that stand for the user's secrets in everything that a live run records.

They are the invented key pair and bucket of `vectors/defaults.json` (a test compares them). Cases,
scripts and results therefore hold labels only; the user's values are put in at the last moment, for
the runner, and taken out at the first, in the tap. Pure.
"""

from dataclasses import replace

from conformance.model.case import Credentials, Input, KnownKey, Turn

BUCKET = "examplebucket"
OBJECT = "example.jpg"
REGION = "cn-hangzhou"
TOKEN = "ExampleTokenOfTheUser0000000001"
_ID, _SECRET = "LTAI5tExampleKeyForTests", "ExampleSecretForTestsOnly00001"


def label_key(real: Credentials) -> KnownKey:
    """The key pair that stands for the user's, with a token if the user's has one."""
    return KnownKey(id=_ID, secret=_SECRET, token=TOKEN if real.security_token else None)


def real_key(real: Credentials) -> KnownKey:
    """The user's key pair as the verification takes it."""
    return KnownKey(
        id=real.access_key_id or "",
        secret=real.access_key_secret or "",
        token=real.security_token or None,
    )


def with_real_values(turn: Turn, real: Credentials, bucket: str) -> Turn:
    """The turn as a runner gets it: the user's values in place of their labels."""
    return replace(turn, input=_with_real_values(turn.input, real, bucket))


def _with_real_values(given: Input, real: Credentials, bucket: str) -> Input:
    given = replace(given, bucket=bucket)
    if given.credentials is None:
        return given
    meaning = {_ID: real.access_key_id, _SECRET: real.access_key_secret, TOKEN: real.security_token}
    values = (
        None if value is None else meaning.get(value, value)
        for value in (
            given.credentials.access_key_id,
            given.credentials.access_key_secret,
            given.credentials.security_token,
        )
    )
    names = ("access_key_id", "access_key_secret", "security_token")
    return replace(given, credentials=Credentials(**dict(zip(names, values, strict=True))))
