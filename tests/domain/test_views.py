"""Saved views: their order, and what becomes of them with what they show."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.edits.views import add_view, free_name, move_view, place_of, saved_views
from app.domain.patch import add, remove, update
from app.domain.records import SavedView
from app.domain.stage import apply
from app.domain.state import ModelState
from app.domain.values import Point, Size
from tests.strategies import an_id

MODEL, DIAGRAM, OTHER, CELL = an_id(0), an_id(1), an_id(2), an_id(3)
PLACE = place_of(DIAGRAM, Point(10.123, 20), 1.5, Size(800, 600))


def a_model() -> ModelState:
    """Two diagrams, one element."""
    state = ModelState(MODEL)
    apply(state, (
        add("threat_model", MODEL, {"name": "m"}),
        add("diagram", DIAGRAM, {"name": "one"}),
        add("diagram", OTHER, {"name": "two"}),
        add("cell", CELL, {"diagram_id": DIAGRAM, "type": "process", "label": "Shop"}),
    ))  # fmt: skip
    return state


def names(state: ModelState) -> list[str]:
    """The views as they are presented."""
    return [view.name for view in saved_views(state)]


def with_views(count: int) -> ModelState:
    """A model with views named by number."""
    state = a_model()
    for number in range(count):
        apply(state, add_view(state, str(number), PLACE)[1])
    return state


def test_a_view_keeps_its_place_and_comes_last() -> None:
    state = with_views(2)
    view_id, patch = add_view(state, "Shop", PLACE, CELL)
    apply(state, patch)
    view = state.find(SavedView, view_id)
    assert view is not None
    assert (view.centre, view.zoom, view.width, view.height) == (Point(10.12, 20), 1.5, 800, 600)
    assert (view.diagram_id, view.spotlight) == (DIAGRAM, CELL)
    assert names(state) == ["0", "1", "Shop"]


def test_a_view_goes_with_its_diagram_and_outlives_its_spotlight() -> None:
    state = a_model()
    view_id, patch = add_view(state, "Shop", PLACE, CELL)
    apply(state, patch)
    apply(state, (remove("cell", CELL),))
    view = state.find(SavedView, view_id)
    assert view is not None
    assert view.spotlight is None
    apply(state, (update("saved_view", view_id, diagram_id=OTHER),))
    apply(state, (remove("diagram", DIAGRAM),))
    assert names(state) == ["Shop"]
    apply(state, (remove("diagram", OTHER),))
    assert view_id in state.tombstones


def test_a_view_without_a_diagram_is_kept_but_not_presented() -> None:
    state = a_model()
    apply(state, (add("saved_view", an_id(9), {"zoom": 2, "layers": ["a"]}),))
    assert names(state) == []
    assert state.get(an_id(9)) is not None


@given(
    st.integers(1, 7), st.lists(st.tuples(st.integers(0, 6), st.integers(-1, 8)), max_size=6), st.booleans()
)
def test_moving_is_what_a_list_does(count: int, moves: list[tuple[int, int]], tied: bool) -> None:
    state = with_views(count)
    if tied:  # two added at the same time, elsewhere
        for view in saved_views(state)[1:3]:
            apply(state, (update("saved_view", view.id, order="k"),))
    for row, to in moves:
        views = saved_views(state)
        wanted = [view.name for view in views]
        view = views[row % count]
        wanted.remove(view.name)
        wanted.insert(min(max(to, 0), count - 1), view.name)
        apply(state, move_view(state, view.id, to))
        assert names(state) == wanted


def test_names_are_made_unlike() -> None:
    state = a_model()
    for wanted in ("Shop", "Shop", "Shop", "", ""):
        apply(state, add_view(state, free_name(state, wanted), PLACE)[1])
    assert names(state) == ["Shop", "Shop 2", "Shop 3", "View 1", "View 2"]
