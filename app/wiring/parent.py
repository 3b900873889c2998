"""Standard input as the line to the program that started this one: what it says, and that it is gone.

Read with a thread and from the descriptor itself: that works on every system, and a reader that waits on
Python's own buffer would hold up the end of the program.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Final

from sync.protocol.hosting import LONGEST_LINE, STOP

# After the parent has gone, a server that has not drained in this time never will.
LAST_RESORT: Final = 120.0
LOST: Final = 70


def lines(descriptor: int = 0) -> Iterator[bytes]:
    """The lines that come, without their ends, until the other side closes. One that is too long is b""."""
    rest = b""
    while piece := _read(descriptor):
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield line.strip() if len(line) <= LONGEST_LINE else b""
        rest = rest[: LONGEST_LINE + 1]
    if rest.strip():
        yield rest.strip() if len(rest) <= LONGEST_LINE else b""


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, LONGEST_LINE)
    except OSError:  # it was never there, or is gone
        return b""


class Parent:
    """Listens to the parent. `told` gets each line; `when_gone` what is to be done when it leaves."""

    def __init__(
        self, said: Iterator[bytes], told: Callable[[bytes], None], last_resort: float = LAST_RESORT
    ) -> None:
        self._said = said
        self._told = told
        self._last_resort = last_resort
        self._lock = threading.Lock()
        self._gone = False
        self._stop: Callable[[], None] | None = None
        threading.Thread(target=self._listen, name="line to the parent", daemon=True).start()

    def when_gone(self, stop: Callable[[], None]) -> None:
        """Call `stop`, from any thread, when the parent says so or is gone; at once if it is already."""
        with self._lock:
            self._stop = stop
            gone = self._gone
        if gone:
            stop()

    def _listen(self) -> None:
        for line in self._said:
            if line == STOP:
                break
            self._told(line)
        with self._lock:
            self._gone = True
            stop = self._stop
        if stop is not None:
            stop()
        # What is on the disk is sound at any moment; a process that nobody can see must not live on.
        time.sleep(self._last_resort)
        os._exit(LOST)
