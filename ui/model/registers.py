"""All registers of a model behind one row of tabs; a table is made when it is first looked at."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout

from app.domain.changes import ChangeSet
from app.services.document import Document
from ui.panels import Memory, Panel, RegisterTable
from ui.panels.names import REGISTERS
from ui.theme import ThemeManager


class Registers(Panel):
    """Threats, assets, documents and the rest."""

    reveal = Signal(str)
    records_selected = Signal(list)
    record_opened = Signal(str)
    problem = Signal(str)
    deleted = Signal(str)

    def __init__(self, document: Document, theme: ThemeManager, memory: Memory) -> None:
        super().__init__(document, theme)
        self._memory = memory
        self.tables: dict[str, RegisterTable] = {}
        self.bar = QTabBar(self)
        self.bar.setDocumentMode(True)
        self.bar.setExpanding(False)
        self.bar.setDrawBase(False)
        self.bar.setAccessibleName("Registers")
        self.bar.setUsesScrollButtons(True)
        for kind in REGISTERS:
            self.bar.setTabData(self.bar.addTab(""), kind)
        self._stack = QStackedWidget(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self._stack, 1)
        self.bar.currentChanged.connect(lambda _index: self._show())
        self._count()
        self._show()

    @property
    def kind(self) -> str:
        """The kind of record that is shown."""
        return str(self.bar.tabData(self.bar.currentIndex()))

    def table(self, kind: str) -> RegisterTable:
        """The table of a kind."""
        found = self.tables.get(kind)
        if found is None:
            found = self.tables[kind] = RegisterTable(self.document, self.theme, kind, self._memory, self)
            found.reveal.connect(self.reveal)
            found.records_selected.connect(self.records_selected)
            found.record_opened.connect(self.record_opened)
            found.problem.connect(self.problem)
            found.deleted.connect(self.deleted)
            self._stack.addWidget(found)
        return found

    def show_kind(self, kind: str) -> RegisterTable:
        """Show the register of a kind."""
        self.bar.setCurrentIndex(list(REGISTERS).index(kind))
        return self.table(kind)

    def _show(self) -> None:
        self._stack.setCurrentWidget(self.table(self.kind))

    def _count(self) -> None:
        for index, (kind, title) in enumerate(REGISTERS.items()):
            number = sum(1 for _ in self.document.state.of_kind(kind))
            self.bar.setTabText(index, f"{title} {number}" if number else title)

    def update_from(self, changes: ChangeSet) -> None:
        """Keep the numbers right."""
        if any(c.before is None or c.after is None for c in changes.changes):
            self._count()

    def show_rights(self) -> None:
        """Buttons for what may be done."""
        for table in self.tables.values():
            table.show_rights()

    def flush(self) -> None:
        """Write what is being typed."""
        for table in self.tables.values():
            table.flush()

    def detach(self) -> None:
        """Let go of the document, tables included."""
        for table in self.tables.values():
            table.detach()
        super().detach()
