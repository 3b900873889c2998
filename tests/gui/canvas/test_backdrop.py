"""Under moving cursors the diagram comes from a picture: it must look as if it were painted."""

import random
from collections.abc import Callable

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPainter, QRegion
from PySide6.QtWidgets import QApplication

from app.domain.patch import remove
from app.domain.presence import CursorAt, Person
from app.domain.values import Point
from canvas.theme import DARK, LIGHT
from tests.gui.canvas.bench import Bench

BEN = Person(participant_id="b", user_id="u2", name="Ben", colour="#e69f00")


def cursor(bench: Bench, at: Point) -> CursorAt:
    """Ben's pointer."""
    return CursorAt(participant_id="b", diagram_id=bench.diagram_id, position=at)


def point(bench: Bench, at: Point) -> None:
    """Ben points somewhere, and the next frame has come."""
    bench.view.company.hear_cursor(cursor(bench, at))
    bench.view.show_company()


@pytest.fixture
def company(bench: Bench) -> Bench:
    """A bench with somebody in it."""
    bench.view.company.set_people([BEN])
    bench.view.company.reduced_motion = True  # a cursor that glides would be elsewhere in the next picture
    point(bench, Point(40, 40))
    bench.node("A", 0, 0)
    QApplication.processEvents()
    return bench


def painted(bench: Bench) -> QImage:
    """The viewport with everything painted."""
    return bench.view.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def from_picture(bench: Bench) -> QImage:
    """The viewport with the diagram from its picture."""
    view = bench.view
    view._backdrop.ask(QRegion(view.viewport().rect()))
    assert view._backdrop.serves(QRegion(view.viewport().rect()))
    return painted(bench)


def alike(one: QImage, other: QImage) -> bool:
    """Whether two pictures are the same but for rounding: blending with and without alpha differs by it."""
    if one.size() != other.size():
        return False
    apart = QImage(one)
    painter = QPainter(apart)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Difference)
    painter.drawImage(0, 0, other)
    painter.end()
    parts = bytes(apart.constBits())
    return max(max(parts[n::4]) for n in range(3)) <= 3


def test_a_cursor_moves_without_items_being_painted(company: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from_picture(company)
    drawn: list[str] = []
    monkeypatch.setattr("canvas.items.base.CellItem.paint", lambda item, *_rest: drawn.append(item.cell_id))
    for step in range(5):
        point(company, Point(50 + step, 60))
        QApplication.processEvents()
    assert drawn == []


Change = Callable[[Bench, random.Random], object]
CHANGES: dict[str, Change] = {
    "add": lambda b, r: b.node("N", r.randrange(-200, 200), r.randrange(-150, 150)),
    "remove": lambda b, r: b.document.apply((remove("cell", r.choice(_cells(b))),)) if _cells(b) else None,
    "flow": lambda b, r: _connect(b, r.sample(_cells(b), min(2, len(_cells(b))))),
    "scroll": lambda b, r: b.view.scroll_pixels(r.randrange(-90, 90), r.randrange(-90, 90)),
    "zoom": lambda b, r: b.view.zoom_to(r.choice((0.5, 0.9, 1.0, 1.7))),
    "theme": lambda b, r: b.scene.set_theme(r.choice((LIGHT, DARK))),
    "grid": lambda b, r: b.view.set_grid(r.random() < 0.5),
    "select": lambda b, r: b.scene.select(r.sample(_cells(b), min(2, len(_cells(b))))),
    "size": lambda b, r: b.view.resize(r.randrange(500, 900), r.randrange(400, 700)),
    "cursor": lambda b, r: point(b, Point(r.randrange(99), r.randrange(99))),
}  # fmt: skip


def _connect(bench: Bench, ends: list[str]) -> None:
    if len(ends) == 2:
        bench.flow(ends[0], ends[1], "order")


def _cells(bench: Bench) -> list[str]:
    return [c.id for c in bench.state.cells(bench.diagram_id) if not c.is_line]


@pytest.mark.parametrize("seed", range(6))
def test_the_picture_is_what_would_be_painted(company: Bench, seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(12):
        name = dice.choice(list(CHANGES))
        CHANGES[name](company, dice)
        QApplication.processEvents()
        assert alike(from_picture(company), painted(company)), f"seed {seed}: after {name}"


def test_a_drag_is_painted_as_it_is(company: Bench) -> None:
    (cell,) = _cells(company)
    company.scene.preview_move([cell], 30, 40)
    whole = QRegion(company.view.viewport().rect())
    company.view._backdrop.ask(whole)
    assert not company.view._backdrop.serves(whole)
    company.scene.clear_preview()
    QApplication.processEvents()
    assert alike(from_picture(company), painted(company))


def test_nothing_is_kept_when_nobody_is_there(company: Bench) -> None:
    from_picture(company)
    company.view.company.clear()
    whole = QRegion(company.view.viewport().rect())
    company.view._backdrop.ask(whole)
    assert not company.view._backdrop.serves(whole)
    assert company.view._backdrop._picture.isNull()


def test_stamps_are_sharp_copies_of_what_is_painted(company: Bench) -> None:
    """A cursor at whole pixels looks the same stamped as painted."""
    view = company.view
    view.look_at(QPointF(0, 0), 1.0)
    QApplication.processEvents()
    (mark,) = view.company_marks
    stamped = painted(company)
    view._company_layer._placed = []
    bare = view.viewport().grab()
    painter = QPainter(bare)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    mark.paint(painter, view.viewportTransform(), view._company_layer.inks)
    painter.end()
    assert alike(bare.toImage().convertToFormat(QImage.Format.Format_RGB32), stamped)
