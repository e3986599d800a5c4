"""What the Python runners share: lines in and out, clients and threads, content as an answer.

Import this before the SDK: file descriptor 1 is moved away, so that everything that is not an
answer goes to standard error. runners/README.md is the contract.
"""

import base64
import hashlib
import json
import locale
import os
import platform
import select
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

ANSWERS = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)
MARK = "\x1e"  # ends what is on standard error before a message: the capability `marks`
sys.stdout.reconfigure(line_buffering=True)
with suppress(locale.Error):  # one that is not installed
    locale.setlocale(locale.LC_ALL, "")
if "libfaketime" in os.environ.get("LD_PRELOAD", ""):
    # libfaketime 0.9.10 has clock_nanosleep fail for a point in time (EINVAL), which is how Python
    # sleeps since 3.11, so that an SDK that waits would be blamed.
    time.sleep = lambda seconds: select.select((), (), (), seconds) and None

PYTHON = f"{platform.python_implementation()} {platform.python_version()}"
URL_VALID = 3600  # seconds
SIGNS = ("header", "url")
VARIABLES = {
    "OSS_ACCESS_KEY_ID": "access_key_id",
    "OSS_ACCESS_KEY_SECRET": "access_key_secret",
    "OSS_SESSION_TOKEN": "security_token",
}
# What makes a client, and so what one must have in common with the last call to be kept.
SETTINGS = ("endpoint", "region", "signature", "provider", "addressing", "proxy", "timeouts")


class Wire(threading.local):
    """Whether the call of this thread has sent a request."""

    sent = False


WIRE = Wire()


def _watch(event, arguments):
    if event == "http.client.send" and arguments[1][:8] != b"CONNECT ":
        WIRE.sent = True


sys.addaudithook(_watch)  # http.client tells its hooks what it sends


class Clients:
    """The clients that calls with equal settings share.

    make: a class whose instances are made from a command and have `call` and `close`; its `own` are
    settings that one of its instances cannot change either.
    """

    def __init__(self, make):
        self._make, self._made = make, {}

    def of(self, command):
        """The client of these settings, made if there is none."""
        held = command["credentials"]
        if command["provider"] == "program":
            held = held is None  # the client asks the provider, unless its access is anonymous
        settings = [held, *(command[name] for name in (*SETTINGS, *self._make.own))]
        name = json.dumps(settings, sort_keys=True)
        if name not in self._made:
            self._made[name] = self._make(command)
        return self._made[name]

    def close(self):
        """Close them all."""
        for client in self._made.values():
            client.close()
        self._made.clear()


def serve(started, make, raised):
    """Answer each line until `stop` or the end of input.

    started: what the runner says of itself, without what every Python runner says. make: the class
    of its clients, as Clients has it. raised: makes the answer for what a client raised.
    """
    kept = Clients(make)

    def answer(commands):
        clients = kept if commands[0]["client"] == "kept" else Clients(make)
        try:
            return _answers(commands, clients, raised)
        finally:
            if clients is not kept:
                clients.close()

    for line in sys.stdin.buffer:
        command = json.loads(line)
        if command["type"] == "stop":
            break
        if command["type"] == "case":
            kept.close()
        elif command["type"] == "start":
            system = f"{platform.system()} {platform.release()}"
            _write({"type": "started", "protocol": 2, "os": system, **started})
        else:
            about = {"type": "answer", "seq": command["seq"]}
            answers = [{**about, **one} for one in answer(command.get("calls", [command]))]
            several = {"type": "answers", "seq": command["seq"], "answers": answers}
            _write(several if "calls" in command else answers[0])


def _answers(commands, clients, raised):
    """The answers to calls that start together, each in a thread of its own; one needs none."""
    ready = [_attempt(lambda given=one: _client(given, clients), raised) for one in commands]
    together = threading.Barrier(len(commands))

    def one(command, client):
        together.wait()
        WIRE.sent = False
        if isinstance(client, dict):  # there is none, and this is the answer
            return client
        return _attempt(lambda: client.call(command), raised)

    if len(commands) == 1:
        return [one(commands[0], ready[0])]
    with ThreadPoolExecutor(len(commands)) as pool:
        return list(pool.map(one, commands, ready))


def _client(command, clients):
    """The client for a call, with the environment set; or the answer that there can be none."""
    if command["sign"] not in SIGNS:
        return unsupported(f"no way to sign named {command['sign']}")
    WIRE.sent = False
    for variable, field in VARIABLES.items():
        os.environ.pop(variable, None)
        if command["credentials"] is not None and command["credentials"][field] is not None:
            os.environ[variable] = command["credentials"][field]
    return clients.of(command)


def _attempt(step, raised):
    """What a step returns, or the answer for what it raises, whatever that is."""
    try:
        return step()
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:
        return raised(error)


def _write(message):
    sys.stdout.flush()
    sys.stderr.write(MARK)
    sys.stderr.flush()
    ANSWERS.write(json.dumps(message).encode("ascii") + b"\n")
    ANSWERS.flush()


def is_crash(error):
    """Whether it is none of the errors that a program expects, such as an SDK's SystemExit."""
    return isinstance(error, RecursionError | MemoryError) or not isinstance(error, Exception)


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


def consumed(stream, consume):
    """The bytes that the command has read of a stream with `read` and `close`."""
    consume = consume or {"limit": None, "pause": 0}
    limit = consume["limit"]
    time.sleep(consume["pause"] / 1000)
    if limit is None:
        return stream.read()
    taken = b""
    while len(taken) < limit and (piece := stream.read(limit - len(taken))):
        taken += piece
    stream.close()
    return taken


def written(write):
    """The bytes that `write` puts into a new file, which is removed whatever happens."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "object")
        write(path)
        with open(path, "rb") as file:
            return file.read()


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
