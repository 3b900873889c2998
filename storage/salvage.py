"""Rows out of a damaged SQLite file: whatever can still be read, table by table, around broken pages."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

_LONGEST_GAP: Final = 200_000
Row = dict[str, Any]


class Wreck:
    """A damaged database, opened for reading with every doubt switched off."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("writable_schema=ON", "query_only=ON", "trusted_schema=OFF"):
            try:
                self._connection.execute(f"PRAGMA {pragma}")
            except sqlite3.DatabaseError:
                continue
        # Text that a broken page has garbled must not end the reading of its table.
        self._connection.text_factory = lambda raw: raw.decode("utf-8", "replace")

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def rows(self, table: sa.Table) -> list[Row]:
        """The readable rows of a table in the order of the file, each once.

        From the front until a page is broken, from the back until a page is broken, and one by one in
        between.
        """
        known = self._columns(table.name)
        columns = [column.name for column in table.columns if column.name in known]
        if not columns:
            return []
        wanted = ", ".join(f'"{name}"' for name in columns)
        select = f'SELECT rowid, {wanted} FROM "{table.name}" NOT INDEXED'  # noqa: S608
        found, broken = self._scan(f"{select} ORDER BY rowid")
        if broken:
            back, _ = self._scan(f"{select} ORDER BY rowid DESC")
            low, high = max(found, default=0), min(back, default=0)
            found.update(back)
            if high - low < _LONGEST_GAP:
                for rowid in range(low + 1, high):
                    one, _ = self._scan(f"{select} WHERE rowid = ?", rowid)
                    found.update(one)
        return [dict(zip(columns, found[rowid], strict=True)) for rowid in sorted(found)]

    def _columns(self, table: str) -> set[str]:
        try:
            rows = self._connection.execute(f'PRAGMA table_info("{table}")').fetchall()
        except sqlite3.DatabaseError:
            return set()
        return {str(row[1]) for row in rows}

    def _scan(self, query: str, *values: Any) -> tuple[dict[int, tuple[Any, ...]], bool]:
        found: dict[int, tuple[Any, ...]] = {}
        try:
            for row in self._iterate(query, values):
                found[int(row[0])] = row[1:]
        except (sqlite3.DatabaseError, OverflowError, MemoryError):
            return found, True
        return found, False

    def _iterate(self, query: str, values: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        cursor = self._connection.execute(query, values)
        try:
            yield from cursor
        finally:
            cursor.close()
