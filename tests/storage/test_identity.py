"""Users, passwords' hashes and groups."""

import pytest
from msgspec.structs import replace

from app.domain.ids import new_id
from app.ports_server import (
    Conflict,
    Credential,
    Filter,
    Group,
    Groups,
    LastOwner,
    RefreshToken,
    Slice,
    Users,
)
from storage.clock import iso
from storage.server import ServerStore
from tests.storage.people import a_user, at_once, digest, group, model, user


def test_they_fulfil_the_ports(store: ServerStore) -> None:
    users: Users = store.users
    groups: Groups = store.groups
    assert users.get(new_id()) is None
    assert groups.get(new_id()) is None


def test_a_user_is_found_in_every_way(store: ServerStore) -> None:
    ada = user(store, "Ada")
    user(store, "Bob")
    assert (ada.created_at, ada.modified_at, ada.last_login) == (iso(1.0), iso(1.0), "")
    assert store.users.get(ada.id) == ada
    assert store.users.find("local", "ada") == ada
    assert store.users.find("google", "ada") is None
    assert store.users.find_by_email("ADA@example.org") == [ada]


def test_ids_and_names_at_a_provider_are_taken_once(store: ServerStore) -> None:
    ada = user(store, "Ada")
    with pytest.raises(Conflict, match="already"):
        user(store, "Ada")
    with pytest.raises(Conflict):
        store.users.create(replace(a_user("Bob"), id=ada.id), 2.0)
    assert store.users.page(Slice()).total == 1
    made = at_once(6, lambda _: store.users.signed_in(a_user("Cy", "google"), 3.0).id)
    assert len(set(made)) == 1


def test_a_sign_in_adds_and_then_follows_the_provider(store: ServerStore) -> None:
    first = store.users.signed_in(a_user("Ada", "google"), 5.0)
    assert (first.last_login, first.modified_at) == (iso(5.0), iso(5.0))
    again = store.users.signed_in(a_user("Ada", "google"), 6.0)
    assert (again.id, again.last_login, again.modified_at) == (first.id, iso(6.0), iso(5.0))
    renamed = replace(a_user("Ada", "google"), name="Ada L.")
    assert (store.users.signed_in(renamed, 7.0).name, first.id) == ("Ada L.", again.id)
    found = store.users.get(first.id)
    assert found is not None
    assert found.modified_at == iso(7.0)


def test_users_are_listed_in_parts(store: ServerStore) -> None:
    for name in ("eve", "Ada", "Cy", "Bob_1", "Bobx1", "Dee"):
        user(store, name)
    names = [u.name for u in store.users.page(Slice(0, 3)).items]
    assert names == ["Ada", "Bob_1", "Bobx1"]
    rest = store.users.page(Slice(3, 3))
    assert ([u.name for u in rest.items], rest.total) == (["Cy", "Dee", "eve"], 6)
    falling = store.users.page(Slice(0, 1, "email", True))
    assert falling.items[0].name == "eve"
    assert [u.name for u in store.users.page(Slice(), [Filter("name", "contains", "B_1")]).items] == ["Bob_1"]
    assert store.users.page(Slice(), [Filter("name", "within", ["Ada", "eve"])]).total == 2
    assert store.users.page(Slice(), [Filter("disabled", "is", True)]).total == 0
    assert store.users.page(Slice(), [Filter("name", "is", "nul\0")]).total == 0


@pytest.mark.parametrize(
    "bad",
    [Filter("access_token", "is", "x"), Filter("name", "is", 1), Filter("disabled", "is", "yes")],
    ids=lambda bad: bad.column,
)
def test_a_list_refuses_what_it_has_not(store: ServerStore, bad: Filter) -> None:
    with pytest.raises(ValueError, match=bad.column):
        store.users.page(Slice(), [bad])
    with pytest.raises(ValueError, match="nowhere"):
        store.users.page(Slice(sort="nowhere"))


