"""`oss-bodies mock`: run the mock endpoint alone, for any client, until it is interrupted.

The first line on standard output is JSON: the endpoint, and the file with the CA certificate to
trust. Each request is logged on standard error.
"""

import os
import tempfile
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from conformance.command.out import note, say
from conformance.corpus.load import load
from conformance.corpus.selection import hosts, select
from conformance.errors import CannotRunError
from conformance.mock.standalone import keys_from, serve
from conformance.mock.standalone_responder import StandaloneConfig
from conformance.model.case import Script
from conformance.runner.trust import make_trust


def run(options: Namespace) -> int:
    """Serve until SIGINT or SIGTERM; raises CannotRunError if the port is in use."""
    cases = load().cases
    script: Script | None = None
    if options.case:
        (case, *_) = select(cases, [options.case])
        script = case.turns[0].script
    config = StandaloneConfig(
        keys=keys_from(os.environ), port=options.port, plain=options.plain, script=script
    )
    if options.plain:
        serve(config, announce=say, log=note)
        return 0
    trust = make_trust(hosts(cases))
    path = Path(options.ca) if options.ca else _temporary()
    try:
        path.write_text(trust.ca_pem, encoding="ascii")
    except OSError as error:
        raise CannotRunError(
            step="mock",
            reason=f"cannot write the CA certificate to {path}: {error.strerror}",
            remedy="name a file in a folder that exists and is writable with --ca",
        ) from error
    try:
        config = replace(config, certificates=trust.certificates, ca=str(path.resolve()))
        serve(config, announce=say, log=note)
    finally:
        if not options.ca:
            path.unlink(missing_ok=True)
    return 0


def _temporary() -> Path:
    descriptor, name = tempfile.mkstemp(prefix="oss-bodies-ca-", suffix=".pem")
    os.close(descriptor)
    return Path(name)
