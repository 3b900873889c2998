"""How quick the library is, on this disk: `python -m tests.benchmarks.storage [CELLS] [MODELS]`.

Prints one JSON line. Times in milliseconds; `append_*` run from handing an operation over until it is
reported saved, one at a time; `operations_per_second` with a full queue.
"""

import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from app.domain.patch import update
from storage import SqlLibrary, open_library
from tests.storage.building import Pen, large_patch


def milliseconds(work: Callable[[], object]) -> float:
    """How long something takes, once."""
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000


def fsync_time(folder: Path, times: int = 50) -> float:
    """The median time that the disk needs to take 4 KiB for good."""
    taken = []
    with (folder / "fsync").open("wb") as file:
        for _ in range(times):
            file.write(os.urandom(4096))
            file.flush()
            taken.append(milliseconds(lambda: os.fsync(file.fileno())))
    return statistics.median(taken)


def latencies(library: SqlLibrary, pen: Pen, cell: str, times: int = 300) -> list[float]:
    """From append to saved, for moves of one cell, in order of length."""
    done = threading.Event()
    stop = library.listen(lambda *news: done.set(), lambda *news: None)
    taken = []
    for number in range(times):
        commit = pen.commit((update("cell", cell, position={"x": number, "y": number}),))
        done.clear()
        begin = time.perf_counter()
        library.append(commit)
        done.wait()
        taken.append((time.perf_counter() - begin) * 1000)
    stop()
    return sorted(taken)


def throughput(library: SqlLibrary, pen: Pen, cell: str, times: int = 5000) -> float:
    """Operations a second that reach the disk when they come as fast as they can."""
    commits = [
        pen.commit((update("cell", cell, position={"x": n, "y": 0}),), undo=False) for n in range(times)
    ]
    begin = time.perf_counter()
    for commit in commits:
        library.append(commit)
    library.flush()
    return times / (time.perf_counter() - begin)


def measure(folder: Path, cells: int, models: int) -> dict[str, float]:
    """All figures."""
    found: dict[str, float] = {"cells": cells, "models": models, "fsync_ms": fsync_time(folder)}
    path = folder / "library.db"
    found["create_ms"] = milliseconds(lambda: open_library(path).close())
    library = open_library(path)
    pen = Pen(library).start("Benchmark")
    diagram = pen.diagram()
    cell = pen.cell(diagram)
    library.flush()
    taken = latencies(library, pen, cell)
    found["append_p50_ms"] = statistics.median(taken)
    found["append_p99_ms"] = taken[int(len(taken) * 0.99)]
    found["operations_per_second"] = throughput(library, pen, cell)
    large = pen.commit(large_patch(diagram, cells // 2, cells - cells // 2))
    found["append_call_ms"] = milliseconds(lambda: library.append(large))
    found["store_all_cells_ms"] = milliseconds(library.flush)
    found["load_ms"] = statistics.median(milliseconds(lambda: library.load(pen.model_id)) for _ in range(5))
    found["verify_ms"] = milliseconds(library.verify)
    for number in range(models - 1):
        other = Pen(library).start(f"Model {number}")
        library.set_thumbnail(other.model_id, other.diagram(), f"<svg>{'x' * 4000}</svg>", 2)
    library.flush()
    found["summaries_ms"] = statistics.median(milliseconds(library.summaries) for _ in range(5))
    library.close()
    again: list[SqlLibrary] = []
    found["open_ms"] = milliseconds(lambda: again.append(open_library(path)))
    found["load_after_open_ms"] = milliseconds(lambda: again[0].load(pen.model_id))
    again[0].close()
    found["file_mb"] = path.stat().st_size / 1e6
    return found


def main() -> None:
    """Measure in a folder of its own, on the disk of the temporary files."""
    cells = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    models = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), cells, models)
    print(json.dumps({name: round(value, 2) for name, value in found.items()}))


if __name__ == "__main__":
    main()
