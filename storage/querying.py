"""Lists by filter, order and part, all of it in SQL."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from app.ports_server import Filter, Slice
from storage.dialect import by_bytes

Columns = Mapping[str, Any]

_TESTS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "is": lambda column, value: column == value,
    "is_not": lambda column, value: column != value,
    "less": lambda column, value: column < value,
    "at_most": lambda column, value: column <= value,
    "more": lambda column, value: column > value,
    "at_least": lambda column, value: column >= value,
    "contains": lambda column, value: column.icontains(value, autoescape=True),
    "within": lambda column, value: column.in_(list(value)),
}


def _column(columns: Columns, name: str) -> Any:
    try:
        return columns[name]
    except KeyError:
        known = ", ".join(sorted(columns))
        raise ValueError(f"{name} is none of the columns that can be used here: {known}") from None


def _is_text(column: Any) -> bool:
    return isinstance(column.type, sa.String)


def _condition(connection: sa.Connection, columns: Columns, one: Filter) -> Any:
    column = _column(columns, one.column)
    given = list(one.value) if one.test == "within" else [one.value]
    wanted: Any = str
    if isinstance(column.type, sa.Boolean):
        wanted = bool
    elif not _is_text(column):
        wanted = int | float
    right = all(isinstance(v, wanted) and (wanted is bool or not isinstance(v, bool)) for v in given)
    if not right or (one.test == "contains" and not _is_text(column)):
        raise ValueError(f"{one.column} cannot be compared in this way with {one.value!r}")
    # Databases differ in which characters they can take at all: what no store can hold, none holds.
    if any(isinstance(v, str) and ("\0" in v or not _can_be_sent(v)) for v in given):
        return sa.true() if one.test == "is_not" else sa.false()
    if one.test in ("less", "at_most", "more", "at_least") and _is_text(column):
        column = by_bytes(column, connection)
    return _TESTS[one.test](column, one.value)


def _can_be_sent(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def page(
    connection: sa.Connection,
    query: Any,
    columns: Columns,
    part: Slice,
    filters: Sequence[Filter],
    *,
    default: str,
    tie: Any,
) -> tuple[Sequence[Any], int]:
    """The rows of a part of a query's result, and how many rows there are in all.

    `columns` may be sorted and filtered by; `default` is the order where none is asked for, `tie` the
    column that makes every order total. ValueError for another column or a value that does not fit it.
    """
    for one in filters:
        query = query.where(_condition(connection, columns, one))
    total = connection.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar() or 0
    column = _column(columns, part.sort or default)
    if _is_text(column):
        column = by_bytes(column, connection)
    # Where nothing stands comes first in one database and last in the other.
    empty = column.is_(None)
    order = (empty, column.desc(), tie.desc()) if part.descending else (empty.desc(), column, tie)
    rows = connection.execute(query.order_by(*order).offset(part.offset).limit(part.limit)).all()
    return rows, total
