"""`oss-bodies mock`: run the mock endpoint alone, for any client, until it is interrupted.

The first line on standard output is JSON: the endpoint, and the file with the CA certificate to
trust. Each request is logged on standard error.
"""

import os
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
from conformance.runner.working_folder import WorkingFolder


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
    folder = None if options.ca else WorkingFolder()  # which `sweep` removes after a kill -9
    path = Path(options.ca) if folder is None else folder.path / "ca.pem"
    try:
        _write(path, trust.ca_pem)
        config = replace(config, certificates=trust.certificates, ca=str(path.resolve()))
        serve(config, announce=say, log=note)
    finally:
        if folder is not None:
            folder.close()
    return 0


def _write(path: Path, ca_pem: str) -> None:
    try:
        path.write_text(ca_pem, encoding="ascii")
    except OSError as error:
        raise CannotRunError(
            step="mock",
            reason=f"cannot write the CA certificate to {path}: {error.strerror}",
            remedy="name a file in a folder that exists and is writable with --ca",
        ) from error
