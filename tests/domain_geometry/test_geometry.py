"""Outlines, routes, fans and loops, for any cells at all."""

from itertools import pairwise
from math import dist, isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.geometry import (
    Rect,
    Route,
    diagram_bounds,
    exit_point,
    inside,
    outline_point,
    port_point,
    rect_of,
    route_line,
    routes_of,
)
from app.domain.ids import new_id
from app.domain.records import Cell
from app.domain.values import End, Point, Size

DIAGRAM = new_id()
coordinates = st.floats(-5000, 5000).map(lambda value: round(value, 2))
sides = st.floats(1, 900).map(lambda value: round(value, 2))
rects = st.builds(Rect, coordinates, coordinates, sides, sides)
types = st.sampled_from(["process", "datastore", "external_entity", "text"])
ports = st.sampled_from([None, "top", "right", "bottom", "left"])
routings = st.sampled_from(["smooth", "straight", "orthogonal"])


def node(type: str = "process", x: float = 0, y: float = 0, w: float = 100, h: float = 100) -> Cell:
    return Cell(id=new_id(), diagram_id=DIAGRAM, type=type, position=Point(x, y), size=Size(w, h))


def flow(source: Cell, target: Cell, *via: Point, routing: str = "smooth",
         ports: tuple[str | None, str | None] = (None, None)) -> Cell:  # fmt: skip
    return Cell(
        id=new_id(), diagram_id=DIAGRAM, type="data_flow", routing=routing, vertices=via,
        source=End(cell=source.id, port=ports[0]), target=End(cell=target.id, port=ports[1]),
    )  # fmt: skip


nodes = st.builds(node, types, coordinates, coordinates, sides, sides)


def on_outline(cell: Cell, point: tuple[float, float]) -> bool:
    """Whether a point lies on a node's edge, to a hundredth of a unit."""
    box = rect_of(cell)
    outer = inside(cell.type, box.grown(0.5), point)
    inner = box.width > 2 and box.height > 2 and inside(cell.type, box.grown(-0.5), point)
    return outer and not inner


@given(types, rects, coordinates, coordinates)
def test_the_ray_from_the_middle_leaves_on_the_outline(type: str, rect: Rect, x: float, y: float) -> None:
    cell = node(type, rect.x, rect.y, rect.width, rect.height)
    assert on_outline(cell, outline_point(type, rect, (x, y)))


def test_the_outline_is_where_the_field_draws_it() -> None:
    circle = Rect(0, 0, 100, 100)
    assert outline_point("process", circle, (200, 50)) == pytest.approx((100, 50))
    assert dist(outline_point("process", circle, (200, 200)), (50, 50)) == pytest.approx(50)
    assert outline_point("datastore", circle, (200, 200)) == pytest.approx((100, 100))
    stadium = Rect(0, 0, 200, 100)
    assert outline_point("process", stadium, (120, -500)) == pytest.approx((101.8, 0), abs=0.1)
    assert outline_point("process", stadium, (900, 50)) == pytest.approx((200, 50))
    assert not inside("process", stadium, (2, 2))
    assert inside("datastore", stadium, (2, 2))
    assert exit_point("external_entity", circle, (50, 20), (300, 20)) == pytest.approx((100, 20), abs=0.01)


@given(nodes, nodes, routings, ports, ports, st.lists(st.builds(Point, coordinates, coordinates),
                                                      max_size=4))  # fmt: skip
def test_every_route_is_finite_and_touches_its_elements(
    a: Cell, b: Cell, routing: str, out: str | None, into: str | None, via: list[Point]
) -> None:
    line = flow(a, b, *via, routing=routing, ports=(out, into))
    route = route_line(line, a, b)
    assert all(isfinite(x) and isfinite(y) for x, y in route.polyline)
    if routing != "orthogonal" or (out and into):
        assert out is None or dist(route.start, port_point(rect_of(a), out)) < 0.01
    assert inside("text", rect_of(a).grown(0.5), route.start)
    assert inside("text", rect_of(b).grown(0.5), route.end)
    if routing != "orthogonal":
        assert on_outline(a, route.start)
        assert on_outline(b, route.end)


