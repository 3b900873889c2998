"""A diagram laid out for a picture: all its items, and the rectangle that holds them."""

import os
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPen
from PySide6.QtWidgets import QApplication

from app.domain.errors import InvalidData, TmiError
from app.domain.records import Diagram
from app.domain.state import ModelState
from canvas.contents import Contents
from canvas.items.look import Look
from canvas.items.marks import marks_of
from canvas.theme import CanvasTheme

MARGIN: Final = 24.0
EMPTY_TEXT: Final = "Empty diagram"
EMPTY_SIZE: Final = (360.0, 160.0)


@dataclass(frozen=True)
class Drawing:
    """Items of a diagram outside of any scene; `rect` includes the margin, in scene units."""

    title: str
    contents: Contents
    rect: QRectF
    theme: CanvasTheme

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.contents.cells

    def paint(self, painter: QPainter, zoom: float) -> None:
        """Paint everything in scene coordinates, in full detail whatever the zoom."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        if self.is_empty:
            painter.setPen(QPen(QColor(self.theme.muted_text)))
            painter.setFont(self.contents.look.face(16.0).font)
            painter.drawText(self.rect, Qt.AlignmentFlag.AlignCenter, EMPTY_TEXT)
            return
        for item in self.contents.painted():
            painter.save()
            painter.translate(item.pos())
            item.draw(painter, max(zoom, 1.0))
            painter.restore()


def drawing_of(state: ModelState, diagram_id: str, theme: CanvasTheme) -> Drawing:
    """Lay a diagram out. InvalidData when the model has no such diagram."""
    diagram = state.find(Diagram, diagram_id)
    if diagram is None:
        raise InvalidData("diagram", diagram_id, "", "is not in this model")
    if not isinstance(QCoreApplication.instance(), QGuiApplication):
        raise TmiError("pictures need a running QGuiApplication: fonts are measured with it")
    contents = Contents(Look(theme), lambda cell: marks_of(state, cell))
    contents.put(state.cells(diagram_id))
    contents.settle()
    if contents.cells:
        rect = contents.ink().adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
    else:
        rect = QRectF(0.0, 0.0, *EMPTY_SIZE)
    return Drawing(diagram.name, contents, rect, theme)


def headless_application() -> QCoreApplication:
    """The running application, or a new one that needs no display. Keep it while making pictures."""
    running = QCoreApplication.instance()
    if running is not None:
        return running
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return QApplication(["tmi-desktop"])
