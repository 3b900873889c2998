"""A week offline in fast motion, in real windows: `python -m tests.benchmarks.coming_back`.

Two programs with libraries of their own and a server, three processes on this machine. Ada has no network
and makes so many edits, Bob as many meanwhile, each on one node after the other; then Ada is back. Prints
one JSON line, in milliseconds: `merged` until she knows what is to be decided, `all` until the panel is
filled and all of hers is acknowledged; how long her window and his were deaf at most, while she was away
and working, and while it merged. `--pictures FOLDER` leaves a picture of each window.
"""

import argparse
import json
import tempfile
from pathlib import Path

from tests.benchmarks.company_paint import Child
from tests.sync.server.running import running


def lateness(*desks: Child) -> list[float]:
    """How long each window was deaf at most since it was asked last."""
    for one in desks:
        one.ask("lateness")
    return [one.until("late_ms")["late_ms"] for one in desks]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=500)
    parser.add_argument("--edits", type=int, default=500)
    parser.add_argument("--theirs", type=int, default=0, help="edits of Bob, if other than Ada's")
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
        ada.ask("leave")
        ada.until("left")
        lateness(ada, bob)
        for one, word, edits in ((ada, "Mine", given.edits), (bob, "Theirs", given.theirs or given.edits)):
            one.ask("work", edits, word)
            at = one.until("worked")["at"]
        working = lateness(ada, bob)
        ada.ask("come_back", at)
        found = ada.until("back")
        merging = lateness(ada, bob)
        if given.pictures is not None:
            for who, one in (("ada", ada), ("bob", bob)):
                one.ask("picture", str(given.pictures / f"{who}.png"))
                one.until("picture")
        print(json.dumps({
            "cells": given.cells, "edits": [given.edits, given.theirs or given.edits],
            "conflicts": found["back"], "told": found["told"], "merged_ms": found["merged_ms"],
            "all_ms": found["all_ms"], "deaf_working_ms": working, "deaf_merging_ms": merging,
        }))  # fmt: skip
        bob.end()
        ada.end()


if __name__ == "__main__":
    main()
