"""Tokens, codes and tickets in the wrong hands or the wrong way: each refused as its specification says."""

import base64
import dataclasses
import hmac
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from app.ports_server import User
from sync.server.auth.accounts import disable_account, enable_account, reset_password
from sync.server.auth.middleware import principal_of_token
from sync.server.auth.secrets import digest
from sync.server.auth.service import create_auth
from sync.server.auth.tickets import give_ticket, take_ticket
from sync.server.context import Principal
from tests.storage import people
from tests.storage.people import at_once
from tests.sync.server.auth.desktop import Desktop
from tests.sync.server.auth.serving import PASSWORD, QUICK, Host, Served


def claims_of(token: str) -> dict[str, Any]:
    """The claims, unverified."""
    body = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return found


def b64(value: object) -> str:
    """A part of a token."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def resigned(server: Served, token: str, **changes: Any) -> str:
    """The token with other claims, signed with the server's own key."""
    header, key = server.auth.signer.keys.signer()
    kind = changes.pop("typ", "at+jwt")
    claims = {k: v for k, v in (claims_of(token) | changes).items() if v is not None}
    return jwt.encode({**header, "typ": kind}, claims, key, algorithms=["ES256"])


def refused_token(response: httpx.Response) -> bool:
    """Whether a token was refused as RFC 6750 says, in the API's wrapper."""
    body = response.json()
    challenge = response.headers["www-authenticate"]
    assert body["success"] is False
    assert body["error"]["code"] == "UNAUTHORIZED"
    return response.status_code == 401 and "Bearer" in challenge and 'error="invalid_token"' in challenge


def invalid_grant(response: httpx.Response) -> bool:
    """Whether the token endpoint refused as RFC 6749, 5.2 says."""
    return response.status_code == 400 and response.json()["error"] == "invalid_grant"


@pytest.fixture
def alice(server: Served) -> User:
    """Somebody with an account."""
    return server.account("alice")


# Access tokens


def test_accepted_to_begin_with(server: Served, desktop: Desktop, alice: User) -> None:
    token = server.access_token(alice)
    assert desktop.who(token).status_code == 200
    assert desktop.who(resigned(server, token)).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": 1}, {"exp": None}, {"exp": "soon"}, {"exp": float("nan")}, {"iat": 2**40}, {"nbf": 2**40},
        {"aud": "https://elsewhere.example"}, {"aud": None}, {"aud": []},
        {"iss": "https://elsewhere.example"}, {"iss": None}, {"sub": None}, {"sub": "nobody"},
        {"sub": ["a"]}, {"jti": None}, {"jti": 7}, {"client_id": None},
        {"typ": "JWT"}, {"typ": "password-change+jwt"}, {"typ": "at+jwtx"},
    ],
    ids=str,
)  # fmt: skip
def test_claims(server: Served, desktop: Desktop, alice: User, changes: dict[str, Any]) -> None:
    assert refused_token(desktop.who(resigned(server, server.access_token(alice), **changes)))


def test_expired_by_the_clock(server: Served, desktop: Desktop, alice: User) -> None:
    token = server.access_token(alice)
    server.clock.ahead += 3600 + 5  # within the skew
    assert desktop.who(token).status_code == 200
    server.clock.ahead += 10
    assert refused_token(desktop.who(token))


def test_without_a_signature(server: Served, desktop: Desktop, alice: User) -> None:
    _, body, signature = server.access_token(alice).split(".")
    for algorithm in ("none", "None", "NONE", "", None):
        head = b64({"alg": algorithm, "typ": "at+jwt"})
        assert refused_token(desktop.who(f"{head}.{body}."))
        assert refused_token(desktop.who(f"{head}.{body}.{signature}"))


def test_public_key_as_a_shared_secret(server: Served, desktop: Desktop, alice: User) -> None:
    """The classic confusion: HS256 with the published key as the secret."""
    claims = claims_of(server.access_token(alice))
    public = server.auth.signer.keys.public()["keys"][0]
    key = ECKey.import_key(public)
    for secret in (key.as_pem(private=False), json.dumps(public).encode(), public["x"].encode()):
        head = b64({"alg": "HS256", "typ": "at+jwt", "kid": public["kid"]})
        signed = f"{head}.{b64(claims)}"
        mac = hmac.digest(secret, signed.encode(), "sha256")  # by hand: joserfc refuses to sign so
        signature = base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
        assert refused_token(desktop.who(f"{signed}.{signature}"))