def test_a_password_ends_what_was_signed_in_before(store: ServerStore) -> None:
    ada = user(store, "Ada")
    assert store.users.credential(ada.id) is None
    store.tokens.keep_refresh_token(
        RefreshToken(digest=digest("a"), family_id=new_id(), user_id=ada.id, expires_at=99.0)
    )
    store.users.set_password(ada.id, "$argon2id$1", 2.0, must_change=True)
    assert store.users.credential(ada.id) == Credential("$argon2id$1", iso(2.0), True)
    store.users.set_password(ada.id, "$argon2id$2", 3.0)
    assert store.users.credential(ada.id) == Credential("$argon2id$2", iso(3.0), False)
    token = store.tokens.refresh_token(digest("a"))
    assert token is not None
    assert token.revoked
    with pytest.raises(Conflict):
        store.users.set_password(new_id(), "x", 4.0)


def test_disabling_ends_access_and_tokens(store: ServerStore) -> None:
    ada = user(store, "Ada")
    shared = model(store, ada)
    store.tokens.keep_refresh_token(
        RefreshToken(digest=digest("a"), family_id=new_id(), user_id=ada.id, expires_at=99.0)
    )
    assert store.users.change(ada.id, 2.0, disabled=True).disabled
    assert store.access.role(shared, ada.id, 3.0) is None
    redeemed = store.tokens.redeem_refresh_token(digest("a"), digest("b"), now=3.0, expires_at=9.0, grace=1.0)
    assert redeemed.outcome == "revoked"
    store.users.change(ada.id, 4.0, disabled=False)
    assert store.access.role(shared, ada.id, 5.0) == "owner"
    with pytest.raises(ValueError, match="provider of a user"):
        store.users.change(ada.id, 2.0, provider="other")
    with pytest.raises(Conflict, match="no such user"):
        store.users.change(new_id(), 2.0, name="X")


def test_groups_and_members(store: ServerStore) -> None:
    ada, bob = user(store, "Ada"), user(store, "Bob")
    team = group(store, "team", bob, ada)
    assert not store.groups.add_member(team.id, ada.id, 2.0)
    assert [u.name for u in store.groups.members(team.id)] == ["Ada", "Bob"]
    assert [g.group_name for g in store.groups.of_user(ada.id)] == ["team"]
    assert store.groups.find("local", "team") == store.groups.get(team.id)
    changed = store.groups.change(team.id, name="The team", description="All of us")
    assert (changed.name, changed.description, changed.members) == ("The team", "All of us", 2)
    assert store.groups.remove_member(team.id, ada.id)
    assert not store.groups.remove_member(team.id, ada.id)
    page = store.groups.page(Slice(sort="members"), [Filter("members", "at_least", 1)])
    assert [g.members for g in page.items] == [1]
    with pytest.raises(Conflict):
        group(store, "team")
    with pytest.raises(Conflict):
        store.groups.add_member(team.id, new_id(), 2.0)
    assert store.groups.delete(team.id)
    assert not store.groups.delete(team.id)
    assert store.groups.of_user(bob.id) == []


def test_groups_of_a_provider_follow_the_token(store: ServerStore) -> None:
    ada = user(store, "Ada", "google")
    own = group(store, "own", ada)
    store.groups.set_of_user(ada.id, "google", ["a", "b"], 2.0)
    store.groups.set_of_user(ada.id, "google", ["b", "c"], 3.0)
    assert [g.group_name for g in store.groups.of_user(ada.id)] == ["b", "c", own.group_name]
    used = store.groups.find("google", "b")
    assert isinstance(used, Group)
    assert (used.usage_count, used.first_used, used.last_used) == (2, iso(2.0), iso(3.0))


def test_a_group_that_owns_alone_stays(store: ServerStore) -> None:
    ada = user(store, "Ada")
    team, shared = group(store, "team", ada), model(store, ada)
    store.access.grant(shared, "group", team.id, "owner", granted_by=ada.id, now=2.0)
    store.access.revoke(shared, "user", ada.id, 3.0)
    with pytest.raises(LastOwner):
        store.groups.delete(team.id)
    assert store.access.role(shared, ada.id, 4.0) == "owner"
