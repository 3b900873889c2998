"""Dragging elements: with guides, into and out of boundaries, into flows with Shift, as copies with Alt."""

from collections.abc import Collection, Iterable
from itertools import islice
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, Qt

from app.domain import edits
from app.domain.edits.move import with_contents
from app.domain.patch import Patch
from app.domain.records import Cell
from canvas.overlays.marks import Frame, GuideLine, Look, Mark
from canvas.tools import naming, places, targets
from canvas.tools.composing import housed
from canvas.tools.pointer import Pointer
from canvas.tools.snapping import Snap, Snapping
from canvas.tools.splitting import Splitter
from canvas.tools.state import PatchGesture

if TYPE_CHECKING:
    from canvas.tools.desk import Desk

MOST_COPIED: Final = 800
MOST_FRAMED: Final = 300
MOST_ASKED: Final = 50


class Moving(PatchGesture):
    """Moves the selection as far as the pointer went; locked elements stay."""

    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(self, desk: "Desk", start: Pointer) -> None:
        super().__init__(desk, start)
        self._cells = [c for c in desk.selected_cells() if not c.locked]
        self._ids = [c.id for c in self._cells]
        self._moving = with_contents(desk.scene.editor.state, self._ids)
        self._box = _united(places.box_of(c) for c in self._moving.values() if not c.is_line)
        self._outline: QRectF | None = None
        self._way = QPointF()
        self._final = False
        self._others = desk.snapping(self._moving)
        self._all = desk.snapping()
        self._copies: list[str] = []
        self._copying = False
        self._snap = Snap()
        self._boundary: str | None = None
        lone = self._cells[0] if len(self._cells) == len(desk.order) == 1 else None
        self._splitter = Splitter(desk, lone.type, lone.id) if lone is not None else None
        self._split: Cell | None = None

    def holds(self) -> Collection[str]:
        """See State."""
        return self._ids

    def title(self) -> str:
        """See PatchGesture."""
        if self._split is not None:
            return f"Put {naming.of_all(self._cells)} into {naming.of(self._split)}"
        return f"{'Duplicate' if self._copying else 'Move'} {naming.of_all(self._cells)}"

    def _offset(self, pointer: Pointer) -> QPointF:
        self._way = self._snapped(pointer)
        return self._way

    def _snapped(self, pointer: Pointer) -> QPointF:
        way = pointer.at - self.start.at
        flat = abs(way.x()) >= abs(way.y())
        straight = pointer.shift and self._split is None
        if straight:
            way = QPointF(way.x(), 0.0) if flat else QPointF(0.0, way.y())
        self._snap = Snap()
        if pointer.ctrl:
            return way
        along_x, along_y = not straight or flat, not straight or not flat
        ground: Snapping = self._all if pointer.alt else self._others
        if self._box is None:
            grid = Snapping(grid=ground.grid)
            self._snap = grid.moved(QRectF(way.x(), way.y(), 0, 0), along_x, along_y)
        else:
            self._snap = ground.moved(self._box.translated(way), along_x, along_y)
        return way + QPointF(self._snap.dx, self._snap.dy)

    def patch(self, pointer: Pointer) -> Patch:
        """See PatchGesture."""
        state = self.desk.scene.editor.state
        offset = self._offset(pointer)
        self._copying = pointer.alt
        if self._copying:
            self._copies, patch = edits.duplicate(state, self._ids, offset.x(), offset.y())
            return housed(state, self.desk.scene.diagram_id, patch)
        # Parents do not show: they are looked up once, when the button goes up.
        settles = self._final and not self.desk.keeps_parents
        patch = edits.move_cells(state, self._ids, offset.x(), offset.y(), reparent=settles)
        if self._splitter is not None and self._split is not None:
            patch += self._splitter.patch(pointer, self._split, self._ids[0])
        return patch

    def move(self, pointer: Pointer) -> None:
        """See State."""
        self._split = self._splitter.flow_at(pointer) if self._splitter is not None else None
        if self._final:
            self.last = pointer
            self.pending = self.patch(pointer)
            return
        if self._split is not None:
            super().move(pointer)
        elif not pointer.alt:
            self._move_all(pointer)
        elif len(self._moving) > MOST_COPIED:
            self._move_outline(pointer)
            return
        else:
            super().move(pointer)
        many = len(self._moving) > MOST_FRAMED
        self._outline = self._box.translated(self._way) if many and self._box is not None else None
        self.cursor = Qt.CursorShape.DragCopyCursor if self._copying else Qt.CursorShape.SizeAllCursor
        self._boundary = self._new_home()
        self.desk.refresh()

    def _move_all(self, pointer: Pointer) -> None:
        """Show what the release would write, parents aside, without working out the patch."""
        self.last, self._copying = pointer, False
        offset = self._offset(pointer)
        self.desk.chosen_marks = None
        self.desk.scene.preview_move(self._ids, offset.x(), offset.y())

    def _move_outline(self, pointer: Pointer) -> None:
        """So many copies cannot follow the pointer: the box around them does."""
        self.last, self._copying = pointer, True
        self.desk.scene.clear_preview()
        self._outline = self._box.translated(self._offset(pointer)) if self._box is not None else None
        self.desk.refresh()

    def release(self, pointer: Pointer) -> None:
        """See State."""
        self._final = True
        super().release(pointer)

    def _new_home(self) -> str | None:
        """The boundary that would hold what is dragged, when that is one and the same."""
        if self.desk.keeps_parents:
            return None
        scene = self.desk.scene
        shown = (scene.shown(i) for i in (self._copies if self._copying else self._ids))
        nodes = list(islice((c for c in shown if c is not None and not c.is_line), MOST_ASKED))
        apart = () if self._copying else self._moving
        homes = {scene.container_at(places.box_of(c).center(), apart) for c in nodes}
        home = scene.shown(homes.pop()) if len(homes) == 1 else None
        if home is None or any(c.can_contain and not _holds(home, c) for c in nodes):
            return None
        return home.id

    def done(self) -> None:
        """See PatchGesture."""
        if self._copying:
            self.desk.scene.select(self._copies)

    def marks(self) -> Iterable[Mark]:
        """See State."""
        found: list[Mark] = []
        if self._outline is not None:
            # A frame around each of so many would cost more than moving them.
            found.append(Frame(self._outline, Look.CHOSEN, f"{len(self._moving)} elements"))
        else:
            found += targets.selection_marks(self.desk)
        if self._boundary is not None and self._boundary not in self._ids:
            found += targets.frame_of(self.desk, self._boundary, Look.WELCOME)
        found += (GuideLine(guide.line, guide.text) for guide in self._snap.guides)
        return found


def _holds(boundary: Cell, cell: Cell) -> bool:
    return places.box_of(boundary).contains(places.box_of(cell))


def _united(boxes: Iterable[QRectF]) -> QRectF | None:
    whole: QRectF | None = None
    for box in boxes:
        whole = box if whole is None else whole.united(box)
    return whole
