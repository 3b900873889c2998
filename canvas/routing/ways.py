"""Telling which lines can go along as they are, because both their ends went the same way."""

from collections.abc import Mapping
from typing import TypeAlias

import msgspec

from app.domain import edits
from app.domain.records import Cell

Way: TypeAlias = tuple[float, float]


def way_between(old: Cell, cell: Cell) -> Way | None:
    """How far a node has moved if nothing else that shows has changed about it, else None."""
    if cell.is_line or old.position == cell.position:
        return None
    if msgspec.structs.replace(old, position=cell.position, parent=cell.parent) != cell:
        return None
    return round(cell.position.x - old.position.x, 2), round(cell.position.y - old.position.y, 2)


def way_along(line: Cell, ways: Mapping[str, Way], old: Cell | None) -> Way | None:
    """How far all of a line has moved; None when it has become another one.

    `old` is the line before, if it was changed itself.
    """
    source, target = line.source, line.target
    if source is None or target is None:
        return None
    found = ways.get(source.cell or target.cell or "")
    if found is None or (target.cell is not None and ways.get(target.cell) != found):
        return None
    if old is not None:
        return found if edits.moved_cell(old, *found) == line else None
    return None if line.vertices or source.cell is None or target.cell is None else found
