"""A stencil dragged from the palette over the diagram."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QMimeData, QPoint, QPointF

from app.domain import edits
from app.domain import vocabulary as v
from app.domain.patch import Patch
from app.domain.values import End
from canvas.overlays.marks import GuideLine, Look, Mark
from canvas.tools import targets
from canvas.tools.desk import BOUNDARY_LINE
from canvas.tools.editing import start_editing
from canvas.tools.new_nodes import new_node, usual_box
from canvas.tools.pointer import Pointer
from canvas.tools.splitting import Splitter

if TYPE_CHECKING:
    from canvas.tools.desk import Desk

STENCIL_MIME: Final = "application/x-tmi-stencil"
LINE_LENGTH: Final = 160.0


def stencil_mime(tool: str) -> QMimeData:
    """What a palette hands over: the name of a placing tool."""
    mime = QMimeData()
    mime.setData(STENCIL_MIME, tool.encode())
    mime.setText(tool)
    return mime


def stencil_of(mime: QMimeData) -> str:
    """The tool that is being dragged, or "" when it is something else."""
    name = bytes(mime.data(STENCIL_MIME).data()).decode("utf-8", "replace")
    return name if name in (*v.NODE_TYPES, v.DATA_FLOW, BOUNDARY_LINE) else ""


def _placed(desk: "Desk", tool: str, at: QPointF, *, splits: bool) -> tuple[str, Patch, list[Mark]]:
    if tool in v.NODE_TYPES:
        box = usual_box(tool, at)
        snap = desk.snapping(desk.scene.previewed).moved(box)
        marks: list[Mark] = [GuideLine(g.line, g.text) for g in snap.guides]
        new_id, patch = new_node(desk, tool, box.translated(snap.dx, snap.dy))
        return new_id, patch + (_split(desk, tool, at, new_id) if splits else ()), marks
    half = LINE_LENGTH / 2
    line_id, patch = edits.create_line(
        desk.scene.editor.state,
        desk.scene.diagram_id,
        End(x=round(at.x() - half, 2), y=round(at.y(), 2)),
        End(x=round(at.x() + half, 2), y=round(at.y(), 2)),
        cell_type=v.DATA_FLOW if tool == v.DATA_FLOW else v.TRUST_BOUNDARY,
    )
    return line_id, patch, []


def _split(desk: "Desk", tool: str, at: QPointF, node_id: str) -> Patch:
    desk.scene.clear_preview()  # flows are looked for where they run without the new node
    splitter = Splitter(desk, tool)
    pointer = Pointer(at, at, QPoint(), shift=True)
    flow = splitter.flow_at(pointer)
    return splitter.patch(pointer, flow, node_id) if flow is not None else ()


def hover(desk: "Desk", mime: QMimeData, at: QPointF, *, splits: bool = False) -> bool:
    """Show where the stencil would go; with `splits`, into the flow there.

    False when it is none, or nothing may be changed.
    """
    tool = stencil_of(mime)
    if not tool or desk.scene.editor.read_only or desk.state.is_gesture:
        return False
    new_id, patch, marks = _placed(desk, tool, at, splits=splits)
    cells = desk.preview(patch)
    home = cells[new_id].parent if new_id in cells else None
    if home:
        marks = targets.frame_of(desk, home, Look.WELCOME) + marks
    desk.view.show_marks(marks)
    return True


def leave(desk: "Desk") -> None:
    """It went elsewhere."""
    desk.scene.clear_preview()
    desk.refresh()


def drop(desk: "Desk", mime: QMimeData, at: QPointF, *, splits: bool = False) -> bool:
    """Place the stencil and open its label; see `hover`."""
    tool = stencil_of(mime)
    if not tool or desk.refuses():
        return False
    new_id, patch, _ = _placed(desk, tool, at, splits=splits)
    desk.scene.clear_preview()
    names = {BOUNDARY_LINE: "boundary line"}
    title = f"Add {names.get(tool) or v.CELL_TYPE_NAMES[tool].lower()}"
    if not desk.commit(patch, title):
        return False
    desk.scene.select([new_id])
    if tool in v.NODE_TYPES:
        start_editing(desk, new_id)
    return True
