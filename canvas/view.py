"""The window onto a diagram: hands mouse and keys to the tools, paints grid and marks."""

import sys
from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from app.domain.records import Cell
from canvas import camera
from canvas.dressed_view import DressedView
from canvas.scene import DiagramScene
from canvas.tools import dropping, places
from canvas.tools.desk import HAND, Desk
from canvas.tools.editing import start_editing
from canvas.tools.offering import offer_elements
from canvas.tools.panning import Panning
from canvas.tools.pointer import Pointer, held_after, pointer_of
from canvas.tools.resting import resting_state

FRAME_MS = 16
LASER_KEY = Qt.Key.Key_X
MODIFIER_KEYS = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt)


class DiagramView(DressedView):
    """Edits one diagram. Points in signals are in scene units, or in pixels of the screen."""

    context_requested = Signal(QPointF, object, object)  # scene, QPoint on screen, cell id or None
    quick_create_requested = Signal(QPointF, object)  # scene, QPoint on screen
    refused = Signal(str)
    announced = Signal(str)
    tool_changed = Signal(str)
    tool_lock_changed = Signal(bool)
    draft_changed = Signal(str, object)  # cell id, text being typed or None when it is over
    comment_requested = Signal(QPointF, object)  # scene, cell id or None for the place alone

    def __init__(self, scene: DiagramScene, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self.grid_snap: bool = True
        self._panning = Panning()
        self._cursor: Qt.CursorShape | None = None
        self._last: Pointer | None = None
        self._edge_timer = QTimer(self)
        self._set_up()
        self.desk = Desk(self, resting_state)
        self._connect()
        self.keep_company()
        self.desk.home()
        self._follow_content()

    def _set_up(self) -> None:
        self.setObjectName("diagram-view")
        self.setAccessibleName("Diagram")
        self.setAccessibleDescription(
            "Tab and Shift+Tab go from element to element, Ctrl+Space keeps one selected while they go on, "
            "Enter names, N adds an element, C connects, Alt and an arrow key follows a flow"
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setAcceptDrops(True)
        self.viewport().setAcceptDrops(True)
        self._edge_timer.setInterval(FRAME_MS)

    def _connect(self) -> None:
        self.diagram_scene.selection_changed.connect(self._follow_selection)
        self.diagram_scene.cells_changed.connect(self._follow_cells)
        self._edge_timer.timeout.connect(self._scroll_at_edge)
        self.laser.turned.connect(lambda _on: self.desk.refresh())
        self.quick_create_requested.connect(self._offer_elements)

    def _offer_elements(self, at: QPointF, screen: QPoint) -> None:
        offer_elements(self.desk, at, screen)

    def _follow_selection(self) -> None:
        self.desk.selection_changed()

    def _follow_cells(self, cell_ids: frozenset[str]) -> None:
        self.desk.cells_changed(cell_ids)

    def _follow_look(self) -> None:
        super()._follow_look()
        self.desk.look_changed()

    # --- what tools ask for ----------------------------------------------------------------------
    def show_cursor(self, shape: Qt.CursorShape) -> None:
        """The pointer's shape, unless panning has its own."""
        if self.laser.is_on:
            shape = Qt.CursorShape.BlankCursor  # the glowing dot is the pointer
        shape = self._panning.cursor(self.desk.tool == HAND) or shape
        if shape is not self._cursor:
            self._cursor = shape
            self.viewport().setCursor(shape)

    def show_tip(self, text: str) -> None:
        """What the tool tip says when the pointer rests."""
        if text != self.viewport().toolTip():
            self.viewport().setToolTip(text)
            if not text:
                QToolTip.hideText()

    def announce(self, text: str) -> None:
        """Tell a screen reader."""
        self.announced.emit(text)
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def bounds_of(self, cell: Cell) -> QRectF:
        """Where a cell is on show."""
        return self.diagram_scene.bounds_of([cell.id]) if cell.is_line else places.box_of(cell)

    def chosen(self) -> tuple[str, ...]:
        """What is selected, in the order of selecting."""
        return tuple(self.desk.order)

    @property
    def is_busy(self) -> bool:
        """Whether something is dragged, drawn or typed that must not slip away under the hand."""
        state = self.desk.state
        return state.is_gesture or self._panning.active or bool(state.holds())

    def pointer_place(self) -> QPointF | None:
        """Where in the diagram the pointer is, None when it is elsewhere."""
        inside = self._last is not None and self.viewport().underMouse()
        return self._last.at if inside and self._last is not None else None

    # --- settings --------------------------------------------------------------------------------
    def set_grid_snap(self, snaps: bool) -> None:
        """Whether things come to rest on the grid."""
        self.grid_snap = snaps
        self.grid_changed.emit()

    def set_guides(self, snaps: bool) -> None:
        """Whether things come to rest in line with others."""
        self.desk.snaps = snaps
        self.grid_changed.emit()

    def choose_tool(self, tool: str) -> None:
        """Take a tool in hand: one of `canvas.tools.desk.TOOLS`."""
        self.desk.choose(tool)

    def edit_label(self, cell_id: str, draft: str | None = None) -> None:
        """Open the label of a cell in place, with an unfinished text from before if there is one."""
        start_editing(self.desk, cell_id, draft)

    def close_tools(self) -> None:
        """Commit what is being typed and drop any gesture: before a tab closes."""
        self.desk.end_all()
        self._edge_timer.stop()

    # --- mouse -----------------------------------------------------------------------------------
    def _pointer(self, event: QMouseEvent) -> Pointer:
        found = pointer_of(event, self.scene_point(event.position()))
        self._last = self.desk.pointer = found
        return found

    def _safely(self, act: Callable[..., object], *given: object) -> None:
        """Let a state act. What fails there ends it and is reported, with nothing written."""
        try:
            act(*given)
        except Exception:
            self._edge_timer.stop()
            self.desk.abandon()
            sys.excepthook(*sys.exc_info())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Panning first, then the tool in hand."""
        event.accept()
        pointer = self._pointer(event)
        if self._panning.begins_with(pointer, self.desk.tool == HAND):
            self.desk.refresh()
        elif self.laser.is_on:
            return  # who points does not select
        elif pointer.button is Qt.MouseButton.LeftButton:
            self._safely(self.desk.state.press, pointer)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """See mousePressEvent."""
        event.accept()
        pointer = self._pointer(event)
        self._notice_lost_release(event.buttons())
        if self._panning.active:
            way = self._panning.step(pointer)
            if not way.isNull():
                self.scroll_pixels(-way.x(), -way.y())
            self.desk.refresh()
            return
        self.laser.move(pointer.at)
        if not self.laser.is_on:
            self._safely(self.desk.state.move, pointer)
        self.pointer_moved.emit(pointer.at)
        self._watch_edges(pointer)

    def _notice_lost_release(self, down: Qt.MouseButton) -> None:
        """A button that went up where nobody told us: what it held is over, and nothing is written."""
        if self._panning.active and not down & self._panning.button:
            self._panning.ends_with(self._panning.button)
        if self.desk.state.holds_button and not down & Qt.MouseButton.LeftButton:
            self._escape()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """See mousePressEvent. A right click without a drag asks for the menu."""
        event.accept()
        pointer = self._pointer(event)
        self._edge_timer.stop()
        if self._panning.ends_with(pointer.button):
            self.desk.refresh()
            if pointer.button is Qt.MouseButton.RightButton and not self._panning.moved:
                self._ask_for_menu(pointer)
        elif pointer.button is Qt.MouseButton.LeftButton and not self.laser.is_on:
            self._safely(self.desk.state.release, pointer)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The second press of a double click; placing tools take it as any other."""
        event.accept()
        pointer = self._pointer(event)
        other = pointer.button is not Qt.MouseButton.LeftButton or self.desk.tool != "select"
        if other or self._panning.space_held:
            self.mousePressEvent(event)
        else:
            self._safely(self.desk.state.double_click, pointer)

    def _ask_for_menu(self, pointer: Pointer) -> None:
        if self.desk.state.is_gesture:
            return
        found = self.diagram_scene.cell_at(pointer.at, self.desk.reach)
        if found is not None and found not in self.diagram_scene.selected:
            self.diagram_scene.select([found])
        self.context_requested.emit(pointer.at, pointer.screen, found)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu key; the mouse's own comes with the release, when it is known to be no drag."""
        event.accept()
        if event.reason() is QContextMenuEvent.Reason.Mouse or self.desk.state.is_gesture:
            return
        single = self.desk.order[0] if self.desk.order else None
        box = self.diagram_scene.bounds_of(self.desk.order)
        middle = self.visible_area().center() if box.isNull() else box.center()
        at = self.viewport().mapToGlobal(self.mapFromScene(middle))
        self.context_requested.emit(middle, at, single)

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer is gone: nothing is hovered."""
        super().leaveEvent(event)
        self.laser.move(None)
        if not self.desk.state.is_gesture:
            self.diagram_scene.set_hovered(None)
            self.desk.refresh()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """What lies under the pointer changes without it moving."""
        super().wheelEvent(event)
        if self._last is not None and not self._panning.active:
            self._repeat_move(self._last)

    # --- scrolling at the edges ------------------------------------------------------------------
    def _watch_edges(self, pointer: Pointer) -> None:
        near = self.desk.state.is_gesture and not self._edge_speed(pointer).isNull()
        if near != self._edge_timer.isActive():
            self._edge_timer.start() if near else self._edge_timer.stop()

    def _edge_speed(self, pointer: Pointer) -> QPointF:
        return camera.edge_speed(pointer.view, self.viewport().size().toSizeF())

    def _scroll_at_edge(self) -> None:
        pointer = self._last
        if pointer is None or not self.desk.state.is_gesture:
            self._edge_timer.stop()
            return
        speed = self._edge_speed(pointer)
        self.scroll_pixels(speed.x(), speed.y())
        self._repeat_move(pointer)

    def _repeat_move(self, pointer: Pointer) -> None:
        """The pointer stands still on screen, but what lies under it or the keys have changed."""
        self._last = self.desk.pointer = pointer.moved_to(self.scene_point(pointer.view))
        self._safely(self.desk.state.move, self._last)

    # --- keys ------------------------------------------------------------------------------------
    def event(self, event: QEvent) -> bool:
        """Keys without Ctrl are the canvas's own before they are anybody's shortcut."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            held = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            function_key = Qt.Key.Key_F1 <= event.key() <= Qt.Key.Key_F35 and event.key() != Qt.Key.Key_F2
            if self.desk.state.is_gesture or not (held or function_key):
                alone = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
                if not alone & Qt.KeyboardModifier.AltModifier or self.desk.state.is_gesture:
                    event.accept()
                    return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc takes back, Space pans, the rest is up to the state that is on."""
        state = self.desk.state
        if event.key() == LASER_KEY and self._takes_laser(event):
            if not event.isAutoRepeat():
                self.laser.key_down()
        elif event.key() == Qt.Key.Key_Escape:
            event.setAccepted(self._escape())
        elif event.key() == Qt.Key.Key_Space and not _with_ctrl(event):
            if not event.isAutoRepeat():
                self._hold_space(True)
        elif state.is_gesture or event.key() in MODIFIER_KEYS:
            self._change_modifiers(event, pressed=True)
        else:
            self._safely(self._key, event)

    def _key(self, event: QKeyEvent) -> None:
        if self.desk.state.key(event):
            return
        if event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            super().focusNextPrevChild(event.key() == Qt.Key.Key_Tab)
        else:
            event.ignore()

    def _takes_laser(self, event: QKeyEvent) -> bool:
        alone = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        return alone and not self.desk.state.is_gesture

    def _escape(self) -> bool:
        if self.laser.is_on:
            self.laser.turn(False)
            return True
        taken = self.desk.state.cancel()
        self._edge_timer.stop()
        return taken

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """See keyPressEvent."""
        if event.isAutoRepeat():
            return
        if event.key() == LASER_KEY:
            self.laser.key_up()
        elif event.key() == Qt.Key.Key_Space:
            self._hold_space(False)
        else:
            self._change_modifiers(event, pressed=False)

    def _hold_space(self, held: bool) -> None:
        """Space pans; during a drag it keeps what is dragged out of boundaries."""
        if self.desk.state.is_gesture or not held:
            self.desk.keeps_parents = held
        self._panning.space_held = held and not self.desk.state.is_gesture
        if self._last is not None and self.desk.state.is_gesture:
            self._repeat_move(self._last)
        self.desk.refresh()

    def _change_modifiers(self, event: QKeyEvent, *, pressed: bool) -> None:
        if self._last is not None:
            held = self._last.with_modifiers(held_after(event, pressed))
            if held != self._last:
                self._repeat_move(held)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab first goes through the diagram."""
        return False

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show who has the keyboard."""
        super().focusInEvent(event)
        self._ring.is_focused = True
        self._ring.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keys that go up elsewhere are up; with another window in front, a drag is given up."""
        super().focusOutEvent(event)
        if event.reason() is Qt.FocusReason.ActiveWindowFocusReason:
            self.laser.turn(False)
        self._ring.is_focused = self.desk.keeps_parents = self._panning.space_held = False
        self._ring.update()
        if event.reason() is Qt.FocusReason.ActiveWindowFocusReason:
            self._notice_lost_release(Qt.MouseButton.NoButton)
        if self._last is not None and self.desk.state.is_gesture:
            self._repeat_move(self._last.with_modifiers(Qt.KeyboardModifier.NoModifier))
        self.desk.refresh()

    # --- palette ---------------------------------------------------------------------------------
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A stencil from the palette is welcome."""
        self.dragMoveEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """The ghost of the stencil follows."""
        at, splits = self.scene_point(event.position()), _with_shift(event)
        if dropping.hover(self.desk, event.mimeData(), at, splits=splits):
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """The stencil went elsewhere."""
        dropping.leave(self.desk)

    def dropEvent(self, event: QDropEvent) -> None:
        """Place the stencil."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        at, splits = self.scene_point(event.position()), _with_shift(event)
        if dropping.drop(self.desk, event.mimeData(), at, splits=splits):
            event.acceptProposedAction()


def _with_ctrl(event: QKeyEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)


def _with_shift(event: QDropEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
