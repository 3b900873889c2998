"""What others do, or undo does, in the middle of a gesture."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from app.domain import edits
from app.domain.patch import Origin, update
from canvas.tools.idle import Idle
from tests.gui.canvas.bench import LEFT, Bench

Begin = Callable[[Bench, str, str, str], None]


def moving(bench: Bench, one: str, two: str, line: str) -> None:
    """Drag the first node."""
    bench.drag(bench.middle(one), bench.middle(one) + QPointF(0, 90), drop=False)


def resizing(bench: Bench, one: str, two: str, line: str) -> None:
    """Resize the first node."""
    bench.select(one)
    bench.drag(QPointF(220, 180), QPointF(260, 220), drop=False)


def connecting(bench: Bench, one: str, two: str, line: str) -> None:
    """Pull a flow out of the first node."""
    bench.move(bench.middle(one))
    bench.drag(QPointF(160, 100 - 19), QPointF(300, 300), drop=False)


def reconnecting(bench: Bench, one: str, two: str, line: str) -> None:
    """Drag the end of the flow."""
    bench.select(line)
    bench.drag(QPointF(400, 140), QPointF(300, 300), drop=False)


def bending(bench: Bench, one: str, two: str, line: str) -> None:
    """Bend the flow."""
    bench.drag(QPointF(350, 140), QPointF(350, 300), drop=False)


def labelling(bench: Bench, one: str, two: str, line: str) -> None:
    """Drag the flow's label."""
    bench.drag(bench.scene.label_rect(line).center(), QPointF(300, 250), drop=False)


def typing(bench: Bench, one: str, two: str, line: str) -> None:
    """Type into the first node."""
    bench.double_click(bench.middle(one))
    bench.type("x")


def choosing(bench: Bench, one: str, two: str, line: str) -> None:
    """Connect by keyboard."""
    bench.select(one)
    bench.key(Qt.Key.Key_C)


@pytest.mark.parametrize(
    "begin",
    [moving, resizing, connecting, reconnecting, bending, labelling, typing, choosing],
    ids=lambda begin: begin.__name__,
)
def test_removal_of_all_of_it_ends_it_quietly(bench: Bench, begin: Begin) -> None:
    one, two = bench.node("A", 100, 100), bench.node("B", 400, 100)
    line = bench.flow(one, two, "order")
    begin(bench, one, two, line)
    assert not isinstance(bench.view.desk.state, Idle)
    cells = [bench.cell(i) for i in (one, two)]
    steps = bench.steps
    bench.document.apply(edits.remove_records(cells), Origin.REMOTE)
    assert isinstance(bench.view.desk.state, Idle)
    assert bench.scene.shown_cells() == []
    bench.move(QPointF(320, 320), LEFT)
    bench.release()
    assert bench.cells() == []
    assert bench.steps == steps


def test_an_edit_by_others_and_the_drag_both_hold(bench: Bench) -> None:
    one = bench.node("A", 100, 100)
    start = bench.middle(one)
    bench.drag(start, start + QPointF(0, 100), drop=False)
    bench.document.apply((update("cell", one, label="Theirs", is_encrypted=False),), Origin.REMOTE)
    bench.release()
    assert bench.cell(one).label == "Theirs"
    assert bench.place(one) == (100, 200)


def test_space_keeps_what_is_dragged_out_of_a_boundary(bench: Bench) -> None:
    bench.node("Zone", 300, 100, "trust_boundary", (300, 300))
    node = bench.node("Web", 100, 100)
    start = bench.middle(node)
    bench.drag(start, start + QPointF(300, 100), drop=False)
    QTest.keyPress(bench.view, Qt.Key.Key_Space)
    bench.release()
    QTest.keyRelease(bench.view, Qt.Key.Key_Space)
    assert bench.place(node) == (400, 200)
    assert bench.cell(node).parent is None


def test_a_failing_state_is_reported_and_leaves_the_view_usable(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[type[BaseException]] = []
    monkeypatch.setattr("sys.excepthook", lambda kind, *_: heard.append(kind))
    node = bench.node("A", 100, 100)
    bench.drag(bench.middle(node), bench.middle(node) + QPointF(50, 0), drop=False)

    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(bench.view.desk.state, "move", broken)
    bench.move(QPointF(300, 300), LEFT)
    assert heard == [RuntimeError]
    assert isinstance(bench.view.desk.state, Idle)
    bench.release()
    assert bench.place(node) == (100, 100)


def test_closing_commits_what_is_typed(bench: Bench) -> None:
    node = bench.node("A", 100, 100)
    bench.double_click(bench.middle(node))
    bench.type("Kept")
    bench.view.close_tools()
    assert bench.cell(node).label == "Kept"


def test_closing_drops_a_gesture(bench: Bench) -> None:
    node = bench.node("A", 100, 100)
    bench.drag(bench.middle(node), bench.middle(node) + QPointF(50, 0), drop=False)
    bench.view.close_tools()
    assert bench.place(node) == (100, 100)
    assert not bench.scene.previewed
