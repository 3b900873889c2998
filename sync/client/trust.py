"""Whom to trust: the system's authorities, or exactly one certificate by its remembered fingerprint.

A server in the local network signs its own certificate. It is trusted only by the SHA-256 of that very
certificate, which came with an invite link or which the user has compared and confirmed. The host name is
not checked then: the certificate is the identity.
"""

import asyncio
import contextlib
import hashlib
import hmac
import re
import ssl
from dataclasses import dataclass
from typing import Final

from sync.client.address import host_and_port
from sync.client.errors import CertificateChanged, Refused, Unreachable, Untrusted

PATIENCE: Final = 10.0
NOT_TRUSTED: Final = "its certificate is not to be trusted"


def normal_fingerprint(written: str) -> str:
    """64 hexadecimal digits in lower case, however they were separated. Refused when they are no SHA-256."""
    digits = re.sub(r"[\s:\-]", "", written).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise Refused("a fingerprint has 64 hexadecimal digits")
    return digits


def shown_fingerprint(fingerprint: str) -> str:
    """In groups of four, for people who compare it."""
    return " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))


@dataclass(frozen=True)
class Shown:
    """What a server shows of itself: its certificate, and whether the system's authorities vouch for it."""

    der: bytes
    vouched: bool

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the certificate."""
        return hashlib.sha256(self.der).hexdigest()


async def probe(address: str, *, patience: float = PATIENCE) -> Shown | None:
    """The certificate that a server shows; nothing but the handshake is sent. None for plain http."""
    if not address.startswith("https://"):
        return None
    host, port = host_and_port(address)
    try:
        async with asyncio.timeout(patience):
            usual = await asyncio.to_thread(ssl.create_default_context)
            try:
                return Shown(await _certificate(host, port, usual), True)
            except ssl.SSLCertVerificationError:
                return Shown(await _certificate(host, port, _unchecked()), False)
    except TimeoutError:
        raise Unreachable(f"{host}: does not answer") from None
    except ssl.SSLError:
        raise Unreachable(f"{host}:{port}: does not speak https") from None
    except OSError as error:
        raise Unreachable(f"{host}: cannot be reached: {said(error)}") from None


async def trusted_context(address: str, fingerprint: str = "") -> ssl.SSLContext | None:
    """The context for https and sockets alike; None for plain http.

    With a fingerprint the certificate is fetched and compared first. CertificateChanged when it is another.
    """
    if not address.startswith("https://"):
        return None
    if not fingerprint:
        return await asyncio.to_thread(ssl.create_default_context)
    wanted = normal_fingerprint(fingerprint)
    host, port = host_and_port(address)
    shown = await probe(address)
    if shown is None:
        raise Untrusted(f"{host}: shows no certificate")
    if not hmac.compare_digest(shown.fingerprint, wanted):
        raise CertificateChanged(
            f"{host}:{port}: shows another certificate than the one that you trusted; "
            "ask who runs it whether it was renewed before you go on",
            expected=wanted,
            found=shown.fingerprint,
        )
    return await asyncio.to_thread(pinned, shown.der)


def pinned(der: bytes) -> ssl.SSLContext:
    """A context that takes this certificate and no other."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    # The certificate may be an end entity's that signs itself: it is the whole chain.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=der)
    return context


def _unchecked() -> ssl.SSLContext:
    """For looking at a certificate only: nothing is ever sent over such a connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def _certificate(host: str, port: int, context: ssl.SSLContext) -> bytes:
    _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=host)
    try:
        tls = writer.get_extra_info("ssl_object")
        der: bytes | None = tls.getpeercert(binary_form=True)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    if not der:
        raise Untrusted(f"{host}: shows no certificate")
    return der


def said(error: OSError) -> str:
    """The system's reason in a few words."""
    return (error.strerror or str(error) or type(error).__name__).strip().lower()[:200]
