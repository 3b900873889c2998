"""How a property of the field table lies in SQL: its columns, their CHECKs, and the way there and back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from app.domain.checks import FARTHEST, SMALLEST_SIDE
from app.domain.fields import Field, FieldType
from app.domain.order import DIGITS
from app.domain.order import PATTERN as ORDER_PATTERN
from app.domain.patch import encode
from app.domain.values import End, LabelPosition, Point, Size

ID: Final = sa.String(36)


@dataclass(frozen=True)
class Mapped:
    """One property in SQL. `encode` and `decode` are None where the column holds the value itself.

    `decode` takes as many arguments as there are columns. A JSON column is NULL for the default.
    """

    name: str
    columns: tuple[sa.Column[Any], ...]
    checks: tuple[str, ...] = ()
    encode: Callable[[Any], tuple[Any, ...]] | None = None
    decode: Callable[..., Any] | None = None


def quoted(value: str) -> str:
    """A text as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def only(column: str, characters: str) -> str:
    """A CHECK that a column holds no other characters; TRIM with a set is known to every dialect."""
    return f'LENGTH(TRIM("{column}", {quoted(characters)})) = 0'


def key_check(column: str) -> str:
    """A CHECK for the keys of metadata."""
    return f'LENGTH("{column}") BETWEEN 1 AND 128 AND {only(column, DIGITS + "_-")}'


def text_check(column: str, low: int, high: int) -> str:
    """A CHECK for a length in characters; `low` of 1 also refuses blanks."""
    check = f'LENGTH("{column}") <= {high}'
    return check + (f' AND LENGTH(TRIM("{column}")) > 0' if low else "")


def _text(field: Field) -> Mapped:
    check = text_check(field.name, int(field.min or 0), int(field.max or FARTHEST))
    if field.pattern == ORDER_PATTERN:
        check += f" AND {only(field.name, DIGITS)}"
    return Mapped(field.name, (sa.Column(field.name, sa.Text, nullable=False),), (check,))


def _choice(field: Field) -> Mapped:
    words = ", ".join(quoted(word) for word in field.words)
    check = f'"{field.name}" IN ({words})'
    return Mapped(field.name, (sa.Column(field.name, sa.Text, nullable=False),), (check,))


def _flag(field: Field) -> Mapped:
    return Mapped(field.name, (sa.Column(field.name, sa.Boolean, nullable=False),))


def _reference(field: Field) -> Mapped:
    column = sa.Column(field.name, ID, nullable=not field.required)
    return Mapped(field.name, (column,), (f'LENGTH("{field.name}") = 36',))


def _number(field: Field) -> Mapped:
    kind: Any = sa.BigInteger if field.type is FieldType.INTEGER else sa.Double
    low, high = field.min or 0, FARTHEST if field.max is None else field.max
    check = f'"{field.name}" >= {low:.0f} AND "{field.name}" <= {high:.0f}'
    return Mapped(field.name, (sa.Column(field.name, kind),), (check,))


def _numbers(name: str, *parts: str, nullable: bool = False) -> tuple[sa.Column[Any], ...]:
    return tuple(sa.Column(f"{name}_{part}", sa.Double, nullable=nullable) for part in parts)


def _near(name: str) -> str:
    return f'"{name}" BETWEEN -{FARTHEST:.0f} AND {FARTHEST:.0f}'


def _point(field: Field) -> Mapped:
    columns = _numbers(field.name, "x", "y")
    checks = tuple(_near(column.name) for column in columns)
    return Mapped(field.name, columns, checks, lambda p: (p.x, p.y), Point)


def _size(field: Field) -> Mapped:
    columns = _numbers(field.name, "width", "height")
    checks = tuple(f'"{c.name}" BETWEEN {SMALLEST_SIDE:.0f} AND {FARTHEST:.0f}' for c in columns)
    return Mapped(field.name, columns, checks, lambda s: (s.width, s.height), Size)


def _encode_end(end: End | None) -> tuple[Any, ...]:
    if end is None:
        return (None, None, None, None)
    if end.cell is not None:
        return (end.cell, end.port, None, None)
    return (None, None, end.x, end.y)


def _decode_end(cell: str | None, port: str | None, x: float | None, y: float | None) -> End | None:
    if cell is not None:
        return End(cell, port)
    return None if x is None or y is None else End(None, None, x, y)


def _end(field: Field) -> Mapped:
    name = field.name
    columns = (
        sa.Column(f"{name}_cell", ID),
        sa.Column(f"{name}_port", sa.Text),
        *_numbers(name, "x", "y", nullable=True),
    )
    checks = (
        f'LENGTH("{name}_port") <= 64',
        _near(f"{name}_x"),
        _near(f"{name}_y"),
        f'"{name}_cell" IS NULL OR "{name}_x" IS NULL',
    )
    return Mapped(name, columns, checks, _encode_end, _decode_end)


_TEXTS: Final = msgspec.json.Decoder(list[str])
_MAP: Final = msgspec.json.Decoder(dict[str, str])
_POINTS: Final = msgspec.json.Decoder(list[tuple[float, float]])
_TRIPLE: Final = msgspec.json.Decoder(tuple[float, float, float])
_ANY: Final = msgspec.json.Decoder()

_JSON_CODECS: Final[dict[FieldType, tuple[Callable[[Any], Any], Callable[[str], Any]]]] = {
    FieldType.SET: (sorted, lambda raw: frozenset(_TEXTS.decode(raw))),
    FieldType.REFERENCE_SET: (sorted, lambda raw: frozenset(_TEXTS.decode(raw))),
    FieldType.LIST: (list, lambda raw: tuple(_TEXTS.decode(raw))),
    FieldType.MAP: (dict, _MAP.decode),
    FieldType.POINTS: (
        lambda points: [(p.x, p.y) for p in points],
        lambda raw: tuple(Point(x, y) for x, y in _POINTS.decode(raw)),
    ),
    FieldType.LABEL_POSITION: (
        lambda place: (place.at, place.dx, place.dy),
        lambda raw: LabelPosition(*_TRIPLE.decode(raw)),
    ),
    FieldType.JSON: (lambda value: value, _ANY.decode),
}


def json_text(value: Any) -> str:
    """Plain data as compact JSON with sorted keys."""
    return encode(value).decode()


def _json(field: Field) -> Mapped:
    plain, read = _JSON_CODECS[field.type]
    default = field.default

    def write(value: Any) -> tuple[str | None]:
        return (None if value == default else json_text(plain(value)),)

    return Mapped(field.name, (sa.Column(field.name, sa.Text),), (), write, read)


_COLUMNS: Final[dict[FieldType, Callable[[Field], Mapped]]] = {
    FieldType.TEXT: _text,
    FieldType.CHOICE: _choice,
    FieldType.FLAG: _flag,
    FieldType.NUMBER: _number,
    FieldType.INTEGER: _number,
    FieldType.REFERENCE: _reference,
    FieldType.POINT: _point,
    FieldType.SIZE: _size,
    FieldType.END: _end,
}


def mapped(field: Field) -> Mapped:
    """The columns of a property and how its value gets into them and back."""
    return _COLUMNS.get(field.type, _json)(field)
