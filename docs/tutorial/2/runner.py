"""A runner that answers `start` and ends."""

import json
import platform
import sys

command = json.loads(sys.stdin.readline())
if command["type"] == "start":
    answer = {
        "type": "started",
        "protocol": 2,
        "runner": "tiny",
        "language": "Python",
        "runtime": f"CPython {platform.python_version()}",
        "os": platform.system(),
        "sdk": None,
        "capabilities": ["proxy"],
    }
    print(json.dumps(answer), flush=True)
