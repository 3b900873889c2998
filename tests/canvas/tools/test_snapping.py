"""Where things come to rest."""

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF

from canvas.tools.snapping import Snapping

numbers = st.integers(-2000, 2000).map(float)
lengths = st.integers(10, 400).map(float)
boxes = st.builds(QRectF, numbers, numbers, lengths, lengths)


def lines(box: QRectF) -> set[float]:
    """The upright lines of a box."""
    return {box.left(), box.center().x(), box.right()}


@given(box=boxes, others=st.lists(boxes, max_size=6), grid=st.sampled_from([0.0, 10.0, 20.0]))
def test_never_further_than_the_magnet_or_the_grid_reaches(
    box: QRectF, others: list[QRectF], grid: float
) -> None:
    snap = Snapping(others, 6.0, grid).moved(box)
    most = max(6.0, grid / 2) + 1e-6
    assert abs(snap.dx) <= most
    assert abs(snap.dy) <= most


@given(box=boxes, others=st.lists(boxes, max_size=6))
def test_every_guide_is_true(box: QRectF, others: list[QRectF]) -> None:
    ground = Snapping(others, 6.0)
    snap = ground.moved(box)
    rested = box.translated(snap.dx, snap.dy)
    for guide in snap.guides:
        if not guide.text and guide.line.x1() == guide.line.x2():
            x = guide.line.x1()
            assert any(abs(x - line) < 0.02 for line in lines(rested))
            assert any(abs(x - line) < 0.02 for other in others for line in lines(other))


@given(box=boxes, others=st.lists(boxes, min_size=1, max_size=6))
def test_what_lies_in_line_stays(box: QRectF, others: list[QRectF]) -> None:
    box = QRectF(others[0].left(), box.top(), box.width(), box.height())
    assert Snapping(others, 6.0, 20.0).moved(box, along_y=False).dx == 0


def test_without_neighbours_the_corner_goes_to_the_grid() -> None:
    snap = Snapping(grid=10.0).moved(QRectF(13, 27, 55, 33))
    assert (snap.dx, snap.dy) == (-3, 3)
    assert snap.guides == ()


def test_an_axis_that_is_not_free_is_left_alone() -> None:
    snap = Snapping(grid=10.0).moved(QRectF(13, 27, 55, 33), along_x=False)
    assert (snap.dx, snap.dy) == (0, 3)


def test_a_neighbour_wins_over_the_grid() -> None:
    snap = Snapping([QRectF(103, 500, 50, 50)], 6.0, 10.0).moved(QRectF(99, 0, 80, 80))
    assert snap.dx == 4


def test_equal_gaps_up_and_down() -> None:
    above, below = QRectF(3, 0, 91, 50), QRectF(7, 250, 83, 50)
    snap = Snapping([above, below], 6.0).moved(QRectF(20, 128, 40, 50))
    assert snap.dy == -3
    assert [g.text for g in snap.guides] == ["75", "75"]


def test_points_and_edges() -> None:
    ground = Snapping([QRectF(100, 100, 50, 50)], 6.0, 10.0)
    assert ground.point(QPointF(104, 37)) == QPointF(100, 40)
    assert ground.edge_x(123) == 125
    assert Snapping().point(QPointF(1.5, 2.5)) == QPointF(1.5, 2.5)
