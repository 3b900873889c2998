"""A server's store as a whole: its chain, sessions, lists, history, backups, and how it opens."""

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.domain.errors import LibraryError
from app.domain.ids import new_id
from app.domain.patch import add, remove, update
from app.domain.records import Threat
from app.ports_server import (
    Catalogue,
    Conflict,
    Filter,
    ServerChain,
    Session,
    Sessions,
    Slice,
    TrailQuery,
)
from storage import migrating
from storage.backups import back_up, check_backup
from storage.epoch import mark_path
from storage.server import ServerStore, open_server
from tests.storage import databases
from tests.storage.building import whole
from tests.storage.people import at_once, group, model, user
from tests.storage.staging import Room


def test_the_chain_holds_whoever_writes(store: ServerStore) -> None:
    chain: ServerChain = store.chain
    assert chain.verify() == (0, "")
    made = at_once(8, lambda n: chain.append("sign_in", now=float(n), actor=f"u{n}", details={"n": n}))
    assert sorted(event.sequence_number for event in made) == list(range(1, 9))
    bad = chain.append("denied", now=9.0, actor="nul\0 \ud800", model_id="m", address="127.0.0.1")
    assert chain.verify() == (9, "")
    found = chain.events(Slice(0, 3))
    assert ([e.sequence_number for e in found.items], found.total) == ([9, 8, 7], 9)
    assert found.items[0] == bad
    assert chain.events(Slice(), [Filter("type", "is", "sign_in")]).total == 8
    assert chain.events(Slice(), [Filter("actor", "is", "u3")]).items[0].details == {"n": 3}


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE server_events SET actor = 'x' WHERE sequence_number = 2", "column actor"),
        ("UPDATE server_events SET body = previous_hash WHERE sequence_number = 2", "not what was written"),
        ("DELETE FROM server_events WHERE sequence_number = 2", "is missing"),
        ("DELETE FROM server_events WHERE sequence_number = 3", "last events are missing"),
    ],
    ids=["column", "body", "middle", "end"],
)
def test_the_chain_tells_what_was_changed(store: ServerStore, statement: str, fault: str) -> None:
    for number in range(3):
        store.chain.append("export", now=float(number))
    store._database.write(lambda one: one.exec_driver_sql(statement))
    sound, reason = store.chain.verify()
    assert sound == (2 if "last" in fault else 1)
    assert fault in reason


def a_session(model_id: str, host: str, expires_at: float = 0.0) -> Session:
    return Session(
        id=new_id(), model_id=model_id, diagram_id=new_id(), websocket_url="/ws", host=host,
        expires_at=expires_at,
    )  # fmt: skip


def test_a_model_has_one_session_at_a_time(store: ServerStore) -> None:
    sessions: Sessions = store.sessions
    ada, bob = user(store, "Ada"), user(store, "Bob")
    shared = model(store, ada)
    made = at_once(6, lambda _: sessions.open(a_session(shared, ada.id), 5.0).id)
    assert len(set(made)) == 1
    assert sessions.list_active(bob.id, 6.0) == []
    [there] = sessions.list_active(ada.id, 6.0)
    assert (there.id, sessions.active(shared, 6.0)) == (made[0], there)
    assert sessions.change(there.id, host=bob.id, expires_at=20.0).host == bob.id
    later = sessions.open(a_session(shared, ada.id), 20.0)
    assert later.id != there.id
    old = sessions.get(there.id)
    assert old is not None
    assert old.ended_at
    assert sessions.end_all(30.0) == 1
    assert not sessions.end(later.id, 31.0)
    with pytest.raises(Conflict, match="no such model"):
        sessions.open(a_session(new_id(), ada.id), 5.0)


def test_participants_come_and_go(store: ServerStore) -> None:
    ada, bob = user(store, "Ada"), user(store, "Bob")
    session = store.sessions.open(a_session(model(store, ada), ada.id), 5.0)
    stays = at_once(6, lambda n: store.sessions.join(session.id, ada.id, 6.0 + n).joined_at)
    assert len(set(stays)) == 1
    store.sessions.join(session.id, bob.id, 20.0)
    assert store.sessions.leave(session.id, ada.id, 21.0)
    assert not store.sessions.leave(session.id, ada.id, 22.0)
    assert [p.name for p in store.sessions.participants(session.id)] == ["Bob"]
    store.sessions.join(session.id, ada.id, 23.0)
    assert [p.name for p in store.sessions.participants(session.id, present=False)] == ["Ada", "Bob", "Ada"]
    assert store.sessions.end(session.id, 24.0)
    assert store.sessions.participants(session.id) == []
    with pytest.raises(Conflict, match="has ended"):
        store.sessions.join(session.id, bob.id, 25.0)


