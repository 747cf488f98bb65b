"""Keys, certificates and passwords of a sandbox: made anew by each `up`, worth nothing outside it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from ipaddress import IPv4Address

import bcrypt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAYS_VALID = 3650


@dataclass(frozen=True)
class KeyPair:
    """An SSH key: `private` as OpenSSH keeps it, `public` as one line without a comment."""

    private: bytes
    public: str


@dataclass(frozen=True)
class Certificate:
    """An X.509 certificate and its key, both PEM."""

    certificate: bytes
    key: bytes


def ssh_key() -> KeyPair:
    key = ed25519.Ed25519PrivateKey.generate()
    encoding, formats = serialization.Encoding, serialization.PrivateFormat
    return KeyPair(
        private=key.private_bytes(encoding.PEM, formats.OpenSSH, serialization.NoEncryption()),
        public=key.public_key().public_bytes(encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode(),
    )


def authority() -> Certificate:
    """A certificate authority for one sandbox."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("jenkinsgen sandbox CA")
    builder = _builder(name, name, key.public_key())
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return _pem(builder.sign(key, hashes.SHA256()), key)


def server_certificate(ca: Certificate, address: str) -> Certificate:
    """A certificate for a server that is called by its address, signed by the authority."""
    ca_key = serialization.load_pem_private_key(ca.key, password=None)
    assert isinstance(ca_key, ec.EllipticCurvePrivateKey)  # noqa: S101 - `authority` made it
    issuer = x509.load_pem_x509_certificate(ca.certificate).subject
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        _builder(_name(address), issuer, key.public_key())
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(address))]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    )
    return _pem(builder.sign(ca_key, hashes.SHA256()), key)


def htpasswd(user: str, password: str) -> str:
    """A line of a password file; the registry reads bcrypt only. A random password needs few rounds."""
    return f"{user}:{bcrypt.hashpw(password.encode(), bcrypt.gensalt(rounds=5)).decode()}\n"


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=DAYS_VALID))
    )


def _pem(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Certificate:
    encoding = serialization.Encoding.PEM
    pkcs8 = serialization.PrivateFormat.PKCS8
    return Certificate(
        certificate=certificate.public_bytes(encoding),
        key=key.private_bytes(encoding, pkcs8, serialization.NoEncryption()),
    )
