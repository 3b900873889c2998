"""Refresh tokens, codes, tickets, invites, idempotency keys: each used as often as it may be, never more."""

import pytest
from msgspec.structs import replace

from app.domain.ids import new_id
from app.ports_server import (
    AuthorizationCode,
    Claim,
    Conflict,
    Idempotency,
    Invite,
    Invites,
    RefreshToken,
    SigningKey,
    StoredResponse,
    TakenCode,
    Ticket,
    Tickets,
    Tokens,
    User,
)
from storage.server import ServerStore
from tests.storage.people import a_user, at_once, digest, model, user


def first_token(store: ServerStore, owner: User, name: str = "t0", family: str = "") -> RefreshToken:
    """The first token of a family, good until 100."""
    token = RefreshToken(
        digest=digest(name), family_id=family or new_id(), user_id=owner.id, client_id="desktop",
        scope="all", created_at=1.0, expires_at=100.0,
    )  # fmt: skip
    store.tokens.keep_refresh_token(token)
    return token


def redeem(store: ServerStore, old: str, new: str, now: float, grace: float = 10.0) -> str:
    """Exchange one token for another; the outcome."""
    tokens: Tokens = store.tokens
    return tokens.redeem_refresh_token(
        digest(old), digest(new), now=now, expires_at=now + 100, grace=grace
    ).outcome


def test_a_token_rotates(store: ServerStore) -> None:
    token = first_token(store, user(store, "Ada"))
    found = store.tokens.redeem_refresh_token(
        digest("t0"), digest("t1"), now=5.0, expires_at=105.0, grace=0.0
    )
    assert (found.outcome, found.token) == ("rotated", token)
    assert found.successor == store.tokens.refresh_token(digest("t1"))
    assert found.successor is not None
    assert (found.successor.family_id, found.successor.scope) == (token.family_id, "all")
    assert (found.successor.created_at, found.successor.expires_at) == (5.0, 105.0)
    assert redeem(store, "t1", "t2", 6.0) == "rotated"
    assert redeem(store, "never", "t3", 6.0) == "unknown"
    assert redeem(store, "t2", "t3", 106.0) == "expired"


def test_a_lost_answer_is_forgiven_for_a_moment(store: ServerStore) -> None:
    first_token(store, user(store, "Ada"))
    assert redeem(store, "t0", "t1", 5.0) == "rotated"
    assert redeem(store, "t0", "t2", 14.9) == "grace"
    assert redeem(store, "t2", "t3", 15.0) == "rotated"
    # One successor is in use: whoever presents the old token now is somebody else.
    assert redeem(store, "t0", "t4", 14.9) == "reused"
    for secret in ("t1", "t3"):
        assert redeem(store, secret, f"{secret}x", 15.0) == "revoked"


def test_reuse_ends_the_family_and_no_other(store: ServerStore) -> None:
    ada = user(store, "Ada")
    first_token(store, ada)
    first_token(store, ada, "other")
    assert redeem(store, "t0", "t1", 5.0) == "rotated"
    assert redeem(store, "t0", "t2", 15.0) == "reused"
    assert redeem(store, "t1", "t3", 16.0) == "revoked"
    assert redeem(store, "other", "t4", 16.0) == "rotated"


@pytest.mark.parametrize(("grace", "others"), [(0.0, {"reused", "revoked"}), (10.0, {"grace"})])
def test_of_many_at_once_one_rotates(store: ServerStore, grace: float, others: set[str]) -> None:
    first_token(store, user(store, "Ada"))
    found = at_once(8, lambda n: redeem(store, "t0", f"n{n}", 5.0, grace))
    assert found.count("rotated") == 1
    assert set(found) - {"rotated"} <= others


