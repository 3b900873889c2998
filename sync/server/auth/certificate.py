"""The server's own certificate for the local network, its renewal and its fingerprint."""

import contextlib
import hashlib
import ipaddress
import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from app.domain.errors import TmiError

VALID: Final = timedelta(days=365)
RENEW_BEFORE: Final = timedelta(days=30)
CLOCKS_DIFFER: Final = timedelta(hours=1)
CERTIFICATE: Final = "server.crt"
KEY: Final = "server.key"


class UnusableCertificate(TmiError):
    """A certificate or its key cannot be used; the text says which file and why."""


@dataclass(frozen=True)
class Certificate:
    """Where certificate and key lie, and the SHA-256 of the certificate in DER (hexadecimal)."""

    certificate: Path
    key: Path
    fingerprint: str


def own_certificate(folder: Path, hosts: tuple[str, ...] = (), now: datetime | None = None) -> Certificate:
    """The certificate kept in a folder, made when there is none, renewed when due or when names are missing.

    It names `hosts` and every address and name of this machine. A new fingerprint means new invite links,
    so that what still serves is kept.
    """
    moment = now or datetime.now(UTC)
    names = {*hosts, *local_names()}
    certificate, key = folder / CERTIFICATE, folder / KEY
    with contextlib.suppress(UnusableCertificate):
        kept = load_certificate(certificate, key)
        if _still_serves(_read(certificate), set(hosts), moment):
            return kept
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made, private = make_certificate(names, moment)
    _write(key, private, 0o600)
    _write(certificate, made.public_bytes(serialization.Encoding.PEM), 0o644)
    return load_certificate(certificate, key)


def load_certificate(certificate: Path, key: Path) -> Certificate:
    """A certificate and its key from files. UnusableCertificate when they do not belong together."""
    found = _read(certificate)
    try:
        private = serialization.load_pem_private_key(key.read_bytes(), None)
    except OSError as error:
        raise UnusableCertificate(f"{key}: {error.strerror or error}") from None
    except (ValueError, TypeError):
        raise UnusableCertificate(f"{key}: is no private key in PEM without a password") from None
    spki = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    if private.public_key().public_bytes(*spki) != found.public_key().public_bytes(*spki):
        raise UnusableCertificate(f"{key}: is not the key of {certificate}")
    der = found.public_bytes(serialization.Encoding.DER)
    return Certificate(certificate, key, hashlib.sha256(der).hexdigest())


def make_certificate(names: set[str], now: datetime) -> tuple[x509.Certificate, bytes]:
    """A certificate for a year that signs itself, and its key as PEM: EC P-256, for servers only."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "TMI Desktop server")])
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCKS_DIFFER)
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName([_general(n) for n in sorted(names)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made, pem


def local_names() -> set[str]:
    """The names and addresses by which this machine can be reached; none of them is asked for abroad."""
    names = {"localhost", "127.0.0.1", "::1"}
    host = socket.gethostname()
    names |= {host, f"{host.partition('.')[0]}.local"}
    with contextlib.suppress(OSError):
        names |= {str(info[4][0]) for info in socket.getaddrinfo(host, None)}
    # A datagram socket that is "connected" sends nothing, and tells the address that would be used.
    for family, far in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((far, 9))
            names.add(str(probe.getsockname()[0]))
    return {name.partition("%")[0] for name in names if name}


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name.encode("idna").decode() if not name.isascii() else name)


def _still_serves(found: x509.Certificate, wanted: set[str], now: datetime) -> bool:
    """Whether it is valid for a while yet and names what was asked for; addresses of Wi-Fi come and go."""
    if not found.not_valid_before_utc <= now <= found.not_valid_after_utc - RENEW_BEFORE:
        return False
    try:
        named = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    return {_general(name) for name in wanted} <= set(named)


def _read(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except OSError as error:
        raise UnusableCertificate(f"{path}: {error.strerror or error}") from None
    except ValueError:
        raise UnusableCertificate(f"{path}: is no certificate in PEM") from None


def _write(path: Path, content: bytes, mode: int) -> None:
    """Write a file that nobody ever sees half, or with looser permissions."""
    partial = path.with_suffix(path.suffix + ".new")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
