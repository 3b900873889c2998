"""The addresses by which guests in the local network may reach this machine, the likeliest first."""

import contextlib
import ipaddress
import re
import socket
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import psutil

from sync.client.address import server_address
from sync.client.invite_link import InviteLink
from sync.protocol.hosting import LOOPBACK, Listening

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Networks inside this machine: containers and virtual machines are on them, guests are not.
INSIDE: Final = re.compile(
    r"(docker|br-[0-9a-f]{8}|veth|virbr|vnet|vmnet|vboxnet|lxc|lxdbr|cni|flannel|cali|podman|bridge\d|"
    r"vEthernet|VirtualBox|VMware)",
    re.IGNORECASE,
)
# Ways to somewhere else: guests who are on the same one may use it.
TUNNEL: Final = re.compile(r"(tun|tap|wg|ppp|utun|ipsec|tailscale|zt|nordlynx|proton)", re.IGNORECASE)
# Nothing is sent there: such a socket only tells which address would be used (RFC 5737, RFC 3849).
FAR: Final = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


@dataclass(frozen=True)
class LanAddress:
    """An address of this machine and the network that it is on. `likely` when a guest may well be there."""

    host: str
    network: str
    likely: bool = True


def invite_links(link: InviteLink, listening: Listening) -> tuple[tuple[LanAddress, InviteLink], ...]:
    """A link to a hosted server by every address that leads to it. Asks the system: some milliseconds."""
    return tuple(
        (where, at_address(link, where.host, listening.port)) for where in lan_addresses(listening.interface)
    )


def lan_addresses(interface: str = "::") -> tuple[LanAddress, ...]:
    """Where a server that listens on `interface` is reached; loopback alone where there is no network."""
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    held = {
        name: [one.address for one in found if one.family in (socket.AF_INET, socket.AF_INET6)]
        for name, found in psutil.net_if_addrs().items()
        if name in up
    }
    return ranked(held, _preferred(), interface)


def ranked(
    held: Mapping[str, Sequence[str]], preferred: Collection[str], interface: str = "::"
) -> tuple[LanAddress, ...]:
    """The addresses of networks by name in the order in which to try them; `preferred` are the default ways.

    Those of IPv4 come first: they can be read out and typed, and every guest has it. Addresses that need
    the name of the guest's own network card (link-local ones of IPv6) are none.
    """
    meant = ipaddress.ip_address(interface)
    found: dict[str, tuple[tuple[int, ...], LanAddress]] = {}
    for name, written in held.items():
        for text in written:
            address = _usable(text)
            if address is None or not _reaches(meant, address):
                continue
            known = str(address) in preferred
            inside = INSIDE.match(name) is not None and not known
            rank = (inside, address.is_link_local, not known, TUNNEL.match(name) is not None,
                    address.version == 6, not address.is_private)  # fmt: skip
            likely = known or not (inside or address.is_link_local)
            found[str(address)] = (tuple(map(int, rank)), LanAddress(str(address), name, likely))
    if not found:
        return (LanAddress(interface if meant.is_loopback else LOOPBACK, "this machine", likely=False),)
    return tuple(one for _, one in sorted(found.values(), key=lambda pair: pair[0]))


def at_address(link: InviteLink, host: str, port: int) -> InviteLink:
    """The link to the same server and model by another of its addresses."""
    scheme = link.server.partition("://")[0]
    where = f"[{host}]" if ":" in host else host
    return replace(link, server=server_address(f"{scheme}://{where}:{port}"))


def _usable(text: str) -> Address | None:
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    none = found.is_loopback or found.is_multicast or found.is_unspecified
    return None if none or (found.version == 6 and found.is_link_local) else found


def _reaches(listening: Address, address: Address) -> bool:
    """Whether somebody who calls the address gets to a server that listens there."""
    if listening.is_unspecified:
        return listening.version == 6 or address.version == 4
    return listening == address


def _preferred() -> set[str]:
    """The addresses that this machine itself would use towards far away."""
    found = set()
    for family, far in FAR:
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((far, 9))
            found.add(str(ipaddress.ip_address(str(probe.getsockname()[0]).partition("%")[0])))
    return found
