"""Fixtures of the tests of all runners."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from fakes.endpoint import Endpoint, write_identity

pytest.register_assert_rewrite(
    "fakes.manners", "fakes.request_manners", "fakes.answer_manners", "fakes.asking"
)


@pytest.fixture(scope="session")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The endpoint's certificate and key, with a trust store for Java beside it."""
    path = write_identity(tmp_path_factory.mktemp("identity"))
    certificate = x509.load_pem_x509_certificates(path.read_bytes())[0]
    trusted = [pkcs12.PKCS12Certificate(certificate, b"endpoint")]
    store = pkcs12.serialize_java_truststore(trusted, BestAvailableEncryption(b"changeit"))
    path.with_suffix(".p12").write_bytes(store)
    return path


@pytest.fixture
def endpoint(identity: Path) -> Iterator[Endpoint]:
    with Endpoint(identity) as endpoint:
        yield endpoint
