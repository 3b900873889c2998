"""Which addresses guests are given, and in which order."""

import ipaddress
from dataclasses import replace

import pytest

from sync.client.invite_link import parse_invite_link
from sync.client.lan import at_address, invite_links, lan_addresses, ranked
from sync.protocol.hosting import Listening

HELD = {
    "docker0": ["172.17.0.1", "fe80::42:1%docker0"],
    "lo": ["127.0.0.1", "::1"],
    "wg0": ["10.8.0.2"],
    "eth0": ["169.254.7.7", "fe80::1%eth0", "fd00::7", "2001:db8:1::7", "192.168.1.7"],
    "wlan0": ["192.168.178.20", "nonsense"],
}
LINK = "https://127.0.0.1:4711/join#invite=abc&model=00000000-0000-7000-8000-000000000001&sha256=" + "ab" * 32


def hosts(interface: str = "::") -> list[str]:
    return [one.host for one in ranked(HELD, {"192.168.178.20", "fd00::7"}, interface)]


def test_the_default_way_comes_first_and_machines_inside_last() -> None:
    assert hosts() == [
        "192.168.178.20", "fd00::7", "192.168.1.7", "2001:db8:1::7", "10.8.0.2", "169.254.7.7", "172.17.0.1",
    ]  # fmt: skip
    unlikely = [one.host for one in ranked(HELD, {"192.168.178.20"}) if not one.likely]
    assert unlikely == ["169.254.7.7", "172.17.0.1"]
    (first, *_) = ranked({"virbr0": ["10.0.0.1"]}, {"10.0.0.1"})
    assert first.likely, "a bridge that is the way out is the network"


def test_only_where_the_server_listens() -> None:
    assert hosts("0.0.0.0") == [one for one in hosts() if ":" not in one]
    assert hosts("192.168.1.7") == ["192.168.1.7"]
    for loopback in ("127.0.0.1", "::1"):
        (only,) = ranked(HELD, set(), loopback)
        assert (only.host, only.likely) == (loopback, False)
    (only,) = ranked({"lo": ["127.0.0.1"]}, set())
    assert (only.host, only.likely) == ("127.0.0.1", False)


def test_this_very_machine_has_some() -> None:
    found = lan_addresses()
    assert found
    assert len({one.host for one in found}) == len(found)
    for one in found:
        address = ipaddress.ip_address(one.host)
        assert not address.is_unspecified
        assert not (address.is_loopback and one.likely)


def test_links_to_a_server_that_listens_everywhere_and_here_only() -> None:
    link = parse_invite_link(LINK)
    everywhere = Listening(address="https://127.0.0.1:4712", port=4712, pid=1, interface="0.0.0.0")
    for where, found in invite_links(link, everywhere):
        assert found.server == f"https://{where.host}:4712"
    here = Listening(address="http://127.0.0.1:4712", port=4712, pid=1)
    ((where, found),) = invite_links(replace(link, server="http://127.0.0.1:4711"), here)
    assert (where.likely, found.server) == (False, "http://127.0.0.1:4712")


@pytest.mark.parametrize(
    ("host", "shown"),
    [("192.168.1.7", "https://192.168.1.7:4712/join#"), ("fd00::7", "https://[fd00::7]:4712/join#")],
)
def test_the_link_for_each(host: str, shown: str) -> None:
    link = at_address(parse_invite_link(LINK), host, 4712)
    assert str(link).startswith(shown)
    assert parse_invite_link(str(link)) == link
    assert str(link).partition("#")[2] == LINK.partition("#")[2]
