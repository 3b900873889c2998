"""What can be undone, the next one first; a double click takes everything back up to there."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.domain.changes import ChangeSet
from app.domain.errors import TmiError
from app.services.document import Document
from ui.panels.panel import Panel
from ui.theme import ThemeManager


class HistoryPanel(Panel):
    """The titles of the undo steps."""

    problem = Signal(str)

    def __init__(self, document: Document, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(document, theme, parent)
        column = QVBoxLayout(self)
        margin = theme.px(6)
        column.setContentsMargins(margin, margin, margin, margin)
        self.list = QListWidget(self)
        self.list.setAccessibleName("Steps that can be undone")
        self.list.setToolTip("Double-click or Enter takes back everything down to this step, itself included")
        self.list.itemActivated.connect(self._undo_to)
        self._empty = QLabel("Nothing to undo yet. What you change appears here.", self)
        self._empty.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        column.addWidget(self.list)
        column.addWidget(self._empty)
        self._show()

    def _show(self) -> None:
        titles = [title[:1].upper() + title[1:] or "Change" for title in self.document.undo_titles]
        shown = [self.list.item(row).text() for row in range(self.list.count())]
        if titles != shown:
            self.list.clear()
            for title in titles:
                item = QListWidgetItem(self.theme.icon("undo"), title)
                item.setToolTip(title)
                self.list.addItem(item)
        self.list.setVisible(bool(titles))
        self._empty.setVisible(not titles)

    def update_from(self, changes: ChangeSet) -> None:
        """A step more or less."""
        self._show()

    def _undo_to(self, item: QListWidgetItem) -> None:
        try:
            for _ in range(self.list.row(item) + 1):
                self.document.undo()
        except TmiError as error:
            self.problem.emit(str(error))
