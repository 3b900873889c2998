"""Signing in: the system's browser does it, the window waits, and takes a pasted address where it must."""

import asyncio

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.errors import TmiError
from app.ports_network import Account, Network, SignInAttempt
from ui.servers.labels import label, say, sentence
from ui.servers.transfers import ProgressLine
from ui.servers.words import server_name
from ui.widgets.tasks import Tasks


class SignInDialog(QDialog):
    """Emits `signed_in` with the account, and closes."""

    signed_in = Signal(object)

    def __init__(self, network: Network, address: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._network = network
        self._address = address
        self._tasks = Tasks(self)
        self._attempt: SignInAttempt | None = None
        self._task: asyncio.Task[Account] | None = None
        name = server_name(network, address)
        self.setWindowTitle(f"Sign in at {name}")
        self.setMinimumWidth(520)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        self.heading = label("", "heading")
        self.line = label("")
        self.waiting = ProgressLine()
        self.waiting.setAccessibleName("Waiting for the browser")
        for widget in (self.heading, self.line, self.waiting):
            layout.addWidget(widget)
        layout.addLayout(self._browser_row())
        layout.addWidget(label(
            "Does the browser say that it cannot reach the last page, or is it on another machine? Then "
            "paste here the address that it came to:", "muted",
        ))  # fmt: skip
        layout.addLayout(self._paste_row())
        self.problem = label("", "error")
        self.problem.hide()
        layout.addWidget(self.problem)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.rejected.connect(self.reject)
        self.again = buttons.addButton("Try again", QDialogButtonBox.ButtonRole.ActionRole)
        self.again.clicked.connect(self.begin)
        layout.addWidget(buttons)

    def _browser_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.open_again = QPushButton("Open again")
        self.open_again.clicked.connect(self._open)
        self.copy = QPushButton("Copy address")
        self.copy.setToolTip("To open it in another browser")
        self.copy.clicked.connect(self._copy)
        for button in (self.open_again, self.copy):
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _paste_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.pasted = QLineEdit()
        self.pasted.setPlaceholderText("http://127.0.0.1:…/callback?code=…")
        self.pasted.setAccessibleName("Address that the browser came to")
        self.use = QPushButton("Use it")
        self.use.setAutoDefault(False)
        self.use.clicked.connect(self._paste)
        self.pasted.returnPressed.connect(self._paste)
        row.addWidget(self.pasted, 1)
        row.addWidget(self.use)
        return row

    def begin(self) -> None:
        """Open the browser, and wait for it."""
        self.heading.setText("Waiting for your browser…")
        self.line.setText("Sign in on the page that has opened there. This window goes on by itself.")
        self._attempt = None
        self._waits(True)
        self.show()
        self._task = self._tasks.run(
            self._network.sign_in(self._address, _open_browser, self._begun), self._done, self._failed
        )

    def _begun(self, attempt: SignInAttempt) -> None:
        self._attempt = attempt
        for widget in (self.open_again, self.copy, self.pasted, self.use):
            widget.setEnabled(True)

    def _waits(self, on: bool) -> None:
        self.waiting.setVisible(on)
        self.again.setVisible(not on)
        self.problem.hide()
        for widget in (self.open_again, self.copy, self.pasted, self.use):
            widget.setEnabled(False)

    def _open(self) -> None:
        if self._attempt is not None:
            _open_browser(self._attempt.address)

    def _copy(self) -> None:
        if self._attempt is not None:
            QGuiApplication.clipboard().setText(self._attempt.address)
            self.line.setText("The address is in the clipboard. It is good for this sign-in only.")

    def _paste(self) -> None:
        text = self.pasted.text().strip()
        if self._attempt is None or not text:
            return
        try:
            self._attempt.paste(text)
        except TmiError as error:
            say(self.problem, sentence(str(error)), "error")
        else:
            self.problem.hide()
            self.heading.setText("Signing in…")

    def _done(self, account: Account) -> None:
        self._task = None
        self.accept()
        self.signed_in.emit(account)

    def _failed(self, reason: str) -> None:
        self._task = None
        self._waits(False)
        self.heading.setText("The sign-in came to nothing")
        self.line.setText(sentence(reason))

    def done(self, code: int) -> None:
        """Whichever way it closes, nobody waits for the browser any more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        super().done(code)


def _open_browser(address: str) -> None:
    QDesktopServices.openUrl(QUrl(address))
