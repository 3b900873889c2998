"""The editor that lies over a cell while its label is typed."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QTextEdit

from app.domain import vocabulary as v
from app.domain.records import Cell

if TYPE_CHECKING:
    from canvas.view import DiagramView

LEAST_FONT: Final = 11.0
LEAST_WIDTH: Final = 96.0
LINE_WIDTH: Final = 200.0
MAX_LENGTH: Final = 1000
_KEPT_FOCUS = (
    Qt.FocusReason.ActiveWindowFocusReason,
    Qt.FocusReason.PopupFocusReason,
    Qt.FocusReason.MenuBarFocusReason,
)


class LabelEditor(QTextEdit):
    """Enter and Ctrl+Enter commit, Shift+Enter breaks the line, Esc cancels; undo stays inside."""

    committed = Signal()
    cancelled = Signal()
    text_changed = Signal(str)

    def __init__(self, view: "DiagramView", cell: Cell, typed: str | None = None) -> None:
        super().__init__(view.viewport())
        self._view, self._cell = view, cell
        self._ended = False
        self.setObjectName("label-editor")
        self.setAccessibleName(f"Name of the {v.CELL_TYPE_NAMES[cell.type].lower()}")
        self.setAcceptRichText(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabChangesFocus(True)
        # The width is ours: the widget's own follows only when it is next laid out.
        self.setLineWrapMode(QTextEdit.LineWrapMode.FixedPixelWidth)
        self.document().setDocumentMargin(3)
        self._dress()
        self.setPlainText(cell.label)
        self._centre_text()
        self.document().clearUndoRedoStacks()
        self.selectAll()
        if typed is not None:
            self.insertPlainText(typed)

    @property
    def text(self) -> str:
        """What stands there, without blanks at either end and not longer than a label may be."""
        return self.toPlainText().strip()[:MAX_LENGTH]

    @property
    def _at_left(self) -> bool:
        return self._cell.can_contain or self._cell.type == v.TEXT

    def _centre_text(self) -> None:
        option = self.document().defaultTextOption()
        side = Qt.AlignmentFlag.AlignLeft if self._at_left else Qt.AlignmentFlag.AlignHCenter
        option.setAlignment(side)
        option.setWrapMode(option.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.document().setDefaultTextOption(option)

    def _dress(self) -> None:
        theme = self._view.diagram_scene.theme
        fill = {
            v.PROCESS: theme.process_fill,
            v.DATASTORE: theme.store_fill,
            v.EXTERNAL_ENTITY: theme.external_fill,
        }.get(self._cell.type, theme.background)
        self.setStyleSheet(
            f"QTextEdit#label-editor {{ background: {fill}; color: {theme.label_text};"
            f" border: 1px solid {theme.selection_outline}; border-radius: 3px; padding: 0px;"
            f" selection-background-color: {theme.selection_outline};"
            f" selection-color: {theme.handle_fill}; }}"
        )

    def _scale_font(self) -> None:
        theme = self._view.diagram_scene.theme
        font = QFont()
        font.setFamilies([name.strip() for name in theme.font_family.split(",")])
        font.setPixelSize(round(max(LEAST_FONT, theme.font_size * self._view.zoom)))
        if font.toString() != self.font().toString():
            self.setFont(font)

    def open(self) -> None:
        """Show it in its place and take the keyboard."""
        self.place()
        self.show()
        self.textChanged.connect(self._grew)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _grew(self) -> None:
        self.place()
        self.text_changed.emit(self.toPlainText())

    def place(self) -> None:
        """Lie over the label as the view shows it now, as high as the text needs."""
        shown = self._view.diagram_scene.shown(self._cell.id)
        if shown is None or self._ended:
            return
        self._cell = shown
        self._scale_font()
        label = self._view.viewportTransform().mapRect(self._view.diagram_scene.label_rect(shown.id))
        width = max(LEAST_WIDTH, self._room(shown, label))
        self.setLineWrapColumnOrWidth(round(width) - 2)
        height = self.document().size().height() + 2
        left = label.left() - 4 if self._at_left else label.center().x() - width / 2
        at_top = shown.can_contain or shown.type == v.TEXT
        top = label.top() - 3 if at_top else label.center().y() - height / 2
        self.setGeometry(round(left), round(top), round(width), round(height))

    def _room(self, cell: Cell, label: QRectF) -> float:
        if cell.is_line:
            return max(LINE_WIDTH, label.width() + 16)
        whole = cell.size.width * self._view.zoom - 8
        if cell.can_contain:
            return max(min(whole, LINE_WIDTH), label.width() + 16)
        return whole * 0.8 if cell.type == v.PROCESS else whole

    def end(self) -> None:
        """Go, and give the keyboard back to the diagram."""
        if self._ended:
            return
        self._ended = True
        had_focus = self.hasFocus()
        self.hide()
        if had_focus:
            self._view.setFocus(Qt.FocusReason.OtherFocusReason)
        self.deleteLater()

    def event(self, event: QEvent) -> bool:
        """Keep the keys that end typing from being anybody's shortcut."""
        enders = (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        override = event.type() is QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and event.key() in enders:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """See the class."""
        held = event.modifiers()
        if event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if held & Qt.KeyboardModifier.ShiftModifier:
                self.textCursor().insertText("\n")
                self.ensureCursorVisible()
            else:
                self.committed.emit()
        elif event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            self.committed.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Going elsewhere in the window commits; another window or a menu does not."""
        super().focusOutEvent(event)
        if not self._ended and event.reason() not in _KEPT_FOCUS:
            self.committed.emit()

    def to_end(self) -> None:
        """Put the cursor behind the text."""
        self.moveCursor(QTextCursor.MoveOperation.End)
