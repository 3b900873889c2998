"""Commands on the selection and the clipboard: one titled undo step each."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QGuiApplication

from app.domain import vocabulary as v
from app.domain.ids import new_id
from app.domain.patch import add
from canvas import commands
from canvas.clipboard import CELLS_MIME
from canvas.scene import DiagramScene
from canvas.theme import LIGHT
from canvas.view import DiagramView
from tests.gui.canvas.bench import CTRL, SHIFT, Bench


@pytest.fixture
def three(bench: Bench) -> tuple[str, str, str]:
    """Three selected nodes with flows between the first two."""
    found = (
        bench.node("A", 0, 0),
        bench.node("B", 210, 50, "datastore", (160, 60)),
        bench.node("C", 500, 130, "external_entity", (100, 50)),
    )
    bench.flow(found[0], found[1], "ab")
    bench.flow(found[1], found[2], "bc")
    bench.select(*found)
    return found


STEPS: list[tuple[Callable[[DiagramView], object], str]] = [
    (commands.delete_selection, "Delete 3 elements"),
    (commands.duplicate_selection, "Duplicate 3 elements"),
    (lambda view: commands.align(view, "left"), "Align left"),
    (lambda view: commands.align(view, "center"), "Align centre"),
    (lambda view: commands.align(view, "right"), "Align right"),
    (lambda view: commands.align(view, "top"), "Align top"),
    (lambda view: commands.align(view, "middle"), "Align middle"),
    (lambda view: commands.align(view, "bottom"), "Align bottom"),
    (lambda view: commands.distribute(view, "horizontal"), "Distribute horizontally"),
    (lambda view: commands.distribute(view, "vertical"), "Distribute vertically"),
    (commands.same_size, "Make same size"),
    (lambda view: commands.restack(view, "front"), "Bring to front"),
    (lambda view: commands.change_kind(view, v.PROCESS), "Make process"),
    (commands.wrap_selection, "Wrap in trust boundary"),
    (commands.toggle_lock, "Lock 3 elements"),
    (commands.cut, "Cut 3 elements"),
]


@pytest.mark.parametrize(("command", "title"), STEPS, ids=[title for _, title in STEPS])
def test_one_step_with_a_title_that_undo_takes_back(
    bench: Bench, three: tuple[str, ...], command: Callable[[DiagramView], object], title: str
) -> None:
    before, steps = bench.cells(), bench.steps
    command(bench.view)
    assert bench.cells() != before
    assert bench.steps == steps + 1
    assert bench.document.undo_title == title
    assert bench.undone(before)


def test_without_a_selection_nothing_happens(bench: Bench, three: tuple[str, ...]) -> None:
    bench.scene.clear_selection()
    before, steps = bench.cells(), bench.steps
    for command, _ in STEPS:
        command(bench.view)
    commands.reverse_flows(bench.view)
    commands.straighten(bench.view)
    assert bench.cells() == before
    assert bench.steps == steps


def test_aligned_and_distributed(bench: Bench, three: tuple[str, str, str]) -> None:
    commands.align(bench.view, "middle")
    assert len({bench.middle(i).y() for i in three}) == 1
    commands.distribute(bench.view, "horizontal")
    a, b, c = (bench.scene.bounds_of([i]) for i in three)
    assert b.left() - a.right() == c.left() - b.right()


def test_reverse_and_reset_route(bench: Bench, three: tuple[str, str, str]) -> None:
    line = bench.flow(three[0], three[2], "", (300, 300))
    bench.select(line)
    commands.reverse_flows(bench.view)
    source = bench.cell(line).source
    assert source is not None
    assert source.cell == three[2]
    commands.straighten(bench.view)
    assert bench.cell(line).vertices == ()
    assert bench.document.undo_title == "Reset route"


def test_locked_elements_are_not_deleted(bench: Bench, three: tuple[str, str, str]) -> None:
    bench.select(three[0])
    commands.set_lock(bench.view, True)
    bench.key(Qt.Key.Key_Delete)
    assert bench.state.cell(three[0]) is not None
    assert bench.refusals == ["“A” cannot be changed: locked"]
    commands.toggle_lock(bench.view)
    bench.key(Qt.Key.Key_Delete)
    assert bench.state.cell(three[0]) is None


def test_selecting(bench: Bench, three: tuple[str, str, str]) -> None:
    bench.select(three[0])
    commands.select_connected(bench.view)
    assert three[1] in bench.scene.selected
    assert three[2] not in bench.scene.selected
    commands.select_inverse(bench.view)
    assert three[2] in bench.scene.selected
    commands.select_kind(bench.view, v.DATA_FLOW)
    assert {bench.cell(i).label for i in bench.scene.selected} == {"ab", "bc"}


# --- keys --------------------------------------------------------------------------------------------
def test_nudges_run_together_into_one_step(bench: Bench, three: tuple[str, str, str]) -> None:
    before, steps = bench.cells(), bench.steps
    bench.select(three[0])
    for _ in range(5):
        bench.key(Qt.Key.Key_Right)
    bench.key(Qt.Key.Key_Down, SHIFT)
    assert bench.place(three[0]) == (5, 10)
    assert bench.steps == steps + 1
    bench.select(three[1])
    bench.key(Qt.Key.Key_Left)
    assert bench.steps == steps + 2
    bench.document.undo()
    assert bench.undone(before)


def test_ctrl_d_goes_on_by_the_same_distance(bench: Bench) -> None:
    node = bench.node("A", 100, 100)
    bench.select(node)
    for _ in range(3):
        bench.key(Qt.Key.Key_D, CTRL)
    assert [(c.position.x, c.position.y) for c in bench.cells()] == [
        (100, 100), (120, 120), (140, 140), (160, 160),
    ]  # fmt: skip


def test_ctrl_d_repeats_the_way_that_the_copy_was_moved(bench: Bench) -> None:
    node = bench.node("A", 100, 100)
    bench.select(node)
    bench.key(Qt.Key.Key_D, CTRL)
    (copy,) = bench.scene.selected
    bench.drag(bench.middle(copy), bench.middle(copy) + QPointF(130, -20))
    bench.key(Qt.Key.Key_D, CTRL)
    assert (400, 100) in [(c.position.x, c.position.y) for c in bench.cells()]


def test_ctrl_arrow_grows_a_connected_neighbour(bench: Bench) -> None:
    node = bench.node("A", 100, 100)
    bench.select(node)
    steps = bench.steps
    bench.key(Qt.Key.Key_Right, CTRL)
    assert bench.steps == steps + 1
    assert len(bench.cells()) == 3
    bench.type("Next")
    bench.key(Qt.Key.Key_Return)
    assert {c.label for c in bench.cells() if not c.is_line} == {"A", "Next"}


# --- clipboard ---------------------------------------------------------------------------------------
def test_copy_puts_cells_text_and_pictures_on_the_clipboard(
    bench: Bench, three: tuple[str, str, str]
) -> None:
    bench.key(Qt.Key.Key_C, CTRL)
    mime = QGuiApplication.clipboard().mimeData()
    assert mime.hasFormat(CELLS_MIME)
    assert set(mime.text().splitlines()) == {"A", "B", "C", "ab", "bc"}
    svg = bytes(mime.data("image/svg+xml").data()).decode()
    assert "ab" in svg
    assert mime.hasImage()


def test_copy_as_a_picture_only(bench: Bench, three: tuple[str, str, str]) -> None:
    assert commands.copy_picture(bench.view, "svg")
    assert "<svg" in QGuiApplication.clipboard().mimeData().text()
    assert commands.copy_picture(bench.view, "png")
    assert QGuiApplication.clipboard().mimeData().hasImage()
    bench.scene.clear_selection()
    assert not commands.copy_picture(bench.view, "png")


def test_paste_is_one_step_and_repeats_go_on(bench: Bench, three: tuple[str, str, str]) -> None:
    bench.key(Qt.Key.Key_C, CTRL)
    before, steps = bench.cells(), bench.steps
    bench.key(Qt.Key.Key_V, CTRL)
    assert len(bench.cells()) == 10
    assert bench.steps == steps + 1
    first = bench.scene.bounds_of(bench.scene.selected)
    bench.key(Qt.Key.Key_V, CTRL)
    second = bench.scene.bounds_of(bench.scene.selected)
    assert second.topLeft() == first.topLeft() + QPointF(20, 20)
    bench.document.undo()
    assert bench.undone(before)


def test_flows_to_what_was_not_copied_stay_behind_with_notice(
    bench: Bench, three: tuple[str, str, str]
) -> None:
    told: list[str] = []
    bench.view.announced.connect(told.append)
    flow = next(c for c in bench.cells() if c.label == "bc")
    bench.select(three[1], flow.id)
    commands.copy(bench.view)
    commands.paste(bench.view)
    assert [bench.cell(i).label for i in bench.scene.selected] == ["B"]
    assert told == ["A flow to elements that were not copied stayed behind"]


def test_paste_into_another_diagram(bench: Bench, three: tuple[str, str, str]) -> None:
    commands.copy(bench.view)
    other = new_id()
    bench.apply((add("diagram", other, {"name": "Other", "type": "DFD-1.0.0"}),))
    scene = DiagramScene(bench.document, other, LIGHT)
    view = DiagramView(scene)
    commands.paste(view)
    assert sorted(c.label for c in bench.state.cells(other)) == ["A", "B", "C", "ab", "bc"]
    assert {bench.state.cell(i).diagram_id for i in scene.selected} == {other}  # type: ignore[union-attr]
    scene.close()
    view.deleteLater()
    scene.deleteLater()


def test_text_becomes_one_node_a_line(bench: Bench) -> None:
    QGuiApplication.clipboard().setText("Login\r\n\n  Search  \nPay\x00ment\n")
    steps = bench.steps
    commands.paste(bench.view)
    assert [c.label for c in bench.cells()] == ["Login", "Search", "Payment"]
    assert len({c.order for c in bench.cells()}) == 3
    assert bench.steps == steps + 1


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (b"\x00\xff", "clipboard"),
        (b'{"format": "tmi-cells", "clip": {"records": [{"kind": "cell"}]}}', "clipboard"),
        (b'{"format": "tmi-cells", "clip": {"records": []}}', "clipboard"),
        (b'{"format": "tmi-cells", "clip": {"records": [{"kind": "cell", "id": '
         b'"01a1fbe8-1cc7-725b-a9d4-62e0abc56e95", "data": {"type": "process", "size": 7}}]}}', ""),
    ],
)  # fmt: skip
def test_a_broken_clipboard_is_refused_in_words(bench: Bench, raw: bytes, word: str) -> None:
    mime = QMimeData()
    mime.setData(CELLS_MIME, raw)
    QGuiApplication.clipboard().setMimeData(mime)
    commands.paste(bench.view)
    assert bench.cells() == []
    assert len(bench.refusals) == 1
    assert word in bench.refusals[0]
