"""Models on their way between this computer and servers: each can be watched and called off."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from ui.widgets.tasks import Tasks

Progress = Callable[[int, int], object]
Work = Callable[[Progress], Coroutine[Any, Any, Any]]


class Transfer(QObject):
    """One of them. `moved` tells how many of how many; of none, nobody knows how many."""

    moved = Signal(int, int)
    ended = Signal()

    def __init__(self, title: str, parent: QObject) -> None:
        super().__init__(parent)
        self.title = title
        self.task: asyncio.Task[Any] | None = None

    def cancel(self) -> None:
        """Call it off."""
        if self.task is not None:
            self.task.cancel()


class Transfers(QObject):
    """Those that are under way."""

    begun = Signal(object)

    def __init__(self, tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self.running: list[Transfer] = []

    def run(
        self, title: str, work: Work, done: Callable[[Any], object],
        failed: Callable[[str], object] = lambda _reason: None,
    ) -> Transfer:  # fmt: skip
        """Begin one. `done` is given what it brings, `failed` one line; of one called off neither."""
        transfer = Transfer(title, self)
        self.running.append(transfer)
        transfer.task = self._tasks.run(work(transfer.moved.emit), done, failed)
        transfer.task.add_done_callback(lambda _task: self._ended(transfer))
        self.begun.emit(transfer)
        return transfer

    def _ended(self, transfer: Transfer) -> None:
        if transfer in self.running:
            self.running.remove(transfer)
            transfer.ended.emit()
            transfer.deleteLater()

    def close(self) -> None:
        """Call all of them off."""
        for transfer in tuple(self.running):
            transfer.cancel()


class TransferRows(QWidget):
    """A row for each transfer at the foot of a window; there is none while nothing moves."""

    def __init__(self, transfers: Transfers, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.setObjectName("transfers")
        transfers.begun.connect(self._add)
        for transfer in transfers.running:
            self._add(transfer)
        self.setVisible(bool(transfers.running))

    def _add(self, transfer: Transfer) -> None:
        row = TransferRow(transfer)
        self._column.addWidget(row)
        self.show()
        transfer.ended.connect(lambda: self._drop(row))

    def _drop(self, row: "TransferRow") -> None:
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()
        self.setVisible(self._column.count() > 0)


class TransferRow(QWidget):
    """What moves, how far it is, and a way to call it off."""

    def __init__(self, transfer: Transfer) -> None:
        super().__init__()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 2)
        self.text = QLabel(transfer.title)
        self.text.setTextFormat(self.text.textFormat().PlainText)
        self.bar = ProgressLine()
        self.bar.setAccessibleName(transfer.title)
        transfer.moved.connect(self.bar.show_progress)
        cancel = QPushButton("Cancel")
        cancel.setAccessibleName(f"Cancel: {transfer.title}")
        cancel.clicked.connect(transfer.cancel)
        layout.addWidget(self.text)
        layout.addWidget(self.bar, 1)
        layout.addWidget(cancel)


class ProgressLine(QProgressBar):
    """A thin bar that runs to and fro until it is known how much there is."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("thin", "true")
        self.setTextVisible(False)
        self.setRange(0, 0)

    def show_progress(self, done: int, total: int) -> None:
        """So many of so many."""
        self.setRange(0, max(total, 0))
        self.setValue(min(done, total))