def test_tokens_end_by_family_user_and_name(store: ServerStore) -> None:
    ada, bob = user(store, "Ada"), user(store, "Bob")
    family = first_token(store, ada, "a1").family_id
    first_token(store, ada, "a2")
    first_token(store, ada, "a3")
    first_token(store, bob, "b1")
    assert store.tokens.revoke_family(family) == 1
    assert store.tokens.revoke_refresh_token(digest("a2"))
    assert not store.tokens.revoke_refresh_token(digest("nobody's"))
    assert store.tokens.revoke_user(ada.id) == 1
    assert [redeem(store, s, s + "x", 5.0) for s in ("a1", "a2", "a3", "b1")] == [
        "revoked", "revoked", "revoked", "rotated"
    ]  # fmt: skip


def a_code(owner: User) -> AuthorizationCode:
    return AuthorizationCode(
        digest=digest("code"), user_id=owner.id, client_id="desktop", redirect_uri="http://127.0.0.1/cb",
        challenge="challenge", family_id=new_id(), nonce="n", expires_at=10.0,
    )  # fmt: skip


def test_a_code_is_taken_once(store: ServerStore) -> None:
    ada = user(store, "Ada")
    code = a_code(ada)
    store.tokens.keep_code(code)
    assert store.tokens.take_code(digest("other"), 5.0) == TakenCode("unknown")
    found = at_once(8, lambda _: store.tokens.take_code(digest("code"), 5.0))
    assert sorted(one.outcome for one in found) == ["taken"] + ["used"] * 7
    assert all(one.code == code for one in found)


def test_a_code_used_twice_ends_its_tokens(store: ServerStore) -> None:
    ada = user(store, "Ada")
    code = a_code(ada)
    store.tokens.keep_code(code)
    assert store.tokens.take_code(digest("code"), 5.0).outcome == "taken"
    first_token(store, ada, "t0", code.family_id)
    assert store.tokens.take_code(digest("code"), 50.0).outcome == "used"
    assert redeem(store, "t0", "t1", 6.0) == "revoked"


def test_a_code_expires(store: ServerStore) -> None:
    store.tokens.keep_code(a_code(user(store, "Ada")))
    assert store.tokens.take_code(digest("code"), 10.0).outcome == "expired"


def test_access_tokens_are_revoked_until_they_expire(store: ServerStore) -> None:
    store.tokens.revoke_access_token("jti", 10.0)
    store.tokens.revoke_access_token("jti", 10.0)
    assert store.tokens.is_revoked("jti")
    assert not store.tokens.is_revoked("other")
    assert store.sweep(9.9) == 0
    assert store.sweep(10.0) == 1
    assert not store.tokens.is_revoked("jti")


def test_keys_retire_and_go(store: ServerStore) -> None:
    old = SigningKey(kid="a", algorithm="ES256", jwk="{}", created_at=1.0)
    new = SigningKey(kid="b", algorithm="ES256", jwk="{}", created_at=2.0)
    store.tokens.add_key(old)
    store.tokens.add_key(new)
    assert [(k.kid, k.retired_at) for k in store.tokens.keys(3.0)] == [("b", 0.0), ("a", 2.0)]
    store.tokens.retire_key("a", 5.0, 10.0)
    assert [(k.kid, k.retired_at) for k in store.tokens.keys(9.0)] == [("b", 0.0), ("a", 2.0)]
    assert [k.kid for k in store.tokens.keys(10.0)] == ["b"]
    with pytest.raises(Conflict):
        store.tokens.add_key(new)


def test_a_ticket_opens_one_socket(store: ServerStore) -> None:
    tickets: Tickets = store.tickets
    ada = user(store, "Ada")
    ticket = Ticket(
        digest=digest("t"), user_id=ada.id, model_id=model(store, ada), session_id="s", expires_at=30.0
    )
    tickets.keep(ticket)
    found = at_once(8, lambda _: tickets.take(digest("t"), 5.0))
    assert [one for one in found if one] == [ticket]
    tickets.keep(ticket)
    assert tickets.take(digest("t"), 30.0) is None
    assert tickets.take(digest("t"), 5.0) is None
    assert tickets.take(digest("other"), 5.0) is None


