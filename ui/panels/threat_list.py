"""The threats on one element: what is there, what usually applies, and the way to each of them."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QBrush, QColor
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.domain import vocabulary as v
from app.domain.changes import ChangeSet
from app.domain.errors import TmiError
from app.domain.records import Cell, Threat
from app.services.document import Document
from ui.panels.names import quoted, refusal, shown_title
from ui.panels.patches import framework_of, threat_on
from ui.theme import ThemeManager
from ui.theme.tokens import Theme

_ID = Qt.ItemDataRole.UserRole
_MOST_ROWS = 8


def severity_colour(theme: Theme, severity: str) -> QColor:
    """The text colour of a severity; the one of none for words that are no severity."""
    return QColor(getattr(theme.severity, severity.strip().lower(), theme.severity.none))


def threats_of(document: Document, cell_id: str) -> list[Threat]:
    """The threats on a cell: open ones first, the worst first, then by number."""
    found = [r for r in document.state.pointing_at(cell_id) if isinstance(r, Threat)]
    worst = {word: place for place, word in enumerate(v.SEVERITIES)}
    return sorted(
        found,
        key=lambda t: (not v.is_open(t.status), worst.get(t.severity, len(worst)), t.number or 0, t.name),
    )


class ThreatList(QWidget):
    """Lists the threats of a cell; adds one of a type that applies; opens one."""

    open_threat = Signal(str)
    added = Signal(str)

    def __init__(self, document: Document, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._theme = document, theme
        self._cell_id = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        top = QHBoxLayout()
        self._title = QLabel("Threats", self)
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        self.add_button = QToolButton(self)
        self.add_button.setText("Add")
        self.add_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.add_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.add_button.setToolTip("Add a threat to this element")
        self.add_button.setAccessibleName("Add a threat to this element")
        theme.bind_icon(self.add_button, "plus")
        self.menu = QMenu(self)
        self.menu.aboutToShow.connect(self._fill_menu)
        self.add_button.setMenu(self.menu)
        top.addWidget(self._title)
        top.addStretch(1)
        top.addWidget(self.add_button)
        self.list = QListWidget(self)
        self.list.setAccessibleName("Threats of this element")
        self.list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setToolTip("Enter or double-click opens the threat")
        self.list.itemActivated.connect(lambda item: self.open_threat.emit(item.data(_ID)))
        self._empty = QLabel(self)
        self._empty.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        self._error = QLabel(self)
        self._error.setProperty("role", "error")
        self._error.setWordWrap(True)
        self._error.hide()
        self.open_button = QPushButton("Open", self)
        column.addLayout(top)
        for widget in (self.list, self._empty, self._error, self.open_button):
            column.addWidget(widget)
        self.open_button.setToolTip("Open the chosen threat")
        self.open_button.clicked.connect(self._open_current)

    def show_cell(self, cell: Cell) -> None:
        """Show the threats of a cell."""
        self._cell_id = cell.id
        self._refresh()

    def update_from(self, changes: ChangeSet) -> None:
        """Show anew when a threat of the cell came, went or changed."""
        for change in changes.of_kind("threat"):
            sides = (change.before, change.after)
            if any(isinstance(s, Threat) and s.cell_id == self._cell_id for s in sides):
                self._refresh()
                return

    def retint(self) -> None:
        """The theme has changed."""
        self._refresh()

    def _refresh(self) -> None:
        threats = threats_of(self._document, self._cell_id)
        row = self.list.currentRow()
        chosen = self.list.item(row).data(_ID) if row >= 0 else ""
        self.list.clear()
        for threat in threats:
            item = QListWidgetItem(_line_of(threat))
            item.setData(_ID, threat.id)
            item.setToolTip(f"{shown_title(self._document.state, threat)}\n{threat.status or 'No status'}")
            if v.is_open(threat.status):
                item.setForeground(QBrush(severity_colour(self._theme.theme, threat.severity)))
                item.setIcon(self._theme.icon("threat"))
            else:
                item.setForeground(QBrush(QColor(self._theme.theme.palette.muted_text)))
                item.setIcon(self._theme.icon("check"))
            self.list.addItem(item)
            if threat.id == chosen:
                self.list.setCurrentItem(item)
        self._title.setText(f"Threats ({len(threats)})" if threats else "Threats")
        self.list.setVisible(bool(threats))
        self.open_button.setVisible(bool(threats))
        self._empty.setVisible(not threats)
        self._empty.setText("No threats yet. Add one: the types that apply to this element come first.")
        self.add_button.setEnabled(not self._document.read_only)
        self.list.setIconSize(QSize(self._theme.px(14), self._theme.px(14)))
        row = max(self.list.sizeHintForRow(0), self._theme.px(22))
        rows = max(1, min(_MOST_ROWS, len(threats)))
        self.list.setFixedHeight(rows * row + 2 * self.list.frameWidth() + 2)
        self._error.hide()

    def show_rights(self) -> None:
        """Threats are added by who may write."""
        self.add_button.setEnabled(not self._document.read_only)

    def _fill_menu(self) -> None:
        self.menu.clear()
        state = self._document.state
        cell = state.cell(self._cell_id)
        if cell is None:
            return
        framework = framework_of(state, cell.diagram_id)
        first = v.threat_types(framework, cell.type)
        others = [t for t in v.threat_types(framework) if t not in first]
        kind = v.CELL_TYPE_NAMES.get(cell.type, "element").lower()
        if first:
            article = "an" if kind[0] in "aeiou" else "a"
            self.menu.addSection(f"{framework}: apply to {article} {kind}")
        for name in first:
            self.menu.addAction(self._action(name, name))
        if others:
            self.menu.addSection("Others")
        for name in others:
            self.menu.addAction(self._action(name, name))
        self.menu.addSeparator()
        self.menu.addAction(self._action("Another threat", ""))

    def _action(self, text: str, threat_type: str) -> QAction:
        action = QAction(text, self.menu)
        action.triggered.connect(lambda: self.add(threat_type))
        return action

    def add(self, threat_type: str = "") -> None:
        """Add a threat of a type (empty: none) to the cell, and open it."""
        state = self._document.state
        cell = state.cell(self._cell_id)
        if cell is None:
            return
        threat_id, patch = threat_on(state, cell, threat_type)
        try:
            self._document.apply(patch, title=f"new threat on {quoted(state, cell, 24)}")
        except TmiError as error:
            self._error.setText(refusal(error, "The threat"))
            self._error.show()
            return
        self.open_threat.emit(threat_id)
        self.added.emit(threat_id)

    def _open_current(self) -> None:
        item = self.list.item(max(0, self.list.currentRow()))
        self.open_threat.emit(item.data(_ID))


def _line_of(threat: Threat) -> str:
    number = f"#{threat.number} " if threat.number is not None else ""
    facts = ", ".join(word for word in (threat.severity, threat.status) if word)
    return f"{number}{threat.name}" + (f" ({facts})" if facts else "")
