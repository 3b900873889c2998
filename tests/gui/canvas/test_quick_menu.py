"""The quick menu: on empty canvas, at the end of a flow, and by keyboard."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.domain import vocabulary as v
from app.domain.edits import remove_records
from app.domain.patch import Origin
from app.domain.records import Cell
from canvas.quick_menu import Choice, QuickMenu, matching
from canvas.text_editor import LabelEditor
from tests.gui.canvas.bench import ALT, CTRL, LEFT, NO, Bench
from tests.gui.canvas.test_connecting import ends, lines, pull


def menu() -> QuickMenu:
    """The menu that is open."""
    found = QApplication.activePopupWidget()
    assert isinstance(found, QuickMenu)
    return found


def key(key: Qt.Key, held: Qt.KeyboardModifier = NO, text: str = "") -> None:
    """A key where the menu has the keyboard."""
    found = menu()
    focus = found.focusWidget()
    assert focus is not None
    QTest.keyClicks(focus, text) if text else QTest.keyClick(focus, key, held)


def type_(text: str) -> None:
    """Type into the menu letter by letter."""
    for letter in text:
        key(Qt.Key.Key_unknown, text=letter)


def nodes(bench: Bench) -> list[Cell]:
    """The nodes of the diagram."""
    return [c for c in bench.cells() if not c.is_line]


# --- on empty canvas ---------------------------------------------------------------------------------
def test_typing_filters_and_enter_takes_the_first(bench: Bench) -> None:
    bench.double_click(QPointF(300, 300))
    assert menu().titles[:3] == ["Process", "Store", "External entity"]
    assert menu().focusWidget() is menu().field
    type_("sto")
    assert menu().titles[0] == "Store"
    steps = bench.steps
    key(Qt.Key.Key_Return)
    (cell,) = bench.cells()
    assert cell.type == v.DATASTORE
    assert abs(cell.position.x + cell.size.width / 2 - 300) <= 5
    assert bench.steps == steps + 1
    assert isinstance(bench.focus(), LabelEditor)


def test_what_matches_nothing_becomes_a_name(bench: Bench) -> None:
    bench.double_click(QPointF(300, 300))
    type_("Order  desk")
    assert menu().titles[:3] == [
        "Process named “Order desk”", "Store named “Order desk”", "External entity named “Order desk”",
    ]  # fmt: skip
    key(Qt.Key.Key_Down)
    steps = bench.steps
    key(Qt.Key.Key_Return)
    (cell,) = bench.cells()
    assert (cell.type, cell.label) == (v.DATASTORE, "Order desk")
    assert bench.steps == steps + 1
    assert bench.scene.selected == {cell.id}
    assert bench.undone([])


def test_commands_are_found_too(bench: Bench) -> None:
    bench.node("A", 3000, 3000)
    bench.double_click(QPointF(300, 300))
    assert "Fit diagram" not in menu().titles
    type_("fit")
    assert menu().titles[0] == "Fit diagram"
    steps = bench.steps
    key(Qt.Key.Key_Return)
    assert bench.view.visible_area().contains(bench.scene.content_rect())
    assert bench.steps == steps


def test_alt_and_a_letter_or_a_click_choose_a_row(bench: Bench) -> None:
    bench.double_click(QPointF(200, 300))
    key(Qt.Key.Key_E, ALT)
    bench.key(Qt.Key.Key_Escape)
    bench.double_click(QPointF(600, 300))
    rows = menu().rows
    row = rows.topLevelItem(1)
    assert row is not None
    QTest.mouseClick(rows.viewport(), LEFT, NO, rows.visualItemRect(row).center())
    assert [c.type for c in bench.cells()] == [v.EXTERNAL_ENTITY, v.DATASTORE]


def test_esc_closes_it_and_writes_nothing(bench: Bench) -> None:
    bench.double_click(QPointF(300, 300))
    steps = bench.steps
    key(Qt.Key.Key_Escape)
    assert QApplication.activePopupWidget() is None
    assert bench.cells() == []
    assert bench.steps == steps


def test_a_read_only_model_opens_none(bench: Bench) -> None:
    bench.shelf.read_only = "Fixed"
    bench.double_click(QPointF(300, 300))
    bench.key(Qt.Key.Key_N)
    assert QApplication.activePopupWidget() is None
    assert bench.refusals == ["Fixed", "Fixed"]


def test_words_match_by_their_beginnings() -> None:
    rows = [
        Choice("Store", print, words="data database"),
        Choice("Paste here", print),
        Choice("Data thing", print, hidden=True),
    ]
    assert [c.title for c in matching(rows, "")] == ["Store", "Paste here"]
    assert [c.title for c in matching(rows, "DATA")] == ["Data thing", "Store"]
    assert [c.title for c in matching(rows, "here pa")] == ["Paste here"]
    assert matching(rows, "tore") == []


# --- at the end of a flow ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "first"),
    [(v.PROCESS, "Store"), (v.DATASTORE, "Process"), (v.EXTERNAL_ENTITY, "Process")],
)
def test_what_may_follow_is_ranked_and_only_that_is_offered(bench: Bench, kind: str, first: str) -> None:
    one = bench.node("A", 0, 100, kind)
    pull(bench, one, QPointF(400, 140))
    titles = menu().titles
    assert titles[0] == first
    assert sorted(titles) == ["External entity", "Process", "Store"]


def test_flow_element_and_name_are_one_step(bench: Bench) -> None:
    one = bench.node("A", 0, 100)
    before, steps = bench.cells(), bench.steps
    pull(bench, one, QPointF(400, 140))
    (line,) = lines(bench)
    assert ends(line) == (one, None)
    assert bench.steps == steps + 1
    key(Qt.Key.Key_Down)
    key(Qt.Key.Key_Return)
    assert isinstance(bench.focus(), LabelEditor)
    bench.type("Pay")
    bench.key(Qt.Key.Key_Return)
    (line,) = lines(bench)
    new = nodes(bench)[-1]
    assert (new.type, new.label) == (v.PROCESS, "Pay")
    assert ends(line) == (one, new.id)
    assert (new.position.x, new.position.y + new.size.height / 2) == (400, 140)
    assert bench.steps == steps + 1
    assert bench.document.undo_title == "Draw flow"
    after = bench.cells()
    assert bench.undone(before)
    bench.document.redo()
    assert bench.cells() == after


def test_a_letter_chooses_at_once_and_a_capital_begins_a_name(bench: Bench) -> None:
    one = bench.node("A", 0, 100)
    pull(bench, one, QPointF(400, 140))
    key(Qt.Key.Key_unknown, text="e")
    assert nodes(bench)[-1].type == v.EXTERNAL_ENTITY
    bench.key(Qt.Key.Key_Escape)
    bench.move(bench.middle(one))
    bench.drag(QPointF(60, 100 + 80 + 19), QPointF(60, 400))
    type_("Sales")
    assert menu().titles[0] == "Store named “Sales”"
    key(Qt.Key.Key_Return)
    new = nodes(bench)[-1]
    assert (new.type, new.label) == (v.DATASTORE, "Sales")
    assert (new.position.x + new.size.width / 2, new.position.y) == (60, 400)
    assert bench.focus() is bench.view


def test_esc_leaves_the_end_free(bench: Bench) -> None:
    one = bench.node("A", 0, 100)
    steps = bench.steps
    pull(bench, one, QPointF(400, 140))
    key(Qt.Key.Key_Escape)
    (line,) = lines(bench)
    assert ends(line) == (one, None)
    assert bench.scene.selected == {line.id}
    assert bench.steps == steps + 1


def test_ctrl_and_boundary_lines_ask_nothing(bench: Bench) -> None:
    one = bench.node("A", 0, 100)
    bench.move(bench.middle(one))
    bench.press(QPointF(139, 140))
    bench.move(QPointF(400, 140), LEFT, CTRL)
    bench.release(held=CTRL)
    assert QApplication.activePopupWidget() is None
    bench.key(Qt.Key.Key_L)
    bench.drag(QPointF(300, 300), QPointF(500, 500))
    assert QApplication.activePopupWidget() is None
    assert len(lines(bench)) == 2


def test_a_flow_that_others_removed_takes_no_element(bench: Bench) -> None:
    one = bench.node("A", 0, 100)
    pull(bench, one, QPointF(400, 140))
    bench.document.apply(remove_records(lines(bench)), Origin.REMOTE)
    key(Qt.Key.Key_Return)
    assert [c.id for c in bench.cells()] == [one]
    assert bench.refusals == ["The flow was changed in the meantime"]


# --- by keyboard -------------------------------------------------------------------------------------
def test_a_diagram_is_typed(bench: Bench) -> None:
    bench.view.setFocus()
    bench.key(Qt.Key.Key_N)
    type_("Customer")
    key(Qt.Key.Key_Down)
    key(Qt.Key.Key_Down)
    key(Qt.Key.Key_Return)
    for name in ("Shop", "Orders"):
        bench.key(Qt.Key.Key_N)
        type_(name)
        key(Qt.Key.Key_Return)
    assert [(c.type, c.label) for c in nodes(bench)] == [
        (v.EXTERNAL_ENTITY, "Customer"), (v.PROCESS, "Shop"), (v.DATASTORE, "Orders"),
    ]  # fmt: skip
    customer, shop, orders = (c.id for c in nodes(bench))
    assert [ends(line) for line in lines(bench)] == [(customer, shop), (shop, orders)]
