"""Short words as chips: sets (tags, classifications, CWE) and lists (contributors, vectors)."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QToolButton, QWidget

from app.domain.fields import Field
from ui.panels.editors.base import Editor
from ui.panels.editors.flow import FlowLayout
from ui.theme import ThemeManager

_LONGEST = 28
_CHIP_STYLE = """
QToolButton { border: 1px solid palette(mid); border-radius: 8px; padding: 1px 6px; }
QToolButton:focus { border-color: palette(link); }
"""


class TagsEditor(Editor):
    """Chips to remove and a line to add; words that only some records have are shown in italics."""

    def __init__(self, field: Field, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._theme = theme
        self._values: list[tuple[str, ...]] = []
        self._read_only = False
        self.chips: list[QToolButton] = []
        body = QWidget(self)
        self._flow = FlowLayout(body)
        body.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy = body.sizePolicy()
        policy.setHeightForWidth(True)
        body.setSizePolicy(policy)
        self.line = QLineEdit(body)
        self.line.setMinimumWidth(theme.px(70))
        self.line.setPlaceholderText("Add, then Enter")
        self.line.setToolTip("Type a word and press Enter or comma. Backspace removes the last one.")
        self.line.installEventFilter(self)
        self.line.textEdited.connect(self._on_typed)
        self._flow.addWidget(self.line)
        self.put(body, focus=self.line)

    @property
    def busy(self) -> bool:
        """Whether a word is being typed."""
        return bool(self.line.text().strip())

    def show_values(self, values: Sequence[Any]) -> None:
        """Show all words of all records."""
        shown = [tuple(v) if isinstance(v, tuple) else tuple(sorted(v, key=str.casefold)) for v in values]
        if shown == self._values and self.chips:
            return
        self._values = shown
        for chip in self.chips:
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        words = sorted({w for v in shown for w in v}, key=str.casefold)
        if self._is_list and len(shown) == 1:
            words = list(shown[0])
        self.chips = [self._chip(word, all(word in v for v in shown)) for word in words]
        for place, chip in enumerate(self.chips):
            self._flow.insert(place, chip)
            chip.show()
        self.updateGeometry()

    @property
    def _is_list(self) -> bool:
        return not self.field.is_set

    def _chip(self, word: str, on_all: bool) -> QToolButton:
        chip = QToolButton(self.line.parentWidget())
        chip.setText(word if len(word) <= _LONGEST else word[: _LONGEST - 1] + "…")
        chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        chip.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        chip.setIconSize(QSize(self._theme.px(11), self._theme.px(11)))
        self._theme.bind_icon(chip, "close")
        chip.setProperty("chip", True)
        chip.setStyleSheet(_CHIP_STYLE)
        font = chip.font()
        font.setItalic(not on_all)
        chip.setFont(font)
        chip.setToolTip(f"Remove {word}" + ("" if on_all else " (only some have it)"))
        chip.setAccessibleName(f"Remove {word}")
        chip.setEnabled(not self._read_only)
        chip.clicked.connect(lambda: self._remove(word))
        return chip

    def set_read_only(self, read_only: bool) -> None:
        """Chips without removal, no line to add."""
        self._read_only = read_only
        self.line.setVisible(not read_only)
        for chip in self.chips:
            chip.setEnabled(not read_only)

    def _on_typed(self, text: str) -> None:
        if self.error:
            self._say("")
        if text.endswith(","):
            self.flush()
        else:
            self.typed.emit(text)

    def flush(self) -> None:
        """Add what is typed; commas separate."""
        words = [w.strip() for w in self.line.text().split(",") if w.strip()]
        if not words:
            self.line.clear()
            return
        if self._is_list:
            kept = list(self._values[0]) if self._values else []
            self.committed.emit(kept + [w for w in words if w not in kept])
        else:
            self.committed.emit({"add": words})

    def _remove(self, word: str) -> None:
        self.line.setFocus()
        if self._is_list:
            self.committed.emit([w for w in self._values[0] if w != word])
        else:
            self.committed.emit({"remove": [word]})

    def accept(self) -> None:
        """The model took the words."""
        super().accept()
        self.line.clear()
        self.typed.emit("")

    def drop(self) -> None:
        """Forget what is typed."""
        self.accept()

    def resume(self, text: str) -> None:
        """Go on with an unfinished word."""
        self.line.setText(text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter adds, Backspace in the empty line removes the last word, Esc forgets."""
        if event.type() is QEvent.Type.FocusOut and isinstance(event, QFocusEvent):
            if event.reason() is not Qt.FocusReason.PopupFocusReason:
                self.flush()
                self.finished.emit()
        elif event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.busy:
                self.flush()
                return True
            if event.key() == Qt.Key.Key_Escape and self.line.text():
                self.drop()
                return True
            if event.key() == Qt.Key.Key_Backspace and not self.line.text() and self.chips:
                self.chips[-1].click()
                return True
        return False
