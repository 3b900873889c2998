"""A server's address as users write it, in one form."""

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from sync.client.errors import Refused

LONGEST: Final = 500
PORTS: Final = {"https": 443, "http": 80}


def server_address(written: str) -> str:
    """`https://host[:port][/path]` without a slash at the end. Refused when it is no address of a server.

    Without a scheme https is meant, and plain http only where nothing leaves the machine.
    """
    text = written.strip()
    if not text or len(text) > LONGEST or any(letter.isspace() for letter in text):
        raise Refused("write the server's address like https://server.example.org")
    if "://" not in text:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Refused(f"{written.strip()[:80]}: is no address of a server") from None
    if parts.scheme not in PORTS or not host or parts.username is not None or parts.query or parts.fragment:
        raise Refused(f"{written.strip()[:80]}: is no address of a server")
    if parts.scheme == "http" and not is_this_machine(host):
        raise Refused(f"{host}: only https is safe over a network; write https://{host}")
    shown = f"[{host}]" if ":" in host else host
    where = shown if port in (None, PORTS[parts.scheme]) else f"{shown}:{port}"
    return f"{parts.scheme}://{where}{parts.path.rstrip('/')}"


def host_and_port(address: str) -> tuple[str, int]:
    """Where a server in one form listens."""
    parts = urlsplit(address)
    return parts.hostname or "", parts.port or PORTS[parts.scheme]


def is_this_machine(host: str) -> bool:
    """Whether a host name or address never leaves this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def is_near(host: str) -> bool:
    """Whether it is on this machine or in the local network, where no proxy of an organisation leads."""
    if is_this_machine(host) or host.endswith(".local") or "." not in host.replace(":", "."):
        return True
    try:
        found = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return found.is_private or found.is_link_local
