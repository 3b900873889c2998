"""The seed's `cells` of a diagram, assembled from one row a cell: the form in which the API gives them."""

from typing import Any, Final

import sqlalchemy as sa

from app.domain.merge import data_of
from app.domain.records import Cell
from storage.kinds import table_of
from storage.tables import METADATA_ROWS

# What stands beside `properties`; everything else that differs from its default stands inside it.
_OUTER: Final = ("parent", "order", "source", "target", "vertices", "metadata")


def cell_form(cell: Cell) -> dict[str, object]:
    """A cell as the API gives it: `id`, `type`, `position`, `size`, `properties`, and a line's ends."""
    data = data_of(cell)
    for name in ("diagram_id", "type", "position", "size"):
        data.pop(name, None)
    outer: dict[str, Any] = {name: data.pop(name) for name in _OUTER if name in data}
    label, description = data.pop("label", ""), data.pop("description", "")
    return {
        "id": cell.id,
        "type": cell.type,
        "position": {"x": cell.position.x, "y": cell.position.y},
        "size": {"width": cell.size.width, "height": cell.size.height},
        "properties": {"label": label, "description": description, **data},
        **outer,
    }


def diagram_cells(connection: sa.Connection, model_id: str, diagram_id: str) -> list[dict[str, object]]:
    """The cells of a diagram from back to front, in the API's form."""
    kind = table_of("cell")
    rows = connection.execute(
        sa.select(*kind.columns).where(kind.model_column == model_id, kind.table.c.diagram_id == diagram_id)
    ).all()
    c = METADATA_ROWS.c
    named = connection.execute(
        sa.select(c.entity_id, c.key, c.value)
        .where(c.threat_model_id == model_id, c.entity_type == "cell")
        .order_by(c.key)
    )
    metadata: dict[str, dict[str, str]] = {}
    for cell_id, key, value in named:
        metadata.setdefault(cell_id, {})[key] = value
    cells: list[Any] = [kind.record(row, metadata.get(row[0], {})) for row in rows]
    return [cell_form(cell) for cell in sorted(cells, key=lambda cell: (cell.order, cell.id))]
