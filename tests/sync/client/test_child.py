"""Watching a child process: small programs that talk, hang, flood, and cannot be started."""

import asyncio
import contextlib
import sys
import threading
from collections.abc import Sequence

import psutil
import pytest

from app.domain.ids import new_id
from sync.client.child import MOST_LINES, UNWANTED, Child, program

SOON = 20.0


class Ears:
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.log: list[str] = []
        self.deliveries = 0
        self.status: int | None = None
        self.spoke = asyncio.Event()
        self.over = asyncio.Event()

    def said(self, line: bytes) -> None:
        self.lines.append(line.strip())
        self.spoke.set()

    def logged(self, lines: Sequence[str]) -> None:
        self.log.extend(lines)
        self.deliveries += 1

    def ended(self, status: int) -> None:
        self.status = status
        self.over.set()


async def run(program: str, ears: Ears) -> Child:
    return await Child.start([sys.executable, "-c", program], ears)


@pytest.mark.asyncio
async def test_it_hears_and_is_heard() -> None:
    ears = Ears()
    child = await run("import sys; print(sys.stdin.readline().upper()); sys.exit(3)", ears)
    await child.write(b"hello")
    await asyncio.wait_for(ears.over.wait(), SOON)
    assert (ears.lines[0], ears.status) == (b"HELLO", 3)
    await child.write(b"too late")
    assert await child.end(patience=1, last_patience=1) == 3


@pytest.mark.asyncio
async def test_everything_is_handed_over_before_the_end_and_a_flood_is_cut() -> None:
    ears = Ears()
    flood = "import sys\nfor n in range(20_000): print('line', n, 'é', file=sys.stderr)"
    await run(f"{flood}\nprint('x' * 100_000, file=sys.stderr); print('last', file=sys.stderr)", ears)
    await asyncio.wait_for(ears.over.wait(), SOON)
    assert ears.log[-1] == "last"
    assert max(map(len, ears.log)) == 2000
    assert len(ears.log) <= ears.deliveries * MOST_LINES
    assert ears.log.index("last") == len(ears.log) - 1
    assert ears.deliveries < 2_000, "many lines come at once"


@pytest.mark.asyncio
async def test_one_that_hangs_is_made_to_end() -> None:
    ears = Ears()
    child = await run(
        "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(99)", ears
    )
    await asyncio.wait_for(ears.spoke.wait(), SOON)
    assert await child.end(patience=0.05, last_patience=0.05) == -9
    assert ears.status == -9


@pytest.mark.asyncio
async def test_one_that_sees_its_input_end_is_left_to_end_by_itself() -> None:
    ears = Ears()
    child = await run("import sys; sys.stdin.read(); print('drained')", ears)
    assert await child.end(patience=SOON, last_patience=0.05) == 0
    assert ears.lines == [b"drained"]


@pytest.mark.asyncio
async def test_a_grandchild_that_holds_the_pipes_does_not_hold_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.client.child.PIPES_SECONDS", 0.1)
    ears = Ears()
    waits = "[sys.executable, '-c', 'import sys; sys.stdin.read()']"  # until we let go of its input
    child = await run(f"import subprocess, sys; subprocess.Popen({waits}); sys.exit(4)", ears)
    await asyncio.wait_for(ears.over.wait(), SOON)
    assert await child.end(patience=1, last_patience=1) == 4


@pytest.mark.asyncio
async def test_what_is_not_there_cannot_be_started() -> None:
    with pytest.raises(OSError, match="No such file"):
        await Child.start(["/nowhere/tmi-desktop"], Ears())


def _frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)


def test_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    assert program() == [sys.executable, "-P", "-m", "app"]
    _frozen(monkeypatch)
    assert program() == [sys.executable]


@pytest.mark.parametrize("turns", [1, 2, 3, 50])
def test_giving_up_while_it_starts_leaves_nothing(turns: int) -> None:
    mark = new_id()

    async def give_up() -> None:
        starting = asyncio.ensure_future(run(f"import sys; sys.stdin.read(); '{mark}'", Ears()))
        for _ in range(turns):
            await asyncio.sleep(0)
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            (await starting).kill()

    asyncio.run(give_up())
    for thread in threading.enumerate():
        if thread.name == UNWANTED or thread.name.startswith("child "):
            thread.join(SOON)
    assert not any(mark in " ".join(one.cmdline()) for one in psutil.Process().children())