def test_key_of_ones_own(server: Served, desktop: Desktop, alice: User) -> None:
    claims, own = claims_of(server.access_token(alice)), ECKey.generate_key("P-256")
    kid = server.auth.signer.keys.public()["keys"][0]["kid"]
    for header in (
        {"kid": kid}, {}, {"kid": "unknown"}, {"jwk": own.as_dict(private=False)},
        {"kid": "../../etc/passwd"}, {"jku": "http://127.0.0.1:1/keys"},
    ):  # fmt: skip
        forged = jwt.encode({"alg": "ES256", "typ": "at+jwt", **header}, claims, own, algorithms=["ES256"])
        assert refused_token(desktop.who(forged))


def test_tampered(server: Served, desktop: Desktop, alice: User) -> None:
    head, body, signature = server.access_token(alice).split(".")
    bob = server.account("bob")
    other = b64(claims_of(f"{head}.{body}.") | {"sub": bob.id})
    for forged in (
        f"{head}.{other}.{signature}", f"{head}.{body}.{signature[:-4]}AAAA", f"{head}.{body}",
        f"{head}.{body}.{signature}.x", "....", "x", "a.b.c", "a" * 9000, f"{head}.{body}.", f"{head}..",
        f"{'[' * 3000}.{body}.{signature}",
    ):  # fmt: skip
        assert refused_token(desktop.who(forged)), forged[:80]


def test_hs256_refuses_es256_and_the_wrong_secret(host: Host, tmp_path: Path) -> None:
    secret = "s" * 40
    with host.serving(tmp_path, algorithm="HS256", secret=secret) as server, Desktop(server.url) as desktop:
        server.account("alice")
        tokens = desktop.sign_in("alice")
        good = tokens["access_token"]
        assert desktop.who(good).status_code == 200
        assert httpx.get(f"{server.url}/.well-known/jwks.json").json() == {"keys": []}
        claims = claims_of(good)
        own = ECKey.generate_key("P-256")
        forged = jwt.encode({"alg": "ES256", "typ": "at+jwt"}, claims, own, algorithms=["ES256"])
        assert refused_token(desktop.who(forged))
        wrong = OctKey.import_key("t" * 40)
        forged = jwt.encode({"alg": "HS256", "typ": "at+jwt"}, claims, wrong, algorithms=["HS256"])
        assert refused_token(desktop.who(forged))
        _, body, _ = good.split(".")
        assert refused_token(desktop.who(f"{b64({'alg': 'none', 'typ': 'at+jwt'})}.{body}."))


def test_other_kinds_of_token(server: Served, desktop: Desktop, alice: User) -> None:
    tokens = desktop.sign_in("alice")
    proof = server.auth.signer.password_change(alice.id, "2026-01-01T00:00:00Z")
    for token in (tokens["id_token"], tokens["refresh_token"], proof):
        assert refused_token(desktop.who(token))
    form = {"token": tokens["id_token"], "client_id": "tmi-desktop"}
    asked = desktop.http.post("/oauth2/introspect", data=form, headers=server.bearer(alice))
    assert asked.json() == {"active": False}


def test_token_in_the_address_is_no_token(server: Served, alice: User) -> None:
    token = server.access_token(alice)
    for name in ("access_token", "token", "ticket"):
        answer = httpx.get(f"{server.url}/oauth2/userinfo", params={name: token})
        assert answer.status_code == 401
        assert "error=" not in answer.headers["www-authenticate"]


def test_disabled_user(server: Served, desktop: Desktop, alice: User) -> None:
    code = desktop.code("alice")
    tokens = desktop.sign_in("alice")
    disable_account(server.auth, "alice")
    assert refused_token(desktop.who(tokens["access_token"]))
    assert invalid_grant(desktop.refresh(tokens["refresh_token"]))
    assert desktop.exchange(code).status_code == 400
    assert desktop.submit(desktop.open(), username="alice", password=PASSWORD).status_code == 400
    enable_account(server.auth, "alice")
    assert desktop.who(desktop.sign_in("alice")["access_token"]).status_code == 200
    assert [e.details.get("reason") for e in server.events("denied")] == ["the account is disabled"]


# Codes


