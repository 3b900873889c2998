"""Grants to users and groups, and what they come to."""

import pytest

from app.domain.ids import new_id
from app.ports_server import Access, Conflict, LastOwner
from storage.server import ServerStore
from tests.storage.people import at_once, group, model, user


def test_the_highest_role_counts(store: ServerStore) -> None:
    access: Access = store.access
    ada, bob, cy = (user(store, name) for name in ("Ada", "Bob", "Cy"))
    shared, other = model(store, ada), model(store, ada, "Other")
    readers, writers = group(store, "readers", bob, cy), group(store, "writers", bob)
    access.grant(shared, "group", readers.id, "reader", granted_by=ada.id, now=2.0)
    assert access.roles(shared, 3.0) == {ada.id: "owner", bob.id: "reader", cy.id: "reader"}
    access.grant(shared, "group", writers.id, "writer", granted_by=ada.id, now=2.0)
    assert access.role(shared, bob.id, 3.0) == "writer"
    access.grant(shared, "user", bob.id, "reader", granted_by=ada.id, now=2.0)
    assert access.role(shared, bob.id, 3.0) == "writer"
    store.groups.remove_member(writers.id, bob.id)
    assert access.role(shared, bob.id, 3.0) == "reader"
    assert access.role(other, bob.id, 3.0) is None
    assert access.role(new_id(), ada.id, 3.0) is None
    assert {(g.subject_type, g.name, g.role) for g in access.grants(shared)} == {
        ("user", "Ada", "owner"), ("group", "readers", "reader"), ("group", "writers", "writer"),
        ("user", "Bob", "reader"),
    }  # fmt: skip


def test_a_grant_expires(store: ServerStore) -> None:
    ada, bob = user(store, "Ada"), user(store, "Bob")
    shared = model(store, ada)
    grant = store.access.grant(shared, "user", bob.id, "writer", granted_by=ada.id, now=2.0, expires_at=10.0)
    assert (grant.expires_at, grant.granted_by) == (10.0, ada.id)
    assert store.access.role(shared, bob.id, 9.9) == "writer"
    assert store.access.role(shared, bob.id, 10.0) is None
    assert bob.id not in store.access.roles(shared, 10.0)
    with pytest.raises(Conflict, match="cannot expire"):
        store.access.grant(shared, "user", bob.id, "owner", granted_by=ada.id, now=2.0, expires_at=10.0)


def test_a_model_keeps_an_owner(store: ServerStore) -> None:
    ada, bob = user(store, "Ada"), user(store, "Bob")
    shared, access = model(store, ada), store.access
    with pytest.raises(LastOwner):
        access.revoke(shared, "user", ada.id, 2.0)
    with pytest.raises(LastOwner):
        access.grant(shared, "user", ada.id, "writer", granted_by=ada.id, now=2.0)
    with pytest.raises(LastOwner):
        access.replace(shared, [("user", bob.id, "writer")], granted_by=ada.id, now=2.0)
    assert access.role(shared, ada.id, 3.0) == "owner"
    access.grant(shared, "user", bob.id, "owner", granted_by=ada.id, now=2.0)
    assert access.revoke(shared, "user", ada.id, 3.0)
    assert not access.revoke(shared, "user", ada.id, 3.0)
    entry = store.catalogue.model(shared, bob.id, 4.0)
    assert entry is not None
    assert (entry.owner, entry.created_by) == (bob.id, ada.id)


def test_owners_who_leave_at_once_do_not_both_leave(store: ServerStore) -> None:
    people = [user(store, f"User {n}") for n in range(4)]
    shared = model(store, people[0])
    for one in people[1:]:
        store.access.grant(shared, "user", one.id, "owner", granted_by=people[0].id, now=2.0)

    def leave(which: int) -> bool:
        try:
            return store.access.revoke(shared, "user", people[which].id, 3.0)
        except LastOwner:
            return False

    assert sorted(at_once(4, leave)) == [False, True, True, True]
    assert list(store.access.roles(shared, 4.0).values()) == ["owner"]


def test_a_list_replaces_the_list(store: ServerStore) -> None:
    ada, bob, cy = (user(store, name) for name in ("Ada", "Bob", "Cy"))
    shared, team = model(store, ada), group(store, "team")
    first = store.access.grants(shared)[0]
    store.access.grant(shared, "user", cy.id, "reader", granted_by=ada.id, now=2.0, expires_at=5.0)
    found = store.access.replace(
        shared,
        [("user", ada.id, "owner"), ("user", bob.id, "writer"), ("group", team.id, "reader")],
        granted_by=ada.id,
        now=3.0,
    )
    assert {(g.subject_id, g.role) for g in found} == {
        (ada.id, "owner"), (bob.id, "writer"), (team.id, "reader")
    }  # fmt: skip
    assert first in found


def test_what_is_not_there_is_named(store: ServerStore) -> None:
    ada = user(store, "Ada")
    with pytest.raises(Conflict, match="no such model"):
        store.access.grant(new_id(), "user", ada.id, "reader", granted_by="", now=2.0)
    with pytest.raises(Conflict):
        store.access.grant(model(store, ada), "user", new_id(), "reader", granted_by="", now=2.0)
