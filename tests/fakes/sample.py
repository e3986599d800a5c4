"""Sample programs that are wrong on purpose, and a right one to compare them with.

Each asks for what the documentation's samples ask for, through the proxy that HTTPS_PROXY names.
"""

import argparse
import base64
import os
import sys
from dataclasses import dataclass
from typing import Any

from fakes.reference import runner

CALL: dict[str, Any] = {
    "action": "image/bodies",
    "parameters": {},
    "process": None,
    "sign": "header",
    "endpoint": "https://oss-cn-hangzhou.aliyuncs.com",
    "region": "cn-hangzhou",
    "bucket": "examplebucket",
    "key": "example.jpg",
    "version_id": None,
    "signature": "v4",
    "addressing": "virtual",
    "timeouts": {"connect": 5000, "read": 5000},
    "consume": None,
}
VARIABLES = {
    "access_key_id": "OSS_ACCESS_KEY_ID",
    "access_key_secret": "OSS_ACCESS_KEY_SECRET",
    "security_token": "OSS_SESSION_TOKEN",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A sample program. does: what, as the rest of "a program that ..."; rule: as in a Twist."""

    does: str
    rule: str | None = None
    prints: bool = True
    tells: bool = True  # what the error was
    length: int | None = None  # how many characters of the content it prints at most
    exits: tuple[int, int] = (0, 1)  # after content, after an error
    traces: bool = False  # prints its environment


SAMPLES: dict[str, Program] = {
    "sample-right": Program(does="does it right"),
    "sample-always-fails": Program(
        does="says that it failed when it did not", rule="samples.exit", exits=(1, 1)
    ),
    "sample-prints-nothing": Program(
        does="does not print what it got", rule="samples.output", prints=False
    ),
    "sample-hides-the-error": Program(
        does="does not print what the error was", rule="samples.output", tells=False
    ),
    "sample-never-fails": Program(
        does="says that it worked when it did not", rule="samples.exit", exits=(0, 0)
    ),
    "sample-prints-the-first-line": Program(
        does="prints the beginning of what it got", rule="samples.output", length=64
    ),
    "sample-prints-its-environment": Program(
        does="prints the variables it reads", rule="auth.secret-leak", traces=True
    ),
}


def main() -> None:
    """Be the program that the command line names."""
    options = argparse.ArgumentParser()
    options.add_argument("--name", choices=sorted(SAMPLES), required=True)
    program = SAMPLES[options.parse_args().name]
    keys = {name: os.environ.get(variable) for name, variable in VARIABLES.items()}
    answer = runner.call(CALL | {"credentials": keys, "proxy": os.environ.get("HTTPS_PROXY")})
    failed = answer["kind"] == "error"
    if program.traces:
        sys.stderr.write(f"started with {keys}\n")
    if program.prints and failed:
        error = answer["error"]
        told = f"{error['text']}: {error['message']}" if program.tells else "It failed."
        sys.stderr.write(told + "\n")
    elif program.prints:
        sys.stdout.write(
            base64.b64decode(answer["content"]["base64"]).decode()[: program.length] + "\n"
        )
    sys.exit(program.exits[failed])


if __name__ == "__main__":
    main()
