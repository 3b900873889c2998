"""The rectangle around many, whatever comes, moves and goes."""

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF

from canvas.extent import Extent

places = st.integers(-50, 50)
steps = st.lists(
    st.tuples(st.sampled_from("abcde"), st.booleans(), places, places, st.integers(0, 20)), max_size=30
)


@given(steps)
def test_it_is_always_the_rectangle_around_those_that_are_there(
    moves: list[tuple[str, bool, int, int, int]],
) -> None:
    extent = Extent()
    there: dict[str, QRectF] = {}
    for key, stays, x, y, size in moves:
        if stays:
            there[key] = QRectF(x, y, size, size)
            extent.put(key, there[key])
        else:
            there.pop(key, None)
            extent.drop(key)
        rects = list(there.values())
        if not rects:
            assert extent.rect().isNull()
            continue
        found = extent.rect()
        assert found.left() == min(rect.left() for rect in rects)
        assert found.top() == min(rect.top() for rect in rects)
        assert found.right() == max(rect.right() for rect in rects)
        assert found.bottom() == max(rect.bottom() for rect in rects)