def test_code_twice_ends_what_it_gave(server: Served, desktop: Desktop, alice: User) -> None:
    code = desktop.code("alice")
    first = desktop.exchange(code).json()
    assert invalid_grant(desktop.exchange(code))
    assert refused_token(desktop.who(first["access_token"]))
    assert invalid_grant(desktop.refresh(first["refresh_token"]))
    assert server.events("token_reused")[0].actor == alice.id


def test_code_at_once(server: Served, desktop: Desktop, alice: User) -> None:
    """Of many who present a code at the same moment nobody keeps what they got."""
    code = desktop.code("alice")
    answers = at_once(6, lambda _: desktop.exchange(code))
    given = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(given) <= 1
    for tokens in given:
        assert refused_token(desktop.who(tokens["access_token"]))
        assert invalid_grant(desktop.refresh(tokens["refresh_token"]))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": "x" * 43}, "invalid_grant"),
        ({"code_verifier": "short"}, "invalid_request"),
        ({"code_verifier": None}, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.1:1/callback"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_grant"),
        ({"client_id": "somebody"}, "invalid_client"),
        ({"client_id": None}, "invalid_client"),
        ({"client_secret": "x"}, "invalid_client"),
        ({"code": "x" * 43}, "invalid_grant"),
        ({"code": None}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": None}, "unsupported_grant_type"),
    ],
    ids=str,
)
def test_code_with_something_else(
    server: Served, desktop: Desktop, alice: User, changes: dict[str, str | None], error: str
) -> None:
    answer = desktop.exchange(desktop.code("alice"), **changes)
    assert answer.status_code in (400, 401)
    assert answer.json()["error"] == error
    assert answer.headers["cache-control"] == "no-store"


def test_code_of_another_desktop(server: Served, desktop: Desktop, alice: User) -> None:
    """A stolen code is worth nothing without the verifier, and is used up by the attempt."""
    code = desktop.code("alice")
    with Desktop(server.url) as thief:
        assert invalid_grant(thief.exchange(code, redirect_uri=desktop.redirect_uri))
    assert invalid_grant(desktop.exchange(code))


def test_code_too_late(server: Served, desktop: Desktop, alice: User) -> None:
    code = desktop.code("alice")
    server.clock.ahead += 61
    assert invalid_grant(desktop.exchange(code))


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": "http://localhost:1234/callback"},
        {"redirect_uri": "http://127.0.0.1/callback"},
        {"redirect_uri": "http://127.0.0.1:1234/elsewhere"},
        {"redirect_uri": "http://127.0.0.1:1234/callback#x"},
        {"redirect_uri": "http://127.0.0.1:1234/callback?x=1"},
        {"redirect_uri": "http://127.0.0.1:1234@evil.example/callback"},
        {"redirect_uri": "http://127.0.0.1.evil.example:1234/callback"},
        {"redirect_uri": "http://127.1:1234/callback"},
        {"redirect_uri": "http://0x7f000001:1234/callback"},
        {"redirect_uri": "http://192.168.0.1:1234/callback"},
        {"redirect_uri": "https://127.0.0.1:1234/callback"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": "http://127.0.0.1:99999/callback"},
        {"redirect_uri": "http://127.0.0.1:1234/callback\r\nX: y"},
        {"redirect_uri": "http://127.0.0.1:1234/cällback"},
        {"redirect_uri": None},
        {"client_id": "somebody"},
        {"client_id": None},
        {"state": 'a"b\x00'},
    ],
    ids=str,
)
def test_request_that_must_not_redirect(
    server: Served, desktop: Desktop, changes: dict[str, str | None]
) -> None:
    page = desktop.open(**changes)
    assert page.status_code in (400, 401)
    assert "location" not in page.headers
    assert "<form" not in page.text
    assert page.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"scope": "openid everything"}, "invalid_scope"),
    ],
    ids=str,
)
def test_request_that_tells_the_desktop(
    server: Served, desktop: Desktop, changes: dict[str, str | None], error: str
) -> None:
    page = desktop.open(**changes)
    assert page.status_code == 303
    back = httpx.URL(page.headers["location"])
    assert str(back).startswith(desktop.redirect_uri)
    assert back.params["error"] == error
    assert back.params["state"] == desktop.state


def test_parameter_twice(server: Served, desktop: Desktop) -> None:
    page = desktop.http.get("/oauth2/authorize", params=[*desktop.request().items(), ("state", "other")])
    assert page.status_code == 400
    form = "grant_type=refresh_token&grant_type=refresh_token&refresh_token=x&client_id=tmi-desktop"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = desktop.http.post("/oauth2/token", content=form, headers=kind)
    assert answer.json()["error"] == "invalid_request"


