"""How a model is drawn in the library: a card with its picture, its name and its facts."""

from PySide6.QtCore import QByteArray, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPen, QPixmap, QResizeEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.services.workspace import ModelSummary
from ui.home.models import SUMMARY_ROLE, facts
from ui.home.times import ago
from ui.theme import ThemeManager

WIDTH, HEIGHT, PICTURE = 270, 254, 150
GAP = 8


class CardDelegate(QStyledItemDelegate):
    """Paints one card; pictures are rendered once and kept until the model changes."""

    def __init__(self, theme: ThemeManager, cards: "CardList") -> None:
        super().__init__(cards)
        self._list = cards
        self._theme = theme
        self._pictures: dict[tuple[str, str, int, float], QPixmap] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """The same size for every card: what it needs, or its share of the width."""
        least = self.least_size()
        return QSize(max(least.width(), self._list.gridSize().width()), least.height())

    def least_size(self) -> QSize:
        """What a card needs."""
        return QSize(self._theme.px(WIDTH), self._theme.px(HEIGHT))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw the card of one model."""
        summary = index.data(SUMMARY_ROLE)
        if not isinstance(summary, ModelSummary):
            return
        tokens = self._theme.theme.palette
        rect = option.rect.adjusted(GAP, GAP, -GAP, -GAP)
        state = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        painter.fillPath(outline, QColor(tokens.raised if hovered or chosen else tokens.surface))
        picture = QRect(rect.x(), rect.y(), rect.width(), self._theme.px(PICTURE))
        painter.save()
        painter.setClipPath(outline)
        painter.fillRect(picture, QColor("#ffffff"))
        self._paint_picture(painter, picture.adjusted(8, 8, -8, -8), summary)
        painter.restore()
        painter.setPen(QPen(QColor(tokens.border), 1))
        painter.drawLine(picture.bottomLeft(), picture.bottomRight())
        colour = tokens.focus_ring if chosen else tokens.border_strong if hovered else tokens.border
        painter.setPen(QPen(QColor(colour), 2 if chosen else 1))
        painter.drawPath(outline)
        self._paint_words(painter, rect.adjusted(12, picture.height() + 10, -12, -10), summary)
        painter.restore()

    def _paint_words(self, painter: QPainter, rect: QRect, summary: ModelSummary) -> None:
        tokens = self._theme.theme.palette
        font = QFont(painter.font())
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text))
        metrics = QFontMetrics(font)
        name = metrics.elidedText(summary.name, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignTop, name)
        font.setBold(False)
        painter.setFont(font)
        metrics = QFontMetrics(font)
        painter.setPen(QColor(tokens.muted_text))
        times = (
            f"Deleted {ago(summary.deleted_at)}"
            if summary.deleted_at
            else (f"Edited {ago(summary.modified_at)}")
        )
        line = rect.translated(0, metrics.lineSpacing() + 3)
        for text in (*facts(summary), times):
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
            painter.drawText(line, Qt.AlignmentFlag.AlignTop, shown)
            line = line.translated(0, metrics.lineSpacing())

    def _paint_picture(self, painter: QPainter, rect: QRect, summary: ModelSummary) -> None:
        if not summary.thumbnail:
            painter.setPen(QColor("#6b7280"))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, "Empty diagram")
            return
        device = painter.device()
        ratio = device.devicePixelRatioF()
        key = (summary.id, summary.modified_at, rect.width(), ratio)
        pixmap = self._pictures.get(key)
        if pixmap is None:
            pixmap = self._pictures[key] = _rendered(summary.thumbnail, rect.size(), ratio)
        size = pixmap.deviceIndependentSize().toSize()
        place = QRect(rect.topLeft(), size)
        place.moveCenter(rect.center())
        painter.drawPixmap(place.topLeft(), pixmap)


class CardList(QListView):
    """Cards in as many columns as fit, spread over the width."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room among the columns."""
        self.share_room()
        super().resizeEvent(event)

    def share_room(self) -> None:
        """Work out the columns anew: the window or the cards have another size."""
        delegate = self.itemDelegate()
        if not isinstance(delegate, CardDelegate):
            return
        card = delegate.least_size()
        room = self.viewport().width() - 2
        columns = max(1, room // max(1, card.width()))
        wanted = QSize(max(card.width(), room // columns), card.height())
        if wanted != self.gridSize():
            self.setGridSize(wanted)


def _rendered(svg: str, room: QSize, ratio: float) -> QPixmap:
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    size = renderer.defaultSize()
    if not renderer.isValid() or size.isEmpty():
        return QPixmap()
    wanted = size.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
    if wanted.width() > size.width():
        wanted = size
    pixmap = QPixmap(wanted * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, wanted.width(), wanted.height()))
    painter.end()
    return pixmap
