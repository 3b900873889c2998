"""Lets the latest of many values through, at most so often."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


class Throttle(QObject):
    """The first value passes at once; of those that follow within `interval` ms the last one does."""

    def __init__(self, interval: int, send: Callable[[object], None], parent: QObject) -> None:
        super().__init__(parent)
        self._send = send
        self._waiting: list[object] = []
        self._timer = QTimer(self)
        self._timer.setInterval(interval)
        self._timer.timeout.connect(self._due)

    def put(self, value: object) -> None:
        """A new value."""
        if self._timer.isActive():
            self._waiting = [value]
            return
        self._timer.start()
        self._send(value)

    def _due(self) -> None:
        if not self._waiting:
            self._timer.stop()
            return
        value = self._waiting.pop()
        self._send(value)
