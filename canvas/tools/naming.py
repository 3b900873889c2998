"""Names of cells in titles of undo steps and in refusals."""

from collections.abc import Sequence

from app.domain import vocabulary as v
from app.domain.records import Cell

_LONGEST = 30


def of(cell: Cell) -> str:
    """A cell by its label, or by its kind."""
    label = " ".join(cell.label.split())
    if not label:
        return v.CELL_TYPE_NAMES[cell.type].lower()
    return f"“{label if len(label) <= _LONGEST else label[: _LONGEST - 1] + '…'}”"


def of_all(cells: Sequence[Cell]) -> str:
    """Several cells: the one by its name, more by their number."""
    return of(cells[0]) if len(cells) == 1 else f"{len(cells)} elements"
