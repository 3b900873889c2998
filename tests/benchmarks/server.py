"""How a server under load keeps up: `python -m tests.benchmarks.server [--cells N ...]` prints one JSON line.

A real server in a process of its own, real sockets, clients in processes of their own on the same
machine. `offered_per_s` and `acked_per_s` are edits a second in all, each on disk before its
acknowledgement; `lost` are edits without one, and events that a participant did not get; `p50_ms` and
`p99_ms` from a writer's send to each participant that follows, writers included; `fsync_ms` the median
of the disk that it ran on. Writers and readers are those of each session.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from app.domain.ids import new_id
from app.domain.patch import Patch, add
from tests.manners import ROOT
from tests.sync.server.running import Running, data, running

WARM_SECONDS: Final = 2.0
SAMPLES: Final = 20
PEOPLE: Final = ("ada", "bob")


def fsync_ms(folder: Path) -> float:
    """The median time to bring 4 KiB to this folder's disk."""
    times = []
    with (folder / "fsync").open("wb") as file:
        for _ in range(100):
            file.write(b"x" * 4096)
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - began)
    return round(statistics.median(times) * 1000, 2)


def rss_mb(pid: int) -> float:
    """The memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return round(int(status.split("VmRSS:")[1].split()[0]) / 1024, 1)


def cpu_seconds(pid: int) -> float:
    """The time that a process has had a core."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def drawing(diagram_id: str, nodes: list[str], size: int) -> Patch:
    """Half nodes, half flows between neighbours."""
    patch = []
    for n, node in enumerate(nodes):
        place = {"x": n % 100 * 200, "y": n // 100 * 100}
        data = {"diagram_id": diagram_id, "type": "process", "label": f"node {n}", "position": place}
        patch.append(add("cell", node, data))
    for n in range(size - len(nodes)):
        ends = {"source": {"cell": nodes[n]}, "target": {"cell": nodes[(n + 1) % len(nodes)]}}
        more = {"diagram_id": diagram_id, "type": "data_flow", "label": f"flow {n}", **ends}
        patch.append(add("cell", new_id(), more))
    return tuple(patch)


def session(server: Running, cells: int) -> dict[str, Any]:
    """A model with a diagram, as its writers and readers need it."""
    with server.client("ada") as ada:
        model_id = data(ada.post("/threat_models", json={"name": "Load"}), 201)["id"]
        made = data(ada.post(f"/threat_models/{model_id}/diagrams", json={"name": "d"}), 201)
        guest = {"subject_type": "user", "subject_id": server.ids["bob"], "role": "writer"}
        data(ada.post(f"/threat_models/{model_id}/access", json=guest), 201)
        nodes = [new_id() for _ in range(max(2, cells // 2))]
        patch = json.loads(_json(drawing(made["id"], nodes, cells)))
        body = {"operation_id": new_id(), "patch": patch}
        data(ada.post(f"/threat_models/{model_id}/operations", json=body), 200)
    url = server.url.replace("http", "ws", 1)
    return {
        "model": model_id, "nodes": nodes,
        "address": f"{url}/threat_models/{model_id}/diagrams/{made['id']}/ws",
    }  # fmt: skip


def _json(patch: Patch) -> bytes:
    from app.domain.patch import encode

    return encode(patch)


def connections(
    server: Running, made: dict[str, Any], writers: int, readers: int, rate: float, offset: float
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What the clients of a session are told: its writers, and its readers."""

    def one(number: int) -> dict[str, Any]:
        token = server.tokens[PEOPLE[number % len(PEOPLE)]]
        return {"address": made["address"], "model": made["model"], "token": token}

    writing = [
        {**one(n), "rate": rate / writers, "offset": (n + offset) / writers, "own": made["nodes"][n::writers]}
        for n in range(writers)
    ]
    return writing, [one(n) for n in range(readers)]


class Clients:
    """A process of clients."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.server_clients"], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self.say(given)

    def say(self, what: Any) -> None:
        """A line to it."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()

    def hear(self) -> Any:
        """A line from it."""
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def end(self) -> None:
        """See it out."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


@contextmanager
def sampled(pid: int, every: float) -> Iterator[list[float]]:
    """The memory of a process, measured again and again while the block runs."""
    found: list[float] = []
    over = threading.Event()

    def sample() -> None:
        while not over.wait(every):
            found.append(rss_mb(pid))

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()


def percentile(times: Counter[int], share: float) -> float:
    """Milliseconds below which this share of the tenths of milliseconds lies."""
    rest = share * times.total()
    for tenths, number in sorted(times.items()):
        rest -= number
        if rest <= 0:
            return (tenths + 1) / 10
    return 0.0


def measure(given: argparse.Namespace, folder: Path) -> dict[str, float]:
    """Run one load and say how it went."""
    disk = fsync_ms(folder)
    with running(folder) as server:
        assert server.process is not None
        writing, reading = [], []
        for number in range(given.sessions):
            made = session(server, given.cells)
            rate = given.rate / given.sessions
            more = connections(server, made, given.writers, given.readers, rate, number / given.sessions)
            writing += more[0]
            reading += more[1]
        seconds = given.seconds + WARM_SECONDS
        groups = [writing, *(reading[n :: given.processes] for n in range(given.processes) if reading)]
        every = [
            Clients({"connections": group, "seconds": seconds, "warm": WARM_SECONDS}) for group in groups
        ]
        for one in every:
            one.hear()
        before, worked = rss_mb(server.process.pid), cpu_seconds(server.process.pid)
        for one in every:
            one.say("go")
        with sampled(server.process.pid, seconds / SAMPLES) as samples:
            found = [one.hear() for one in every]
        last: dict[str, int] = {}
        for one in found:
            for model, number in one["last"].items():
                last[model] = max(number, last.get(model, 0))
        for client in every:
            client.say(last)
        ends = [one.hear() for one in every]
        after, worked = rss_mb(server.process.pid), cpu_seconds(server.process.pid) - worked
        for client in every:
            client.end()
    times: Counter[int] = Counter()
    for one in ends:
        times.update(dict(one["times"]))
    sent, acked = found[0]["sent"], found[0]["acked"]
    return {
        "cells": given.cells, "sessions": given.sessions, "writers": given.writers, "readers": given.readers,
        "seconds": given.seconds,
        "offered_per_s": round(sent / found[0]["spent"], 1),
        "acked_per_s": round(acked / found[0]["until_acked"], 1),
        "lost": sent - acked + sum(one["missed"] + one["gaps"] for one in ends),
        "resets": sum(one["resets"] for one in ends),
        "p50_ms": percentile(times, 0.5), "p99_ms": percentile(times, 0.99),
        "max_ms": (max(times, default=0) + 1) / 10,
        "rss_before_mb": before, "rss_mb": after, "rss_over_time_mb": samples,
        "server_cores": round(worked / found[0]["until_acked"], 2),
        "fsync_ms": disk,
    }  # fmt: skip


def arguments() -> argparse.Namespace:
    """What to offer."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    for name, usual in (("cells", 1000), ("sessions", 1), ("writers", 10), ("readers", 40)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--rate", type=float, default=500.0, help="edits a second, in all")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--processes", type=int, default=1, help="how many share the readers")
    return parser.parse_args()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="tmi-benchmark-") as made_folder:
        print(json.dumps(measure(arguments(), Path(made_folder))))
