"""The list of servers and accounts: what it remembers, and what a damaged one costs."""

import pytest

from app.ports_network import Account
from sync.client.errors import Refused
from sync.client.servers import SETTING, Servers

WHERE = "https://tmi.example.org"
ADA = Account(server=WHERE, user_id="u1", name="Ada")
BOB = Account(server=WHERE, user_id="u2", name="Bob", is_guest=True, model_id="m")


class Texts:
    """Settings in memory."""

    def __init__(self) -> None:
        self.held: dict[str, str] = {}

    def setting(self, key: str, default: str = "") -> str:
        """A text."""
        return self.held.get(key, default)

    def set_setting(self, key: str, value: str) -> None:
        """Keep it."""
        self.held[key] = value


def test_it_is_there_after_a_restart() -> None:
    texts = Texts()
    servers = Servers(texts)
    servers.add("tmi.example.org/", "Office")
    servers.add("https://192.168.1.7:8443", fingerprint="AB " * 32)
    servers.signed_in(ADA)
    servers.signed_in(BOB)
    servers.signed_in(Account(server="https://192.168.1.7:8443", user_id="u1", name="Ada"))
    again = Servers(texts)
    assert again.known == servers.known
    assert [one.name for one in again.known] == ["Office", "192.168.1.7:8443"]
    office = again.get("https://TMI.example.org")
    assert office is not None
    assert office.accounts == (BOB, ADA)
    assert again.signed_out(office.address, "u2").accounts == (ADA,)
    assert again.add("https://tmi.example.org", fingerprint="cd" * 32).accounts == (ADA,)
    assert again.distrust("https://tmi.example.org").fingerprint == ""
    again.forget("https://tmi.example.org")
    assert [one.fingerprint for one in Servers(texts).known] == ["ab" * 32]


def test_what_is_no_server_is_refused_before_it_is_kept() -> None:
    texts = Texts()
    with pytest.raises(Refused):
        Servers(texts).add("http://tmi.example.org")
    with pytest.raises(Refused):
        Servers(texts).add("tmi.example.org", fingerprint="12")
    assert texts.held == {}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("", 0), ("rubbish", 0), ("[]", 0), ('{"servers":[1,{"address":"ftp://x","name":"x"}]}', 0),
        ('{"servers":[{"address":"https://a.example"},{"address":"https://b.example","name":"","n":1}]}', 1),
    ],
)  # fmt: skip
def test_damage_costs_what_is_damaged(text: str, left: int) -> None:
    texts = Texts()
    texts.held[SETTING] = text
    assert len(Servers(texts).known) == left
