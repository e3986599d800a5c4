"""The run's own authority, tried with a handshake as an SDK makes it."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs12

from conformance.runner.trust import TRUSTSTORE_PASSWORD, Trust, make_trust

HOST = "examplebucket.oss-cn-hangzhou.aliyuncs.com"


@pytest.fixture(scope="module")
def trust() -> Trust:
    return make_trust({HOST})


def handshake(server: Trust, trusted: Trust, name: str, where: Path) -> None:
    """Both ends of a handshake in memory; ssl.SSLError if the client does not believe it."""
    (where / "chain.pem").write_text(server.certificate_pem + server.key_pem)
    accepting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    accepting.load_cert_chain(where / "chain.pem")
    asking = ssl.create_default_context(cadata=trusted.ca_pem)
    # What Python 3.13 demands of a chain by default.
    asking.verify_flags |= ssl.VERIFY_X509_STRICT
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = asking.wrap_bio(down, up, server_hostname=name)
    other = accepting.wrap_bio(up, down, server_side=True)
    for _ in range(5):
        for end in (client, other):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue


@pytest.mark.parametrize("name", [HOST, "localhost", "127.0.0.1"])
def test_a_client_that_trusts_the_run_believes_the_mock(
    trust: Trust, tmp_path: Path, name: str
) -> None:
    handshake(trust, trust, name, tmp_path)


def test_a_name_that_is_not_of_the_run_is_not_believed(trust: Trust, tmp_path: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(trust, trust, "otherbucket.oss-cn-hangzhou.aliyuncs.com", tmp_path)


def test_another_run_is_not_believed(trust: Trust, tmp_path: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(trust, make_trust({HOST}), HOST, tmp_path)


def test_the_trust_store_holds_the_authority_for_java(trust: Trust) -> None:
    store = pkcs12.load_pkcs12(trust.truststore, TRUSTSTORE_PASSWORD.encode())
    held = [entry.certificate for entry in store.additional_certs]
    assert held == [x509.load_pem_x509_certificate(trust.ca_pem.encode())]


def test_certificates_bear_clocks_that_are_a_day_off(trust: Trust) -> None:
    leaf = x509.load_pem_x509_certificate(trust.certificate_pem.encode())
    now = datetime.now(UTC)
    assert leaf.not_valid_before_utc < now - timedelta(days=1)
    assert leaf.not_valid_after_utc > now + timedelta(days=1)
    assert leaf.not_valid_after_utc < now + timedelta(days=30)


def test_what_is_handed_out_cannot_sign_for_others(trust: Trust) -> None:
    authority = x509.load_pem_x509_certificate(trust.ca_pem.encode())
    leaf = x509.load_pem_x509_certificate(trust.certificate_pem.encode())
    assert leaf.public_key() != authority.public_key()
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
