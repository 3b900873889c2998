"""Grants to users and groups, and what they come to."""

import pytest

from app.domain.ids import new_id
from app.domain.patch import add
from app.ports_server import GUESTS, Access, Conflict, LastOwner, Role, Session, SubjectType
from storage.server import ServerStore
from tests.storage.people import at_once, group, model, user
from tests.storage.staging import Room


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


def test_a_guest_stays_a_guest(store: ServerStore) -> None:
    """Another role lasts no longer than the stay, and is never that of an owner."""
    ada, gina = user(store, "Ada"), user(store, "Gina", GUESTS)
    shared, access = model(store, ada), store.access
    access.grant(shared, "user", gina.id, "reader", granted_by=ada.id, now=2.0, expires_at=10.0)
    grant = access.grant(shared, "user", gina.id, "writer", granted_by=ada.id, now=3.0)
    assert (grant.role, grant.expires_at) == ("writer", 10.0)
    wanted: list[tuple[SubjectType, str, Role]] = [("user", ada.id, "owner"), ("user", gina.id, "reader")]
    access.replace(shared, wanted, granted_by=ada.id, now=4.0)
    assert access.role(shared, gina.id, 9.0) == "reader"
    assert access.role(shared, gina.id, 10.0) is None
    with pytest.raises(Conflict, match="a guest cannot own"):
        access.grant(shared, "user", gina.id, "owner", granted_by=ada.id, now=5.0)


def test_everybody_who_had_to_do_with_a_model(store: ServerStore) -> None:
    """Those who may see it, wrote in it, or were there: also without a role by now."""
    ada, bob, cy, dan, eve, fay = (user(store, name) for name in ("Ada", "Bob", "Cy", "Dan", "Eve", "Fay"))
    room = Room(store.rooms, author=ada.id).start("Model")
    group(store, "readers", fay)
    store.access.grant(room.model_id, "user", bob.id, "reader", granted_by=ada.id, now=2.0)
    store.access.grant(
        room.model_id, "group", group(store, "writers", cy).id, "writer", granted_by=ada.id, now=2.0
    )
    room.write(add("note", new_id(), {"name": "n", "content": "c"}), author=dan.id)
    session = Session(
        id=new_id(), model_id=room.model_id, diagram_id=new_id(), websocket_url="ws://x", host=ada.id
    )
    store.sessions.open(session, 3.0)
    store.sessions.join(session.id, eve.id, 3.0)
    store.sessions.end(session.id, 4.0)
    assert [one.name for one in store.catalogue.people(room.model_id)] == ["Ada", "Bob", "Cy", "Dan", "Eve"]
    assert store.catalogue.people(new_id()) == []


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
