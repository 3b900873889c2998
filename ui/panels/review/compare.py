"""Theirs and mine beside each other, and the buttons that choose."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QLabel,
    QPushButton,
    QSizePolicy,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from app.domain.conflicts import Choice
from ui.panels.review.differing import differing, marked
from ui.panels.review.disputes import REMOVED, Side
from ui.theme import ThemeManager

BESIDE: Final = 260  # with less room than this one lies below the other


class _Column(QWidget):
    """One side: its heading, what it says, and the button that keeps it."""

    def __init__(self, theme: ThemeManager, words: str, key: str, parent: QWidget) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(3))
        self.heading = QLabel(self)
        self.heading.setProperty("role", "small")
        self.heading.setTextFormat(Qt.TextFormat.PlainText)
        self.heading.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.text = _Text(self)
        self.button = QPushButton(words, self)
        self.button.setToolTip(f"{words} ({key})")
        column.addWidget(self.heading)
        column.addWidget(self.text, 1)
        column.addWidget(self.button)


class _Text(QTextBrowser):
    """Scrolls what is long; asks for little room."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setOpenLinks(False)
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """A few lines."""
        return QSize(100, 4 * self.fontMetrics().lineSpacing())

    def minimumSizeHint(self) -> QSize:
        """Two lines."""
        return QSize(60, round(2.6 * self.fontMetrics().lineSpacing()))


class Compare(QWidget):
    """Shows both sides of one conflict, or says how many are chosen. `chose` tells what is to be kept."""

    chose = Signal(str)

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.title = QLabel(self)
        self.title.setWordWrap(True)
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self.theirs = _Column(theme, "Keep theirs", "T", self)
        self.mine = _Column(theme, "Keep mine", "M", self)
        self.both = QPushButton("Keep both", self)
        self.why_not = QLabel(self)
        self.why_not.setProperty("role", "warning")
        self.why_not.setWordWrap(True)
        self.why_not.setTextFormat(Qt.TextFormat.PlainText)
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._columns.setSpacing(theme.px(6))
        self._columns.addWidget(self.theirs, 1)
        self._columns.addWidget(self.mine, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.px(4), 0, 0)
        column.setSpacing(theme.px(4))
        column.addWidget(self.title)
        column.addLayout(self._columns, 1)
        column.addWidget(self.both)
        column.addWidget(self.why_not)
        buttons: tuple[tuple[QPushButton, Choice], ...] = (
            (self.theirs.button, "theirs"), (self.mine.button, "mine"), (self.both, "both"),
        )  # fmt: skip
        for button, choice in buttons:
            button.clicked.connect(lambda _on=False, c=choice: self.chose.emit(c))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Beside each other where there is room, else one below the other."""
        super().resizeEvent(event)
        beside = self.width() >= self._theme.px(BESIDE)
        way = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        if self._columns.direction() != way:
            self._columns.setDirection(way)

    def show_sides(self, title: str, who: str, sides: Sequence[Side], nothing: str = REMOVED) -> None:
        """Show one conflict; `nothing` is said of a side that has no such record."""
        self.title.setText(title)
        self.theirs.heading.setText(f"Theirs ({who})")
        self.theirs.heading.setToolTip(f"What {who} made of it, and what stands now")
        self.mine.heading.setText("Mine")
        html = self._html(sides, nothing)
        for side, text, name in zip((self.theirs, self.mine), html, ("Theirs", "Mine"), strict=True):
            side.text.show()
            side.heading.show()
            if side.text.property("shown") != text:
                side.text.setProperty("shown", text)
                side.text.setHtml(text)
            side.text.setAccessibleName(f"{name}: {side.text.toPlainText()[:400]}")
        self._words("")

    def show_many(self, title: str, count: int) -> None:
        """Say what is chosen when it is more than one."""
        self.title.setText(title)
        for side in (self.theirs, self.mine):
            side.text.hide()
            side.heading.hide()
        self._words(f" ({count})")

    def _words(self, count: str) -> None:
        self.theirs.button.setText(f"Keep theirs{count}")
        self.mine.button.setText(f"Keep mine{count}")
        self.both.setText(f"Keep both{count}")

    def allow(self, *, edits: str, anything: str, both: str) -> None:
        """What may be chosen: reasons why not, "" where it may. `both` says what that makes, "" for never."""
        self.theirs.button.setEnabled(not anything)
        self.mine.button.setEnabled(not (anything or edits))
        self.both.setEnabled(not (anything or edits))
        self.both.setVisible(bool(both))
        self.both.setToolTip(f"{both} (B)")
        reason = anything or edits
        self.why_not.setText(f"{reason[:1].upper()}{reason[1:]}." if reason else "")
        self.why_not.setVisible(bool(reason))

    def _html(self, sides: Iterable[Side], nothing: str) -> tuple[str, str]:
        colours = self._theme.theme.palette
        found: tuple[list[str], list[str]] = ([], [])
        for side in sides:
            head = f'<span style="color:{colours.muted_text}">{escape(side.label)}</span><br>' * bool(
                side.label
            )
            if side.theirs is None or side.mine is None:
                texts = [escape(t).replace("\n", "<br>") if t else "" for t in (side.theirs, side.mine)]
            else:
                texts = [
                    marked(runs, ink=colours.text, paper=colours.accent_soft)
                    for runs in differing(side.theirs, side.mine)
                ]
            for parts, text, value in zip(found, texts, (side.theirs, side.mine), strict=True):
                if value is None:
                    if not parts:
                        parts.append(f'<i style="color:{colours.muted_text}">{nothing}</i>')
                else:
                    parts.append(head + (text or f'<i style="color:{colours.muted_text}">Empty</i>'))
        return "<br>".join(found[0]), "<br>".join(found[1])
