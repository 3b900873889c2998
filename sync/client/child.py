"""A child process, watched from an event loop, which nothing that is read or written holds up.

The loop of the windows starts no processes itself, so plain threads read the pipes and hand over. They are
daemons: a program that forgets a child can end, and the child sees the end of its standard input.
"""

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final, Protocol

MOST_LINES: Final = 2000
LONGEST_LINE: Final = 2000
PACE_SECONDS: Final = 0.05
READ_AT_ONCE: Final = 64 * 1024
# How long the pipes may stay open after the process has ended: a grandchild would hold them for ever.
PIPES_SECONDS: Final = 5.0
UNWANTED: Final = "child that nobody wants"


class Watcher(Protocol):
    """Who hears of a child, on the loop."""

    def said(self, line: bytes) -> None:
        """A line of its standard output."""

    def logged(self, lines: Sequence[str]) -> None:
        """Lines of its standard error, in order; the oldest are missing when they came too fast."""

    def ended(self, status: int) -> None:
        """It has ended, and everything that it said has been handed over."""


def program() -> list[str]:
    """The command that starts this very program again, from wherever it was installed."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    # Without the working directory on the path: some folder there may be called as one of our rooms.
    return [sys.executable, "-P", "-m", "app"]


class Child:
    """One run of a program. Make it with `start`; `write` to it and `end` it."""

    def __init__(self, process: "subprocess.Popen[bytes]", watcher: Watcher) -> None:
        self.pid = process.pid
        self._process = process
        self._watcher = watcher
        self._loop = asyncio.get_running_loop()
        self._fresh: deque[str] = deque(maxlen=MOST_LINES)
        self._lock = threading.Lock()
        self._delivering = False
        self._timer: asyncio.TimerHandle | None = None
        self._over = asyncio.Event()
        threading.Thread(target=self._watch, name=f"child {process.pid}", daemon=True).start()

    @classmethod
    async def start(
        cls, command: Sequence[str], watcher: Watcher, *, environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> "Child":  # fmt: skip
        """Start a program. OSError when it cannot be."""
        starting = _Starting()
        try:
            return cls(await asyncio.to_thread(starting.run, command, environment, folder), watcher)
        except asyncio.CancelledError:
            starting.give_up()
            raise

    async def write(self, line: bytes) -> None:
        """Write a line to its standard input; one that has ended reads nothing, and that is no error."""
        await asyncio.to_thread(self._write, line + b"\n")

    async def end(self, *, patience: float, last_patience: float) -> int:
        """Have it end: it sees its input end, then is told to, then is made to. Returns the exit status."""
        await asyncio.to_thread(self._close)
        for push, seconds in ((self._process.terminate, patience), (self._process.kill, last_patience)):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), seconds)
            if self._over.is_set():
                break
            push()
        await self._over.wait()
        return self._process.returncode

    def kill(self) -> None:
        """Make it end now."""
        self._process.kill()

    # On threads

    def _write(self, line: bytes) -> None:
        pipe = self._process.stdin
        if pipe is not None:
            with contextlib.suppress(OSError, ValueError):
                pipe.write(line)
                pipe.flush()

    def _close(self) -> None:
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def _watch(self) -> None:
        out, err = self._process.stdout, self._process.stderr
        readers = [
            threading.Thread(target=_read, args=(out, self._said), daemon=True),
            threading.Thread(target=_read, args=(err, self._logged), daemon=True),
        ]
        for reader in readers:
            reader.start()
        status = self._process.wait()
        for reader in readers:
            reader.join(PIPES_SECONDS)
        self._close()
        self._hand_over(self._end, status)

    def _said(self, line: bytes) -> None:
        self._hand_over(self._watcher.said, line)

    def _logged(self, line: bytes) -> None:
        """Keep a line, and have all that are kept delivered, unless that is on its way."""
        text = line.decode("utf-8", "replace").rstrip()[:LONGEST_LINE]
        with self._lock:
            self._fresh.append(text)
            waits, self._delivering = self._delivering, True
        if not waits:
            self._hand_over(self._deliver_soon)

    def _hand_over(self, work: Callable[..., object], *given: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self._loop.call_soon_threadsafe(work, *given)

    # On the loop

    def _deliver_soon(self) -> None:
        """Many lines come at once, and who shows them draws anew for each delivery."""
        self._timer = self._loop.call_later(PACE_SECONDS, self._deliver)

    def _deliver(self) -> None:
        with self._lock:
            lines = list(self._fresh)
            self._fresh.clear()
            self._delivering = False
        if lines:
            self._watcher.logged(lines)

    def _end(self, status: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._deliver()
        self._over.set()
        self._watcher.ended(status)


def _start(
    command: Sequence[str], environment: Mapping[str, str] | None, folder: Path | None
) -> "subprocess.Popen[bytes]":
    apart: dict[str, Any] = {"start_new_session": True}  # Ctrl-C in our terminal is for us
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        apart = {"creationflags": flags}
    return subprocess.Popen(  # noqa: S603 - our own program
        list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=dict(os.environ if environment is None else environment), cwd=folder, **apart,
    )  # fmt: skip


def _read(pipe: IO[bytes] | None, told: Callable[[bytes], None]) -> None:
    if pipe is None:
        return
    with pipe, contextlib.suppress(OSError, ValueError):
        while line := pipe.readline(READ_AT_ONCE):
            told(line)


class _Starting:
    """A start that may be given up while it happens: then there must be no process that nobody knows."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._given_up = False
        self._process: subprocess.Popen[bytes] | None = None

    def run(
        self, command: Sequence[str], environment: Mapping[str, str] | None, folder: Path | None
    ) -> "subprocess.Popen[bytes]":
        """Start it; on a thread."""
        process = _start(command, environment, folder)
        with self._lock:
            self._process = process
            given_up = self._given_up
        if given_up:
            _make_end(process)
        return process

    def give_up(self) -> None:
        """Have it ended, whether it is there or comes yet."""
        with self._lock:
            self._given_up = True
            process = self._process
        if process is not None:
            threading.Thread(target=_make_end, args=(process,), name=UNWANTED, daemon=True).start()


def _make_end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.communicate()
