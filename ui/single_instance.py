"""One running program per library: a second start hands its files to the first."""

import hashlib
import json
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

TIMEOUT_MS = 1500
ANSWER_MS = 10_000  # it may be busy reading a large file
MOST_BYTES = 1_000_000


def server_name(library: Path) -> str:
    """The name of the local socket that belongs to a library file."""
    digest = hashlib.sha256(str(library.resolve()).encode()).hexdigest()[:16]
    return f"tmi-desktop-{digest}"


def hand_over(library: Path, files: list[str]) -> bool:
    """Give the files to the program that has this library open; False when there is none."""
    socket = QLocalSocket()
    socket.connectToServer(server_name(library))
    if not socket.waitForConnected(TIMEOUT_MS):
        return False
    socket.write(json.dumps({"open": files}).encode() + b"\n")
    sent = socket.waitForBytesWritten(TIMEOUT_MS)
    answered = sent and socket.waitForReadyRead(ANSWER_MS)
    socket.disconnectFromServer()
    return answered


class Doorman(QObject):
    """Listens for second starts; emits the files that they were given (maybe none)."""

    files_given = Signal(list)

    def __init__(self, library: Path, parent: QObject | None = None, *, take_over: bool = True) -> None:
        """Without `take_over` a door that somebody else holds, silent or not, is left to them."""
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._greet)
        self._waiting: dict[QLocalSocket, bytearray] = {}
        name = server_name(library)
        if not self._server.listen(name) and take_over:
            # A killed program leaves its socket behind; nobody answered it, so it may go.
            QLocalServer.removeServer(name)
            self._server.listen(name)

    def close(self) -> None:
        """Stop listening."""
        self._server.close()

    def _greet(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            self._waiting[socket] = bytearray()
            socket.readyRead.connect(lambda s=socket: self._read(s))
            socket.disconnected.connect(lambda s=socket: self._forget(s))
            self._read(socket)

    def _forget(self, socket: QLocalSocket) -> None:
        self._waiting.pop(socket, None)
        socket.deleteLater()

    def _read(self, socket: QLocalSocket) -> None:
        received = self._waiting.get(socket)
        if received is None:
            return
        received += bytes(socket.readAll().data())
        if len(received) > MOST_BYTES:
            socket.abort()
        elif received.endswith(b"\n"):
            files = _files(bytes(received))
            received.clear()
            socket.write(b"ok\n")
            socket.flush()
            self.files_given.emit(files)


def _files(message: bytes) -> list[str]:
    try:
        found = json.loads(message)["open"]
        return [str(name) for name in found]
    except (ValueError, KeyError, TypeError):
        return []
