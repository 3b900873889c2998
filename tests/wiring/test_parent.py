"""The line to the parent: whole lines from pieces, and an end that nothing can put off."""

import os
import subprocess
import sys
import threading

from hypothesis import given
from hypothesis import strategies as st

from app.wiring.parent import LOST, lines
from sync.protocol.hosting import LONGEST_LINE
from tests.manners import ROOT


def through_a_pipe(pieces: list[bytes]) -> list[bytes]:
    """What comes out when these are written one after another, and the pipe is closed."""
    reading, writing = os.pipe()

    def write() -> None:
        for piece in pieces:
            os.write(writing, piece)
        os.close(writing)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        return list(lines(reading))
    finally:
        writer.join()
        os.close(reading)


@given(
    st.lists(st.text("ab\u00e9 ", min_size=1, max_size=12).map(str.strip).filter(bool), max_size=8), st.data()
)
def test_lines_however_they_are_cut(said: list[str], data: st.DataObject) -> None:
    whole = "\n".join(said).encode()
    cuts = sorted(data.draw(st.sets(st.integers(0, len(whole)), max_size=6)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True) if a < b]
    assert through_a_pipe(pieces) == [one.encode() for one in said]


def test_a_line_that_is_too_long_is_empty_and_costs_no_memory() -> None:
    long = [b"x" * LONGEST_LINE] * 50
    assert through_a_pipe([*long, b"\n", b"stop\n"]) == [b"", b"stop"]
    assert through_a_pipe([b"x" * LONGEST_LINE, b"\n"]) == [b"x" * LONGEST_LINE]
    assert through_a_pipe([*long]) == [b""]
    assert list(lines(987_654)) == []


def run(program: str, said: str) -> subprocess.CompletedProcess[str]:
    start = "import threading\nfrom app.wiring.parent import Parent, lines\nover = threading.Event()\n"
    return subprocess.run(
        [sys.executable, "-c", start + program],
        cwd=ROOT,
        input=said,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_it_tells_what_comes_and_that_the_parent_is_gone() -> None:
    listen = (
        "line = Parent(lines(), lambda text: print(text.decode(), flush=True))\nline.when_gone(over.set)\n"
    )
    done = run(f"{listen}print(over.wait(30))", "one\ntwo\nstop\nthree\n")
    assert (done.stdout, done.stderr, done.returncode) == ("one\ntwo\nTrue\n", "", 0)
    late = "import time\nline = Parent(lines(), print)\ntime.sleep(0.2)\nline.when_gone(over.set)\n"
    assert run(f"{late}print(over.is_set())", "").stdout == "True\n"


def test_one_that_cannot_end_is_ended() -> None:
    done = run("Parent(lines(), print, last_resort=0.05).when_gone(lambda: None)\nover.wait(30)", "")
    assert done.returncode == LOST
