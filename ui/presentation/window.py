"""The window of a presentation: a whole screen with the diagram alone, driven by keys or a remote."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent, QResizeEvent, QScreen
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.domain.changes import ChangeSet
from app.domain.patch import Origin
from app.services.document import Document
from canvas.presenting.view import PresentedView
from canvas.scene import DiagramScene
from canvas.theme import CanvasTheme
from ui.panels.panel import listen_weakly
from ui.presentation.lines import Blank, Caption, HelpLine
from ui.presentation.steps import Step, steps_of
from ui.theme import Theme, ThemeManager

_K: Final = Qt.Key
NEXT: Final = (
    _K.Key_Space,
    _K.Key_PageDown,
    _K.Key_Right,
    _K.Key_Down,
    _K.Key_Return,
    _K.Key_Enter,
    _K.Key_N,
)
PREVIOUS: Final = (_K.Key_PageUp, _K.Key_Left, _K.Key_Up, _K.Key_Backspace, _K.Key_P)
BACKWARDS: Final = {_K.Key_Space: _K.Key_PageUp, _K.Key_Tab: _K.Key_Backtab}
LASER: Final = (_K.Key_L, _K.Key_X)
LEAVE: Final = (_K.Key_Escape, _K.Key_F5, _K.Key_F11)


class PresentationWindow(QWidget):
    """Goes through the steps of a model; the model may change meanwhile, here or elsewhere.

    `view` is the view in front, `view_changed` tells of another one: for whoever shares or follows it.
    """

    left = Signal()
    view_changed = Signal(object)
    stepped = Signal(str)
    screen_changed = Signal(str)

    def __init__(
        self, document: Document, theme: ThemeManager, *, calm: bool = False, laser: str = ""
    ) -> None:
        super().__init__()
        self.setObjectName("presentation")
        self.setWindowTitle(f"Presentation: {document.name}")
        self.setAccessibleName(self.windowTitle())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._document, self._theme, self._calm, self._laser = document, theme, calm, laser
        self._views: dict[str, PresentedView] = {}
        self._steps: list[Step] = []
        self._row = 0
        self._open = True
        self._stack = QStackedWidget(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self.caption = Caption(self, theme)
        self.help = HelpLine(self, theme)
        self.blank = Blank(self)
        self._stop = listen_weakly(document, self._heard)
        theme.changed.connect(self._retheme)
        self._acts: dict[int, Callable[[], object]] = {
            **dict.fromkeys(NEXT, lambda: self.turn(1)),
            **dict.fromkeys(PREVIOUS, lambda: self.turn(-1)),
            **dict.fromkeys(LEAVE, self.close),
            _K.Key_Home: lambda: self.go(0),
            _K.Key_End: lambda: self.go(len(self._steps) - 1),
            _K.Key_B: lambda: self.blank.toggle("#000000"),
            _K.Key_Period: lambda: self.blank.toggle("#000000"),
            _K.Key_W: lambda: self.blank.toggle("#ffffff"),
            _K.Key_Comma: lambda: self.blank.toggle("#ffffff"),
            _K.Key_Question: self.help.toggle,
            _K.Key_F1: self.help.toggle,
            _K.Key_M: self.next_screen,
            _K.Key_S: lambda: self._on_view(lambda v: v.light_here()),
            _K.Key_Tab: lambda: self._on_view(lambda v: v.walk(1)),
            _K.Key_Backtab: lambda: self._on_view(lambda v: v.walk(-1)),
            _K.Key_Plus: lambda: self._on_view(lambda v: v.zoom_in()),
            _K.Key_Equal: lambda: self._on_view(lambda v: v.zoom_in()),
            _K.Key_Minus: lambda: self._on_view(lambda v: v.zoom_out()),
            _K.Key_0: self.show_step,
        }

    # --- steps -----------------------------------------------------------------------------------
    @property
    def step(self) -> Step | None:
        """The step on show."""
        return self._steps[self._row] if self._row < len(self._steps) else None

    @property
    def view(self) -> PresentedView | None:
        """The view in front."""
        found = self._stack.currentWidget()
        return found if isinstance(found, PresentedView) else None

    def start(self, step_id: str = "", screen: QScreen | None = None) -> bool:
        """Begin with a step (a saved view's or a diagram's id), else the first, on a whole screen.

        False when there is nothing to present.
        """
        self._steps = steps_of(self._document.state)
        if step_id and all(s.id != step_id for s in self._steps):
            # A diagram without a view of its own is shown before the views.
            self._steps = [*_diagram_step(self._document, step_id), *self._steps]
        if not self._steps:
            return False
        ids = [s.id for s in self._steps]
        self._row = ids.index(step_id) if step_id in ids else 0
        self.put_on(screen or self.screen())
        self.show_step()
        return True

    def turn(self, way: int) -> None:
        """The next step or the one before; what was blanked is on show again. At the ends it stays."""
        if self.blank.is_on:
            self.blank.off()
            return
        self.go(self._row + way)

    def go(self, row: int) -> None:
        """Show the step of a row."""
        row = min(max(row, 0), len(self._steps) - 1)
        if row == self._row and row != 0:
            self.caption.say(self._words("Last step: Esc leaves"))
            return
        self._row = row
        self.blank.off()
        self.show_step()

    def show_step(self) -> None:
        """Show the step as it is meant: its diagram, its place, its spotlight."""
        step = self.step
        if step is None:
            return
        view = self._views.get(step.diagram_id) or self._made(step.diagram_id)
        fresh = self._stack.currentWidget() is not view
        if fresh:
            if self.view is not None:
                self.view.laser.turn(False)
            self._stack.setCurrentWidget(view)
        saved = step.view
        if saved is None:
            view.show_whole(at_once=fresh)
        else:
            centre = QPointF(saved.centre.x, saved.centre.y)
            view.show_part(centre, saved.zoom, saved.width or 0.0, saved.height or 0.0, at_once=fresh)
        view.light(saved.spotlight if saved is not None else None)
        self.caption.say(self._words())
        if fresh:
            view.suit_letters()
            self.view_changed.emit(view)
        self.stepped.emit(step.id)

    def _words(self, more: str = "") -> str:
        step = self.step
        title = step.title if step is not None else ""
        count = f"{self._row + 1} / {len(self._steps)}"
        return "   ".join(part for part in (count, title, more) if part)

    def _made(self, diagram_id: str) -> PresentedView:
        theme = self._canvas_theme(self._theme.theme)
        scene = DiagramScene(self._document, diagram_id, theme, self)
        view = self._views[diagram_id] = PresentedView(scene, theme, self._stack)
        view.company.reduced_motion = self._calm
        if self._laser:
            view.laser.colour = self._laser
        self._stack.addWidget(view)
        view.resize(self._stack.size())
        return view

    def _on_view(self, act: Callable[[PresentedView], object]) -> None:
        if self.view is not None and not self.blank.is_on:
            act(self.view)

    # --- news ------------------------------------------------------------------------------------
    def _heard(self, changes: ChangeSet, _origin: Origin) -> None:
        if not (changes.of_kind("saved_view") or changes.of_kind("diagram")):
            return
        before, kept = self.step, any(s.view is not None for s in self._steps)
        self._steps = steps_of(self._document.state)
        if not self._steps:
            self.close()
            return
        for gone in self._views.keys() - {d.id for d in self._document.state.diagrams()}:
            self._drop(self._views.pop(gone))
        ids = [s.id for s in self._steps]
        if before is not None and before.id in ids:
            self._row = ids.index(before.id)
        else:
            # The last view is gone: the diagram that is looked at goes on, otherwise what comes next.
            here = before.diagram_id if before is not None and kept else ""
            self._row = ids.index(here) if here in ids else min(self._row, len(ids) - 1)
        if self.step != before:
            self.show_step()

    def _drop(self, view: PresentedView) -> None:
        view.close_down()
        view.diagram_scene.close()
        self._stack.removeWidget(view)
        view.deleteLater()

    @staticmethod
    def _canvas_theme(theme: Theme) -> CanvasTheme:
        return CanvasTheme.from_tokens(theme.canvas_tokens())

    def _retheme(self, theme: Theme) -> None:
        for view in self._views.values():
            view.set_theme(self._canvas_theme(theme))

    def set_calm(self, calm: bool) -> None:
        """Nothing glides or glows, or it does again."""
        self._calm = calm
        for view in self._views.values():
            view.company.reduced_motion = calm

    # --- screen ----------------------------------------------------------------------------------
    def put_on(self, screen: QScreen) -> None:
        """Fill a screen."""
        if self.isVisible():
            self.showNormal()
        self.setScreen(screen)
        self.setGeometry(screen.geometry())
        self.showFullScreen()
        self.activateWindow()
        self.setFocus()

    def next_screen(self) -> None:
        """Go on to the next screen, where there are several."""
        screens = QGuiApplication.screens()
        if len(screens) < 2:
            self.caption.say("There is only one screen")
            return
        found = screens[(screens.index(self.screen()) + 1) % len(screens)]
        self.put_on(found)
        self.screen_changed.emit(found.name())
        self.show_step()

    # --- keys ------------------------------------------------------------------------------------
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Everything that a remote sends, and a few letters more; see `HelpLine`."""
        key = Qt.Key(event.key())
        if key in LASER:
            if not event.isAutoRepeat():
                self._on_view(lambda v: v.laser.key_down())
        elif key in self._acts and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self._acts[BACKWARDS.get(key, key) if back else key]()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """The laser's key goes up."""
        if event.key() in LASER and not event.isAutoRepeat():
            self._on_view(lambda v: v.laser.key_up())
        else:
            super().keyReleaseEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab walks through the elements."""
        return False

    def event(self, event: QEvent) -> bool:
        """No shortcut of another window takes a key."""
        if event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lines stay at the foot."""
        super().resizeEvent(event)
        for line in (self.caption, self.help):
            line.place()
        self.blank.setGeometry(self.rect())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let go of the document."""
        super().closeEvent(event)
        if not self._open:
            return
        self._open = False
        self._stop()
        self._theme.changed.disconnect(self._retheme)
        self.caption.stop()
        for view in self._views.values():
            view.close_down()
            view.diagram_scene.close()
        self._views.clear()
        self.left.emit()


def _diagram_step(document: Document, diagram_id: str) -> list[Step]:
    return [Step(d.id, d.name, d.id) for d in document.state.diagrams() if d.id == diagram_id]
