"""The placing tools: click for the usual size, drag for another, Shift+click on a flow to split it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent

from app.domain import vocabulary as v
from app.domain.patch import Patch
from canvas.overlays.marks import GuideLine, Look, Mark, Tag
from canvas.tools import ends, keys, targets
from canvas.tools.connecting import Connecting, source_at
from canvas.tools.editing import start_editing
from canvas.tools.ends import Landing
from canvas.tools.new_nodes import new_node, place_at_centre, usual_box
from canvas.tools.pointer import Pointer
from canvas.tools.snapping import Guide, Snapping
from canvas.tools.splitting import Splitter
from canvas.tools.state import PatchGesture, State

if TYPE_CHECKING:
    from canvas.tools.desk import Desk

LEAST_DRAWN = 30.0


class PlacingNode(State):
    """A ghost of the new node hangs on the pointer."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, desk: "Desk", cell_type: str) -> None:
        super().__init__(desk)
        self.cell_type = cell_type
        self._guides: tuple[Guide, ...] = ()
        self._home: str | None = None
        self._snapping: Snapping | None = None
        self._seen = QRectF()
        self._splitter = Splitter(desk, cell_type)

    def leave(self) -> None:
        """See State."""
        self.desk.scene.clear_preview()

    def _ground(self) -> Snapping:
        """What to snap to, looked up anew only when the view shows another part."""
        seen = self.desk.view.visible_area()
        if self._snapping is None or seen != self._seen:
            self._snapping = self.desk.snapping(self.desk.scene.previewed)
            self._seen = seen
        return self._snapping

    def box_at(self, pointer: Pointer) -> QRectF:
        """Where a click would put it."""
        box = usual_box(self.cell_type, pointer.at)
        self._guides = ()
        if pointer.ctrl:
            return box
        snap = self._ground().moved(box)
        self._guides = snap.guides
        return box.translated(snap.dx, snap.dy)

    def move(self, pointer: Pointer) -> None:
        """See State."""
        new_id, patch = new_node(self.desk, self.cell_type, self.box_at(pointer))
        flow = self._splitter.flow_at(pointer)
        if flow is not None:
            patch += self._splitter.patch(pointer, flow, new_id)
        self._home = None
        cells = self.desk.preview(patch)
        if new_id in cells:
            self._home = cells[new_id].parent
            self.desk.refresh()

    def press(self, pointer: Pointer) -> None:
        """See State."""
        box = self.box_at(pointer)
        self.desk.go(DrawingNode(self.desk, pointer, self.cell_type, box, self._splitter))

    def key(self, event: QKeyEvent) -> bool:
        """See State."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            place_at_centre(self.desk, self.cell_type)
            return True
        return keys.handle(self.desk, event)

    def cancel(self) -> bool:
        """See State."""
        self.desk.choose("select")
        return True

    def marks(self) -> Iterable[Mark]:
        """See State."""
        found: list[Mark] = [GuideLine(g.line, g.text) for g in self._guides]
        if self._home:
            found += targets.frame_of(self.desk, self._home, Look.WELCOME)
        return found


class DrawingNode(PatchGesture):
    """The button is down: a click so far, or a box being drawn."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, desk: "Desk", start: Pointer, cell_type: str, box: QRectF, splitter: Splitter) -> None:
        super().__init__(desk, start)
        self.cell_type, self._splitter = cell_type, splitter
        self._click_box = self._box = box
        self._new_id = ""
        self._ground = desk.snapping(desk.scene.previewed)

    def title(self) -> str:
        """See PatchGesture."""
        return f"Add {v.CELL_TYPE_NAMES[self.cell_type].lower()}"

    def enter(self) -> None:
        """See State."""
        self.move(self.start)

    def patch(self, pointer: Pointer) -> Patch:
        """See PatchGesture."""
        drawn = pointer.far_from(self.start)
        self._box = self._drawn(pointer) if drawn else self._click_box
        self._new_id, patch = new_node(self.desk, self.cell_type, self._box)
        flow = None if drawn else self._splitter.flow_at(pointer)
        return patch + (self._splitter.patch(pointer, flow, self._new_id) if flow is not None else ())

    def _drawn(self, pointer: Pointer) -> QRectF:
        a, b = self.start.at, pointer.at
        if not pointer.ctrl:
            a, b = self._ground.point(a), self._ground.point(b)
        width, height = abs(b.x() - a.x()), abs(b.y() - a.y())
        if pointer.shift:
            width = height = max(width, height)
        width, height = max(width, LEAST_DRAWN), max(height, LEAST_DRAWN)
        x = a.x() if b.x() >= a.x() else a.x() - width
        y = a.y() if b.y() >= a.y() else a.y() - height
        return QRectF(x, y, width, height)

    def release(self, pointer: Pointer) -> None:
        """See State."""
        self.move(pointer)
        desk, patch, new_id = self.desk, self.pending, self._new_id
        desk.tool_used()
        if desk.commit(patch, self.title()):
            desk.scene.select([new_id])
            start_editing(desk, new_id)

    def marks(self) -> Iterable[Mark]:
        """See State."""
        text = f"{self._box.width():g} × {self._box.height():g}"
        return (Tag(QPointF(self._box.center().x(), self._box.bottom()), text),)


class PlacingLine(State):
    """The flow and boundary line tools at rest: shows where a line would start."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, desk: "Desk", cell_type: str) -> None:
        super().__init__(desk)
        self.cell_type = cell_type
        self._landing: Landing | None = None

    def move(self, pointer: Pointer) -> None:
        """See State."""
        self._landing = source_at(self.desk, pointer, self.cell_type)
        refused = bool(self._landing.reason)
        self.cursor = Qt.CursorShape.ForbiddenCursor if refused else Qt.CursorShape.CrossCursor
        self.desk.refresh()

    def press(self, pointer: Pointer) -> None:
        """See State."""
        landing = source_at(self.desk, pointer, self.cell_type)
        if landing.reason:
            self.desk.refuse(landing.reason.replace("end", "start"))
        else:
            self.desk.go(Connecting(self.desk, pointer, landing.end, cell_type=self.cell_type))

    def key(self, event: QKeyEvent) -> bool:
        """See State."""
        return keys.handle(self.desk, event)

    def cancel(self) -> bool:
        """See State."""
        self.desk.choose("select")
        return True

    def marks(self) -> Iterable[Mark]:
        """See State."""
        return ends.marks_of(self.desk, self._landing) if self._landing else []
