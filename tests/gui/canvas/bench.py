"""A diagram in a window, and hands: real mouse and key events in scene units."""

from collections.abc import Iterable

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.domain import edits
from app.domain.ids import new_id
from app.domain.patch import Patch, add
from app.domain.records import Cell
from app.domain.state import ModelState
from app.domain.values import Point, Size
from app.ports import Commit, LoadedModel
from app.services.document import Document
from canvas.scene import DiagramScene
from canvas.theme import LIGHT, CanvasTheme
from canvas.view import DiagramView

NO = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
LEFT, RIGHT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton
HELD_KEY = {SHIFT: Qt.Key.Key_Shift, CTRL: Qt.Key.Key_Control, ALT: Qt.Key.Key_Alt}


class Shelf:
    """A library that keeps what it is given and nothing else."""

    def __init__(self) -> None:
        self.commits: list[Commit] = []
        self.read_only = ""

    def append(self, commit: Commit) -> None:
        """Take an operation."""
        self.commits.append(commit)

    def pending(self, model_id: str) -> int:
        """Nothing waits."""
        return 0


class Bench:
    """One document, one diagram, one view. `steps` counts what could be undone."""

    def __init__(self, theme: CanvasTheme = LIGHT) -> None:
        self.model_id, self.diagram_id = new_id(), new_id()
        self.shelf = Shelf()
        loaded = LoadedModel(state=ModelState(self.model_id), sequence_number=0)
        self.document = Document(self.shelf, loaded, "tester")  # type: ignore[arg-type]
        self.document.apply(
            (
                add("threat_model", self.model_id, {"name": "Bench"}),
                add("diagram", self.diagram_id, {"name": "Main", "type": "DFD-1.0.0"}),
            )
        )
        self.scene = DiagramScene(self.document, self.diagram_id, theme)
        self.view = DiagramView(self.scene)
        self.refusals: list[str] = []
        self.view.refused.connect(self.refusals.append)
        self.view.resize(1000, 700)
        self._at = QPointF(0, 0)

    def close(self) -> None:
        """Put everything away."""
        self.view.close_tools()
        self.view.close()
        self.scene.close()
        self.view.deleteLater()
        self.scene.deleteLater()

    # --- the model -----------------------------------------------------------------------------------
    @property
    def state(self) -> ModelState:
        """The model as it is."""
        return self.document.state

    @property
    def steps(self) -> int:
        """How many undo steps there are."""
        return len(self.document.undo_titles)

    def node(
        self, label: str, x: float, y: float, kind: str = "process", size: tuple[float, float] = (120, 80)
    ) -> str:
        """Put a node there, without hands."""
        found, patch = edits.create_node(
            self.state,
            self.diagram_id,
            kind,
            Point(float(x), float(y)),
            Size(*map(float, size)),
            label=label,
        )
        self.apply(patch, "Prepare")
        return found

    def flow(self, source: str, target: str, label: str = "", *points: tuple[float, float]) -> str:
        """Draw a flow, without hands."""
        found, patch = edits.connect(self.state, source, target, label=label)
        self.apply(patch, "Prepare")
        if points:
            bends = [Point(float(x), float(y)) for x, y in points]
            self.apply(edits.set_vertices(self.cell(found), bends), "Prepare")
        return found

    def apply(self, patch: Patch, title: str = "") -> None:
        """Write a patch."""
        self.document.apply(patch, title=title)

    def cell(self, cell_id: str) -> Cell:
        """A cell as stored."""
        found = self.state.cell(cell_id)
        assert found is not None
        return found

    def cells(self) -> list[Cell]:
        """All cells, from back to front."""
        return self.state.cells(self.diagram_id)

    def place(self, cell_id: str) -> tuple[float, float]:
        """The top left corner of a node."""
        at = self.cell(cell_id).position
        return at.x, at.y

    def middle(self, cell_id: str) -> QPointF:
        """The middle of what a cell shows."""
        return self.scene.bounds_of([cell_id]).center()

    # --- hands ---------------------------------------------------------------------------------------
    def show(self) -> None:
        """Show the window at 100 %, with the origin near the top left corner."""
        self.view.show()
        QTest.qWaitForWindowExposed(self.view)
        self.view.activateWindow()
        self.view.setFocus()
        self.view.look_at(QPointF(450, 300), 1.0)
        QApplication.processEvents()

    def pixel(self, at: QPointF) -> QPoint:
        """A place of the diagram in pixels of the viewport."""
        return self.view.viewportTransform().map(at).toPoint()

    def _send(
        self,
        kind: QMouseEvent.Type,
        at: QPointF,
        button: Qt.MouseButton,
        held: Qt.MouseButton,
        modifiers: Qt.KeyboardModifier,
    ) -> None:
        viewport = self.view.viewport()
        local = QPointF(self.pixel(at))
        event = QMouseEvent(kind, local, QPointF(viewport.mapToGlobal(local)), button, held, modifiers)
        QApplication.sendEvent(viewport, event)
        self._at = at

    def press(self, at: QPointF, button: Qt.MouseButton = LEFT, held: Qt.KeyboardModifier = NO) -> None:
        """Put a button down."""
        self._send(QMouseEvent.Type.MouseButtonPress, at, button, button, held)

    def move(
        self,
        at: QPointF,
        button: Qt.MouseButton = Qt.MouseButton.NoButton,
        held: Qt.KeyboardModifier = NO,
    ) -> None:
        """Move the pointer, with a button down or none."""
        none = Qt.MouseButton.NoButton
        self._send(QMouseEvent.Type.MouseMove, at, none, button, held)

    def release(
        self, at: QPointF | None = None, button: Qt.MouseButton = LEFT, held: Qt.KeyboardModifier = NO
    ) -> None:
        """Let the button go."""
        none = Qt.MouseButton.NoButton
        where = self._at if at is None else at
        self._send(QMouseEvent.Type.MouseButtonRelease, where, button, none, held)

    def click(self, at: QPointF, held: Qt.KeyboardModifier = NO, button: Qt.MouseButton = LEFT) -> None:
        """Hover, press and release."""
        self.move(at, held=held)
        self.press(at, button, held)
        self.release(at, button, held)

    def double_click(self, at: QPointF) -> None:
        """Two clicks."""
        self.click(at)
        self._send(QMouseEvent.Type.MouseButtonDblClick, at, LEFT, LEFT, NO)
        self.release(at)

    def drag(
        self,
        start: QPointF,
        end: QPointF,
        held: Qt.KeyboardModifier = NO,
        button: Qt.MouseButton = LEFT,
        *,
        drop: bool = True,
    ) -> None:
        """Hover, press, move in four steps; let go unless told otherwise."""
        self.move(start, held=held)
        self.press(start, button, held)
        for part in (0.25, 0.5, 0.75, 1.0):
            self.move(start + (end - start) * part, button, held)
        if drop:
            self.release(end, button, held)

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = NO) -> None:
        """Press and release a key where the keyboard is."""
        QTest.keyClick(self.focus(), key, held)

    def type(self, text: str) -> None:
        """Type a text where the keyboard is."""
        for letter in text:
            QTest.keyClicks(self.focus(), letter)

    def focus(self) -> QWidget:
        """The widget with the keyboard."""
        return QApplication.focusWidget() or self.view

    def select(self, *ids: str) -> None:
        """Select without hands, in this order."""
        self.scene.clear_selection()
        for cell_id in ids:
            self.scene.select([cell_id], extend=True)

    def undone(self, before: Iterable[Cell]) -> bool:
        """Undo once; tell whether the cells are as they were."""
        self.document.undo()
        return {c.id: c for c in self.cells()} == {c.id: c for c in before}
