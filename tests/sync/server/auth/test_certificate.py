"""The own certificate: what it names, when it is renewed, and that a pinned client gets through with it."""

import hashlib
import http.server
import ipaddress
import ssl
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from sync.server.auth.certificate import (
    Certificate,
    UnusableCertificate,
    load_certificate,
    local_names,
    make_certificate,
    own_certificate,
)


def parsed(made: Certificate) -> x509.Certificate:
    """The certificate of a file."""
    return x509.load_pem_x509_certificate(made.certificate.read_bytes())


@contextmanager
def https(made: Certificate) -> Iterator[int]:
    """The port of a server with that certificate."""
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_what_it_says(tmp_path: Path) -> None:
    made = own_certificate(tmp_path / "tls", ("models.example",))
    found = parsed(made)
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    dns = set(names.get_values_for_type(x509.DNSName))
    assert {"localhost", "models.example"} <= dns
    addresses = {str(a) for a in names.get_values_for_type(x509.IPAddress)}
    assert {"127.0.0.1", "::1"} <= addresses
    assert addresses | dns >= {n for n in local_names() if n.isascii()}
    key = found.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert key.curve.name == "secp256r1"
    assert found.not_valid_after_utc - datetime.now(UTC) < timedelta(days=366)
    der = ssl.PEM_cert_to_DER_cert(made.certificate.read_text())
    assert made.fingerprint == hashlib.sha256(der).hexdigest()
    assert stat.S_IMODE(made.key.stat().st_mode) == 0o600


def test_kept_while_it_serves(tmp_path: Path) -> None:
    first = own_certificate(tmp_path)
    assert own_certificate(tmp_path) == first
    late = datetime.now(UTC) + timedelta(days=336)
    renewed = own_certificate(tmp_path, now=late)
    assert renewed.fingerprint != first.fingerprint
    assert parsed(renewed).not_valid_after_utc > late + timedelta(days=360)
    named = own_certificate(tmp_path, ("10.9.8.7",), now=late)
    assert named.fingerprint != renewed.fingerprint, "a name was missing"
    names = parsed(named).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert ipaddress.ip_address("10.9.8.7") in names.get_values_for_type(x509.IPAddress)


@pytest.mark.parametrize("broken", ["server.crt", "server.key"])
def test_made_anew_when_damaged(tmp_path: Path, broken: str) -> None:
    first = own_certificate(tmp_path)
    (tmp_path / broken).write_bytes(b"nothing")
    assert own_certificate(tmp_path).fingerprint != first.fingerprint


def test_client_that_trusts_it_gets_through(tmp_path: Path) -> None:
    made = own_certificate(tmp_path)
    trusting = ssl.create_default_context(cafile=str(made.certificate))
    with https(made) as port:
        with httpx.Client(verify=trusting) as client:
            for host in ("127.0.0.1", "localhost"):
                assert client.get(f"https://{host}:{port}/").status_code == 501
        with pytest.raises(httpx.ConnectError), httpx.Client() as stranger:
            stranger.get(f"https://127.0.0.1:{port}/")


def test_configured_files(tmp_path: Path) -> None:
    one, two = own_certificate(tmp_path / "1"), own_certificate(tmp_path / "2")
    assert load_certificate(one.certificate, one.key) == one
    for certificate, key, why in (
        (one.certificate, two.key, "is not the key of"),
        (one.key, one.key, "is no certificate"),
        (one.certificate, one.certificate, "is no private key"),
        (tmp_path / "none", one.key, "No such file"),
        (one.certificate, tmp_path, "directory"),
    ):
        with pytest.raises(UnusableCertificate, match=why):
            load_certificate(certificate, key)


def test_names_of_other_scripts() -> None:
    made, _ = make_certificate({"büro.example"}, datetime.now(UTC))
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["xn--bro-hoa.example"]
