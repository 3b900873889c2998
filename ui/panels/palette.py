"""The palette: what can be drawn, by click, by drag on to the canvas, or by the keyboard."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QDrag, QIcon, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QStyle,
    QStyleOptionToolButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from canvas.tools.dropping import stencil_mime
from ui.theme import ThemeManager


@dataclass(frozen=True)
class Stencil:
    """Something to draw: its name in drags and signals, what people call it, icon and shortcut letter."""

    name: str
    title: str
    icon: str
    letter: str
    tip: str

    @property
    def tool(self) -> str:
        """The canvas's word for it, which a drag carries."""
        return "trust_boundary" if self.name == "boundary_box" else self.name


STENCILS: Final = (
    Stencil("process", "Process", "process", "P", "Something that works on data"),
    Stencil("datastore", "Store", "store", "S", "Data at rest"),
    Stencil("external_entity", "External entity", "external-entity", "E", "Somebody or something outside"),
    Stencil("data_flow", "Data flow", "flow", "F", "Data on its way from one element to another"),
    Stencil("boundary_box", "Boundary box", "boundary-box", "B", "A trust zone around elements"),
    Stencil("boundary_line", "Boundary line", "boundary-line", "L", "Where trust changes along a line"),
    Stencil("text", "Text", "text", "T", "A remark on the diagram"),
)


class StencilButton(QToolButton):
    """One stencil: icon, name and letter, as much of it as there is room for."""

    placed = Signal()
    stepped = Signal(int)

    def __init__(self, stencil: Stencil, theme: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self.stencil = stencil
        self._theme = theme
        self._pressed_at: QPoint | None = None
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.rescale()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(stencil.title)
        self.setAccessibleDescription(
            f"{stencil.tip}. Space chooses it, Enter places it in the middle of the view."
        )
        self.setToolTip(
            f"<b>{stencil.title}</b> ({stencil.letter})<br>{stencil.tip}.<br>"
            "Click to draw it, drag it on to the diagram, or press Enter to place it in the middle."
        )
        theme.bind_icon(self, stencil.icon)

    def rescale(self) -> None:
        """As large as the text is now."""
        side = self._theme.px(20)
        self.setIconSize(QSize(side, side))
        self.setFixedHeight(self._theme.px(30))

    def minimumSizeHint(self) -> QSize:
        """Shrinks down to the icon."""
        return QSize(self._theme.px(34), self._theme.px(30))

    def sizeHint(self) -> QSize:
        """Room for icon, name and letter."""
        return QSize(self._theme.px(70) + self.fontMetrics().horizontalAdvance(self.stencil.title),
                     self._theme.px(30))  # fmt: skip

    def paintEvent(self, event: QPaintEvent) -> None:
        """The button by the style, name and letter by hand: a style centres them."""
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        icon = self.icon()
        option.icon = QIcon()
        option.text = ""
        painter = QPainter(self)
        self.style().drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option, painter, self)
        side, gap = self.iconSize().width(), self._theme.px(7)
        middle = (self.height() - side) // 2
        state = icon.State.On if self.isChecked() else icon.State.Off
        mode = icon.Mode.Normal if self.isEnabled() else icon.Mode.Disabled
        icon.paint(painter, QRect(gap, middle, side, side), Qt.AlignmentFlag.AlignCenter, mode, state)
        left = gap + side + gap
        room = self.width() - left - gap
        tokens = self._theme.theme.palette
        painter.setPen(tokens.text if self.isEnabled() else tokens.disabled_text)
        metrics = self.fontMetrics()
        centre = Qt.AlignmentFlag.AlignVCenter
        letter = metrics.horizontalAdvance("M") + gap
        if room > metrics.horizontalAdvance(self.stencil.title) + letter:
            painter.drawText(QRect(left, 0, room, self.height()), centre, self.stencil.title)
            painter.setPen(tokens.muted_text)
            right = Qt.AlignmentFlag.AlignRight | centre
            painter.drawText(QRect(left, 0, room, self.height()), right, self.stencil.letter)
        elif room > metrics.averageCharWidth() * 4:
            text = metrics.elidedText(self.stencil.title, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRect(left, 0, room, self.height()), centre, text)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A drag may begin here."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed_at = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Far enough from where it was pressed it is a drag."""
        start = self._pressed_at
        if start is not None and event.buttons() & Qt.MouseButton.LeftButton:
            away = (event.position().toPoint() - start).manhattanLength()
            if away >= QApplication.startDragDistance():
                self._pressed_at = None
                self.setDown(False)
                self.start_drag()
                return
        super().mouseMoveEvent(event)

    def start_drag(self) -> None:
        """Drag the stencil until it is dropped somewhere."""
        drag = QDrag(self)
        drag.setMimeData(stencil_mime(self.stencil.tool))
        drag.setPixmap(self.icon().pixmap(QSize(32, 32)))
        drag.setHotSpot(QPoint(16, 16))
        drag.exec(Qt.DropAction.CopyAction)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter places, Space chooses, the arrows go on."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.placed.emit()
        elif event.key() == Qt.Key.Key_Down:
            self.stepped.emit(1)
        elif event.key() == Qt.Key.Key_Up:
            self.stepped.emit(-1)
        else:
            super().keyPressEvent(event)


class Palette(QWidget):
    """All stencils below each other. `chosen`: draw with it next; `placed`: put one in the middle."""

    chosen = Signal(str)
    placed = Signal(str)

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Palette")
        self.buttons: dict[str, StencilButton] = {}
        body = QWidget()
        column = QVBoxLayout(body)
        margin = theme.px(6)
        column.setContentsMargins(margin, margin, margin, margin)
        column.setSpacing(theme.px(2))
        for stencil in STENCILS:
            button = StencilButton(stencil, theme, body)
            button.clicked.connect(lambda _=False, name=stencil.name: self._clicked(name))
            button.placed.connect(lambda name=stencil.name: self.placed.emit(name))
            button.stepped.connect(lambda by, name=stencil.name: self._step(name, by))
            column.addWidget(button)
            self.buttons[stencil.name] = button
        self._hint = QLabel("Click, drag on to the diagram, or press the letter.", body)
        self._hint.setProperty("role", "small")
        self._hint.setWordWrap(True)
        self._hint.setContentsMargins(margin, margin, margin, 0)
        column.addWidget(self._hint)
        column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setWidget(body)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        self._narrow = theme.px(110)
        self._current = ""
        self._theme = theme
        theme.changed.connect(self._rescale)

    def _rescale(self) -> None:
        self._narrow = self._theme.px(110)
        for button in self.buttons.values():
            button.rescale()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A strip of icons has no room for words."""
        super().resizeEvent(event)
        self._hint.setVisible(event.size().width() > self._narrow)

    def set_current(self, name: str) -> None:
        """Show which stencil is being drawn with; empty for none."""
        self._current = name
        for key, button in self.buttons.items():
            button.setChecked(key == name)

    def set_read_only(self, reason: str) -> None:
        """Nothing to draw in a document that may only be read; empty allows it again."""
        for button in self.buttons.values():
            button.setEnabled(not reason)
        self._hint.setText(reason or "Click, drag on to the diagram, or press the letter.")

    def _step(self, name: str, by: int) -> None:
        names = list(self.buttons)
        place = max(0, min(len(names) - 1, names.index(name) + by))
        self.buttons[names[place]].setFocus(Qt.FocusReason.OtherFocusReason)

    def _clicked(self, name: str) -> None:
        self.set_current(name)
        self.chosen.emit(name)
