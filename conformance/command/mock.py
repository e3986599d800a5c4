"""`oss-bodies mock`: run the mock endpoint alone, for any client, until it is interrupted.

The first line on standard output is JSON: the endpoint, and the file with the CA certificate to
trust. Each request is logged on standard error, unless `--quiet` is given.
"""

import os
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from conformance.command.out import note, say
from conformance.corpus.load import load
from conformance.corpus.selection import hosts, select
from conformance.errors import CannotRunError, InputError
from conformance.mock.credentials_file import read_credentials
from conformance.mock.detector import parse_command
from conformance.mock.standalone import keys_from, serve, service_hosts
from conformance.mock.standalone_responder import StandaloneConfig
from conformance.runner.trust import make_trust
from conformance.runner.working_folder import WorkingFolder


def run(options: Namespace) -> int:
    """Serve until SIGINT or SIGTERM; raises CannotRunError if the port is in use."""
    config = _config(options)
    if options.plain:
        serve(config, announce=say, log=note)
        return 0
    trust = make_trust(hosts(load().cases) | service_hosts(config.region))
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


def _config(options: Namespace) -> StandaloneConfig:
    """The options as values; raises InputError for a wrong one."""
    config = StandaloneConfig(
        keys=keys_from(os.environ), port=options.port, plain=options.plain, quiet=options.quiet
    )
    if options.credentials:
        listed = read_credentials(Path(options.credentials))
        config = replace(config, keys=(*keys_from(os.environ, default=False), *listed))
    if options.case:
        _alone(options)
        (case, *_) = select(load().cases, [options.case])
        return replace(config, script=case.turns[0].script)
    return replace(
        config,
        objects=Path(options.objects) if options.objects else None,
        detector=parse_command(options.detector) if options.detector else None,
        region=options.region or config.region,
    )


def _alone(options: Namespace) -> None:
    for name in ("objects", "detector", "region"):
        if getattr(options, name):
            raise InputError(
                source="--case",
                place=options.case,
                rule=f"does not go with --{name}, because the case has its own answers",
                remedy="leave one of the two out",
            )


def _write(path: Path, ca_pem: str) -> None:
    try:
        path.write_text(ca_pem, encoding="ascii")
    except OSError as error:
        raise CannotRunError(
            step="mock",
            reason=f"cannot write the CA certificate to {path}: {error.strerror}",
            remedy="name a file in a folder that exists and is writable with --ca",
        ) from error
