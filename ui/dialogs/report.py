"""What became of an imported file, line by line."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.services.files import MEANINGS, ImportReport


class ReportDialog(QDialog):
    """The import report, what needs a look first."""

    def __init__(self, report: ImportReport, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Import report")
        self.resize(720, 460)
        layout = QVBoxLayout(self)
        heading = QLabel(f"{report.format}: {report.summary}")
        heading.setProperty("role", "heading")
        heading.setWordWrap(True)
        source = QLabel(report.source)
        source.setProperty("role", "muted")
        source.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        source.setWordWrap(True)
        layout.addWidget(heading)
        layout.addWidget(source)
        self.tree = QTreeWidget()
        self.tree.setHeaderLabels(["What", "What was done", "Times"])
        self.tree.setAccessibleName("Import report")
        self.tree.setWordWrap(True)
        self.tree.setColumnWidth(0, 240)
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        for category in ("dropped", "guessed", "kept", "mapped"):
            self._add(report, category)
        layout.addWidget(self.tree, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton("Copy as Markdown", QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(lambda: _copy(report.markdown()))
        buttons.rejected.connect(self.close)
        layout.addWidget(buttons)

    def _add(self, report: ImportReport, category: str) -> None:
        entries = [entry for entry in report.entries if entry.category == category]
        if not entries:
            return
        count = sum(entry.count for entry in entries)
        top = QTreeWidgetItem(self.tree, [MEANINGS[entries[0].category], "", str(count)])
        top.setFirstColumnSpanned(True)
        for entry in entries:
            item = QTreeWidgetItem(top, [entry.what, entry.detail, str(entry.count)])
            item.setToolTip(0, entry.what)
            item.setToolTip(1, entry.detail)
        top.setExpanded(category in ("dropped", "guessed"))


def _copy(text: str) -> None:
    from PySide6.QtGui import QGuiApplication

    QGuiApplication.clipboard().setText(text)
