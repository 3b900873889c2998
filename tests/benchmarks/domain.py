"""How fast patches apply: `python -m tests.benchmarks.domain [N]` prints one JSON line for N records.

Times in milliseconds, medians; `add_all` is one patch that adds all N, `one` a single-property
update, `link` one that moves a flow's end, `remove` a node with its flows, `invalid` a refusal.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable

from app.domain.errors import InvalidData
from app.domain.patch import Patch, add, decode_patch, encode, remove, update
from app.domain.stage import apply, stage
from app.domain.state import ModelState
from tests.manners import count

DIAGRAM = "00000000-0000-7000-8000-00000000000d"
MODEL = "00000000-0000-7000-8000-000000000000"


def cell_id(number: int) -> str:
    """The id of the benchmark's cell of that number."""
    return f"{number:08x}-0000-7000-8000-000000000001"


def drawing(size: int) -> Patch:
    """A model of `size` cells: half nodes, half flows between neighbours."""
    patch = [add("threat_model", MODEL, {"name": "m"}), add("diagram", DIAGRAM, {"name": "d"})]
    nodes = size // 2
    for n in range(nodes):
        place = {"x": n % 100 * 200, "y": n // 100 * 100}
        data = {"diagram_id": DIAGRAM, "type": "process", "label": f"node {n}", "position": place}
        patch.append(add("cell", cell_id(n), data))
    for n in range(size - nodes):
        ends = {"source": {"cell": cell_id(n)}, "target": {"cell": cell_id((n + 1) % nodes)}}
        data = {"diagram_id": DIAGRAM, "type": "data_flow", "label": f"flow {n}", "protocol": "HTTPS"}
        patch.append(add("cell", cell_id(nodes + n), {**data, **ends}))
    return tuple(patch)


def median_ms(repeat: int, run: Callable[[int], object]) -> float:
    """The median time of `run(0)`, `run(1)`, ... in milliseconds."""
    times = []
    for number in range(repeat):
        start = time.perf_counter()
        run(number)
        times.append(time.perf_counter() - start)
    return round(statistics.median(times) * 1000, 4)


def refused(state: ModelState) -> None:
    """Stage something that may not stand."""
    try:
        stage(state, (update("cell", cell_id(0), position={"x": "left"}),))
    except InvalidData:
        return
    raise AssertionError("was accepted")


def measure(size: int) -> dict[str, float]:
    """All figures for a model of `size` cells."""
    patch = drawing(size)
    raw = encode(patch)
    found: dict[str, float] = {"n": size}
    found["decode"] = median_ms(5, lambda _: decode_patch(raw))
    found["add_all"] = median_ms(5, lambda _: apply(ModelState(MODEL), patch))
    state = ModelState(MODEL)
    everything = apply(state, patch)
    found["effective"] = median_ms(1, lambda _: everything.effective)
    nodes = size // 2
    many = count(500, 5000)
    found["one"] = median_ms(
        many,
        lambda n: apply(state, (update("cell", cell_id(n % nodes), position={"x": n, "y": -n - 1}),), "w"),
    )
    found["link"] = median_ms(
        many,
        lambda n: apply(
            state,
            (update("cell", cell_id(nodes + n % nodes), target={"cell": cell_id((n + 7) % nodes)}),),
            "w",
        ),
    )
    drag = tuple(update("cell", cell_id(n), position={"x": n, "y": 7}) for n in range(min(100, nodes)))
    found["drag_100"] = median_ms(20, lambda _: stage(state, drag))
    found["invalid"] = median_ms(100, lambda _: refused(state))
    found["remove"] = median_ms(
        min(100, nodes), lambda n: apply(state, apply(state, (remove("cell", cell_id(n)),)).inverse)
    )
    found["cells"] = median_ms(10, lambda _: state.cells(DIAGRAM))
    found["copy"] = median_ms(5, lambda _: state.copy())
    found["remove_all"] = median_ms(1, lambda _: apply(state, (remove("diagram", DIAGRAM),)))
    return found


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)))