def test_a_user_sees_what_is_shared(store: ServerStore) -> None:
    lists: Catalogue = store.catalogue
    ada, bob = user(store, "Ada"), user(store, "Bob")
    names = ("Zoo", "alpha", "Beta", "beta 100%", "beta 1000")
    ids = {name: model(store, ada, name) for name in names}
    team = group(store, "team", bob)
    store.access.grant(ids["Zoo"], "group", team.id, "reader", granted_by=ada.id, now=2.0)
    store.access.grant(ids["Beta"], "user", bob.id, "writer", granted_by=ada.id, now=2.0, expires_at=9.0)
    found = lists.models(bob.id, 3.0, Slice(sort="name"))
    assert [(m.name, m.role, m.owner) for m in found.items] == [
        ("Beta", "writer", ada.id), ("Zoo", "reader", ada.id)
    ]  # fmt: skip
    assert [m.name for m in lists.models(bob.id, 9.0, Slice()).items] == ["Zoo"]
    everything = lists.models(None, 3.0, Slice(1, 3, "name"))
    assert [m.name for m in everything.items] == ["Zoo", "alpha", "beta 100%"]
    assert (everything.total, everything.items[0].role) == (5, None)
    by_role = [Filter("role", "is", "writer")]
    assert [m.name for m in lists.models(bob.id, 3.0, Slice(), by_role).items] == ["Beta"]
    percent = [Filter("name", "contains", "100%"), Filter("owner_name", "is", "Ada")]
    assert [m.name for m in lists.models(ada.id, 3.0, Slice(), percent).items] == ["beta 100%"]
    assert lists.model(ids["alpha"], bob.id, 3.0) is None
    assert lists.delete(ids["Zoo"], 4.0)
    assert not lists.delete(ids["Zoo"], 4.0)
    assert [m.name for m in lists.models(bob.id, 5.0, Slice(), deleted=True).items] == ["Zoo"]
    assert lists.models(bob.id, 9.0, Slice()).total == 0
    assert lists.restore(ids["Zoo"])
    with pytest.raises(Conflict, match="no such model"):
        lists.restore(new_id())
    lists.purge(ids["Zoo"])
    assert lists.models(bob.id, 9.0, Slice()).total == 0
    assert store.verify().broken == ()


def test_records_are_listed_by_their_fields(store: ServerStore) -> None:
    room = Room(store.rooms).start()
    ids = [new_id() for _ in range(5)]
    room.write(
        *(
            add("threat", one, {"name": f"T{4 - n}", "score": n, "severity": "High" if n % 2 else "Low",
                                "metadata": {"n": str(n)}})
            for n, one in enumerate(ids)
        )
    )  # fmt: skip
    room.write(update("threat", ids[0], score=None, status="Mitigated"))
    room.write(add("milestone", new_id(), {"zoom": 2}), remove("threat", ids[4]))
    lists = store.catalogue
    threats = lists.records(room.model_id, "threat", Slice())
    assert [s.record for s in threats.items] == [room.state.get(one) for one in ids[:4]]
    assert [s.version for s in threats.items] == [3, 2, 2, 2]
    assert threats.items[1].record.metadata == {"n": "1"}
    high = [Filter("severity", "is", "High"), Filter("score", "more", 1)]
    found = lists.records(room.model_id, "threat", Slice(), high)
    assert ([s.record.id for s in found.items], found.total) == ([ids[3]], 1)
    for descending in (False, True):
        found = lists.records(room.model_id, "threat", Slice(0, 2, "score", descending))
        wanted = ids[3:1:-1] if descending else ids[:2]
        assert [s.record.id for s in found.items] == wanted
        assert found.total == 4
    assert [s.version for s in lists.records(room.model_id, "milestone", Slice()).items] == [4]
    one = lists.record(room.model_id, "threat", ids[0])
    assert one is not None
    assert isinstance(one.record, Threat)
    assert (one.record.status, one.version) == ("Mitigated", 3)
    assert lists.record(room.model_id, "threat", new_id()) is None
    everything = [*ids, room.model_id, new_id()]
    versions = dict(zip(ids, [3, 2, 2, 2, 4], strict=True)) | {room.model_id: 4}
    assert lists.versions(room.model_id, everything) == versions
    assert lists.removed(room.model_id, "threat") == {ids[4]: 4}
    with pytest.raises(ValueError, match="cwe_ids is none of the columns"):
        lists.records(room.model_id, "threat", Slice(sort="cwe_ids"))


