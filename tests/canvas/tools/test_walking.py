"""Reading order and ways along flows."""

from PySide6.QtCore import QRectF

from app.domain import edits
from app.domain.ids import new_id
from app.domain.patch import add
from app.domain.stage import apply
from app.domain.state import ModelState
from app.domain.values import Point
from canvas.tools import walking
from canvas.tools.places import box_of


def state_with(*places: tuple[float, float]) -> tuple[ModelState, str, list[str]]:
    """A model with a node at each place."""
    model, diagram = new_id(), new_id()
    state = ModelState(model)
    apply(state, (
        add("threat_model", model, {"name": "M"}),
        add("diagram", diagram, {"name": "D", "type": "DFD-1.0.0"}),
    ))  # fmt: skip
    ids = []
    for x, y in places:
        found, patch = edits.create_node(state, diagram, "process", Point(x, y))
        apply(state, patch)
        ids.append(found)
    return state, diagram, ids


def test_rows_from_the_left() -> None:
    state, diagram, ids = state_with((300.0, 5.0), (0.0, 0.0), (0.0, 300.0), (600.0, 8.0))
    order = walking.reading_order(state.cells(diagram), box_of)
    assert order == [ids[1], ids[0], ids[3], ids[2]]


def test_the_walk_ends_at_both_ends() -> None:
    order = ["a", "b"]
    assert walking.after(order, None, 1) == "a"
    assert walking.after(order, None, -1) == "b"
    assert walking.after(order, "a", 1) == "b"
    assert walking.after(order, "b", 1) is None
    assert walking.after(order, "a", -1) is None
    assert walking.after([], None, 1) is None


def test_along_a_flow_in_its_direction_only() -> None:
    state, _, (here, right, down) = state_with((0.0, 0.0), (400.0, 60.0), (30.0, 400.0))
    for other in (right, down):
        apply(state, edits.connect(state, here, other)[1])
    start = state.cell(here)
    assert start is not None

    def bounds(cell: object) -> QRectF:
        return box_of(cell)  # type: ignore[arg-type]

    assert walking.towards(state, start, (1, 0), bounds) == right
    assert walking.towards(state, start, (0, 1), bounds) == down
    assert walking.towards(state, start, (-1, 0), bounds) is None
