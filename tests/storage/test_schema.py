"""The tables: what the scripts lead to is what the code expects, and they refuse what the domain refuses."""

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from app.domain.patch import update
from storage import SqlLibrary
from storage.dialect import writing_engine
from storage.kinds import KIND_TABLES
from storage.migrating import REVISION, make_schema, revisions, upgrade
from storage.tables import METADATA
from tests.storage.building import Pen

SEED_TABLES = {
    "users", "threat_models", "diagrams", "threats", "assets", "threat_model_access", "groups",
    "documents", "notes", "repositories", "metadata",
}  # fmt: skip


def parts(sql: str) -> list[str]:
    """What a statement declares, in any order: SQLite puts an added column behind the constraints.

    It also puts the name of a table that was renamed in quotation marks.
    """
    found, depth, begun = [], 0, 0
    for place, sign in enumerate(sql):
        depth += (sign == "(") - (sign == ")")
        if (sign in "(," and depth == 1) or (sign == ")" and depth == 0):
            found.append(" ".join(sql[begun:place].split()))
            begun = place + 1
    whole = [*found, " ".join(sql[begun:].split())]
    return sorted(re.sub(r'^CREATE TABLE "(\w+)"', r"CREATE TABLE \1", part) for part in whole)


def schema(engine: sa.Engine) -> dict[str, list[str]]:
    """Every table and index as sorted declarations."""
    with engine.begin() as connection:
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {name: parts(sql) for name, sql in rows}


def test_the_scripts_lead_to_the_tables(tmp_path: Path) -> None:
    """When this fails, the field table or a table has changed: render a migration for it."""
    made, migrated = (writing_engine(tmp_path / f"{n}.db", create=True) for n in ("made", "migrated"))
    make_schema(made)
    upgrade(migrated)
    assert schema(made) == schema(migrated)
    assert revisions()[-1] == REVISION
    made.dispose()
    migrated.dispose()


def test_the_seeds_tables_are_there() -> None:
    assert set(METADATA.tables) >= SEED_TABLES
    assert {"cells", "events", "outbox", "drafts", "snapshots"} <= set(METADATA.tables)


def test_the_tables_can_be_made_on_postgresql() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    for table in METADATA.sorted_tables:
        text = str(CreateTable(table).compile(dialect=dialect))
        assert "GLOB" not in text
        assert "PRAGMA" not in text


REFUSED = [
    "UPDATE threat_models SET name = '   '",
    "UPDATE threat_models SET name = replace('aaaaaaaaaaaaaaaaaaaaaaaaa', 'a', 'aaaaaaaaa')",
    "UPDATE threat_models SET threat_model_framework = 'OTHER'",
    "UPDATE threat_models SET id = SUBSTR(id, 2)",
    "UPDATE diagrams SET type = 'UML'",
    "UPDATE diagrams SET \"order\" = 'a-b'",
    "UPDATE diagrams SET name = NULL",
    "UPDATE cells SET type = 'cloud'",
    "UPDATE cells SET form = 'line'",
    "UPDATE cells SET type = 'data_flow'",
    "UPDATE cells SET size_width = 0",
    "UPDATE cells SET position_x = 1e300",
    "UPDATE cells SET parent = 'x'",
    "UPDATE cells SET diagram_id = threat_model_id",
    "DELETE FROM diagrams",
    "UPDATE metadata SET key = 'a b'",
    "UPDATE metadata SET value = '  '",
    "UPDATE metadata SET entity_type = 'moon'",
    "UPDATE heads SET sequence_number = 0",
    "UPDATE threat_model_access SET role = 'king'",
    "UPDATE threat_model_access SET subject_type = 'group'",
    "INSERT INTO metadata SELECT threat_model_id, 'x', entity_type, entity_id, key, 'y', '', ''"
    " FROM metadata",
    "INSERT INTO events SELECT model_id, sequence_number + 9, operation_id, author, origin, title, 0, '',"
    " '', '', '', body, hash, hash, '' FROM events",
    "INSERT INTO outbox SELECT model_id, operation_id, 1, 1, 'lost', '', body FROM events",
]


@pytest.mark.parametrize("statement", REFUSED)
def test_the_tables_refuse(any_library: SqlLibrary, statement: str) -> None:
    pen = Pen(any_library).start()
    pen.cell(pen.diagram())
    pen.write(update("threat_model", pen.model_id, metadata={"key": "value"}))
    any_library.flush()
    assert any_library._writers is not None
    with pytest.raises(sa.exc.IntegrityError), any_library._writers.begin() as connection:
        connection.exec_driver_sql(statement)


def test_every_kind_has_its_derived_columns() -> None:
    for kind in KIND_TABLES.values():
        assert {"created_at", "modified_at", "update_vector", "extra"} <= set(kind.table.c.keys())
