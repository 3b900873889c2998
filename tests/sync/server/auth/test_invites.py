"""Invite links: what they carry, whom they let in, for how long, and when they do not."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from app.ports_server import User
from sync.server.auth.names import BadName, shown_name
from tests.storage import people
from tests.storage.people import at_once
from tests.sync.server.auth.desktop import Desktop
from tests.sync.server.auth.serving import FINGERPRINT, Served


@pytest.fixture
def owner(server: Served) -> User:
    """The owner of the model."""
    return server.account("owner")


@pytest.fixture
def model(server: Served, owner: User) -> str:
    """A model."""
    return people.model(server.store, owner)


def invite(server: Served, owner: User, model: str, **wanted: Any) -> dict[str, Any]:
    """Make an invite over HTTP: the answer's data."""
    answer = httpx.post(
        f"{server.url}/threat_models/{model}/invites",
        json={"role": "writer", **wanted}, headers=server.bearer(owner),
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    data: dict[str, Any] = answer.json()["data"]
    return data


def secret_of(made: dict[str, Any]) -> str:
    """The secret of a link."""
    return parse_qs(urlsplit(str(made["link"])).fragment)["invite"][0]


def redeem(server: Served, secret: str, name: str = "Gina") -> httpx.Response:
    """Come in as a guest."""
    return httpx.post(f"{server.url}/invites/redeem", json={"secret": secret, "display_name": name})


def test_guest_comes_in(server: Served, owner: User, model: str, desktop: Desktop) -> None:
    made = invite(server, owner, model, uses=2, label="Tuesday")
    link = urlsplit(made["link"])
    assert f"{link.scheme}://{link.netloc}" == server.url
    assert not link.query, "a query would be logged"
    assert parse_qs(link.fragment)["sha256"] == [FINGERPRINT]
    assert parse_qs(link.fragment)["model"] == [model]
    data = redeem(server, secret_of(made), "  Gina \u00a0 G. ").json()["data"]
    assert data["role"] == "writer"
    assert data["model_id"] == model
    who = desktop.who(data["access_token"]).json()
    assert who == {"sub": data["user_id"], "name": "Gina G.", "idp": "invite"}
    assert server.store.access.role(model, data["user_id"], server.clock()) == "writer"
    page = httpx.get(f"{server.url}/threat_models/{model}/invites", headers=server.bearer(owner)).json()
    assert [(i["uses"], i["uses_left"], i["label"]) for i in page["data"]] == [(1, 1, "Tuesday")]
    assert "secret" not in page["data"][0]
    assert [e.type for e in server.events()][-2:] == ["invite_created", "invite_used"]


def test_guests_stay_ends(server: Served, owner: User, model: str, desktop: Desktop) -> None:
    data = redeem(server, secret_of(invite(server, owner, model))).json()["data"]
    server.clock.ahead += 23 * 3600
    answer = desktop.refresh(data["refresh_token"])
    assert answer.status_code == 200
    server.clock.ahead += 2 * 3600
    assert desktop.refresh(answer.json()["refresh_token"]).json()["error"] == "invalid_grant"
    assert server.store.access.role(model, data["user_id"], server.clock()) is None


def test_uses_at_once(server: Served, owner: User, model: str) -> None:
    secret = secret_of(invite(server, owner, model, uses=3))
    answers = at_once(8, lambda n: redeem(server, secret, f"Guest {n}").status_code)
    assert sorted(answers) == [200] * 3 + [403] * 5


@pytest.mark.parametrize("why", ["revoked", "expired", "used_up", "unknown"])
def test_refused(server: Served, owner: User, model: str, why: str) -> None:
    made = invite(server, owner, model, uses=1, expires_in=60)
    secret = secret_of(made)
    if why == "revoked":
        url = f"{server.url}/threat_models/{model}/invites/{made['invite']['id']}"
        assert httpx.delete(url, headers=server.bearer(owner)).status_code == 200
    elif why == "expired":
        server.clock.ahead += 61
    elif why == "used_up":
        assert redeem(server, secret).status_code == 200
    else:
        secret = secret[:-1] + ("A" if secret[-1] != "A" else "B")
    answer = redeem(server, secret)
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "FORBIDDEN"
    assert server.events("denied")[-1].details["reason"] == why


def test_guessing_is_slowed_down(server: Served, owner: User, model: str) -> None:
    made = invite(server, owner, model)
    for number in range(30):
        assert redeem(server, f"{number:043}").status_code == 403
    answer = redeem(server, secret_of(made))
    assert answer.status_code == 403
    assert "wait" in answer.json()["error"]["message"]
    server.clock.ahead += 301
    assert redeem(server, secret_of(made)).status_code == 200


def test_invite_of_another_model(server: Served, owner: User, model: str) -> None:
    made, other = invite(server, owner, model), people.model(server.store, owner)
    url = f"{server.url}/threat_models/{other}/invites/{made['invite']['id']}"
    assert httpx.delete(url, headers=server.bearer(owner)).status_code == 404
    assert redeem(server, secret_of(made)).status_code == 200


@pytest.mark.parametrize(
    "wanted",
    [
        {"role": "owner"}, {"role": "administrator"}, {}, {"role": "reader", "uses": 0},
        {"role": "reader", "expires_in": 1}, {"role": "reader", "expires_in": 10**9},
        {"role": "reader", "x": 1}, {"role": "reader", "uses": 1.5},
    ],
    ids=str,
)  # fmt: skip
def test_invite_that_cannot_be(server: Served, owner: User, model: str, wanted: dict[str, Any]) -> None:
    url = f"{server.url}/threat_models/{model}/invites"
    answer = httpx.post(url, json=wanted, headers=server.bearer(owner))
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "VALIDATION_ERROR"


@pytest.mark.parametrize("name", ["", " ", "\u00a0", "x" * 81, "a\u202eb", "a\x00b", "\u200b"])
def test_names_that_cannot_be_shown(name: str) -> None:
    with pytest.raises(BadName):
        shown_name(name)


def test_guest_may_not_do_what_accounts_may(server: Served, owner: User, model: str) -> None:
    data = redeem(server, secret_of(invite(server, owner, model))).json()["data"]
    headers = {"Authorization": f"Bearer {data['access_token']}"}
    answer = httpx.post(f"{server.url}/threat_models/{model}/tickets", headers=headers, json={})
    assert answer.status_code == 201
    url = f"{server.url}/threat_models/{model}/invites"
    assert httpx.get(url, headers=headers).status_code == 403


def test_page_for_browsers(server: Served) -> None:
    page = httpx.get(f"{server.url}/join")
    assert "TMI Desktop" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
