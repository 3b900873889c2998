"""From a key pressed in one desktop to the paint in another: `python -m tests.benchmarks.company_paint`.

Two programs with libraries of their own and a server, three processes on this machine. Prints one JSON
line: milliseconds from a press of an arrow key (an operation of its own, written to the disk before it is
sent) to the other window's paint, p50, p99 and the worst; and how long each window's loop was deaf at most.
`--pictures FOLDER` leaves a picture of each window.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Any

from tests.manners import ROOT
from tests.sync.server.running import Running, running


class Child:
    """A desktop in a process of its own."""

    def __init__(self, folder: Path, name: str, server: Running) -> None:
        folder.mkdir()
        words = [str(folder), name.capitalize(), server.url, server.ids[name], server.tokens[name]]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.company_desk", *words], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"QT_QPA_PLATFORM": "offscreen", **os.environ},
        )  # fmt: skip
        self.until("ready")

    def ask(self, *words: object) -> None:
        """Have it do something."""
        out: IO[str] | None = self._process.stdin
        assert out is not None
        out.write(json.dumps(words) + "\n")
        out.flush()

    def heard(self) -> dict[str, Any]:
        """The next thing that it says."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("a desktop has ended")
        told: dict[str, Any] = json.loads(line)
        return told

    def until(self, word: str) -> dict[str, Any]:
        """The next thing of this sort."""
        while word not in (told := self.heard()):
            pass
        return told

    def end(self) -> None:
        """Close it."""
        self.ask("end")
        self._process.wait(30)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()


def measured(ada: Child, bob: Child, times: int, pause: float) -> list[float]:
    """Milliseconds from each press to the paint at the other desk."""
    ada.ask("press", times, pause)
    pressed = [ada.until("pressed") for _ in range(times)]
    painted: dict[float, int] = {}
    while pressed[-1]["pressed"] not in painted:
        told = bob.until("painted")
        painted[told["painted"]] = told["at"]
    return [(painted[one["pressed"]] - one["at"]) / 1e6 for one in pressed if one["pressed"] in painted]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=500)
    parser.add_argument("--times", type=int, default=300)
    parser.add_argument("--pause", type=float, default=0.08, help="seconds between presses")
    parser.add_argument("--pictures", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, running(Path(name)) as server:
        folder = Path(name)
        ada = Child(folder / "ada", "ada", server)
        ada.ask("make", given.cells)
        model_id = ada.until("made")["made"]
        with server.client("ada") as client:
            body = {"subject_type": "user", "subject_id": server.ids["bob"], "role": "writer"}
            client.post(f"/threat_models/{model_id}/access", json=body).raise_for_status()
        bob = Child(folder / "bob", "bob", server)
        bob.ask("fetch", model_id)
        bob.until("fetched")
        measured(ada, bob, 10, given.pause)
        found = sorted(measured(ada, bob, given.times, given.pause))
        late = []
        for one in (ada, bob):
            one.ask("lateness")
            late.append(one.until("late_ms")["late_ms"])
            if given.pictures is not None:
                one.ask("picture", str(given.pictures / f"{'ada' if one is ada else 'bob'}.png"))
                one.until("picture")
        print(json.dumps({
            "cells": given.cells, "presses": len(found), "p50_ms": round(statistics.median(found), 1),
            "p99_ms": round(found[int(len(found) * 0.99) - 1], 1), "worst_ms": round(found[-1], 1),
            "deaf_ms": late,
        }))  # fmt: skip
        bob.end()
        ada.end()


if __name__ == "__main__":
    main()
