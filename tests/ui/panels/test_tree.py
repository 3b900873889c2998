"""The model tree: opening, making, naming, ordering, copying and deleting diagrams."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from app.domain import edits
from app.domain.edits import create_node
from app.domain.patch import Origin, update
from app.domain.records import Diagram
from app.domain.values import Point
from app.services.document import Document
from tests.ui.fakes import MemoryLibrary
from tests.ui.panels.gestures import enter
from tests.ui.panels.sample import BACK, FLOW, FRONT, SHOP, SPOOF, shop
from ui.panels import ModelTree
from ui.panels.tree_items import children_of
from ui.theme import ThemeManager

Show = Callable[..., ModelTree]
Key = Qt.Key
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def tree(document: Document, theme: ThemeManager, shown: Show) -> ModelTree:
    return shown(ModelTree(document, theme), 260, 600)


def names(tree: ModelTree) -> list[str]:
    return [item.text(0) for item in children_of(tree.items.diagrams_head)]


def choose(tree: ModelTree, diagram_id: str) -> None:
    tree.tree.setCurrentItem(tree.items.diagrams[diagram_id])
    tree.tree.setFocus()


def name_field(qtbot: QtBot) -> QLineEdit:
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), QLineEdit))
    field = QApplication.focusWidget()
    assert isinstance(field, QLineEdit)
    return field


def test_it_lists_diagrams_in_order_and_registers_with_counts(tree: ModelTree) -> None:
    assert names(tree) == ["Front", "Back office"]
    registers = [item.text(0) for item in children_of(tree.items.registers_head)]
    assert registers == [
        "Threats (3)", "Assets (1)", "Documents", "Notes (1)", "Repositories", "Assumptions (1)",
        "Mitigations (1)",
    ]  # fmt: skip
    assert tree.items.cells == {}


def test_clicks_and_enter_open(tree: ModelTree, qtbot: QtBot) -> None:
    heard: list[object] = []
    tree.diagram_activated.connect(heard.append)
    tree.register_activated.connect(heard.append)
    tree.cell_activated.connect(lambda *ids: heard.append(ids))
    view = tree.tree
    for item in (tree.items.diagrams[BACK], tree.items.registers["threat"]):
        at = view.visualItemRect(item).center()
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    tree.items.diagrams[FRONT].setExpanded(True)
    view.setCurrentItem(tree.items.cells[SHOP])
    QTest.keyClick(view, Key.Key_Return)
    assert heard == [BACK, "threat", (FRONT, SHOP)]


def test_unfolding_lists_elements_by_kind_and_keeps_them_in_step(tree: ModelTree, document: Document) -> None:
    front = tree.items.diagrams[FRONT]
    front.setExpanded(True)
    assert [g.text(0) for g in children_of(front)] == [
        "Processes (1)", "Stores (1)", "External entities (1)", "Trust boundaries (1)", "Data flows (1)",
    ]  # fmt: skip
    assert tree.items.cells[FLOW].text(0) == "Browser → Shop server"
    document.apply((update("cell", SHOP, label="Server"),))
    assert tree.items.cells[SHOP].text(0) == "Server"
    assert tree.items.cells[FLOW].text(0) == "Browser → Server"
    new_id, patch = create_node(document.state, FRONT, "process", Point(0.0, 300.0), label="Alpha")
    document.apply(patch)
    assert [c.text(0) for c in children_of(children_of(front)[0])] == ["Alpha", "Server"]
    document.apply((update("cell", new_id, type="datastore"),))
    assert [g.text(0) for g in children_of(front)][:2] == ["Processes (1)", "Stores (2)"]
    document.apply(edits.remove_records(document.state.cells(FRONT)))
    assert [c.text(0) for c in children_of(front)] == ["No elements yet"]
    document.undo()
    assert tree.items.cells[SHOP].text(0) == "Server"


def test_f2_renames_in_place(tree: ModelTree, document: Document, qtbot: QtBot) -> None:
    choose(tree, FRONT)
    QTest.keyClick(tree.tree, Key.Key_F2)
    field = name_field(qtbot)
    QTest.keyClicks(field, "Public side")
    enter(field)
    assert names(tree) == ["Public side", "Back office"]
    diagram = document.state.find(Diagram, FRONT)
    assert diagram is not None
    assert diagram.name == "Public side"
    document.undo()
    assert names(tree) == ["Front", "Back office"]


def test_a_name_may_not_be_empty(tree: ModelTree, document: Document, qtbot: QtBot) -> None:
    choose(tree, FRONT)
    QTest.keyClick(tree.tree, Key.Key_F2)
    field = name_field(qtbot)
    field.clear()
    enter(field)
    assert names(tree)[0] == "Front"
    assert tree._note.text() == "Name may not be empty"
    assert document.undo_titles == ()


def test_a_name_being_typed_survives_a_change_from_elsewhere(
    tree: ModelTree, document: Document, qtbot: QtBot
) -> None:
    choose(tree, FRONT)
    QTest.keyClick(tree.tree, Key.Key_F2)
    field = name_field(qtbot)
    QTest.keyClicks(field, "Mine")
    document.apply((update("diagram", FRONT, name="Theirs"),), Origin.REMOTE)
    assert field.text() == "Mine"
    enter(field)
    assert names(tree)[0] == "Mine"


def test_a_new_diagram_opens_and_waits_for_its_name(
    tree: ModelTree, document: Document, qtbot: QtBot
) -> None:
    opened: list[str] = []
    tree.diagram_activated.connect(opened.append)
    QTest.mouseClick(tree.new_button, Qt.MouseButton.LeftButton)
    field = name_field(qtbot)
    assert field.text() == "Diagram 3"
    QTest.keyClicks(field, "Deployment")
    enter(field)
    assert names(tree) == ["Front", "Back office", "Deployment"]
    assert [d.id for d in document.state.diagrams()][-1:] == opened


def test_delete_asks_nothing_and_can_be_undone(tree: ModelTree, document: Document, qtbot: QtBot) -> None:
    said: list[str] = []
    tree.deleted.connect(said.append)
    before = document.state.copy()
    choose(tree, FRONT)
    QTest.keyClick(tree.tree, Key.Key_Delete)
    assert names(tree) == ["Back office"]
    assert said == ["Diagram “Front” deleted"]
    assert document.undo_title == "deletion of diagram “Front”"
    document.undo()
    assert names(tree) == ["Front", "Back office"]
    assert document.state == before


def test_alt_and_arrows_reorder(tree: ModelTree, document: Document, qtbot: QtBot) -> None:
    choose(tree, FRONT)
    QTest.keyClick(tree.tree, Key.Key_Down, ALT)
    assert names(tree) == ["Back office", "Front"]
    assert tree.tree.currentItem() is tree.items.diagrams[FRONT]
    QTest.keyClick(tree.tree, Key.Key_Down, ALT)
    assert len(document.undo_titles) == 1
    QTest.keyClick(tree.tree, Key.Key_Up, ALT)
    assert names(tree) == ["Front", "Back office"]


def test_a_drop_reorders(tree: ModelTree, document: Document) -> None:
    choose(tree, FRONT)
    rect = tree.tree.visualItemRect(tree.items.diagrams[BACK])
    at = QPointF(rect.center().x(), rect.bottom() - 2)
    left = Qt.MouseButton.LeftButton
    drop = QDropEvent(at, Qt.DropAction.MoveAction, QMimeData(), left, Qt.KeyboardModifier.NoModifier)
    tree.tree.dropEvent(drop)
    assert names(tree) == ["Back office", "Front"]
    assert [d.id for d in document.state.diagrams()] == [BACK, FRONT]


def test_a_copy_has_all_that_the_diagram_has(tree: ModelTree, document: Document) -> None:
    menu = tree.menu_for(tree.items.diagrams[FRONT])
    texts = [a.text().partition("\t")[0] for a in menu.actions()]
    assert texts == ["Open", "Rename", "Duplicate", "Move up", "Move down", "Delete", "New diagram"]
    menu.actions()[2].trigger()
    menu.deleteLater()
    assert names(tree) == ["Front", "Front (copy)", "Back office"]
    front, copy, _ = document.state.diagrams()
    assert len(document.state.cells(copy.id)) == len(document.state.cells(front.id))
    threats = {r.id for r in document.state.of_kind("threat")}
    assert len(threats) == 5
    assert SPOOF in threats
    assert len(document.undo_titles) == 1


def test_the_filter_finds_elements_and_gives_the_tree_back(tree: ModelTree, qtbot: QtBot) -> None:
    QTest.keyClicks(tree.filter, "work")
    assert tree.items.diagrams[FRONT].isHidden()
    assert tree.items.diagrams[BACK].isExpanded()
    assert tree.items.registers["threat"].isHidden()
    tree.filter.clear()
    assert not tree.items.diagrams[FRONT].isHidden()
    assert not tree.items.diagrams[BACK].isExpanded()
    assert not tree.items.registers["threat"].isHidden()


def test_counts_follow(tree: ModelTree, document: Document) -> None:
    document.apply(edits.remove_records(document.state.of_kind("threat")))
    assert tree.items.registers["threat"].text(0) == "Threats"


def test_read_only_trees_offer_nothing_that_writes(theme: ThemeManager, shown: Show, qtbot: QtBot) -> None:
    library = MemoryLibrary()
    document = shop(library)
    library.read_only = "The library is read-only"
    tree = shown(ModelTree(document, theme))
    assert not tree.new_button.isEnabled()
    menu = tree.menu_for(tree.items.diagrams[FRONT])
    assert [a.text() for a in menu.actions()] == ["Open"]
    menu.deleteLater()
    choose(tree, FRONT)
    QTest.keyClick(tree.tree, Key.Key_Delete)
    assert names(tree) == ["Front", "Back office"]
    assert tree._note.text() == "The library is read-only"
