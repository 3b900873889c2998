"""Values that records are made of. Coordinates are absolute scene units, rounded to 1/100."""

from collections.abc import Mapping
from typing import TypeAlias

import msgspec

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
JsonObject: TypeAlias = Mapping[str, Json]


class Point(msgspec.Struct, frozen=True, gc=False):
    """A place in a diagram, in scene units."""

    x: float = 0.0
    y: float = 0.0


class Size(msgspec.Struct, frozen=True, gc=False):
    """Width and height in scene units, both positive."""

    width: float
    height: float


class End(msgspec.Struct, frozen=True, gc=False):
    """One end of a line: attached to a cell (optionally at a port), or a free point."""

    cell: str | None = None
    port: str | None = None
    x: float = 0.0
    y: float = 0.0

    @property
    def point(self) -> Point:
        """Where a free end lies; meaningless while `cell` is set."""
        return Point(self.x, self.y)


class LabelPosition(msgspec.Struct, frozen=True, gc=False):
    """Where a line's label sits: `at` is the share of the length from the source, then an offset."""

    at: float = 0.5
    dx: float = 0.0
    dy: float = 0.0
