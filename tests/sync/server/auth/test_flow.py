"""Signing in as the desktop does: loopback listener, PKCE, the form, the tokens, refreshing, leaving."""

import httpx
import pytest
from argon2 import PasswordHasher
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.sync.server.auth.desktop import Desktop
from tests.sync.server.auth.serving import PASSWORD, Served


def test_whole_flow(server: Served, desktop: Desktop) -> None:
    user = server.account("alice")
    tokens = desktop.sign_in("alice")
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == 3600
    assert desktop.answer["iss"] == server.url
    who = desktop.who(tokens["access_token"])
    assert who.json() == {
        "sub": user.id, "name": "alice", "idp": "local", "email": "alice@example.org",
        "email_verified": False,
    }  # fmt: skip
    assert [event.type for event in server.events()] == ["account_created", "sign_in"]
    noted = server.events("sign_in")[0]
    assert (noted.actor, noted.address) == (user.id, "127.0.0.1")
    assert server.store.chain.verify() == (2, "")
    found = server.store.users.get(user.id)
    assert found
    assert found.last_login


def test_tokens_verify_with_the_published_keys(server: Served, desktop: Desktop) -> None:
    server.account("alice")
    tokens = desktop.sign_in("alice")
    keys = KeySet.import_key_set(httpx.get(f"{server.url}/.well-known/jwks.json").json())
    access = jwt.decode(tokens["access_token"], keys, algorithms=["ES256"])
    assert access.header["typ"] == "at+jwt"
    assert access.claims["aud"] == access.claims["iss"] == server.url
    assert access.claims["exp"] - access.claims["iat"] == 3600
    identity = jwt.decode(tokens["id_token"], keys, algorithms=["ES256"])
    assert identity.claims["aud"] == "tmi-desktop"
    assert identity.claims["nonce"] == "n-1"


def test_no_hsts_without_tls(server: Served, desktop: Desktop) -> None:
    assert "strict-transport-security" not in desktop.open().headers


def test_sign_in_by_email(server: Served, desktop: Desktop) -> None:
    server.account("alice")
    assert desktop.exchange(desktop.code("Alice@Example.org")).status_code == 200


def test_refreshing_goes_on_and_on(server: Served, desktop: Desktop) -> None:
    server.account("alice")
    tokens = desktop.sign_in("alice")
    for _ in range(3):
        server.clock.ahead += 3600
        assert desktop.who(tokens["access_token"]).status_code in (200, 401)
        answer = desktop.refresh(tokens["refresh_token"])
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert answer.json()["refresh_token"] != tokens["refresh_token"]
        tokens = answer.json()
        assert desktop.who(tokens["access_token"]).status_code == 200


def test_cancel_tells_the_desktop(server: Served, desktop: Desktop) -> None:
    response = desktop.submit(desktop.open(), action="cancel")
    assert response.status_code == 303
    assert desktop.answer["error"] == "access_denied"
    assert desktop.answer["state"] == desktop.state


def test_logout_ends_both_tokens(server: Served, desktop: Desktop) -> None:
    server.account("alice")
    tokens = desktop.sign_in("alice")
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert desktop.http.post("/me/logout", headers=bearer).json()["success"] is True
    assert desktop.who(tokens["access_token"]).status_code == 401
    assert desktop.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_revocation(server: Served, desktop: Desktop, kind: str) -> None:
    server.account("alice")
    tokens = desktop.sign_in("alice")
    form = {"token": tokens[kind], "client_id": "tmi-desktop", "token_type_hint": kind}
    assert desktop.http.post("/oauth2/revoke", data=form).status_code == 200
    assert desktop.http.post("/oauth2/revoke", data=form).status_code == 200, "a second time is no error"
    assert desktop.who(tokens["access_token"]).status_code == 401
    refused = desktop.refresh(tokens["refresh_token"]).status_code == 400
    assert refused == (kind == "refresh_token"), "a refresh token takes its sign-in with it"


def test_introspection(server: Served, desktop: Desktop) -> None:
    alice, bob = server.account("alice"), server.account("bob")
    tokens = desktop.sign_in("alice")
    for kind in ("access_token", "refresh_token"):
        form = {"token": tokens[kind], "client_id": "tmi-desktop"}
        own = desktop.http.post("/oauth2/introspect", data=form, headers=server.bearer(alice)).json()
        assert own["active"] is True
        assert own["sub"] == alice.id
        others = desktop.http.post("/oauth2/introspect", data=form, headers=server.bearer(bob)).json()
        assert others == {"active": False}
        assert desktop.http.post("/oauth2/introspect", data=form).status_code == 401


@pytest.mark.parametrize("path", ["openid-configuration", "oauth-authorization-server"])
def test_discovery_is_true(server: Served, path: str) -> None:
    said = httpx.get(f"{server.url}/.well-known/{path}").json()
    assert said["issuer"] == server.url
    assert said["code_challenge_methods_supported"] == ["S256"]
    assert said["grant_types_supported"] == ["authorization_code", "refresh_token"]
    for name in ("token_endpoint", "revocation_endpoint", "introspection_endpoint"):
        assert httpx.post(said[name]).status_code in (400, 401)
    assert httpx.get(said["jwks_uri"]).json()["keys"][0]["crv"] == "P-256"
    assert "d" not in httpx.get(said["jwks_uri"]).json()["keys"][0]
    assert httpx.get(said["userinfo_endpoint"]).status_code == 401
    assert httpx.get(said["authorization_endpoint"]).status_code == 400


def test_password_hash_follows_the_parameters(server: Served, desktop: Desktop) -> None:
    user = server.account("alice")
    weaker = PasswordHasher(time_cost=1, memory_cost=32, parallelism=1).hash(PASSWORD)
    server.store.users.set_password(user.id, weaker, server.clock())
    desktop.code("alice")
    credential = server.store.users.credential(user.id)
    assert credential
    assert "m=64" in credential.password_hash
    assert not server.auth.passwords.is_outdated(credential.password_hash)