@given(nodes, nodes, ports, ports, st.lists(st.builds(Point, coordinates, coordinates), max_size=4))
def test_orthogonal_routes_keep_to_the_axes(
    a: Cell, b: Cell, out: str | None, into: str | None, via: list[Point]
) -> None:
    route = route_line(flow(a, b, *via, routing="orthogonal", ports=(out, into)), a, b)
    here = route.start
    for segment in route.segments:
        if len(segment) == 2:
            assert min(abs(segment[0] - here[0]), abs(segment[1] - here[1])) < 0.02
        here = (segment[-2], segment[-1])


def test_lines_pass_through_their_waypoints() -> None:
    a, b = node(x=0, y=0), node(x=600, y=0)
    for routing in ("smooth", "straight"):
        route = route_line(flow(a, b, Point(300, 200), Point(450, -80), routing=routing), a, b)
        assert route.nearest((300, 200))[1] < 1.0
        assert route.nearest((450, -80))[1] < 1.0


@pytest.mark.parametrize("routing", ["smooth", "straight", "orthogonal"])
@pytest.mark.parametrize("count", [2, 3, 5])
def test_parallel_lines_keep_apart(routing: str, count: int) -> None:
    a, b = node("datastore", 0, 0, 140, 80), node("datastore", 420, 30, 140, 80)
    lines = [flow(a, b, routing=routing) if i % 2 else flow(b, a, routing=routing)
             for i in range(count)]  # fmt: skip
    routes = routes_of([a, b, *lines])
    middles = [routes[line.id].point_at(0.5) for line in lines]
    for i, one in enumerate(middles):
        assert all(dist(one, other) > 9 for other in middles[:i])


def test_a_lone_line_between_two_elements_is_straight() -> None:
    a, b = node(x=0), node(x=300)
    line = flow(a, b)
    assert routes_of([a, b, line])[line.id] == Route((100.0, 50.0), ((300.0, 50.0),))


def test_loops_leave_the_element_and_come_back_and_do_not_coincide() -> None:
    a = node("process", 0, 0, 120, 80)
    loops = [flow(a, a) for _ in range(5)]
    routes = routes_of([a, *loops])
    tops = {routes[loop.id].point_at(0.5) for loop in loops}
    assert len(tops) == 5
    for loop in loops:
        route = routes[loop.id]
        assert on_outline(a, route.start)
        assert on_outline(a, route.end)
        assert not inside("text", rect_of(a), route.point_at(0.5))
        assert dist(route.start, route.end) > 15


def test_free_ends_stay_where_they_were_put() -> None:
    a = node(x=0)
    line = Cell(
        id=new_id(), diagram_id=DIAGRAM, type="data_flow",
        source=End(cell=a.id), target=End(x=400, y=50),
    )  # fmt: skip
    assert routes_of([a, line])[line.id].end == (400, 50)


def test_places_along_a_route() -> None:
    route = Route((0.0, 0.0), ((100.0, 0.0), (100.0, 100.0)))
    assert route.length == 200
    assert route.point_at(0.25) == (50, 0)
    assert route.point_at(0.75) == (100, 50)
    assert route.nearest((60, 10)) == (0.3, 10)
    assert route.touches(Rect(90, 40, 50, 10))
    assert not route.touches(Rect(10, 40, 50, 10))
    assert route.direction_at_end() == (0, 1)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=6))
def test_shares_grow_along_a_curve(shares: list[float]) -> None:
    route = Route((0.0, 0.0), ((40.0, 0.0, 60.0, 0.0, 100.0, 0.0),))
    found = [route.point_at(share)[0] for share in sorted(shares)]
    assert all(a <= b + 1e-9 for a, b in pairwise(found))


@given(st.lists(nodes, min_size=1, max_size=5))
def test_bounds_hold_every_node_and_line(cells: list[Cell]) -> None:
    lines = [flow(a, b) for a, b in pairwise(cells)]
    whole = diagram_bounds([*cells, *lines])
    assert whole is not None
    assert all(whole.grown(0.01).holds(rect_of(cell)) for cell in cells)
    assert diagram_bounds([]) is None
