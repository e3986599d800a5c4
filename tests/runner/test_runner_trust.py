"""The run's own authority, tried with a handshake as an SDK makes it."""

import ipaddress
import json
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs12

from conformance.assets import SCHEMAS
from conformance.runner.trust import OTHER_NAME, TRUSTSTORE_PASSWORD, Trust, make_trust

HOST = "examplebucket.oss-cn-hangzhou.aliyuncs.com"
# Why a client that trusts the run does not believe each of the wrong ones, in OpenSSL's words.
WRONG = {
    "untrusted": "self.signed certificate in certificate chain",
    "wrong-name": "Hostname mismatch",
    "expired": "certificate has expired",
    "not-yet-valid": "certificate is not yet valid",
}


@pytest.fixture(scope="module")
def trust() -> Trust:
    return make_trust({HOST})


def leaf(trust: Trust, shown: str) -> x509.Certificate:
    chain, _ = trust.certificates[shown]
    return x509.load_pem_x509_certificates(chain.encode())[0]


def names(certificate: x509.Certificate) -> set[str]:
    held = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(name.value) for name in held}


def handshake(
    server: Trust, trusted: Trust, name: str, where: Path, shown: str = "trusted"
) -> None:
    """Both ends of a handshake in memory; ssl.SSLError if the client does not believe it."""
    (where / "chain.pem").write_text("".join(server.certificates[shown]))
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


def test_certificates_are_valid_for_a_clock_that_is_a_day_behind_or_a_month_ahead(
    trust: Trust,
) -> None:
    leaf = x509.load_pem_x509_certificate(trust.certificates["trusted"][0].encode())
    now = datetime.now(UTC)
    assert leaf.not_valid_before_utc < now - timedelta(days=1)
    assert leaf.not_valid_after_utc > now + timedelta(days=32)
    assert leaf.not_valid_after_utc < now + timedelta(days=60)


def test_what_is_handed_out_cannot_sign_for_others(trust: Trust) -> None:
    authority = x509.load_pem_x509_certificate(trust.ca_pem.encode())
    leaf = x509.load_pem_x509_certificate(trust.certificates["trusted"][0].encode())
    assert leaf.public_key() != authority.public_key()
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_there_is_a_certificate_for_each_name_that_a_script_can_say(trust: Trust) -> None:
    schema = json.loads((SCHEMAS / "vectors.schema.json").read_text(encoding="utf-8"))
    known = schema["$defs"]["script"]["properties"]["certificate"]["enum"]
    assert sorted(trust.certificates) == sorted(known)


@pytest.mark.parametrize("shown", WRONG)
def test_a_wrong_certificate_is_not_believed_for_what_is_wrong_with_it(
    trust: Trust, tmp_path: Path, shown: str
) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match=WRONG[shown]):
        handshake(trust, trust, HOST, tmp_path, shown)


@pytest.mark.parametrize("shown", ["untrusted", "expired", "not-yet-valid"])
def test_a_wrong_certificate_has_the_right_names_unless_they_are_what_is_wrong(
    trust: Trust, shown: str
) -> None:
    assert names(leaf(trust, shown)) == names(leaf(trust, "trusted"))


def test_the_certificate_of_another_name_holds_that_one_only(trust: Trust) -> None:
    assert names(leaf(trust, "wrong-name")) == {OTHER_NAME}


def test_the_certificate_of_another_name_is_right_under_it(trust: Trust, tmp_path: Path) -> None:
    handshake(trust, trust, OTHER_NAME, tmp_path, "wrong-name")


@pytest.mark.parametrize("shown", ["wrong-name", "expired", "not-yet-valid"])
def test_a_wrong_certificate_is_by_the_run_unless_that_is_what_is_wrong(
    trust: Trust, shown: str
) -> None:
    authority = x509.load_pem_x509_certificate(trust.ca_pem.encode())
    leaf(trust, shown).verify_directly_issued_by(authority)


def test_what_is_over_and_what_is_to_come_bear_clocks_that_are_hours_off(trust: Trust) -> None:
    now, hours = datetime.now(UTC), timedelta(hours=23)
    assert leaf(trust, "expired").not_valid_after_utc < now - hours
    assert leaf(trust, "not-yet-valid").not_valid_before_utc > now + hours


def test_the_untrusted_authority_is_in_no_trust_store(trust: Trust) -> None:
    other = x509.load_pem_x509_certificates(trust.certificates["untrusted"][0].encode())[-1]
    store = pkcs12.load_pkcs12(trust.truststore, TRUSTSTORE_PASSWORD.encode())
    assert other not in [entry.certificate for entry in store.additional_certs]


def test_an_address_is_named_as_an_address() -> None:
    held = leaf(make_trust({"192.0.2.7"}), "trusted").extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    addresses = held.value.get_values_for_type(x509.IPAddress)
    assert ipaddress.ip_address("192.0.2.7") in addresses
