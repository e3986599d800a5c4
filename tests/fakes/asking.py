"""What the tests of runners ask for, and what they find in the answers."""

import base64

import pytest
from fakes.conversation import KEYS, Conversation, Message
from fakes.endpoint import reply

OTHER_KEYS = KEYS | {"access_key_id": "LTAIother", "access_key_secret": "anotherExampleSecret0"}
TOKEN = KEYS | {"security_token": "token/+="}
ERROR = (
    b'<?xml version="1.0"?><Error><Code>NoSuchKey</Code><Message>The specified key does not exist.'
    b"</Message><RequestId>64BA</RequestId><HostId>examplebucket.oss</HostId>"
    b"<EC>0026-00000001</EC></Error>"
)


def able(runner: Conversation, capability: str) -> None:
    """Skip the test if this runner does not say that it can do this."""
    if capability not in runner.start()["capabilities"]:
        pytest.skip(f"{capability}: not with this SDK")


def body_of(answer: Message) -> bytes:
    """The bytes of an answer with content."""
    assert answer["kind"] == "content", answer
    return base64.b64decode(answer["content"]["base64"])


def sen_again(raw: bytes) -> bytes:
    """A reply that repeats the `sen` of a request."""
    return reply(raw.split(b"sen_", 1)[1].split(b" ", 1)[0])
