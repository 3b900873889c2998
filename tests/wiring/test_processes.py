"""The program as processes of its own: pictures, second starts, signals and sudden ends."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage import open_library
from tests.manners import ROOT, user_folder_environment

FILES = ROOT / "tests" / "exchange" / "files"
SAMPLE = "TMI - collaborative threat modelling"
PNG = b"\x89PNG\r\n\x1a\n"
DEADLINE = 30.0


class Machine:
    """A user's folders, and the programs that were started there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.library = folder / "library.db"
        self._environment = os.environ | user_folder_environment(folder) | {"QT_QPA_PLATFORM": "offscreen"}
        self._running: list[subprocess.Popen[str]] = []

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        """Start the program."""
        command = [sys.executable, "-m", "app", "--library", str(self.library), *map(str, arguments)]
        made = subprocess.Popen(
            command, cwd=ROOT, env=self._environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self._running.append(made)
        return made

    def run(self, *arguments: str | Path) -> tuple[int, str, str]:
        """Run the program to its end: exit status, output, errors."""
        program = self.start(*arguments)
        out, err = program.communicate(timeout=DEADLINE)
        return program.returncode, out, err

    def end(self) -> None:
        """End what still runs."""
        for program in self._running:
            program.kill()
            program.communicate(timeout=DEADLINE)

    def models(self) -> dict[str, str]:
        """Id and name of each model in the library now; a look that keeps nobody from writing it."""
        if not self.library.exists():
            return {}
        with closing(sqlite3.connect(f"{self.library.as_uri()}?mode=ro", uri=True)) as connection:
            return dict(connection.execute("SELECT id, name FROM threat_models"))

    def names(self) -> set[str]:
        """The names of the models."""
        return set(self.models().values())

    def settings(self) -> str:
        """What the program remembers, as text."""
        return "".join(p.read_text("utf-8") for p in (self.folder / "config").rglob("*.ini")) + "".join(
            p.read_text("utf-8") for p in (self.folder / "config").rglob("*.conf")
        )


def until(fact: Callable[[], bool], program: subprocess.Popen[str] | None = None) -> None:
    """Look again and again until it is so; fails at the deadline, or when the program has ended."""
    pause = threading.Event()
    deadline = time.monotonic() + DEADLINE
    while not fact():
        assert time.monotonic() < deadline, "not within the deadline"
        assert program is None or program.poll() is None, program.communicate()
        pause.wait(0.05)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """A machine on which nothing has been started yet."""
    machine = Machine(tmp_path)
    yield machine
    machine.end()


def running(machine: Machine, *arguments: str | Path, name: str = SAMPLE) -> subprocess.Popen[str]:
    """A program that has opened a model of that name."""
    program = machine.start(*arguments)
    until(lambda: name in machine.names(), program)
    return program


def test_a_picture_of_the_first_start(machine: Machine) -> None:
    picture = machine.folder / "window.png"
    assert machine.run("--screenshot", picture) == (0, "", "")
    data = picture.read_bytes()
    assert data.startswith(PNG)
    width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    assert (width, height) >= (700, 500)
    assert len(data) > 30_000, "a window with a diagram does not compress to that little"
    assert machine.names() == {SAMPLE}
    assert machine.settings() == "", "a picture changes nothing of what its user has open"


def test_a_picture_without_a_display_at_all(machine: Machine) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        machine._environment.pop(name, None)
    if sys.platform == "linux":
        status, out, err = machine.run()
        assert (status, out) == (2, "")
        assert err == (
            "tmi-desktop: there is no display; use --screenshot FILE for a picture of the window\n"
        )
    picture = machine.folder / "window.png"
    assert machine.run("--screenshot", picture, FILES / "threat_dragon_v1.json") == (0, "", "")
    assert picture.read_bytes().startswith(PNG)


@pytest.mark.parametrize("content", [None, b"{", b'{"a": 1}'])
def test_a_picture_of_what_cannot_be_read(machine: Machine, content: bytes | None) -> None:
    file = machine.folder / "broken.json"
    if content is not None:
        file.write_bytes(content)
    status, out, err = machine.run("--screenshot", machine.folder / "window.png", file)
    assert (status, out) == (2, "")
    assert err.startswith(f"tmi-desktop: {file}: ")
    assert err.count("\n") == 1
    assert not (machine.folder / "window.png").exists()


def test_a_picture_that_cannot_be_written(machine: Machine) -> None:
    picture = machine.folder / "missing" / "window.png"
    status, out, err = machine.run("--screenshot", picture)
    assert (status, out, err) == (2, "", f"tmi-desktop: {picture}: cannot be written\n")


def test_a_second_start_hands_its_file_over(machine: Machine) -> None:
    first = running(machine)
    assert machine.run(FILES / "threat_dragon_v1.json") == (0, "", "")
    until(lambda: "Old shop" in machine.names(), first)
    assert machine.run() == (0, "", "")
    assert first.poll() is None


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_sigterm_ends_it_and_keeps_the_session(machine: Machine) -> None:
    first = running(machine, FILES / "threat_dragon_v1.json", name="Old shop")
    assert machine.run(FILES / "threat_dragon_v2.json") == (0, "", "")
    until(lambda: "Clinic — bookings" in machine.names(), first)
    first.send_signal(signal.SIGTERM)
    assert first.communicate(timeout=DEADLINE) == ("", "")
    assert first.returncode == 0
    kept = machine.settings()
    session = next(line for line in kept.splitlines() if line.startswith("session="))
    assert all(model_id in session for model_id in machine.models())


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_after_a_kill_the_library_opens_and_a_new_start_takes_over(machine: Machine) -> None:
    first = running(machine)
    first.send_signal(signal.SIGKILL)
    first.communicate(timeout=DEADLINE)
    second = running(machine, FILES / "threat_dragon_v1.json", name="Old shop")
    assert machine.names() == {SAMPLE, "Old shop"}
    assert machine.run(FILES / "threat_dragon_v2.json") == (0, "", "")
    until(lambda: "Clinic — bookings" in machine.names(), second)
    second.send_signal(signal.SIGTERM)
    assert second.communicate(timeout=DEADLINE) == ("", "")
    library = open_library(machine.library)
    try:
        assert library.verify().broken == ()
    finally:
        library.close()


def test_wrong_use_is_one_line(machine: Machine) -> None:
    status, out, err = machine.run("--no-such-thing")
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
