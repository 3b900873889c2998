"""How models stand with their servers, and how long invites are good, in words."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from app.ports_live import LinkStatus
from app.ports_network import Account, RemoteModel
from app.services.sharing.links import is_link
from app.services.workspace import ModelSummary
from ui.home.card import local_card, remote_card
from ui.home.sync_state import sync_state
from ui.servers.labels import sentence
from ui.servers.words import count, until

NOW = datetime.now(UTC)
SEEN = (NOW - timedelta(hours=2, minutes=5)).isoformat()
CARLA = Account(server="https://s", user_id="u", name="Carla")
LIVE, LOST = LinkStatus("live"), LinkStatus("waiting", "nobody listens there")


def summary(**given: object) -> ModelSummary:
    usual = {"id": "m", "name": "Shop", "server": "https://s u", "seen_at": SEEN}
    return msgspec.convert(usual | given, ModelSummary)


@pytest.mark.parametrize(
    ("given", "account", "link", "waiting", "text", "tone"),
    [
        ({}, CARLA, None, 0, "Up to date 2 hours ago", "success"),
        ({}, CARLA, LIVE, 0, "Live, up to date", "success"),
        ({}, CARLA, LIVE, 3, "3 to send", "info"),
        ({}, CARLA, LOST, 0, "Offline since 2 hours ago", "warning"),
        ({"undecided": 2}, CARLA, LOST, 3, "3 to send · 2 to decide · offline since 2 hours ago", "warning"),
        ({}, CARLA, LinkStatus("stopped", "sign in"), 0, "Not in touch", "warning"),
        ({}, CARLA, LinkStatus("connecting"), 0, "Connecting", "info"),
        ({"role": "reader"}, CARLA, None, 0, "Up to date 2 hours ago · read only", "success"),
        ({}, None, None, 1, "1 to send · signed out", "warning"),
        ({"seen_at": ""}, CARLA, None, 0, "Kept here", "success"),
    ],
)
def test_the_state_of_a_model(
    given: dict[str, object],
    account: Account | None,
    link: LinkStatus | None,
    waiting: int,
    text: str,
    tone: str,
) -> None:
    state = sync_state(summary(**given), "Our server", account, link, waiting)
    assert (state.text, state.tone) == (text, tone)


def test_the_details_say_who_and_why() -> None:
    state = sync_state(summary(undecided=1), "Our server", CARLA, LOST, 2)
    assert state.detail == (
        "Our server as Carla orders this model. 2 changes of yours wait to be sent. 1 of your changes met "
        "others': open it to decide. Last in touch 2 hours ago. Nobody listens there."
    )


def test_cards_here_and_there() -> None:
    state = sync_state(summary(), "Our server", CARLA, None, 0)
    assert local_card(summary(), state).state == "Up to date 2 hours ago · Our server"
    assert local_card(summary()).state == ""
    remote = RemoteModel(id="m", name="Shop", version=1, role="reader")
    assert remote_card(remote, None, None).state == "On the server only · read only"
    assert remote_card(remote, summary(), state).state == "Here too: up to date 2 hours ago"
    assert "of your own" in remote_card(remote, summary(server=""), None).state


def test_how_long_an_invite_is_good() -> None:
    def after(**given: float) -> str:
        return until((NOW + timedelta(**given)).isoformat(), NOW)

    assert after(minutes=1) == "good for 1 minute"
    assert after(hours=8) == "good for 8 hours"
    assert after(days=7) == "good for 7 days"
    assert after(hours=-3) == "ended 3 hours ago"
    assert until("") == ""


def test_small_words() -> None:
    assert [count(n, "change") for n in (0, 1, 1200)] == ["0 changes", "1 change", "1,200 changes"]
    assert sentence("nobody listens there") == "Nobody listens there."
    assert sentence("Why?") == "Why?"


def test_links_and_files() -> None:
    assert is_link("HTTPS://server/join#invite=x")
    assert is_link(" http://127.0.0.1:8080/join")
    assert not any(map(is_link, ("model.tmi.json", "C:\\models\\https.json", "models/http:/x", "file:///x")))