def an_invite(store: ServerStore, owner: User, **more: object) -> Invite:
    invite = Invite(
        id=new_id(), digest=digest("secret"), role="writer", created_by=owner.id,
        expires_at=100.0, uses_left=3, model_id=model(store, owner),
    )  # fmt: skip
    return store.invites.create(replace(invite, **more), 1.0)


def test_an_invite_lets_in_as_many_as_it_says(store: ServerStore) -> None:
    invites: Invites = store.invites
    invite = an_invite(store, user(store, "Ada"))
    assert invites.peek(digest("secret"), 5.0).outcome == "used"
    found = at_once(8, lambda n: invites.use(digest("secret"), a_user(f"Guest {n}", "invite"), 5.0))
    assert sorted(one.outcome for one in found) == ["used"] * 3 + ["used_up"] * 5
    guests = {one.user.id for one in found if one.user is not None}
    roles = store.access.roles(invite.model_id, 6.0)
    assert {who for who, role in roles.items() if role == "writer"} == guests
    after = invites.get(invite.id)
    assert after is not None
    assert (after.uses, after.uses_left) == (3, 0)
    assert invites.peek(digest("secret"), 5.0).outcome == "used_up"
    assert invites.of_model(invite.model_id) == [after]


def test_an_invite_gives_but_never_takes(store: ServerStore) -> None:
    ada, bob = user(store, "Ada"), user(store, "Bob")
    invite = an_invite(store, ada, role="reader", uses_left=None)
    for who, role in ((ada, "owner"), (bob, "reader")):
        used = store.invites.use(digest("secret"), who, 5.0, access_expires_at=50.0)
        assert used.user is not None
        assert used.user.id == who.id
        assert store.access.role(invite.model_id, who.id, 6.0) == role
    assert store.access.role(invite.model_id, bob.id, 50.0) is None


def test_an_invite_ends(store: ServerStore) -> None:
    invite = an_invite(store, user(store, "Ada"))
    guest = a_user("Guest", "invite")
    assert store.invites.use(digest("secret"), guest, 100.0).outcome == "expired"
    assert store.invites.use(digest("other"), guest, 5.0).outcome == "unknown"
    assert store.invites.revoke(invite.id)
    assert not store.invites.revoke(new_id())
    assert store.invites.use(digest("secret"), guest, 5.0).outcome == "revoked"
    assert store.users.find("invite", guest.provider_user_id) is None


def claim(keys: Idempotency, user_id: str, content: str = "a", now: float = 1.0, path: str = "/p") -> Claim:
    return keys.claim("key", user_id, "POST", path, digest(content), now=now, expires_at=now + 10)


def test_a_key_answers_twice_what_was_done_once(store: ServerStore) -> None:
    keys: Idempotency = store.idempotency
    ada, bob = user(store, "Ada"), user(store, "Bob")
    found = at_once(8, lambda _: claim(keys, ada.id).state)
    assert sorted(found) == ["fresh"] + ["running"] * 7
    assert claim(keys, ada.id, "b").state == "mismatch"
    answer = StoredResponse(201, {"etag": '"3"'}, b"\x00{}")
    keys.finish("key", ada.id, "POST", "/p", answer)
    keys.abandon("key", ada.id, "POST", "/p")
    assert claim(keys, ada.id) == Claim("done", answer)
    assert claim(keys, bob.id).state == "fresh"
    assert claim(keys, ada.id, path="/q").state == "fresh"
    assert claim(keys, ada.id, "b", now=11.0).state == "fresh"


def test_a_key_is_given_back(store: ServerStore) -> None:
    ada = user(store, "Ada")
    assert claim(store.idempotency, ada.id).state == "fresh"
    store.idempotency.abandon("key", ada.id, "POST", "/p")
    assert claim(store.idempotency, ada.id).state == "fresh"


def test_what_expired_is_swept(store: ServerStore) -> None:
    ada = user(store, "Ada")
    first_token(store, ada)
    store.tokens.keep_code(a_code(ada))
    claim(store.idempotency, ada.id)
    assert store.sweep(5.0) == 0
    assert store.sweep(100.0) == 3
    assert store.tokens.refresh_token(digest("t0")) is None