def test_the_trail_is_found_by_what_one_knows(store: ServerStore) -> None:
    room = Room(store.rooms, author="ada").start()
    diagram = room.diagram()
    [first, second] = room.cells(diagram, 2)
    room.write(update("cell", first, label="A"), author="bob")
    room.write(update("cell", second, label="B"))
    room.write(remove("diagram", diagram), author="bob")
    trail, model_id = store.catalogue.trail, room.model_id

    def numbers(descending: bool = False, **query: object) -> list[int]:
        page = trail(model_id, TrailQuery(**query), Slice(0, 10, "", descending))  # type: ignore[arg-type]
        assert page.total == len(page.items)
        return [entry.event.sequence_number for entry in page.items]

    assert numbers() == [1, 2, 3, 4, 5, 6]
    assert numbers(record_id=first) == [3, 4, 6]
    assert numbers(kind="cell") == [3, 4, 5, 6]
    assert numbers(kind="diagram", author="bob") == [6]
    assert numbers(True, author="bob") == [6, 4]
    assert numbers(after=4) == [5, 6]
    recorded = trail(model_id, TrailQuery(), Slice()).items[3].recorded_at
    assert numbers(until=recorded)[-1] <= 3
    assert 4 in numbers(since=recorded)
    part = trail(model_id, TrailQuery(), Slice(2, 2))
    assert ([e.event.sequence_number for e in part.items], part.total) == ([3, 4], 6)


def test_states_of_long_ago_come_back(store: ServerStore) -> None:
    room = Room(store.rooms).start()
    diagram = room.diagram()
    states = {}
    for number in range(30):
        room.write(update("diagram", diagram, description=f"{number} " + "x" * 60_000))
        states[room.sequence] = room.state.copy()
    store._snapshots._pool.submit(lambda: None).result()
    made = store._database.read(
        lambda one: one.exec_driver_sql("SELECT sequence_number FROM snapshots").scalars().all()
    )
    assert made
    for sequence in (4, 17, *made, room.sequence):
        assert whole([store.catalogue.state_at(room.model_id, sequence)]) == whole([states[sequence]])
    with pytest.raises(LibraryError, match="no event 99"):
        store.catalogue.state_at(room.model_id, 99)


def test_pictures_and_cells(store: ServerStore) -> None:
    room = Room(store.rooms).start()
    diagram = room.diagram()
    room.cells(diagram, 2)
    lists = store.catalogue
    assert lists.image(room.model_id, diagram) is None
    assert lists.set_image(room.model_id, diagram, "<svg/>", 3)
    assert not lists.set_image(room.model_id, diagram, "<old/>", 2)
    assert not lists.set_image(room.model_id, new_id(), "<svg/>", 3)
    room.write(update("diagram", diagram, name="Keeps its picture"))
    assert lists.image(room.model_id, diagram) == ("<svg/>", 3)
    assert len(lists.cells(room.model_id, diagram)) == 2


def test_a_backup_of_a_file_is_whole(tmp_path: Path) -> None:
    store = open_server(tmp_path / "server.db")
    room = Room(store.rooms).start()
    store.back_up(tmp_path / "first.db")
    room.diagram()
    back_up(tmp_path / "server.db", tmp_path / "second.db")
    with pytest.raises(LibraryError, match="there already"):
        store.back_up(tmp_path / "first.db")
    store.close()
    assert [check_backup(tmp_path / name).events for name in ("first.db", "second.db")] == [1, 2]
    restored = open_server(tmp_path / "first.db")
    assert restored.rooms.load(room.model_id).sequence_number == 1
    restored.close()
    with sqlite3.connect(tmp_path / "second.db") as connection:
        connection.execute("UPDATE events SET title = 'x'")
    connection.close()
    assert [b.reason for b in check_backup(tmp_path / "second.db").broken] == [
        "the column title does not agree with the event"
    ]
    (tmp_path / "text.db").write_text("no database")
    for name, reason in (("text.db", "no database"), ("none.db", "not there")):
        with pytest.raises(LibraryError, match=reason):
            check_backup(tmp_path / name)