@pytest.mark.parametrize("body", [b"\xff=\xff", b"&" * 100, b"a=b&" * 60, b"x" * 20_000, b""])
def test_bodies_that_are_no_forms(server: Served, desktop: Desktop, body: bytes) -> None:
    for kind in ("application/x-www-form-urlencoded", "application/json", "text/plain"):
        for path in ("/oauth2/token", "/oauth2/revoke"):
            answer = desktop.http.post(path, content=body, headers={"Content-Type": kind})
            assert answer.status_code == 400
            assert answer.json()["error"] in ("invalid_request", "unsupported_grant_type", "invalid_client")


# Refresh tokens


def test_reused_refresh_token_ends_the_family(server: Served, desktop: Desktop, alice: User) -> None:
    old = desktop.sign_in("alice")
    new = desktop.refresh(old["refresh_token"]).json()
    server.clock.ahead += 31  # the grace period is over
    assert invalid_grant(desktop.refresh(old["refresh_token"]))
    assert invalid_grant(desktop.refresh(new["refresh_token"]))
    assert refused_token(desktop.who(new["access_token"]))
    assert server.events("token_reused")[0].actor == alice.id
    assert desktop.who(desktop.sign_in("alice")["access_token"]).status_code == 200, "other sign-ins live"


def test_lost_answer_within_the_grace_period(server: Served, desktop: Desktop, alice: User) -> None:
    old = desktop.sign_in("alice")
    desktop.refresh(old["refresh_token"])  # the answer is lost
    again = desktop.refresh(old["refresh_token"])
    assert again.status_code == 200
    assert desktop.refresh(again.json()["refresh_token"]).status_code == 200


def test_grace_ends_with_the_successors_use(server: Served, desktop: Desktop, alice: User) -> None:
    old = desktop.sign_in("alice")
    new = desktop.refresh(old["refresh_token"]).json()
    newer = desktop.refresh(new["refresh_token"]).json()
    assert invalid_grant(desktop.refresh(old["refresh_token"]))
    assert invalid_grant(desktop.refresh(newer["refresh_token"]))


def test_refresh_token_misused(server: Served, desktop: Desktop, alice: User) -> None:
    tokens = desktop.sign_in("alice")
    token = tokens["refresh_token"]
    assert desktop.refresh(token, client_id="somebody").json()["error"] == "invalid_client"
    assert desktop.refresh(token, scope="openid everything").json()["error"] == "invalid_scope"
    assert invalid_grant(desktop.refresh(tokens["access_token"]))
    assert invalid_grant(desktop.refresh("x" * 43))
    assert desktop.refresh("").json()["error"] == "invalid_request"
    narrowed = desktop.refresh(token, scope="openid")
    assert narrowed.json()["scope"] == "openid", "none of it has used the token up"
    server.clock.ahead += 31 * 24 * 3600
    assert invalid_grant(desktop.refresh(narrowed.json()["refresh_token"]))


def test_new_password_ends_refresh_tokens(server: Served, desktop: Desktop, alice: User) -> None:
    tokens = desktop.sign_in("alice")
    reset_password(server.auth, "alice", "another good password")
    assert invalid_grant(desktop.refresh(tokens["refresh_token"]))


# Tickets


def asking(user: User) -> Principal:
    return Principal(user_id=user.id, name=user.name)


def test_ticket(server: Served, alice: User) -> None:
    mine, other = people.model(server.store, alice), people.model(server.store, alice)
    ticket = give_ticket(server.auth, asking(alice), mine)
    found = take_ticket(server.auth, ticket, mine)
    assert found
    assert found[0].id == alice.id
    assert take_ticket(server.auth, ticket, mine) is None, "replayed"
    assert take_ticket(server.auth, give_ticket(server.auth, asking(alice), mine), other) is None
    assert take_ticket(server.auth, "x" * 43, mine) is None
    late = give_ticket(server.auth, asking(alice), mine)
    server.clock.ahead += 31
    assert take_ticket(server.auth, late, mine) is None
    out = give_ticket(server.auth, asking(alice), mine)
    server.store.users.change(alice.id, server.clock(), disabled=True)
    assert take_ticket(server.auth, out, mine) is None


