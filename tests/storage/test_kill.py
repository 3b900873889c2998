"""Killed at any moment, a library loses nothing that was reported saved, and opens."""

import os
import random
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from storage import open_library
from tests.manners import ROOT, count, seed

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the driver forks its writers")
FRESH_EVERY = 20


class Driver:
    """The program that is killed, and what it has said."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.storage.kill_driver"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
        )  # fmt: skip
        self._rest = b""

    def line(self, seconds: float = 30) -> str:
        """The next line; empty when none comes in time."""
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        while b"\n" not in self._rest:
            if not select.select([descriptor], [], [], seconds)[0]:
                return ""
            part = os.read(descriptor, 65536)
            assert part, "the driver has ended"
            self._rest += part
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode()

    def run(self, path: Path, rng: random.Random) -> list[tuple[str, str]]:
        """Let a writer work, kill it, and return what it has reported saved: model and operation."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{path} {rng.randrange(2**31)}\n".encode())
        saved: list[tuple[str, str]] = []
        line = self.line()
        while not line.startswith("pid "):
            self._note(line, saved)
            line = self.line()
        pid = int(line.split()[1])
        # Sometimes while it opens or makes the library, mostly in the middle of its work.
        wanted = rng.choice([0, 1, 5, 20, 60])
        while len(saved) < wanted and (line := self.line()):
            self._note(line, saved)
        if not self._rest and self._process.stdout is not None:
            select.select([self._process.stdout], [], [], rng.random() * 0.03)
        os.kill(pid, signal.SIGKILL)
        while (line := self.line()) != "gone":
            self._note(line, saved)
        return saved

    @staticmethod
    def _note(line: str, saved: list[tuple[str, str]]) -> None:
        assert line.startswith("saved "), line
        _, model_id, operation_id = line.split()
        saved.append((model_id, operation_id))

    def close(self) -> None:
        """End the driver."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        assert self._process.wait(10) == 0


def check(path: Path, saved: list[tuple[str, str]], *, thorough: bool) -> None:
    """Everything reported saved is there, in its order, and all of it is sound."""
    library = open_library(path)
    try:
        assert library.notices == ()
        assert library.read_only == ""
        by_model: dict[str, list[str]] = {}
        for model_id, operation_id in saved:
            by_model.setdefault(model_id, []).append(operation_id)
        for model_id, reported in by_model.items():
            stored = [o for o in library.operation_ids(model_id) if o in set(reported)]
            assert stored == reported
        if thorough:
            assert library.verify().broken == ()
    finally:
        library.close()


def test_nothing_saved_is_lost_by_a_kill(tmp_path: Path) -> None:
    rng = random.Random(seed())
    kills = count(12, 200)
    driver = Driver()
    reported = 0
    try:
        path, saved = tmp_path / "0" / "library.db", list[tuple[str, str]]()
        for number in range(kills):
            if number and number % FRESH_EVERY == 0:
                check(path, saved, thorough=True)
                path, saved = tmp_path / str(number) / "library.db", []
            new = driver.run(path, rng)
            saved += new
            reported += len(new)
            check(path, saved, thorough=number % 5 == 0)
        check(path, saved, thorough=True)
    finally:
        driver.close()
    assert reported > kills
    sys.stdout.write(f"{kills} kills, {reported} operations reported saved, seed {seed()}\n")
