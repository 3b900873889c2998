"""The button is down and has not moved yet: a click, or the beginning of a drag."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from app.domain.records import Cell
from canvas.tools import naming, places, targets
from canvas.tools.bending import Bending
from canvas.tools.labelling import DraggingLabel
from canvas.tools.moving import Moving
from canvas.tools.pointer import Pointer
from canvas.tools.rubber_band import RubberBand
from canvas.tools.state import Gesture, State
from canvas.tools.targets import Part, Target

if TYPE_CHECKING:
    from canvas.tools.desk import Desk


class Pressing(Gesture):
    """Decides at the threshold what the drag is, or at release that it was a click."""

    def __init__(self, desk: "Desk", start: Pointer, target: Target) -> None:
        super().__init__(desk, start)
        self.target = target
        self.cursor = targets.cursor_for(desk, target)

    def enter(self) -> None:
        """See State."""
        cell_id, start, scene = self.target.cell, self.start, self.desk.scene
        if cell_id and cell_id not in scene.selected and not (start.shift or start.ctrl or start.alt):
            scene.select([cell_id])

    def move(self, pointer: Pointer) -> None:
        """See State."""
        if pointer.far_from(self.start):
            state = self._drag()
            self.desk.go(state)
            if self.desk.state is state:
                state.move(pointer)

    def _drag(self) -> State:
        desk, start = self.desk, self.start
        cell = desk.scene.editor.state.cell(self.target.cell)
        if cell is None or desk.refuses():
            return RubberBand(desk, start)
        chosen = cell.id in desk.scene.selected
        if cell.can_contain and not chosen and (start.shift or start.alt):
            return RubberBand(desk, start)
        if not chosen:
            desk.scene.select([cell.id], extend=start.shift or start.ctrl)
        alone = desk.scene.selected == {cell.id}
        if alone and cell.locked:
            desk.refuse(f"{naming.of(cell)} is locked")
            return Blocked(desk, start)
        if alone and self.target.part is Part.LABEL and cell.is_flow:
            return DraggingLabel(desk, start, cell.id)
        if alone and _is_held(cell):
            return self._bend(cell)
        return Moving(desk, start)

    def _bend(self, cell: Cell) -> State:
        route = self.desk.scene.route_points(cell.id)
        stretch = places.stretch_at(route, places.points_of(cell.vertices), self.start.at)
        return Bending(self.desk, self.start, cell.id, stretch, fresh=True)

    def release(self, pointer: Pointer) -> None:
        """See State."""
        desk, start, cell_id = self.desk, self.start, self.target.cell
        desk.home()
        if start.alt and cell_id:
            desk.scene.select([self._below(cell_id)])
        elif start.shift or start.ctrl:
            if cell_id:
                desk.scene.select([cell_id], toggle=True)
        elif cell_id:
            desk.scene.select([cell_id])
        else:
            desk.scene.clear_selection()

    def _below(self, top: str) -> str:
        """The next cell below the one that is selected here: repeated clicks walk down."""
        stack = self.desk.scene.cells_at(self.start.at, self.desk.reach) or [top]
        chosen = [place for place, i in enumerate(stack) if i in self.desk.scene.selected]
        return stack[(chosen[-1] + 1) % len(stack)] if chosen else stack[min(1, len(stack) - 1)]


class PressedTwice(Gesture):
    """A second press soon after a click: a double click, unless it turns out to be a drag."""

    def __init__(self, desk: "Desk", start: Pointer, act: Callable[[], object]) -> None:
        super().__init__(desk, start)
        self._act = act

    def move(self, pointer: Pointer) -> None:
        """Begin the drag that the press would have begun."""
        if pointer.far_from(self.start):
            self.desk.home()
            self.desk.state.press(self.start)
            self.desk.state.move(pointer)

    def release(self, pointer: Pointer) -> None:
        """See State."""
        self.desk.home()
        self._act()


def _is_held(cell: Cell) -> bool:
    """Whether a line hangs on an element, so that dragging its body bends it."""
    return cell.is_flow and any(e is not None and e.cell is not None for e in (cell.source, cell.target))


class Blocked(Gesture):
    """What is dragged may not move; the pointer says so until the button goes up."""

    cursor = Qt.CursorShape.ForbiddenCursor

    def release(self, pointer: Pointer) -> None:
        """See State."""
        self.desk.home()
