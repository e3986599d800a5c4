"""Creates a certificate authority for one run, and the certificates that the mock presents.

Besides the valid certificate there are four with one defect each, which clients must reject.
`make_trust` does not return the private keys of the authorities, so nobody else can sign with them.
The keys are ECDSA P-256, because a handshake takes 0.2 ms less than with RSA 2048.
"""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

TRUSTSTORE_PASSWORD = "changeit"  # Java's default; a certificate is public and needs no protection
# A run takes minutes, and the clock of some cases is up to a month ahead.
_VALID = timedelta(days=40)
_DAY = timedelta(days=1)
# The name in the certificate `wrong-name`; no such host can exist (RFC 6761 6.5).
OTHER_NAME = "not-this-host.example"
_PEM = serialization.Encoding.PEM


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """The authority that lanes trust, and the certificates that the mock presents."""

    ca_pem: str
    truststore: bytes  # the same authority as PKCS 12
    # A certificate chain and its key, both PEM, by the name used in scripts, such as `expired`.
    certificates: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Authority:
    """A CA certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def make_trust(hosts: Iterable[str]) -> Trust:
    """Create the certificates for these names, localhost and 127.0.0.1; takes 6 ms."""
    now = datetime.now(UTC)
    trusted = _authority("oss-bodies-conformance run CA", now)
    untrusted = _authority("oss-bodies-conformance CA that nobody trusts", now)
    key = ec.generate_private_key(ec.SECP256R1())
    secret = key.private_bytes(
        _PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    names = x509.SubjectAlternativeName(_names({*hosts, "localhost", "127.0.0.1"}))
    other_name = x509.SubjectAlternativeName(_names({OTHER_NAME}))
    valid, expired, not_yet_valid = (
        (now - _VALID, now + _VALID),
        (now - _VALID, now - _DAY),
        (now + _DAY, now + _VALID),
    )
    leaves = {
        "trusted": (trusted, names, valid),
        "untrusted": (untrusted, names, valid),
        "wrong-name": (trusted, other_name, valid),
        "expired": (trusted, names, expired),
        "not-yet-valid": (trusted, names, not_yet_valid),
    }
    return Trust(
        ca_pem=_pem(trusted.certificate),
        truststore=_truststore(trusted.certificate),
        certificates={
            name: (_leaf(key.public_key(), *leaf) + _pem(leaf[0].certificate), secret)
            for name, leaf in leaves.items()
        },
    )


def _authority(name: str, now: datetime) -> _Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    subject, public = _name(name), key.public_key()
    certificate = (
        _builder(subject, subject, public, (now - _VALID, now + _VALID))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(sign=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )
    return _Authority(certificate=certificate, key=key)


def _leaf(
    key: ec.EllipticCurvePublicKey,
    issuer: _Authority,
    names: x509.SubjectAlternativeName,
    valid: tuple[datetime, datetime],
) -> str:
    """A server certificate as PEM."""
    issuer_key = x509.SubjectKeyIdentifier.from_public_key(issuer.key.public_key())
    certificate = (
        _builder(_name("oss-bodies-conformance mock"), issuer.certificate.subject, key, valid)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(sign=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_key),
            critical=False,
        )
        .add_extension(names, critical=False)
        .sign(issuer.key, hashes.SHA256())
    )
    return _pem(certificate)


def _truststore(authority: x509.Certificate) -> bytes:
    encryption = (
        serialization.PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(1000)
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(hashes.SHA256())
        .build(TRUSTSTORE_PASSWORD.encode())
    )
    entries = [pkcs12.PKCS12Certificate(authority, b"run-ca")]
    return pkcs12.serialize_java_truststore(entries, encryption)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(_PEM).decode()


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    valid: tuple[datetime, datetime],
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid[0])
        .not_valid_after(valid[1])
    )


def _usage(*, sign: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=sign,
        crl_sign=sign,
        encipher_only=False,
        decipher_only=False,
    )


def _names(hosts: Iterable[str]) -> list[x509.GeneralName]:
    names: list[x509.GeneralName] = []
    for host in sorted(hosts):
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(host)))
        except ValueError:
            if host.isascii() and host:
                names.append(x509.DNSName(host.lower()))
    return names
