"""New elements: by tool, by drag, from the palette, by keyboard alone."""

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from app.domain import vocabulary as v
from canvas.text_editor import LabelEditor
from canvas.tools.dropping import stencil_mime
from tests.gui.canvas.bench import LEFT, NO, SHIFT, Bench

COPY = Qt.DropAction.CopyAction


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        (Qt.Key.Key_P, v.PROCESS),
        (Qt.Key.Key_S, v.DATASTORE),
        (Qt.Key.Key_A, v.EXTERNAL_ENTITY),
        (Qt.Key.Key_E, v.EXTERNAL_ENTITY),
        (Qt.Key.Key_B, v.TRUST_BOUNDARY),
        (Qt.Key.Key_T, v.TEXT),
    ],
)
def test_a_key_and_a_click(bench: Bench, key: Qt.Key, kind: str) -> None:
    steps = bench.steps
    bench.key(key)
    assert bench.view.desk.tool == kind
    bench.click(QPointF(300, 300))
    (cell,) = bench.cells()
    width, height = v.DEFAULT_SIZES[kind]
    assert cell.type == kind
    assert (cell.size.width, cell.size.height) == (width, height)
    assert abs(cell.position.x + width / 2 - 300) <= 5
    assert bench.view.desk.tool == "select"
    assert bench.scene.selected == {cell.id}
    assert bench.steps == steps + 1
    assert isinstance(bench.focus(), LabelEditor)
    bench.type("New name")
    bench.key(Qt.Key.Key_Return)
    assert bench.cell(cell.id).label == "New name"
    assert bench.steps == steps + 2
    bench.document.undo()
    assert bench.undone([])


def test_a_ghost_hangs_on_the_pointer_and_writes_nothing(bench: Bench) -> None:
    bench.key(Qt.Key.Key_P)
    bench.move(QPointF(200, 200))
    bench.move(QPointF(300, 300))
    assert len(bench.scene.shown_cells()) == 1
    assert bench.cells() == []
    bench.key(Qt.Key.Key_Escape)
    assert bench.scene.shown_cells() == []


def test_a_drag_draws_the_size(bench: Bench) -> None:
    bench.key(Qt.Key.Key_B)
    bench.drag(QPointF(503, 402), QPointF(101, 98))
    (zone,) = bench.cells()
    assert (zone.position.x, zone.position.y) == (100, 100)
    assert (zone.size.width, zone.size.height) == (400, 300)


def test_a_boundary_drawn_around_takes_in(bench: Bench) -> None:
    node = bench.node("A", 200, 200)
    bench.key(Qt.Key.Key_B)
    bench.drag(QPointF(100, 100), QPointF(500, 400))
    zone = bench.cell(node).parent
    assert zone is not None
    assert bench.cell(zone).type == v.TRUST_BOUNDARY


def test_a_new_element_belongs_to_the_boundary_at_its_place(bench: Bench) -> None:
    zone = bench.node("Zone", 100, 100, v.TRUST_BOUNDARY, (400, 400))
    bench.key(Qt.Key.Key_P)
    bench.click(QPointF(300, 300))
    (node,) = (c for c in bench.cells() if c.type == v.PROCESS)
    assert node.parent == zone


def test_q_locks_the_tool(bench: Bench) -> None:
    bench.key(Qt.Key.Key_Q)
    bench.key(Qt.Key.Key_S)
    for x in (100, 400):
        bench.click(QPointF(x, 200))
        assert bench.view.desk.tool == v.DATASTORE
        bench.key(Qt.Key.Key_Escape)
    assert len(bench.cells()) == 2
    bench.key(Qt.Key.Key_Q)
    bench.key(Qt.Key.Key_Escape)
    assert bench.view.desk.tool == "select"


def test_shift_and_a_letter_places_in_the_middle_and_beside_what_is_there(bench: Bench) -> None:
    for _ in range(2):
        bench.key(Qt.Key.Key_P, SHIFT)
        bench.key(Qt.Key.Key_Escape)
        bench.key(Qt.Key.Key_Escape)
    one, two = bench.cells()
    assert bench.view.visible_area().contains(one.position.x, one.position.y)
    assert one.position != two.position


def send_drop(bench: Bench, mime: QMimeData, at: QPointF, *, drop: bool) -> bool:
    """Drag something from outside over the diagram, and let it go or leave."""
    viewport, spot = bench.view.viewport(), bench.pixel(at)
    enter = QDragEnterEvent(spot, COPY, mime, LEFT, NO)
    QApplication.sendEvent(viewport, enter)
    if not enter.isAccepted():
        return False
    if drop:
        event = QDropEvent(QPointF(spot), COPY, mime, LEFT, NO)
        QApplication.sendEvent(viewport, event)
        return event.isAccepted()
    QApplication.sendEvent(viewport, QDragLeaveEvent())
    return True


def test_a_stencil_from_the_palette(bench: Bench) -> None:
    mime = stencil_mime(v.DATASTORE)
    assert send_drop(bench, mime, QPointF(300, 300), drop=False)
    assert bench.scene.shown_cells() == []
    steps = bench.steps
    assert send_drop(bench, mime, QPointF(300, 300), drop=True)
    (cell,) = bench.cells()
    assert cell.type == v.DATASTORE
    assert bench.steps == steps + 1
    assert isinstance(bench.focus(), LabelEditor)
    bench.key(Qt.Key.Key_Escape)
    for tool in ("data_flow", "boundary_line"):
        assert send_drop(bench, stencil_mime(tool), QPointF(300, 500), drop=True)
    assert sum(c.is_line for c in bench.cells()) == 2


def test_anything_else_is_not_taken(bench: Bench) -> None:
    mime = QMimeData()
    mime.setText("process")
    assert not send_drop(bench, mime, QPointF(300, 300), drop=True)
    assert not send_drop(bench, stencil_mime("rocket"), QPointF(300, 300), drop=True)
    assert bench.cells() == []


@pytest.mark.qt_log_ignore("grabbing the keyboard", "raise\\(\\)", extend=True)
def test_a_double_click_on_nothing_asks_for_the_quick_menu(bench: Bench) -> None:
    asked: list[QPointF] = []
    bench.view.quick_create_requested.connect(lambda at, _: asked.append(at))
    bench.double_click(QPointF(200, 200))
    assert asked == [QPointF(200, 200)]
    menu = QApplication.activePopupWidget()
    assert menu is not None
    menu.close()


def test_a_read_only_model_refuses_every_tool_with_the_reason(bench: Bench) -> None:
    node = bench.node("A", 100, 100)
    bench.shelf.read_only = "This library is from a newer version"
    steps = bench.steps
    bench.key(Qt.Key.Key_P)
    assert bench.view.desk.tool == "select"
    bench.drag(bench.middle(node), bench.middle(node) + QPointF(100, 0))
    bench.select(node)
    bench.key(Qt.Key.Key_Delete)
    bench.key(Qt.Key.Key_Right)
    bench.double_click(bench.middle(node))
    assert not send_drop(bench, stencil_mime(v.PROCESS), QPointF(300, 300), drop=True)
    assert bench.place(node) == (100, 100)
    assert bench.steps == steps
    assert set(bench.refusals) == {"This library is from a newer version"}
    assert len(bench.refusals) >= 5
