"""The one table of fields: type, limit, default, vocabulary, reference and merge group of every property.

Validation, SQL CHECKs and the API's schemas are generated from it. A record class declares its
properties as `Annotated[type, Field(...)]`; `fields_of` reads them back. A default never changes once
released, because an `add` in the log leaves defaults out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any, get_type_hints

import msgspec


class FieldType(Enum):
    """What a property holds, and so how it is checked, stored and merged."""

    TEXT = "text"
    FLAG = "flag"
    NUMBER = "number"
    INTEGER = "integer"
    CHOICE = "choice"
    REFERENCE = "reference"
    SET = "set"
    REFERENCE_SET = "reference_set"
    LIST = "list"
    MAP = "map"
    POINT = "point"
    SIZE = "size"
    POINTS = "points"
    END = "end"
    LABEL_POSITION = "label_position"
    JSON = "json"


class OnLoss(Enum):
    """What becomes of a record when the thing that a property of it refers to is gone."""

    CLEAR = "clear"
    REMOVE = "remove"


@dataclass(frozen=True)
class Field:
    """One property. Lengths in characters, numbers inclusive; `words` are offered or (CHOICE) required."""

    type: FieldType
    min: float | None = None
    max: float | None = None
    words: tuple[str, ...] = ()
    refers_to: tuple[str, ...] = ()
    on_loss: OnLoss = OnLoss.CLEAR
    multiline: bool = False
    fixed: bool = False
    pattern: str = ""
    title: str = ""
    cells: tuple[str, ...] = ()
    name: str = ""
    default: Any = None
    required: bool = False

    @property
    def per_key(self) -> bool:
        """Whether each key of the property is a merge group of its own."""
        return self.type is FieldType.MAP

    @property
    def is_set(self) -> bool:
        """Whether changes travel as `{add, remove}`."""
        return self.type in (FieldType.SET, FieldType.REFERENCE_SET)

    @property
    def is_reference(self) -> bool:
        """Whether the property can point at another record."""
        return self.type in (FieldType.REFERENCE, FieldType.REFERENCE_SET, FieldType.END)

    @property
    def label(self) -> str:
        """The name shown to people."""
        return self.title or self.name.replace("_", " ").capitalize()


def text(
    max: int = 65_535, *, min: int = 0, words: tuple[str, ...] = (), multiline: bool = False,
    pattern: str = "", title: str = "", cells: tuple[str, ...] = (),
) -> Field:  # fmt: skip
    """Text of `min` to `max` characters; `min` of 1 means that it may not be blank."""
    return Field(
        FieldType.TEXT,
        min,
        max,
        words,
        multiline=multiline,
        pattern=pattern,
        title=title,
        cells=cells,
    )


def flag(title: str = "", cells: tuple[str, ...] = ()) -> Field:
    """True or false."""
    return Field(FieldType.FLAG, title=title, cells=cells)


def number(min: float, max: float) -> Field:
    """A finite number within bounds, or nothing."""
    return Field(FieldType.NUMBER, min, max)


def integer(min: int, max: int) -> Field:
    """A whole number within bounds, or nothing."""
    return Field(FieldType.INTEGER, min, max)


def choice(words: tuple[str, ...], *, fixed: bool = False, title: str = "",
           cells: tuple[str, ...] = ()) -> Field:  # fmt: skip
    """Exactly one of `words`."""
    return Field(FieldType.CHOICE, words=words, fixed=fixed, title=title, cells=cells)


def reference(*kinds: str, on_loss: OnLoss = OnLoss.CLEAR, fixed: bool = False, title: str = "") -> Field:
    """The id of a record of one of `kinds`, or nothing."""
    return Field(FieldType.REFERENCE, refers_to=kinds, on_loss=on_loss, fixed=fixed, title=title)


def words_set(max_items: int, words: tuple[str, ...] = (), title: str = "") -> Field:
    """A set of short texts."""
    return Field(FieldType.SET, max=max_items, words=words, title=title)


def reference_set(*kinds: str, title: str = "", cells: tuple[str, ...] = ()) -> Field:
    """A set of ids of records of one of `kinds`."""
    return Field(FieldType.REFERENCE_SET, max=1000, refers_to=kinds, title=title, cells=cells)


def plain(type: FieldType, max: float | None = None, cells: tuple[str, ...] = ()) -> Field:
    """A field that needs no more than its type."""
    return Field(type, max=max, cells=cells)


@cache
def fields_of(record_type: type[msgspec.Struct]) -> Mapping[str, Field]:
    """Property name to field of a record class, in order of declaration, without `id`, `kind`, `extra`."""
    hints = get_type_hints(record_type, include_extras=True)
    found: dict[str, Field] = {}
    for info in msgspec.structs.fields(record_type):
        rule = next((m for m in getattr(hints[info.name], "__metadata__", ())
                     if isinstance(m, Field)), None)  # fmt: skip
        if rule is None:
            continue
        if info.default is not msgspec.NODEFAULT:
            default, required = info.default, False
        elif info.default_factory is not msgspec.NODEFAULT:
            default, required = info.default_factory(), False
        else:
            default, required = None, True
        found[info.name] = Field(
            **{**rule.__dict__, "name": info.name, "default": default, "required": required}
        )
    return found
