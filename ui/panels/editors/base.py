"""An editor of one property: shows the values of one or more records, and says what shall become of them."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from app.domain.fields import Field
from ui.panels.editors.company import CompanyLine


def repolish(widget: QWidget) -> None:
    """Let the style sheet see a property that has changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)


class Editor(QWidget):
    """The base of all editors. Whoever owns it answers `committed` with `accept` or `refuse`."""

    committed = Signal(object)
    typed = Signal(str)
    finished = Signal()

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._error = QLabel(self)
        self._error.setProperty("role", "error")
        self._error.setWordWrap(True)
        self._error.hide()
        self._column.addWidget(self._error)
        self._company: CompanyLine | None = None

    def put(self, content: QWidget, *, focus: QWidget | None = None) -> None:
        """Place the widgets of the editor above the line for errors."""
        self._column.insertWidget(self._column.indexOf(self._error), content)
        target = focus or content
        target.setAccessibleName(self.field.label)
        self.setFocusProxy(target)

    @property
    def error(self) -> str:
        """The reason for which the last input was refused; empty when all is well."""
        return self._error.text()

    @property
    def busy(self) -> bool:
        """Whether something is typed that the model does not have yet."""
        return False

    def show_values(self, values: Sequence[Any]) -> None:
        """Show the property of all records; what is being typed stays."""
        raise NotImplementedError

    # --- others in the same field ------------------------------------------------------------------
    @property
    def company(self) -> CompanyLine:
        """The line about others below the field."""
        if self._company is None:
            self._company = CompanyLine(self)
            self._company.kept.connect(self._keep_mine)
            self._company.taken.connect(self.drop)
            self._column.addWidget(self._company)
        return self._company

    @property
    def has_rival(self) -> bool:
        """Whether somebody has changed what is being typed: then nothing is written over it by itself."""
        return self._company is not None and self._company.has_rival

    def _keep_mine(self) -> None:
        self._settle()
        self.flush()

    def _settle(self) -> None:
        if self._company is not None:
            self._company.settle()

    def select_all(self) -> None:
        """What is typed next replaces the text."""
        target = self.focusProxy()
        if isinstance(target, QLineEdit | QPlainTextEdit):
            target.selectAll()

    def set_read_only(self, read_only: bool) -> None:
        """Allow looking only, or changing."""
        self.setEnabled(not read_only)

    def flush(self) -> None:
        """Commit what is being typed."""

    def drop(self) -> None:
        """Forget what is being typed."""
        self.accept()

    def resume(self, text: str) -> None:
        """Go on with unfinished text from before."""

    def accept(self) -> None:
        """The model took the value."""
        self._say("")
        self._settle()

    def refuse(self, reason: str) -> None:
        """The model did not take it: say why, keep what was typed."""
        self._say(reason)

    def _say(self, reason: str) -> None:
        self._error.setText(reason)
        self._error.setVisible(bool(reason))
        proxy = self.focusProxy() or self
        if bool(proxy.property("invalid")) != bool(reason):
            proxy.setProperty("invalid", bool(reason))
            repolish(proxy)
        proxy.setAccessibleDescription(reason)


class LetsUndoThrough(QObject):
    """Gives Ctrl+Z to the window once a text field has nothing of its own to undo."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Refuse the shortcut override that text fields claim always."""
        if event.type() is not QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        undo = event.matches(QKeySequence.StandardKey.Undo)
        redo = event.matches(QKeySequence.StandardKey.Redo)
        if not (undo or redo):
            return False
        if isinstance(watched, QLineEdit):
            own = watched.isUndoAvailable() if undo else watched.isRedoAvailable()
        elif isinstance(watched, QPlainTextEdit):
            document = watched.document()
            own = document.isUndoAvailable() if undo else document.isRedoAvailable()
        else:
            return False
        if not own:
            event.ignore()
            return True
        return False


def same(values: Sequence[Any]) -> bool:
    """Whether all records have the same value."""
    return all(value == values[0] for value in values[1:])
