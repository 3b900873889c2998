"""Long work beside the window: a thread, a progress bar after a moment, and a way to cancel."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QProgressDialog, QWidget

SHOW_AFTER_MS = 400


class Cancelled(Exception):
    """Raised inside a job when its user has cancelled it."""


class Progress:
    """What a job reports to and asks: how far it is, and whether it shall go on."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._stop = threading.Event()

    def say(self, text: str) -> None:
        """Show what is being done. Raises Cancelled when the user no longer wants it."""
        self.check()
        self._tell(text)

    def check(self) -> None:
        """Raise Cancelled when the user no longer wants the job."""
        if self._stop.is_set():
            raise Cancelled

    @property
    def cancelled(self) -> bool:
        """Whether the user no longer wants the job."""
        return self._stop.is_set()

    def cancel(self) -> None:
        """Ask the job to stop."""
        self._stop.set()


class Job(QObject):
    """One piece of work on the pool; its callbacks run on the window's thread.

    It outlives the window over which it shows its progress.
    """

    _said = Signal(str)
    _ended = Signal(object)
    ended = Signal()

    def __init__(
        self,
        parent: QWidget,
        title: str,
        work: Callable[[Progress], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> None:
        super().__init__()
        self._window = parent
        self._title = title
        self._work = work
        self._done = done
        self._failed = failed
        self._dialog: QProgressDialog | None = None
        self.progress = Progress(self._said.emit)
        self._said.connect(self._show_text, Qt.ConnectionType.QueuedConnection)
        self._ended.connect(self._finish, Qt.ConnectionType.QueuedConnection)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._show_dialog)

    def start(self, pool: ThreadPoolExecutor) -> None:
        """Begin."""
        self._timer.start(SHOW_AFTER_MS)
        pool.submit(self._work, self.progress).add_done_callback(self._report)

    def drop(self) -> None:
        """Cancel it and hear nothing more of it."""
        self.progress.cancel()
        self._timer.stop()
        self._ended.disconnect(self._finish)
        self._said.disconnect(self._show_text)
        if self._dialog is not None and shiboken6.isValid(self._dialog):
            self._dialog.deleteLater()

    def _report(self, future: "Future[Any]") -> None:
        self._ended.emit(future)

    def _show_dialog(self) -> None:
        if not shiboken6.isValid(self._window):
            return
        self._dialog = QProgressDialog(self._title, "Cancel", 0, 0, self._window)
        self._dialog.setWindowModality(Qt.WindowModality.WindowModal)
        self._dialog.setMinimumDuration(0)
        self._dialog.canceled.connect(self.progress.cancel)
        self._dialog.show()

    def _show_text(self, text: str) -> None:
        if self._dialog is not None and shiboken6.isValid(self._dialog):
            self._dialog.setLabelText(text)

    def _finish(self, future: "Future[Any]") -> None:
        self._timer.stop()
        dialog, self._dialog = self._dialog, None
        if dialog is not None and shiboken6.isValid(dialog):
            dialog.canceled.disconnect(self.progress.cancel)
            dialog.close()
            dialog.deleteLater()
        try:
            result = future.result()
        except Cancelled:
            pass
        except Exception as error:
            self._failed(error)
        else:
            if not self.progress.cancelled:
                self._done(result)
        self.ended.emit()
        self.deleteLater()


class Jobs:
    """The pool that windows hand long work to; one thing at a time, in order."""

    def __init__(self) -> None:
        self._jobs: set[Job] = set()
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="job")

    def run(
        self,
        parent: QWidget,
        title: str,
        work: Callable[[Progress], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> Job:
        """Do `work` beside the window, then call `done` with its result or `failed` with its error."""
        job = Job(parent, title, work, done, failed)
        self._jobs.add(job)
        job.ended.connect(partial(self._jobs.discard, job))
        job.start(self._pool)
        return job

    @property
    def running(self) -> int:
        """How many jobs run or wait."""
        return len(self._jobs)

    def close(self) -> None:
        """Cancel what runs and wait for its thread; drop what waits."""
        for job in tuple(self._jobs):
            job.drop()
        self._jobs.clear()
        self._pool.shutdown(wait=True, cancel_futures=True)
