"""Putting elements into flows with Shift, and taking them out again with Shift+Delete."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from app.domain import edits
from app.domain import vocabulary as v
from app.domain.patch import update
from canvas.tools.dropping import stencil_mime
from tests.gui.canvas.bench import LEFT, SHIFT, Bench
from tests.gui.canvas.test_connecting import ends, lines

COPY = Qt.DropAction.CopyAction


def test_dropping_with_shift_splits_the_flow(bench: Bench) -> None:
    one, two = bench.node("A", 0, 100), bench.node("B", 600, 100)
    middle = bench.node("M", 300, 400)
    flow = bench.flow(one, two, "order")
    bench.apply((update("cell", flow, protocol="HTTPS", is_encrypted=True),))
    before, steps = bench.cells(), bench.steps
    bench.drag(bench.middle(middle), QPointF(380, 140), SHIFT, drop=False)
    shown = [c for c in bench.scene.shown_cells() if c.is_line]
    assert [ends(line) for line in shown] == [(one, middle), (middle, two)]
    assert len(lines(bench)) == 1
    bench.release(held=SHIFT)
    first, second = lines(bench)
    assert (first.id, ends(first), first.label) == (flow, (one, middle), "order")
    assert (ends(second), second.label) == ((middle, two), "")
    assert (second.protocol, second.is_encrypted) == ("HTTPS", True)
    assert bench.middle(middle) == QPointF(380, 140)
    assert bench.document.undo_title == "Put “M” into “order”"
    assert bench.steps == steps + 1
    assert bench.undone(before)


def test_going_on_past_the_flow_splits_nothing(bench: Bench) -> None:
    one, two, middle = bench.node("A", 0, 100), bench.node("B", 600, 100), bench.node("M", 300, 400)
    bench.flow(one, two)
    bench.drag(bench.middle(middle), QPointF(360, 140), SHIFT, drop=False)
    bench.move(QPointF(360, 10), LEFT, SHIFT)
    bench.release(held=SHIFT)
    assert [ends(line) for line in lines(bench)] == [(one, two)]
    bench.document.undo()
    bench.drag(bench.middle(middle), QPointF(360, 140))
    assert [ends(line) for line in lines(bench)] == [(one, two)]


def test_waypoints_stay_on_their_side(bench: Bench) -> None:
    one, two, middle = bench.node("A", 0, 100), bench.node("B", 700, 100), bench.node("M", 300, 500)
    flow = bench.flow(one, two, "", (200, 300), (600, 300))
    bench.apply(edits.set_property([bench.cell(flow)], "routing", "straight"))
    bench.drag(bench.middle(middle), QPointF(400, 300), SHIFT)
    first, second = lines(bench)
    assert [(p.x, p.y) for p in first.vertices] == [(200, 300)]
    assert [(p.x, p.y) for p in second.vertices] == [(600, 300)]
    assert second.routing == "straight"


def test_its_own_flows_and_locked_ones_are_left_alone(bench: Bench) -> None:
    one, two, middle = bench.node("A", 0, 100), bench.node("B", 600, 100), bench.node("M", 300, 400)
    flow = bench.flow(one, two)
    own = bench.flow(one, middle)
    bench.apply((update("cell", flow, locked=True),))
    bench.drag(bench.middle(middle), QPointF(360, 140), SHIFT)
    assert {line.id for line in lines(bench)} == {flow, own}


def test_a_placed_and_a_palette_element_split_too(bench: Bench) -> None:
    one, two = bench.node("A", 0, 100), bench.node("B", 800, 100)
    bench.flow(one, two)
    steps = bench.steps
    bench.key(Qt.Key.Key_P)
    bench.click(QPointF(300, 140), SHIFT)
    bench.key(Qt.Key.Key_Escape)
    assert len(lines(bench)) == 2
    assert bench.steps == steps + 1
    spot, mime = bench.pixel(QPointF(600, 140)), stencil_mime(v.DATASTORE)
    QApplication.sendEvent(bench.view.viewport(), QDragEnterEvent(spot, COPY, mime, LEFT, SHIFT))
    QApplication.sendEvent(bench.view.viewport(), QDropEvent(QPointF(spot), COPY, mime, LEFT, SHIFT))
    bench.key(Qt.Key.Key_Escape)
    assert len(lines(bench)) == 3
    assert bench.steps == steps + 2


def test_shift_delete_joins_what_it_split(bench: Bench) -> None:
    one, two, middle = bench.node("A", 0, 100), bench.node("B", 600, 100), bench.node("M", 300, 100)
    into = bench.flow(one, middle, "", (200, 50))
    bench.flow(middle, two, "order", (500, 50))
    bench.select(middle)
    before, steps = bench.cells(), bench.steps
    bench.key(Qt.Key.Key_Delete, SHIFT)
    (line,) = lines(bench)
    assert (line.id, ends(line), line.label) == (into, (one, two), "order")
    assert [(p.x, p.y) for p in line.vertices] == [(200, 50), (500, 50)]
    assert bench.state.cell(middle) is None
    assert bench.scene.selected == {into}
    assert bench.document.undo_title == "Take “M” out of its flow"
    assert bench.steps == steps + 1
    assert bench.undone(before)


def test_shift_delete_says_why_it_cannot(bench: Bench) -> None:
    one, two, middle = bench.node("A", 0, 100), bench.node("B", 600, 100), bench.node("M", 300, 100)
    bench.flow(one, middle)
    bench.flow(two, middle)
    bench.select(middle)
    bench.key(Qt.Key.Key_Delete, SHIFT)
    assert bench.refusals == ["“M” has 2 flows in and 0 out: only one of each can be joined"]
    assert len(bench.cells()) == 5
