"""Which cells lie in which boundary, where a format tells it by geometry alone."""

from collections.abc import Iterable
from typing import Final

import msgspec

from app.domain.records import Cell, Record

MOST: Final = 20_000_000


def _holds(outer: Cell, inner: Cell) -> bool:
    """Whether the inner box lies wholly inside the outer one."""
    return (
        outer.position.x <= inner.position.x
        and outer.position.y <= inner.position.y
        and inner.position.x + inner.size.width <= outer.position.x + outer.size.width
        and inner.position.y + inner.size.height <= outer.position.y + outer.size.height
    )


def _area(cell: Cell) -> float:
    return cell.size.width * cell.size.height


def nested(records: Iterable[Record]) -> list[Cell]:
    """The nodes without a parent that lie wholly inside a boundary box, with the innermost as parent.

    Of two boxes of the same size in the same place neither holds the other. Absurdly large models are
    left as they are, rather than keep the user waiting.
    """
    cells = [record for record in records if isinstance(record, Cell) and not record.is_line]
    boxes: dict[str, list[Cell]] = {}
    for box in sorted((cell for cell in cells if cell.can_contain), key=_area):
        boxes.setdefault(box.diagram_id, []).append(box)
    found: list[Cell] = []
    if sum(map(len, boxes.values())) * len(cells) > MOST:
        return found
    for cell in cells:
        if cell.parent is not None:
            continue
        for box in boxes.get(cell.diagram_id, ()):
            if box.id != cell.id and _holds(box, cell) and not _holds(cell, box):
                found.append(msgspec.structs.replace(cell, parent=box.id))
                break
    return found
