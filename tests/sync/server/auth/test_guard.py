"""The table at work: identity's own endpoints over HTTP, for every role, and what the chain keeps."""

import httpx
import pytest

from app.ports_server import User
from sync.server.auth.invites import create_invite
from sync.server.auth.sign_in import Visitor
from tests.storage import people
from tests.sync.server.auth.serving import Served
from tests.sync.server.auth.test_roles import EXPECTED

T = "/threat_models/{threat_model_id}"
CALLS = {
    f"GET {T}/invites": None,
    f"POST {T}/invites": {"role": "reader"},
    f"DELETE {T}/invites/{{invite_id}}": None,
    f"POST {T}/tickets": {},
    "POST /me/logout": None,
    "GET /oauth2/userinfo": None,
}
ROLES = ("owner", "writer", "reader", "none", "anonymous", "administrator", "guest")


def everybody(server: Served) -> tuple[str, dict[str, User | None]]:
    """A model, and somebody of each role."""
    owner = server.account("owner")
    model = people.model(server.store, owner)
    found: dict[str, User | None] = {"owner": owner, "anonymous": None}
    for name in ("writer", "reader"):
        found[name] = one = server.account(name)
        server.store.access.grant(model, "user", one.id, name, granted_by=owner.id, now=server.clock())
    found["none"] = server.account("none")
    found["administrator"] = server.account("admin", administrator=True)
    found["guest"] = server.store.users.create(people.a_user("Guest", "invite"), server.clock())
    return model, found


@pytest.mark.parametrize("place", CALLS)
def test_every_role(server: Served, place: str) -> None:
    model, who = everybody(server)
    method, path = place.split(" ")
    owner = who["owner"]
    assert owner
    for role in ROLES:
        one = who[role]
        made = create_invite(server.auth, model, "reader", owner.id, Visitor(), expires_in=60, uses=1)
        url = server.url + path.format(threat_model_id=model, invite_id=made.invite.id)
        headers = server.bearer(one) if one else {}
        answer = httpx.request(method, url, headers=headers, json=CALLS[place])
        wanted = EXPECTED[place][role]
        got = "allow" if answer.is_success else str(answer.status_code)
        assert got == wanted, f"{role}: {answer.text}"
        if wanted == "401":
            assert answer.headers["www-authenticate"].startswith("Bearer")


def test_role_is_looked_up_at_each_request(server: Served) -> None:
    model, who = everybody(server)
    reader = who["reader"]
    assert reader
    url, headers = f"{server.url}/threat_models/{model}/tickets", server.bearer(reader)
    assert httpx.post(url, headers=headers, json={}).status_code == 201
    server.store.access.revoke(model, "user", reader.id, server.clock())
    assert httpx.post(url, headers=headers, json={}).status_code == 404


def test_group_gives_its_role(server: Served) -> None:
    model, who = everybody(server)
    none, owner = who["none"], who["owner"]
    assert none
    assert owner
    group = people.group(server.store, "owners", none)
    server.store.access.grant(model, "group", group.id, "owner", granted_by=owner.id, now=server.clock())
    url = f"{server.url}/threat_models/{model}/invites"
    assert httpx.get(url, headers=server.bearer(none)).status_code == 200


def test_secret_answers_are_not_kept(server: Served) -> None:
    model, who = everybody(server)
    owner = who["owner"]
    assert owner
    headers = {**server.bearer(owner), "Idempotency-Key": "k"}
    for path, body in (("tickets", {}), ("invites", {"role": "reader"})):
        answer = httpx.post(f"{server.url}/threat_models/{model}/{path}", headers=headers, json=body)
        assert answer.status_code == 400
        assert "Idempotency-Key" in answer.json()["error"]["message"]


@pytest.mark.parametrize("guess", ["x", "..", "%2e%2e", "' OR 1=1", "a" * 3000, "00000000-0000-0000-0000-0"])
def test_guessed_ids(server: Served, guess: str) -> None:
    user = server.account("alice")
    answer = httpx.get(f"{server.url}/threat_models/{guess}/invites", headers=server.bearer(user))
    assert answer.status_code == 404
