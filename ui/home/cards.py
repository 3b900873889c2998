"""How a model is drawn in the library: a card with its picture, its name and its facts."""

from PySide6.QtCore import QByteArray, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPen, QPixmap, QResizeEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.home.card import Card
from ui.home.models import CARD_ROLE
from ui.theme import ThemeManager

WIDTH, HEIGHT, PICTURE = 270, 254, 150
STATE_HEIGHT = 20
GAP = 8


class CardDelegate(QStyledItemDelegate):
    """Paints one card; pictures are rendered once and kept until the model changes."""

    def __init__(self, theme: ThemeManager, cards: "CardList") -> None:
        super().__init__(cards)
        self._list = cards
        self._theme = theme
        self._pictures: dict[tuple[str, str, int, float], QPixmap] = {}
        self.shows_state = False

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """The same size for every card: what it needs, or its share of the width."""
        least = self.least_size()
        return QSize(max(least.width(), self._list.gridSize().width()), least.height())

    def least_size(self) -> QSize:
        """What a card needs; a line more where models stand with servers."""
        height = HEIGHT + (STATE_HEIGHT if self.shows_state else 0)
        return QSize(self._theme.px(WIDTH), self._theme.px(height))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw the card of one model."""
        card = index.data(CARD_ROLE)
        if not isinstance(card, Card):
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
        self._paint_picture(painter, picture.adjusted(8, 8, -8, -8), card)
        painter.restore()
        painter.setPen(QPen(QColor(tokens.border), 1))
        painter.drawLine(picture.bottomLeft(), picture.bottomRight())
        colour = tokens.focus_ring if chosen else tokens.border_strong if hovered else tokens.border
        painter.setPen(QPen(QColor(colour), 2 if chosen else 1))
        painter.drawPath(outline)
        self._paint_words(painter, rect.adjusted(12, picture.height() + 10, -12, -10), card)
        painter.restore()

    def _paint_words(self, painter: QPainter, rect: QRect, card: Card) -> None:
        tokens = self._theme.theme.palette
        font = QFont(painter.font())
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text))
        metrics = QFontMetrics(font)
        name = metrics.elidedText(card.name, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignTop, name)
        font.setBold(False)
        painter.setFont(font)
        metrics = QFontMetrics(font)
        painter.setPen(QColor(tokens.muted_text))
        line = rect.translated(0, metrics.lineSpacing() + 3)
        for text in card.lines:
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
            painter.drawText(line, Qt.AlignmentFlag.AlignTop, shown)
            line = line.translated(0, metrics.lineSpacing())
        if card.state:
            self._paint_state(painter, line.translated(0, 3), card, metrics)

    def _paint_state(self, painter: QPainter, line: QRect, card: Card, metrics: QFontMetrics) -> None:
        """A dot in the tone, and words that say the same."""
        size = metrics.ascent() * 0.6
        dot = QRectF(line.x(), line.y() + (metrics.height() - size) / 2, size, size)
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(getattr(self._theme.theme.palette, card.tone)))
        painter.drawEllipse(dot)
        painter.restore()
        place = line.adjusted(round(size) + 6, 0, 0, 0)
        painter.setPen(QColor(self._theme.theme.palette.text))
        shown = metrics.elidedText(card.state, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignTop, shown)

    def _paint_picture(self, painter: QPainter, rect: QRect, card: Card) -> None:
        if not card.picture:
            painter.setPen(QColor("#6b7280"))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, card.no_picture)
            return
        device = painter.device()
        ratio = device.devicePixelRatioF()
        key = (card.id, card.version, rect.width(), ratio)
        pixmap = self._pictures.get(key)
        if pixmap is None:
            pixmap = self._pictures[key] = _rendered(card.picture, rect.size(), ratio)
        size = pixmap.deviceIndependentSize().toSize()
        place = QRect(rect.topLeft(), size)
        place.moveCenter(rect.center())
        painter.drawPixmap(place.topLeft(), pixmap)


class CardList(QListView):
    """Cards in as many columns as fit, spread over the width."""

    def dress(self, theme: ThemeManager, name: str) -> CardDelegate:
        """Show cards; returns what paints them."""
        delegate = CardDelegate(theme, self)
        self.setItemDelegate(delegate)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setAccessibleName(name)
        self.setObjectName("cards")
        self.setProperty("cards", "true")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        return delegate

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
        # Qt leaves room for the scroll bar whether it is there or not.
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        room = self.maximumViewportSize().width() - bar - 2
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
