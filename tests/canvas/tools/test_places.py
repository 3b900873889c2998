"""Grips and places along lines."""

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF

from canvas.tools import places

coordinates = st.integers(-500, 500).map(float)
points = st.builds(QPointF, coordinates, coordinates)
routes = st.lists(points, min_size=2, max_size=8)


@given(route=routes, at=points)
def test_the_nearest_place_lies_where_its_length_says(route: list[QPointF], at: QPointF) -> None:
    spot, length = places.nearest(route, at)
    assert places.distance(places.along(route, length), spot) < 1e-6
    assert places.distance(spot, at) <= min(places.distance(p, at) for p in route) + 1e-6


@given(route=routes, vertices=st.lists(points, max_size=5))
def test_anchors_never_go_back(route: list[QPointF], vertices: list[QPointF]) -> None:
    found = places.anchor_lengths(route, vertices)
    assert found == sorted(found)
    assert len(found) == len(vertices) + 2
    assert len(places.bend_points(route, vertices)) == len(vertices) + 1


@given(route=routes, vertices=st.lists(points, max_size=5), at=points)
def test_a_new_waypoint_has_a_place_among_the_others(
    route: list[QPointF], vertices: list[QPointF], at: QPointF
) -> None:
    assert 0 <= places.stretch_at(route, vertices, at) <= len(vertices)


def test_stretches_of_a_bent_line() -> None:
    bend = QPointF(100, 100)
    route = [QPointF(0, 0), bend, QPointF(200, 0)]
    assert places.stretch_at(route, [bend], QPointF(30, 35)) == 0
    assert places.stretch_at(route, [bend], QPointF(170, 30)) == 1
    assert places.bend_points(route, [bend]) == [QPointF(50, 50), QPointF(150, 50)]


def test_small_boxes_have_fewer_grips() -> None:
    assert len(places.resize_sides(QRectF(0, 0, 120, 80), 1.0)) == 8
    assert len(places.resize_sides(QRectF(0, 0, 120, 80), 0.4)) == 6
    assert places.resize_sides(QRectF(0, 0, 120, 80), 0.2) == ()
