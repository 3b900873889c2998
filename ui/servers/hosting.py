"""Sharing from this computer: the way in the share dialog, stopping, and the log of its server."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from app.services.document import Document
from app.services.sharing.hosting import Hosts
from ui.servers.labels import label
from ui.servers.transfers import Progress

if TYPE_CHECKING:
    from ui.servers.connections import Connections


class HostWay:
    """A server on this computer, for as long as one shares."""

    title = "This computer"
    text = (
        "A server runs here for as long as you share. Guests in your network come by a link, without an "
        "account and without internet. When you stop, the model stays here with everybody’s edits."
    )

    def __init__(self, connections: "Connections", hosts: Hosts) -> None:
        self._connections = connections
        self._hosts = hosts

    async def share(self, document: Document, progress: Progress) -> None:
        """Start the server, and bring the model to it."""
        await self._hosts.share(document, progress)
        self._connections.opened(document)


class ServerLog(QDialog):
    """What the server of a hosted model says, as it says it."""

    def __init__(self, hosts: Hosts, document: Document, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Server of “{document.name}”")
        self.resize(760, 420)
        self._hosts = hosts
        self._model_id = document.model_id
        layout = QVBoxLayout(self)
        self.line = label("", "muted")
        layout.addWidget(self.line)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setAccessibleName("Log of the server")
        layout.addWidget(self.text, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton("Copy", QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text.toPlainText()))
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        self._stop = hosts.listen(self._show)
        self._show()

    def _show(self) -> None:
        one = self._hosts.hosted(self._model_id)
        runs = one is not None and one.server is not None
        self.line.setText("The server runs." if runs else "The server does not run.")
        shown = "\n".join(one.log) if one is not None else self.text.toPlainText()
        if shown == self.text.toPlainText():
            return
        bar = self.text.verticalScrollBar()
        at_end = bar.value() >= bar.maximum()
        place = bar.value()
        self.text.setPlainText(shown)
        bar.setValue(bar.maximum() if at_end else place)

    def done(self, code: int) -> None:
        """It is shown no longer."""
        self._stop()
        super().done(code)
