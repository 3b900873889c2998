"""How a person is drawn: a disc in the person's colour with initials, the name, and facts below it."""

from typing import Final

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QIcon, QMouseEvent, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.domain.presence import Person
from canvas.company.marks import ink_on
from ui.panels.people.rows import ROW_ROLE, Row
from ui.theme import ThemeManager

_PAD: Final = 6
_DISC: Final = 28
_MARK: Final = 16
_MORE: Final = 24


def paint_disc(painter: QPainter, box: QRectF, person: Person, ink: QColor) -> None:
    """Somebody's disc; for who is away a broken outline, with the initials in `ink`."""
    colour = QColor(person.colour if QColor.isValidColorName(person.colour) else "#808080")
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if person.away:
        painter.setPen(QPen(colour, 1.5, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
    painter.drawEllipse(box.adjusted(1.5, 1.5, -1.5, -1.5))
    font = QFont(painter.font())
    font.setBold(True)
    font.setPixelSize(max(7, round(box.height() * 0.38)))
    painter.setFont(font)
    painter.setPen(ink if person.away else ink_on(colour))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, person.initials)
    painter.restore()


def disc(person: Person, size: int, ratio: float, ink: str) -> QPixmap:
    """Somebody's disc as a picture, `size` logical pixels wide."""
    drawn = QPixmap(QSize(size, size) * ratio)
    drawn.setDevicePixelRatio(ratio)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    paint_disc(painter, QRectF(0, 0, size, size), person, QColor(ink))
    painter.end()
    return drawn


class PersonDelegate(QStyledItemDelegate):
    """Paints a row. `menu_asked`: the dots at its end were clicked."""

    menu_asked = Signal(int, QPoint)  # row, place in the list

    def __init__(self, theme: ThemeManager, view: QListView) -> None:
        super().__init__(view)
        self._view, self._theme = view, theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Two lines of text, and no wider than the list."""
        line = QFontMetrics(self._view.font()).lineSpacing()
        return QSize(10, max(2 * line, self._theme.px(_DISC)) + 2 * self._theme.px(_PAD))

    def more_box(self, row: QRect) -> QRect:
        """Where the dots are in a row."""
        size = self._theme.px(_MORE)
        return QRect(row.right() - size - self._theme.px(2), row.center().y() - size // 2, size, size)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """See the class."""
        row = index.data(ROW_ROLE)
        if not isinstance(row, Row):
            return
        state, area, px = option.state, QRect(option.rect), self._theme.px
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        tokens = self._theme.theme.palette
        painter.save()
        painter.setFont(self._view.font())
        if chosen or hovered:
            painter.fillRect(area, QColor(tokens.selection if chosen else tokens.hover))
        if chosen and self._view.hasFocus():
            painter.setPen(QPen(QColor(tokens.focus_ring), 1))
            painter.drawRect(area.adjusted(0, 0, -1, -1))
        size = px(_DISC)
        box = QRect(area.left() + px(_PAD), area.center().y() - size // 2, size, size)
        more = self.more_box(area)
        room = QRect(box.right() + px(8), area.top() + px(_PAD), 0, area.height() - 2 * px(_PAD))
        room.setRight((more.left() if chosen or hovered else area.right()) - px(4))
        text = QColor(tokens.selection_text if chosen else tokens.text)
        muted = text if chosen else QColor(tokens.muted_text)
        if row.person.away:
            text = muted
        paint_disc(painter, QRectF(box), row.person, muted)
        self._paint_words(painter, room, row, text, muted)
        if chosen or hovered:
            mode = QIcon.Mode.Selected if chosen else QIcon.Mode.Normal
            inset = (more.width() - px(_MARK)) // 2
            self._theme.icon("more").paint(painter, more.adjusted(inset, inset, -inset, -inset), mode=mode)
        painter.restore()

    def _paint_words(self, painter: QPainter, room: QRect, row: Row, text: QColor, muted: QColor) -> None:
        px = self._theme.px
        font = QFont(painter.font())
        font.setBold(True)
        metrics = QFontMetrics(font)
        top = QRect(room.left(), room.top(), room.width(), metrics.lineSpacing())
        name_room = top
        if row.presents or row.asks:
            mark = QRect(0, 0, px(_MARK), px(_MARK))
            width = min(metrics.horizontalAdvance(row.title), top.width() - mark.width() - px(4))
            mark.moveTo(top.left() + width + px(4), top.center().y() - mark.height() // 2)
            name_room = QRect(top.left(), top.top(), width, top.height())
            self._theme.icon("present" if row.presents else "hand").paint(painter, mark)
        painter.setFont(font)
        painter.setPen(text)
        elide = Qt.TextElideMode.ElideRight
        painter.drawText(name_room, Qt.AlignmentFlag.AlignVCenter,
                         metrics.elidedText(row.title, elide, name_room.width() + 1))  # fmt: skip
        font.setBold(False)
        painter.setFont(font)
        painter.setPen(muted)
        metrics = QFontMetrics(font)
        below = top.translated(0, room.height() - top.height())
        words = metrics.elidedText(" · ".join(row.facts), elide, below.width())
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, words)

    def editorEvent(
        self, event: QEvent, model: object, option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:  # fmt: skip
        """A click on the dots."""
        if event.type() is QEvent.Type.MouseButtonRelease and isinstance(event, QMouseEvent):
            box = self.more_box(option.rect)
            if event.button() is Qt.MouseButton.LeftButton and box.contains(event.position().toPoint()):
                self.menu_asked.emit(index.row(), box.bottomLeft())
                return True
        return False