def test_a_ticket_is_good_no_longer_than_the_sign_in_behind_it(server: Served, alice: User) -> None:
    mine = people.model(server.store, alice)
    token = server.auth.signer.access_token(alice, client_id="tmi-desktop", scope="openid", sid="s" * 36)
    who = principal_of_token(server.auth, token)
    taken = take_ticket(server.auth, give_ticket(server.auth, who, mine), mine)
    assert taken
    assert (taken[1].token_id, taken[1].sign_in_id) == (who.token_id, "s" * 36)
    assert taken[1].good_until == who.good_until > server.clock()
    late = give_ticket(server.auth, dataclasses.replace(who, good_until=server.clock() + 1), mine)
    server.clock.ahead += 2
    assert take_ticket(server.auth, late, mine) is None
    out = give_ticket(server.auth, who, mine)
    server.auth.signer.end_sign_in(who.sign_in_id)
    assert take_ticket(server.auth, out, mine) is None


def test_ticket_at_once(server: Served, alice: User) -> None:
    model = people.model(server.store, alice)
    ticket = give_ticket(server.auth, asking(alice), model)
    assert sum(u is not None for u in at_once(6, lambda _: take_ticket(server.auth, ticket, model))) == 1


# Somebody else's


def test_someone_elses_model_is_not_there(server: Served, alice: User) -> None:
    model, bob = people.model(server.store, alice), server.account("bob")
    guessed = model[:-4] + "0000"
    answers = [
        httpx.get(f"{server.url}/threat_models/{model_id}/invites", headers=server.bearer(bob))
        for model_id in (model, guessed)
    ]
    told = [answer.json()["error"] for answer in answers]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert told[0] == told[1], "no telling which of them exists"
    denied = server.events("denied")
    assert [(event.actor, event.model_id) for event in denied] == [(bob.id, model), (bob.id, guessed)]


def test_secrets_are_stored_as_digests(server: Served, desktop: Desktop, alice: User) -> None:
    tokens = desktop.sign_in("alice")
    ticket = give_ticket(server.auth, asking(alice), people.model(server.store, alice))
    assert server.store.tokens.refresh_token(digest(tokens["refresh_token"]))
    path = next(p for p in server.folder.iterdir() if p.name == "server.db")
    held = b"".join(p.read_bytes() for p in path.parent.iterdir() if p.is_file())
    for secret in (tokens["refresh_token"], tokens["access_token"], ticket, desktop.answer["code"]):
        assert secret.encode() not in held
    assert digest(tokens["refresh_token"]) in held


def test_rotated_key_verifies_until_its_tokens_end(server: Served, desktop: Desktop, alice: User) -> None:
    before = server.access_token(alice)
    kid = server.auth.signer.keys.rotate()
    after = server.access_token(alice)
    assert json.loads(base64.urlsafe_b64decode(after.split(".")[0] + "==="))["kid"] == kid
    published = [key["kid"] for key in server.auth.signer.keys.public()["keys"]]
    assert published[0] == kid
    assert len(published) == 2
    for token in (before, after):
        assert desktop.who(token).status_code == 200
    server.clock.ahead += 3700
    assert [k["kid"] for k in server.auth.signer.keys.public()["keys"]] == [kid]


def test_key_made_by_another_process(server: Served, desktop: Desktop, alice: User) -> None:
    other = create_auth(server.auth.settings, server.store, server.clock, QUICK)
    assert other.signer.keys.public() == server.auth.signer.keys.public(), "the first start made the key"
    other.signer.keys.rotate()
    token = other.signer.access_token(alice, client_id="tmi-desktop", scope="openid", sid="s")
    server.clock.ahead += 3
    assert desktop.who(token).status_code == 200


def test_time_of_unknown_names(server: Served) -> None:
    """An unknown name takes a hash's time too: the hasher is really asked."""
    asked: list[str] = []
    passwords = server.auth.passwords
    real = passwords._hasher.verify

    class Counting:
        def verify(self, hash: str, password: str) -> bool:
            asked.append(hash)
            return real(hash, password)

    passwords._hasher, kept = Counting(), passwords._hasher  # type: ignore[assignment]
    try:
        assert not passwords.matches(None, "whatever it is")
        assert not passwords.matches(None, "x" * 100_000)
    finally:
        passwords._hasher = kept
    assert len(asked) == 2
