"""The service of the live tests: `oss-bodies mock` in a process of its own, and a user of it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# Characters that are written differently in URLs, JSON, base64 and hexadecimal.
IDENTITY = "LTAI5tIdOfTheUser000042"
SECRET = "Secret/Of+The=User\\é00042"
TOKEN = 'CAIS/Token+Of=The~User%2B"00042'
VARIABLES = {
    "OSS_ACCESS_KEY_ID": IDENTITY,
    "OSS_ACCESS_KEY_SECRET": SECRET,
    "OSS_SESSION_TOKEN": TOKEN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """The endpoint and the file with its CA."""

    url: str
    ca: str | None  # None: plain HTTP

    def options(self, **changes: str) -> list[str]:
        """The options of a live run on the object that it has."""
        usual = {"bucket": "examplebucket", "key": "example.jpg", "region": "cn-hangzhou"}
        usual |= {"endpoint": self.url} | ({"ca": self.ca} if self.ca else {}) | changes
        named = [word for name, value in usual.items() for word in (f"--{name}", value)]
        return ["--live", "--in", "host", *named]


@contextmanager
def endpoint(folder: Path, *, plain: bool = False) -> Iterator[Endpoint]:
    """The mock as the service, which knows the user's key pair."""
    form = ["--plain"] if plain else ["--ca", str(folder / "ca.pem")]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            [sys.executable, "-m", "conformance", "mock", *form],
            env={**os.environ, **VARIABLES}, stdout=subprocess.PIPE, stderr=log, text=True,
        ) as process,
    ):  # fmt: skip
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        try:
            yield Endpoint(url=ready["endpoint"], ca=ready["ca"])
        finally:
            process.terminate()
            process.wait(10)
