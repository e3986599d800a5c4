"""What the Python runners share: lines in and out, kept sessions, content as an answer.

Import this before the SDK: file descriptor 1 is moved away, so that everything that is not an
answer goes to standard error. runners/README.md is the contract.
"""

import base64
import hashlib
import json
import os
import platform
import sys

ANSWERS = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)

PYTHON = f"{platform.python_implementation()} {platform.python_version()}"
URL_VALID = 3600  # seconds
SIGNS = ("header", "url")
# What makes a client, and so what one must have in common with the last call to be kept.
SETTINGS = ("endpoint", "region", "signature", "credentials", "addressing", "proxy", "timeouts")


class Sessions:
    """HTTP sessions: fresh ones, and those that the calls of a case with equal settings share."""

    def __init__(self, make):
        self._make, self._kept = make, {}

    def of(self, command):
        """A session of the call's own, or the kept one of its settings."""
        if command["client"] == "fresh":
            return self._make()
        settings = json.dumps([command[name] for name in SETTINGS], sort_keys=True)
        if settings not in self._kept:
            self._kept[settings] = self._make()
        return self._kept[settings]

    def close(self):
        """Close those that are kept."""
        for session in self._kept.values():
            session.close()
        self._kept.clear()


def serve(started, call, sessions):
    """Answer each line until `stop` or the end of input.

    started: what the runner says of itself, without what every Python runner says. call: a function
    of command and session that returns the answer, without its type and number.
    """
    for line in sys.stdin.buffer:
        command = json.loads(line)
        if command["type"] == "stop":
            break
        if command["type"] == "case":
            sessions.close()
        elif command["type"] == "start":
            system = f"{platform.system()} {platform.release()}"
            _write({"type": "started", "protocol": 2, "os": system, **started})
        else:
            _write({"type": "answer", "seq": command["seq"], **_answer(command, call, sessions)})


def _answer(command, call, sessions):
    if command["sign"] not in SIGNS:
        return unsupported(f"no way to sign named {command['sign']}")
    session = sessions.of(command)
    try:
        return call(command, session)
    finally:
        if command["client"] == "fresh":
            session.close()


def _write(message):
    ANSWERS.write(json.dumps(message).encode("ascii") + b"\n")
    ANSWERS.flush()


def process_of(command):
    """The processing string: the given one, or the one that a user writes."""
    if command["process"] is not None:
        return command["process"]
    parameters = (f",{name}_{value}" for name, value in command["parameters"].items())
    return command["action"] + "".join(parameters)


def timeouts_of(command):
    """(connect, read) in seconds; None for one that is not set."""
    limits = command["timeouts"]
    return tuple(limits[one] and limits[one] / 1000 for one in ("connect", "read"))


def unsupported(reason):
    """The answer to what cannot be done."""
    return {"kind": "unsupported", "reason": reason}


def failure(origin, error_class, text, **known):
    """The answer for an error; a field that is not known is null."""
    fields = dict.fromkeys(("status", "code", "message", "request_id", "host_id", "ec"))
    always = {"origin": origin, "error_class": error_class, "text": text}
    return {"kind": "error", "error": {**always, **fields, **known}}


def class_of(error):
    """The class of an exception with its module."""
    return f"{type(error).__module__}.{type(error).__qualname__}"


def content(raw):
    """The answer for content, with what the json module makes of it."""
    parsed, parse_error = None, None
    try:
        parsed = _tagged(json.loads(raw))
    except (ValueError, RecursionError) as error:
        parse_error = str(error)
    return {
        "kind": "content",
        "content": {
            "base64": base64.b64encode(raw).decode("ascii"),
            "length": len(raw),
            "sha256": hashlib.sha256(raw).hexdigest(),
        },
        "parsed": parsed,
        "parse_error": parse_error,
    }


def _tagged(value):
    """A parsed document with the kind of each number kept."""
    if isinstance(value, dict):
        return {name: _tagged(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_tagged(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return {"$int": str(value)}
    if isinstance(value, float):
        return {"$real": repr(value)}
    return value
