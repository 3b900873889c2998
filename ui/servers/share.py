"""Sharing a model: first over what, then with whom."""

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QPushButton,
    QRadioButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.services.document import Document
from ui.servers.access import Access
from ui.servers.access_panel import AccessPanel
from ui.servers.labels import label, say, sentence
from ui.servers.transfers import ProgressLine
from ui.servers.ways import Way
from ui.servers.words import server_name
from ui.widgets.tasks import Tasks

if TYPE_CHECKING:
    from ui.servers.connections import Connections

NO_WAY = (
    "To share a model it has to be on a server. Add one and sign in there; this dialog goes on when you have."
)


class ShareDialog(QDialog):
    """Emits `shared` once the model is where others can come to it."""

    shared = Signal()

    def __init__(self, connections: "Connections", document: Document, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Share “{document.name}”")
        self.resize(680, 480)
        self._connections = connections
        self._document = document
        self._tasks = Tasks(self)
        self._task: asyncio.Task[None] | None = None
        layout = QVBoxLayout(self)
        self._stack = QStackedWidget()
        layout.addWidget(self._stack, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        for button in buttons.buttons():
            if isinstance(button, QPushButton):
                button.setAutoDefault(False)
        layout.addWidget(buttons)
        self.access: AccessPanel | None = None
        self.choice = WayChoice(connections, document)
        self.choice.begin.clicked.connect(self.begin)
        self.choice.cancel.clicked.connect(self._cancel)
        self._stack.addWidget(self.choice)
        self.choice.setFocus()
        if document.attachment is not None:
            self._show_access()

    def begin(self) -> None:
        """Bring the model to where it was chosen to go."""
        way = self.choice.chosen
        if way is None or self._task is not None:
            return
        self.choice.show_running(f"{way.title}: sending the model…")
        self._task = self._tasks.run(
            way.share(self._document, self.choice.bar.show_progress), self._there, self._failed
        )

    def _there(self, _nothing: object) -> None:
        self._task = None
        self._show_access()
        self.shared.emit()

    def _failed(self, reason: str) -> None:
        self._task = None
        self.choice.show_idle(sentence(reason))

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
            self.choice.show_idle("Called off. What has arrived waits there, and is not sent a second time.")

    def _show_access(self) -> None:
        attachment = self._document.attachment
        if attachment is None:
            return
        name = server_name(self._connections.network, attachment.server)
        self.setWindowTitle(f"Share “{self._document.name}” on {name}")
        access = Access(self._connections.network, attachment.server, self._document.model_id)
        self.access = AccessPanel(access)
        self._stack.addWidget(self.access)
        self._stack.setCurrentWidget(self.access)

    def done(self, code: int) -> None:
        """Closing it calls off what is only on its way."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        super().done(code)


class WayChoice(QWidget):
    """The ways that there are, one chosen."""

    def __init__(self, connections: "Connections", document: Document) -> None:
        super().__init__()
        self._connections = connections
        self._document = document
        self._ways: list[Way] = []
        self._buttons: list[QRadioButton] = []
        self._group = QButtonGroup(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(label("Over what do you want to share it?", "heading"))
        self._list = QVBoxLayout()
        layout.addLayout(self._list)
        self.line = label("", "muted")
        layout.addWidget(self.line)
        self.bar = ProgressLine()
        self.bar.setAccessibleName("Sending the model")
        self.bar.hide()
        layout.addWidget(self.bar)
        layout.addStretch(1)
        row = QHBoxLayout()
        self.servers = QPushButton("Servers…")
        self.servers.setToolTip("Add a server, or sign in")
        self.servers.setAutoDefault(False)
        self.servers.clicked.connect(lambda _checked=False: connections.show_servers())
        self.cancel = QPushButton("Cancel")
        self.cancel.hide()
        self.begin = QPushButton("Share")
        self.begin.setProperty("kind", "primary")
        self.begin.setDefault(True)
        row.addWidget(self.servers)
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.begin)
        layout.addLayout(row)
        connections.changed.connect(self._fill)
        self._fill()
        self.setFocusProxy(self.begin)

    @property
    def chosen(self) -> Way | None:
        """The one that is chosen."""
        pairs = zip(self._ways, self._buttons, strict=True)
        return next((way for way, button in pairs if button.isChecked()), None)

    def _fill(self) -> None:
        before = self.chosen.title if self.chosen is not None else ""
        while (item := self._list.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._ways = self._connections.ways(self._document)
        self._buttons = []
        for way in self._ways:
            button = QRadioButton(way.title)
            button.setChecked(way.title == before or (not before and not self._buttons))
            self._group.addButton(button)
            self._buttons.append(button)
            self._list.addWidget(button)
            self._list.addWidget(label(way.text, "small"))
        self.begin.setEnabled(bool(self._ways))
        say(self.line, "" if self._ways else NO_WAY, "muted")

    def show_running(self, text: str) -> None:
        """Something is on its way."""
        say(self.line, text, "muted")
        self.bar.setRange(0, 0)
        self.bar.show()
        self.cancel.show()
        self._enable(False)

    def show_idle(self, text: str) -> None:
        """It has come to nothing; it can be tried again."""
        say(self.line, text, "error")
        self.bar.hide()
        self.cancel.hide()
        self._enable(True)
        self.begin.setText("Try again")

    def _enable(self, on: bool) -> None:
        for button in (*self._buttons, self.begin, self.servers):
            button.setEnabled(on)
