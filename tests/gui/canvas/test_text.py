"""Labels edited in place."""

import pytest
from PySide6.QtCore import QPointF, Qt

from app.domain import edits
from app.domain.patch import Origin
from canvas.text_editor import LabelEditor
from tests.gui.canvas.bench import CTRL, SHIFT, Bench


@pytest.fixture
def node(bench: Bench) -> str:
    """A process with a name, selected."""
    found = bench.node("Web", 200, 200)
    bench.select(found)
    return found


def editor(bench: Bench) -> LabelEditor:
    """The open editor."""
    found = bench.focus()
    assert isinstance(found, LabelEditor)
    return found


@pytest.mark.parametrize("how", ["double click", "Enter", "F2", "typing"])
def test_ways_in(bench: Bench, node: str, how: str) -> None:
    steps = bench.steps
    if how == "double click":
        bench.double_click(bench.middle(node))
    elif how != "typing":
        bench.key(Qt.Key.Key_F2 if how == "F2" else Qt.Key.Key_Return)
    bench.type("Shop")
    assert bench.cell(node).label == "Web"
    bench.key(Qt.Key.Key_Return)
    assert bench.cell(node).label == "Shop"
    assert bench.steps == steps + 1
    assert bench.document.undo_title == "Rename “Web”"
    bench.document.undo()
    assert bench.cell(node).label == "Web"
    assert bench.view.hasFocus()


def test_shift_enter_breaks_the_line_and_ctrl_enter_commits(bench: Bench, node: str) -> None:
    bench.key(Qt.Key.Key_F2)
    bench.type("One")
    bench.key(Qt.Key.Key_Return, SHIFT)
    bench.type("Two")
    bench.key(Qt.Key.Key_Return, CTRL)
    assert bench.cell(node).label == "One\nTwo"


def test_esc_drops_what_was_typed(bench: Bench, node: str) -> None:
    steps = bench.steps
    bench.key(Qt.Key.Key_F2)
    bench.type("Nothing")
    bench.key(Qt.Key.Key_Escape)
    assert bench.cell(node).label == "Web"
    assert bench.steps == steps
    assert bench.scene.selected == {node}


def test_a_click_outside_commits_and_selects(bench: Bench, node: str) -> None:
    other = bench.node("Other", 500, 200)
    bench.key(Qt.Key.Key_F2)
    bench.type("Shop")
    bench.click(bench.middle(other))
    assert bench.cell(node).label == "Shop"
    assert bench.scene.selected == {other}


def test_the_same_name_is_no_step(bench: Bench, node: str) -> None:
    steps = bench.steps
    bench.key(Qt.Key.Key_F2)
    bench.key(Qt.Key.Key_Return)
    assert bench.steps == steps


def test_undo_inside_the_editor_stays_inside(bench: Bench, node: str) -> None:
    bench.key(Qt.Key.Key_F2)
    bench.type("Shop")
    bench.key(Qt.Key.Key_Z, CTRL)
    assert editor(bench).toPlainText() == "Web"
    bench.key(Qt.Key.Key_Escape)
    assert bench.place(node) == (200, 200)


def test_somebody_else_renaming_does_not_steal_the_text(bench: Bench, node: str) -> None:
    bench.key(Qt.Key.Key_F2)
    bench.type("Mine")
    theirs = edits.set_property([bench.cell(node)], "label", "Theirs")
    bench.document.apply(theirs, Origin.REMOTE)
    assert editor(bench).toPlainText() == "Mine"
    bench.key(Qt.Key.Key_Return)
    assert bench.cell(node).label == "Mine"


def test_somebody_else_removing_the_element_says_what_was_typed(bench: Bench, node: str) -> None:
    bench.key(Qt.Key.Key_F2)
    bench.type("Mine")
    bench.document.apply(edits.remove_records([bench.cell(node)]), Origin.REMOTE)
    assert bench.refusals == ["The element was removed while its name was typed: “Mine”"]
    assert bench.view.hasFocus()


def test_the_editor_lies_over_its_element_at_every_zoom(bench: Bench, node: str) -> None:
    bench.key(Qt.Key.Key_F2)
    for zoom in (0.3, 1.0, 2.5):
        bench.view.look_at(bench.middle(node), zoom)
        middle = QPointF(editor(bench).geometry().center())
        away = middle - QPointF(bench.pixel(bench.middle(node)))
        assert away.manhattanLength() <= 3


def test_the_editor_grows_with_its_text(bench: Bench, node: str) -> None:
    bench.key(Qt.Key.Key_F2)
    low = editor(bench).height()
    bench.type("several words that need more than one line here")
    assert editor(bench).height() >= 2 * low
    assert editor(bench).width() <= 120


def test_drafts_are_told_and_ended(bench: Bench, node: str) -> None:
    told: list[tuple[str, object]] = []
    bench.view.draft_changed.connect(lambda cell, text: told.append((cell, text)))
    bench.key(Qt.Key.Key_F2)
    bench.type("ab")
    bench.key(Qt.Key.Key_Escape)
    assert told == [(node, "a"), (node, "ab"), (node, None)]


def test_flows_and_boundaries_are_named_as_well(bench: Bench, node: str) -> None:
    other = bench.node("Other", 600, 200)
    flow = bench.flow(node, other)
    bench.select(flow)
    bench.key(Qt.Key.Key_Return)
    bench.type("orders")
    bench.key(Qt.Key.Key_Return)
    assert bench.cell(flow).label == "orders"
