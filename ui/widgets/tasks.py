"""Work on the event loop on behalf of a window: what it brings goes to a function, what fails to another."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import shiboken6
from PySide6.QtCore import QObject

from app.domain.errors import TmiError

T = TypeVar("T")
log = logging.getLogger(__name__)
UNFORESEEN = "something went wrong here; the program's log has the details"


class Tasks:
    """The tasks of one owner. They end with it, and nobody is told any more; `cancel` ends them earlier."""

    def __init__(self, owner: QObject) -> None:
        self._owner = owner
        self._running: set[asyncio.Task[Any]] = set()
        owner.destroyed.connect(self.cancel)

    @property
    def running(self) -> int:
        """How many have not ended."""
        return len(self._running)

    def run(
        self, work: Coroutine[Any, Any, T], done: Callable[[T], object] = lambda _result: None,
        failed: Callable[[str], object] = lambda _reason: None,
    ) -> "asyncio.Task[T]":  # fmt: skip
        """Do it; then call `done` with the result, or `failed` with one line for people."""
        task = asyncio.get_event_loop_policy().get_event_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(lambda ended: self._ended(ended, done, failed))
        return task

    def _ended(
        self, task: "asyncio.Task[T]", done: Callable[[T], object], failed: Callable[[str], object]
    ) -> None:
        self._running.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None and not isinstance(error, TmiError):
            log.error("a task of %s failed", type(self._owner).__name__, exc_info=error)
        if not shiboken6.isValid(self._owner):
            return
        if error is None:
            done(task.result())
        else:
            failed(str(error) if isinstance(error, TmiError) else UNFORESEEN)

    def cancel(self) -> None:
        """End all of them."""
        for task in tuple(self._running):
            task.cancel()
