"""Writing new nodes: where they go, what size they have, and what happens next."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF

from app.domain import edits
from app.domain import vocabulary as v
from app.domain.patch import Patch
from app.domain.values import Point, Size
from canvas.tools import places
from canvas.tools.editing import start_editing
from canvas.tools.snapping import Snapping

if TYPE_CHECKING:
    from canvas.tools.desk import Desk


def new_node(desk: "Desk", cell_type: str, box: QRectF, label: str = "") -> tuple[str, Patch]:
    """The id and the patch of a new node of a kind in a box."""
    return edits.create_node(
        desk.scene.editor.state,
        desk.scene.diagram_id,
        cell_type,
        Point(round(box.x(), 2), round(box.y(), 2)),
        Size(round(box.width(), 2), round(box.height(), 2)),
        label=label or v.CELL_TYPE_NAMES[cell_type],
    )


def usual_box(cell_type: str, middle: QPointF) -> QRectF:
    """The box of the usual size around a place."""
    width, height = v.DEFAULT_SIZES[cell_type]
    return QRectF(middle.x() - width / 2, middle.y() - height / 2, width, height)


def place_node(desk: "Desk", cell_type: str, box: QRectF, *, edit: bool = True, label: str = "") -> str:
    """Write a new node, select it and open its label. Returns its id, "" when it was refused."""
    new_id, patch = new_node(desk, cell_type, box, label)
    if not desk.commit(patch, f"Add {v.CELL_TYPE_NAMES[cell_type].lower()}"):
        return ""
    desk.scene.select([new_id])
    if edit:
        start_editing(desk, new_id)
    return new_id


def place_at_centre(desk: "Desk", cell_type: str) -> str:
    """Add a node in the middle of what is visible, beside what already lies there."""
    if desk.refuses():
        return ""
    box = usual_box(cell_type, desk.view.visible_area().center())
    snap = Snapping(grid=20.0).moved(box)
    box = box.translated(snap.dx, snap.dy)
    taken = [places.box_of(c) for c in desk.scene.shown_cells() if not c.is_line and not c.can_contain]
    for _ in range(200):
        if not any(box.intersects(other) for other in taken):
            break
        box.translate(40, 40)
    desk.choose("select")
    return place_node(desk, cell_type, box)
