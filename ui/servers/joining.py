"""Joining a model that somebody shares: the link, one's name, where it leads, and in."""

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.errors import TmiError
from app.ports_network import Invited
from ui.servers.labels import label, say, sentence
from ui.servers.transfers import ProgressLine
from ui.servers.words import host
from ui.widgets.tasks import Tasks

if TYPE_CHECKING:
    from ui.servers.connections import Connections

NAME = "join.name"
LONGEST_NAME = 100


class JoinDialog(QDialog):
    """Opens the model when all is well."""

    def __init__(self, connections: "Connections", parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Join a shared model")
        self.setMinimumWidth(560)
        self._connections = connections
        self._tasks = Tasks(self)
        self._task: asyncio.Task[str] | None = None
        self._invited: Invited | None = None
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addWidget(label("Paste the whole link that you were given, with what stands after #."))
        form = QFormLayout()
        self.link = QLineEdit()
        self.link.setPlaceholderText("https://server.example.org/join#invite=…")
        self.link.setAccessibleName("Invite link")
        self.link.textChanged.connect(lambda _text: self._read())
        form.addRow("&Link", self.link)
        self.name = QLineEdit(connections.shell.settings.text(NAME) or connections.shell.workspace.author)
        self.name.setAccessibleName("Your name, as the others see it")
        self.name.setMaxLength(LONGEST_NAME)
        self.name.textChanged.connect(lambda _text: self._show_ready())
        form.addRow("Your &name", self.name)
        layout.addLayout(form)
        self.where = label("", "muted")
        layout.addWidget(self.where)
        self.bar = ProgressLine()
        self.bar.setAccessibleName("Joining")
        self.bar.hide()
        layout.addWidget(self.bar)
        self.problem = label("", "error")
        self.problem.hide()
        layout.addWidget(self.problem)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.rejected.connect(self.reject)
        self.join: QPushButton = buttons.addButton("Join", QDialogButtonBox.ButtonRole.AcceptRole)
        self.join.setDefault(True)
        self.join.clicked.connect(self.begin)
        layout.addWidget(buttons)
        self._read()

    def take(self, link: str) -> None:
        """A link that came from elsewhere: only the name is left to be given."""
        self.link.setText(link.strip())
        self.link.setCursorPosition(0)
        self.name.setFocus()
        self.name.selectAll()

    def _read(self) -> None:
        """Say where the link leads, as soon as it is one."""
        text = self.link.text().strip()
        self._invited = None
        self.problem.hide()
        try:
            self._invited = self._connections.network.read_invite(text) if text else None
        except TmiError as error:
            say(self.where, sentence(str(error)), "warning")
        else:
            say(self.where, self._led_to(self._invited) if self._invited is not None else " ", "muted")
        self._show_ready()

    def _led_to(self, invited: Invited) -> str:
        where = f"Leads to a model at {host(invited.server)}."
        if invited.fingerprint:
            trust = (
                "The link brings the fingerprint of the server's certificate with it: exactly that "
                "certificate is trusted, and there is nothing to compare."
            )
        elif invited.server.startswith("https://"):
            trust = "An authority that this system trusts has to vouch for the server."
        else:
            trust = "It is on this machine."
        if self._connections.shell.workspace.has(invited.model_id):
            trust += " You have this model already: joining connects it again."
        return f"{where} {trust}"

    def _show_ready(self) -> None:
        ready = self._invited is not None and bool(self.name.text().strip()) and self._task is None
        self.join.setEnabled(ready)

    def begin(self) -> None:
        """Go in, fetch the model, open it."""
        invited, name = self._invited, " ".join(self.name.text().split())
        if invited is None or not name or self._task is not None:
            return
        self._connections.shell.settings.set(NAME, name)
        self.problem.hide()
        self.bar.setRange(0, 0)
        self.bar.show()
        say(self.where, f"Knocking at {host(invited.server)}…", "muted")
        link = self.link.text().strip()
        self._task = self._tasks.run(
            self._connections.moves.join(link, invited, name, self._moved), self._done, self._failed
        )
        self._show_fields()

    def _show_fields(self) -> None:
        for field in (self.link, self.name):
            field.setEnabled(self._task is None)
        self._show_ready()

    def _moved(self, done: int, total: int) -> None:
        say(self.where, f"Fetching the model: {done:,} of {total:,} changes", "muted")
        self.bar.show_progress(done, total)

    def _done(self, model_id: str) -> None:
        self._task = None
        self.accept()
        self._connections.shell.open_model(model_id)

    def _failed(self, reason: str) -> None:
        self._task = None
        self.bar.hide()
        self._show_fields()
        self._read()
        say(self.problem, sentence(reason), "error")
        self.join.setText("Try again")

    def done(self, code: int) -> None:
        """Cancel calls it off."""
        if self._task is not None:
            self._task.cancel()
        super().done(code)
