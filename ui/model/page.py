"""One diagram in a tab: its scene, its view, and what is remembered of how it was shown."""

from PySide6.QtCore import QEvent, QObject, QPointF, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.domain.presence import ViewportOf
from app.services.document import Document
from canvas.scene import DiagramScene
from canvas.theme import CanvasTheme
from canvas.view import DiagramView
from ui.theme import Theme


def canvas_theme(theme: Theme) -> CanvasTheme:
    """The canvas colours of a theme."""
    return CanvasTheme.from_tokens(theme.canvas_tokens())


class DiagramPage(QWidget):
    """Scene and view of one diagram."""

    selection_changed = Signal()
    attended = Signal()
    closing = Signal()

    def __init__(self, document: Document, diagram_id: str, theme: Theme) -> None:
        super().__init__()
        self.diagram_id = diagram_id
        self.scene = DiagramScene(document, diagram_id, canvas_theme(theme), self)
        self.view = DiagramView(self.scene, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)
        self.setFocusProxy(self.view)
        self.view.installEventFilter(self)
        self.view.viewport().installEventFilter(self)
        self.scene.selection_changed.connect(self.selection_changed)
        self._framed = False
        self._fitted: float | None = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Whoever turns to the diagram means what is selected there."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.MouseButtonPress):
            self.attended.emit()
        return False

    def set_theme(self, theme: Theme) -> None:
        """Take over other colours."""
        self.scene.set_theme(canvas_theme(theme))

    def frame_once(self, remembered: str = "") -> None:
        """Show the diagram as it was shown last, or whole, the first time that it is seen."""
        if self._framed:
            return
        self._framed = True
        parts = remembered.split(",")
        if len(parts) == 3:
            try:
                zoom, x, y = (float(part) for part in parts)
            except ValueError:
                zoom = 0.0
            if 0.05 <= zoom <= 8.0:
                self.view.look_at(QPointF(x, y), zoom)
                return
        self._fit()

    def follow(self, viewport: ViewportOf, *, at_once: bool = False) -> None:
        """Show what somebody else sees instead of what was shown last."""
        self._framed, self._fitted = True, None
        self.view.following.follow(viewport, at_once=at_once)

    def _fit(self) -> None:
        self.view.fit_all()
        self._fitted = self.view.zoom

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A diagram that is shown whole stays whole until somebody zooms."""
        super().resizeEvent(event)
        if self._fitted == self.view.zoom:
            QTimer.singleShot(0, self, self._refit)

    def _refit(self) -> None:
        if self._fitted == self.view.zoom:
            self._fit()

    def remembered(self) -> str:
        """Zoom and middle, for the next time; empty for a diagram that is shown whole."""
        if not self._framed or self._fitted == self.view.zoom:
            return ""
        middle = self.view.scene_point(self.view.view_middle)
        return f"{self.view.zoom:.4f},{middle.x():.1f},{middle.y():.1f}"

    def close_down(self) -> None:
        """End what is being done and stop listening to the document."""
        self.view.close_tools()
        self.closing.emit()
        self.scene.close()