def test_a_backup_of_postgresql_is_pg_dumps(tmp_path: Path) -> None:
    with databases.postgresql() as url:
        store = open_server(url)
        assert not store.is_file
        with pytest.raises(LibraryError, match="pg_dump"):
            store.back_up(tmp_path / "backup.db")
        store.close()


def test_a_file_is_for_one_server(tmp_path: Path) -> None:
    path = tmp_path / "server.db"
    store = open_server(path)
    assert store.is_file
    assert store.ready() == ""
    with pytest.raises(LibraryError, match="in use by another program"):
        open_server(path)
    command = open_server(path, alongside=True)
    user(command, "Ada")
    command.close()
    assert store.users.find("local", "ada") is not None
    store.close()
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(LibraryError, match="damaged"):
        open_server(path)


def test_a_newer_form_is_refused(store: ServerStore, tmp_path: Path) -> None:
    url = store._database.writers.url
    where = tmp_path / "server.db" if store.is_file else url.render_as_string(hide_password=False)
    store._database.write(lambda one: one.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    with pytest.raises(LibraryError, match="newer version"):
        open_server(where)


def test_what_cannot_be_reached_is_said_in_words() -> None:
    with pytest.raises(LibraryError, match="cannot be opened"):
        open_server("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(LibraryError, match="address is not like"):
        open_server("postgresql://host:port/")


def test_the_scripts_lead_to_the_tables_on_postgresql() -> None:
    def schema(connection: sa.Connection) -> list[tuple[object, ...]]:
        columns = connection.exec_driver_sql(
            "SELECT table_name, column_name, data_type, is_nullable, column_default"
            " FROM information_schema.columns WHERE table_schema = 'public'"
        )
        constraints = connection.exec_driver_sql(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', ''"
            " FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
        )
        indexes = connection.exec_driver_sql(
            "SELECT tablename, indexname, indexdef, '', '' FROM pg_indexes WHERE schemaname = 'public'"
        )
        return sorted(map(str, map(tuple, [*columns, *constraints, *indexes])))  # type: ignore[arg-type]

    with databases.postgresql_database() as made:
        found = made.read(schema)
        name = databases.fresh_name()
        databases.run(f'CREATE DATABASE "{name}" TEMPLATE template0 ENCODING UTF8')
        engine = sa.create_engine(sa.make_url(databases.url_of(name)).set(drivername="postgresql+psycopg"))
        try:
            migrating.upgrade(engine)
            with engine.begin() as connection:
                assert schema(connection) == found
        finally:
            engine.dispose()
            databases.run(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_servers_that_start_at_once_make_the_tables_once() -> None:
    databases.server_address()
    name = databases.fresh_name()
    databases.run(f'CREATE DATABASE "{name}" TEMPLATE template0 ENCODING UTF8')
    try:
        stores = at_once(3, lambda _: open_server(databases.url_of(name)))
        assert [store.ready() for store in stores] == [""] * 3
        for store in stores:
            store.close()
    finally:
        databases.run(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_a_history_keeps_its_name_until_it_is_another_one(store: ServerStore) -> None:
    """The same at every start; another one once the tables are not the ones that they were."""
    first = store.settle_epoch()
    assert store.settle_epoch() == first
    database = store._database
    if database.path is not None:
        mark = mark_path(database.path)
        mark.write_text("of another day\n")
    else:  # what pg_restore does: the same rows in a new table
        database.write(lambda one: one.exec_driver_sql("CREATE TABLE other (LIKE heads INCLUDING ALL)"))
        database.write(lambda one: one.exec_driver_sql("ALTER TABLE heads RENAME TO former"))
        database.write(lambda one: one.exec_driver_sql("ALTER TABLE other RENAME TO heads"))
    second = store.settle_epoch()
    assert second != first
    assert store.settle_epoch() == second
