"""Speaks the runner protocol with a program, the way a test needs it: one line, one answer."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonschema

from conformance.assets import SCHEMAS

Message = dict[str, Any]

KEYS = {
    "access_key_id": "LTAIexample",
    "access_key_secret": "anExampleSecretOf30Characters0",
    "security_token": None,
}
CALL: Message = {
    "type": "call",
    "seq": 1,
    "action": "image/bodies",
    "parameters": {},
    "process": None,
    "sign": "header",
    "client": "fresh",
    "provider": "environment",
    "endpoint": "https://oss-cn-hangzhou.aliyuncs.com",
    "region": "cn-hangzhou",
    "bucket": "examplebucket",
    "key": "example.jpg",
    "version_id": None,
    "signature": "v4",
    "credentials": KEYS,
    "addressing": "virtual",
    "proxy": None,
    "timeouts": {"connect": 5000, "read": 5000},
    "into": "memory",
    "consume": None,
}


def _schema(name: str) -> Any:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator(schema)


class Conversation:
    """A runner that is running while this is open as a context.

    temporary: the folder that TMPDIR names for it.
    """

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str]) -> None:
        self._argv, self._environment = argv, environment
        self.temporary = Path(tempfile.mkdtemp())
        # A file, so that what it prints can be read while it runs and never blocks it.
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115  (closed by __exit__)
        self.process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env={"PATH": os.environ["PATH"], "TMPDIR": str(self.temporary), **environment},
        )
        self._command, self._answer = _schema("command"), _schema("answer")

    def __enter__(self) -> "Conversation":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        with self.process, self._stderr:  # closes its pipes and waits for it
            shutil.rmtree(self.temporary)

    def under(self, **environment: str) -> "Conversation":
        """The same runner once more, with more in its environment."""
        return Conversation(self._argv, {**self._environment, **environment})

    def printed(self) -> bytes:
        """What has come on its standard error so far."""
        return os.pread(self._stderr.fileno(), os.fstat(self._stderr.fileno()).st_size, 0)

    def tell(self, message: Message) -> None:
        """Write a command, whatever it is."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def line(self) -> bytes:
        """The next line, as it came; empty at the end."""
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def ask(self, message: Message) -> Message:
        """Write a valid command and read a valid answer."""
        self._command.validate(message)
        self.tell(message)
        answer: Message = json.loads(self.line())
        self._answer.validate(answer)
        return answer

    def start(self) -> Message:
        """Write `start` and read what the runner says of itself."""
        return self.ask({"type": "start", "protocol": 2})

    def call(self, **changed: Any) -> Message:
        """Make a call; what is not named is as in CALL."""
        return self.ask(CALL | changed)

    def calls(self, *each: Message, **changed: Any) -> list[Message]:
        """Make calls at once; each is as in CALL but for what all have and what it has."""
        about = ("type", "seq")
        common = {name: value for name, value in CALL.items() if name not in about} | changed
        command = {"type": "calls", "seq": 1, "calls": [common | one for one in each]}
        answers: list[Message] = self.ask(command)["answers"]
        return answers

    def end(self) -> int:
        """Close the input and wait for the exit code."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(timeout=60)  # a busy machine starts it first
