"""Those who ask the host to present, each with an answer beside the name."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.domain.presence import Person
from ui.panels.people.situation import Situation, What, Wish
from ui.panels.people.words import counted
from ui.theme import ThemeManager
from ui.widgets.elided import ElidedLabel

MOST = 3


class _Request(QFrame):
    """One of them."""

    def __init__(self, theme: ThemeManager, person: Person, wished: "Requests") -> None:
        super().__init__(wished)
        whom = person.participant_id
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(8), theme.px(4), theme.px(4), theme.px(4))
        row.setSpacing(theme.px(4))
        self.setProperty("banner", "info")
        text = ElidedLabel(person.name, self)
        self.grant = QPushButton("Grant", self)
        self.grant.setProperty("kind", "primary")
        self.grant.setAccessibleName(f"Let {person.name} present")
        self.grant.setToolTip(self.grant.accessibleName())
        self.grant.clicked.connect(lambda: wished.wished.emit(Wish(What.LET, whom)))
        self.deny = QPushButton("Deny", self)
        self.deny.setAccessibleName(f"Deny {person.name}’s request to present")
        self.deny.clicked.connect(lambda: wished.wished.emit(Wish(What.DENY, whom)))
        row.addWidget(text, 1)
        row.addWidget(self.grant)
        row.addWidget(self.deny)


class Requests(QWidget):
    """The first few; the others are marked in the list. What has the focus is never built anew."""

    wished = Signal(Wish)

    def __init__(self, theme: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.lines: dict[tuple[str, str], _Request] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.px(4))
        head = QLabel("Would like to present:", self)
        head.setProperty("role", "muted")
        self._column.addWidget(head)
        self._more = QLabel(self)
        self._more.setProperty("role", "muted")
        self._more.setTextFormat(Qt.TextFormat.PlainText)
        self._column.addWidget(self._more)
        self.hide()

    def show_requests(self, now: Situation) -> None:
        """Show who asks."""
        asking = now.asking
        wanted = {(one.participant_id, one.name): one for one in asking[:MOST]}
        for key in self.lines.keys() - wanted.keys():
            line = self.lines.pop(key)
            self._column.removeWidget(line)
            line.hide()
            line.deleteLater()
        for place, (key, person) in enumerate(wanted.items()):
            if key not in self.lines:
                self.lines[key] = _Request(self._theme, person, self)
            self._column.insertWidget(place + 1, self.lines[key])
        more = len(asking) - MOST
        self._more.setText(f"and {counted(more, 'more', 'more')}: see the list" if more > 0 else "")
        self._more.setVisible(more > 0)
        self.setVisible(bool(asking))
