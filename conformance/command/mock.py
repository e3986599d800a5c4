"""`oss-bodies mock`: the mock endpoint alone, for any client, until a signal.

Its first line on standard output is JSON: the endpoint, and the file with the
certificate to trust. One line for each request goes to standard error.
"""

import os
import tempfile
from argparse import Namespace
from pathlib import Path

from conformance.command.out import note, say
from conformance.corpus.load import load
from conformance.corpus.selection import hosts, select
from conformance.errors import CannotRunError, InputError
from conformance.mock.standalone import keys_from, serve
from conformance.mock.standalone_responder import StandaloneConfig
from conformance.model.case import Script
from conformance.runner.trust import make_trust

_PORTS = range(65536)


def run(options: Namespace) -> int:
    """Serve until SIGINT or SIGTERM; 0. CannotRunError for a port that is in use."""
    if options.port not in _PORTS:
        raise InputError(
            source="--port", place=str(options.port), rule="is no port", remedy="0 to 65535"
        )
    cases = load().cases
    script: Script | None = None
    if options.case:
        (case, *_) = select(cases, [options.case])
        script = case.turns[0].script
    keys = keys_from(os.environ)
    if options.plain:
        config = StandaloneConfig(keys=keys, port=options.port, plain=True, script=script)
        serve(config, announce=say, log=note)
        return 0
    trust = make_trust(hosts(cases))
    path = Path(options.ca) if options.ca else _temporary()
    try:
        path.write_text(trust.ca_pem, encoding="ascii")
    except OSError as error:
        raise CannotRunError(
            step="mock", reason=f"cannot write {path}: {error.strerror}", remedy="name another --ca"
        ) from error
    try:
        config = StandaloneConfig(
            keys=keys,
            port=options.port,
            certificates=trust.certificates,
            ca=str(path.resolve()),
            script=script,
        )
        serve(config, announce=say, log=note)
    finally:
        if not options.ca:
            path.unlink(missing_ok=True)
    return 0


def _temporary() -> Path:
    number, name = tempfile.mkstemp(prefix="oss-bodies-ca-", suffix=".pem")
    os.close(number)
    return Path(name)
