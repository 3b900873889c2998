"""A diagram as a PDF page of its own size."""

import re
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSizeF
from PySide6.QtGui import QColor, QPageLayout, QPageSize, QPainter, QPdfWriter

from app.domain.errors import TmiError
from app.domain.state import ModelState
from canvas.pictures.drawing import drawing_of
from canvas.theme import LIGHT, CanvasTheme

_UNICODE_MAP: Final = re.compile(rb"begincmap\n.*?endcmap", re.DOTALL)
_MEANINGS: Final = re.compile(rb"\[[<>0-9A-Fa-f\s]*\]")
POINTS: Final = 0.75
LONGEST_SIDE: Final = 14_400.0
SHORTEST_SIDE: Final = 72.0


def render_pdf(state: ModelState, diagram_id: str, theme: CanvasTheme = LIGHT) -> bytes:
    """One page with the whole diagram, 96 scene units an inch, or as many as a PDF page can hold."""
    drawing = drawing_of(state, diagram_id, theme)
    rect = drawing.rect
    points = min(POINTS, LONGEST_SIDE / max(rect.width(), rect.height()))
    size = QSizeF(max(rect.width() * points, SHORTEST_SIDE), max(rect.height() * points, SHORTEST_SIDE))
    held = QByteArray()
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(drawing.title)
    writer.setCreator("TMI Desktop")
    writer.setResolution(600)
    portrait = QPageLayout.Orientation.Portrait
    page = QPageSize(size, QPageSize.Unit.Point, drawing.title, QPageSize.SizeMatchPolicy.ExactMatch)
    writer.setPageLayout(QPageLayout(page, portrait, QMarginsF()))
    painter = QPainter()
    if not painter.begin(writer):
        raise TmiError("the PDF could not be started")
    try:
        paper = QRectF(painter.viewport())
        painter.fillRect(paper, QColor(theme.background))
        scale = min(paper.width() / rect.width(), paper.height() / rect.height())
        painter.translate(
            (paper.width() - rect.width() * scale) / 2, (paper.height() - rect.height() * scale) / 2
        )
        painter.scale(scale, scale)
        painter.translate(-rect.topLeft())
        drawing.paint(painter, scale)
    finally:
        painter.end()
        buffer.close()
    return with_plain_spaces(bytes(held.data()))


def with_plain_spaces(pdf: bytes) -> bytes:
    """The PDF with its spaces searchable as spaces.

    Fonts often draw tab and space with one glyph; Qt then notes the tab as what the glyph means.
    Both take the same number of bytes, so everything else in the file stays where it is.
    """
    return _UNICODE_MAP.sub(
        lambda found: _MEANINGS.sub(lambda m: m[0].replace(b"<0009>", b"<0020>"), found[0]), pdf
    )
