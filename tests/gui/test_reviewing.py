"""Coming back after a week, in a real window: the toast, the panel, ghosts, decisions, the way back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from app.domain.ids import new_id
from app.domain.patch import Patch, RecordOperation, add, remove, update
from app.domain.records import Cell, Threat
from app.ports import Attachment
from app.services.attaching import take_over
from canvas.overlays.ghosts import GhostLayer, NodeGhost, OutlineGhost, RouteGhost
from canvas.overlays.marks import Tag
from storage import open_library
from tests.gui import hands
from tests.gui.conftest import Start
from tests.wiring.table import SEEN_AT, Person, Table
from ui.model.window import ModelWindow
from ui.panels.review.listing import ReviewList
from ui.panels.review.panel import ReviewPanel
from ui.program import Program

SHOP, ORDERS, ARCHIVE, FLOW, THREAT = (new_id() for _ in range(5))
ENTER, DOWN, UP = Qt.Key.Key_Return, Qt.Key.Key_Down, Qt.Key.Key_Up


class Seat(Person):
    """A person whose document stands in a window."""

    def __init__(self, table: Table, program: Program, window: ModelWindow) -> None:
        self.table, self.name, self.connected = table, "tester", True
        table.people[self.name] = self
        self.program, self.window = program, window
        self.library = program.workspace.library  # type: ignore[assignment]
        self.sit_down(window.document)

    @property
    def panel(self) -> ReviewPanel:
        return self.window.around.review

    @property
    def tree(self) -> ReviewList:
        return self.panel.list

    @property
    def ghosts(self) -> GhostLayer:
        assert self.window.page is not None
        QApplication.processEvents()
        return self.window.reviewing.layers[self.window.page.diagram_id]

    def apart(self, mine: Patch, theirs: Patch) -> None:
        """A week: this here, that at Ben's; then back."""
        ben = self.table.people["ben"]
        self.connected = False
        self.do(*mine)
        ben.do(*theirs)
        ben.send()
        self.come_back(after_long=True)
        QApplication.processEvents()

    def rows(self, section: int = 0) -> list[str]:
        item = self.tree.topLevelItem(section)
        assert item is not None
        return [one.text(0) for one in below(item)]


def below(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    """The rows under a heading."""
    return [one for n in range(item.childCount()) if (one := item.child(n)) is not None]


def node(diagram: str, cell_id: str, label: str, x: float, y: float) -> RecordOperation:
    place = {"position": {"x": x, "y": y}, "size": {"width": 140, "height": 80}}
    return add("cell", cell_id, {"diagram_id": diagram, "type": "process", "label": label, **place})


def share(table: Table, path: Path, role: str = "writer") -> None:
    """Put the model into the library of the window."""
    path.parent.mkdir(parents=True, exist_ok=True)
    library = open_library(path)
    events = table.store.events(table.model_id, 0, 10_000)
    attachment = Attachment(server="s", epoch="epoch", role=role, seen_at=SEEN_AT)
    take_over(library, table.model_id, events, attachment)
    library.close()


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    """A shop, and Ben at it."""
    table = Table()
    ben = Person(table, "ben", tmp_path)
    ends = {"source": {"cell": SHOP}, "target": {"cell": ORDERS}}
    ben.do(
        node(table.diagram, SHOP, "Shop", 0, 0), node(table.diagram, ORDERS, "Orders", 300, 0),
        node(table.diagram, ARCHIVE, "Archive", 300, 250),
        add("cell", FLOW, {"diagram_id": table.diagram, "type": "data_flow", "label": "place", **ends}),
        add("threat", THREAT, {"name": "Tampering", "cell_id": SHOP, "description": "They change it."}),
    )  # fmt: skip
    ben.send()
    yield table
    ben.library.close()


@pytest.fixture
def me(table: Table, library_path: Path, start: Start, qtbot: QtBot) -> Seat:
    """Somebody with the shop in a window."""
    share(table, library_path)
    return seated(table, start, qtbot)


def seated(table: Table, start: Start, qtbot: QtBot) -> Seat:
    program = start()
    window = program.open_model(table.model_id)
    assert window is not None
    hands.shown(qtbot, window)
    window.open_diagram(table.diagram)
    QApplication.processEvents()
    return Seat(table, program, window)


BOTH_RENAMED = (update("cell", SHOP, label="Mine"),), (update("cell", SHOP, label="Theirs"),)


def test_it_says_so_in_passing_and_shows_on_demand(me: Seat) -> None:
    window = me.window
    assert window.page is not None
    window.page.view.setFocus()
    assert window.status.to_decide.isHidden()
    me.apart(*BOTH_RENAMED)
    assert window.toast.text == "1 thing to decide."
    assert not me.panel.isVisible()
    assert window.page.view.hasFocus(), "nobody is interrupted"
    assert window.status.to_decide.text() == "1 to decide"
    QTest.mouseClick(window.status.to_decide, hands.LEFT)
    assert me.panel.isVisible()
    assert hands.focus() is me.tree
    assert me.rows() == ["You and ben both renamed process “Shop”"]
    assert window.docks["review"].windowTitle() == "While away (1)"
    compare = me.panel.compare
    assert (compare.theirs.text.toPlainText(), compare.mine.text.toPlainText()) == ("Theirs", "Mine")
    assert compare.theirs.heading.text() == "Theirs (ben)"


def test_by_keyboard_alone(me: Seat) -> None:
    me.apart(
        (update("cell", SHOP, label="Mine"), update("cell", ORDERS, label="My orders"),
         update("threat", THREAT, description="Mine.")),
        (update("cell", SHOP, label="Theirs"), update("cell", ORDERS, label="Their orders"),
         update("threat", THREAT, description="Theirs.")),
    )  # fmt: skip
    assert me.window.page is not None
    QTest.keySequence(me.window.page.view, "F9")
    assert hands.focus() is me.tree
    assert me.window.page.scene.selected == {SHOP}, "the first is shown in the diagram"
    hands.press(me.tree, Qt.Key.Key_M)
    assert me.label(SHOP) == "Mine"
    hands.press(me.tree, ENTER)
    assert me.window.page.scene.selected == {ORDERS}, "the next one is the current one"
    assert hands.focus() is me.tree, "whoever goes through the list stays in it"
    hands.press(me.tree, Qt.Key.Key_T)
    assert me.label(ORDERS) == "Their orders"
    hands.press(me.tree, Qt.Key.Key_B)
    assert me.text(THREAT, "description") == "Theirs.\n\nMine."
    assert me.document.conflicts == ()
    me.document.dismiss_absence()
    assert hands.focus() is me.window.page.view, "with nothing left, the keys are the diagram's again"
    assert me.window.status.to_decide.isHidden()
    me.window.actions_set.trigger("next_conflict")
    assert me.window.toast.text == "Nothing to decide."


def test_the_toast_takes_a_decision_back(me: Seat) -> None:
    me.apart(*BOTH_RENAMED)
    me.window.reviewing.show()
    for key, label in ((Qt.Key.Key_M, "Mine"), (Qt.Key.Key_T, "Theirs")):
        hands.press(me.tree, key)
        assert (me.label(SHOP), me.document.conflicts) == (label, ())
        assert me.window.toast.text.startswith("Kept")
        me.window.toast.act()
        assert me.label(SHOP) == "Theirs"
        assert me.rows() == ["You and ben both renamed process “Shop”"]
    hands.press(me.tree, Qt.Key.Key_M)
    me.do(update("cell", ORDERS, label="Later"))
    me.window.toast.act()
    assert "undo that first" in me.window.toast.text
    me.window.actions_set.trigger("undo")
    me.window.actions_set.trigger("undo")
    assert len(me.document.conflicts) == 1, "by Ctrl+Z it is asked again too"


def test_buttons_decide_and_both_is_offered_only_where_it_can_be(me: Seat) -> None:
    me.apart(
        (update("cell", SHOP, label="Mine"), remove("cell", ARCHIVE)),
        (update("cell", SHOP, label="Theirs"), update("cell", ARCHIVE, description="Why")),
    )
    me.window.reviewing.show()
    compare = me.panel.compare
    click_row(me, next(one for one in below(section(me.tree, 0)) if "renamed" in one.text(0)))
    assert compare.both.isVisible()
    QTest.mouseClick(compare.both, hands.LEFT)
    labels = [cell.label for cell in me.document.state.all(Cell) if not cell.is_line]
    assert sorted(labels) == ["Archive", "Mine", "Orders", "Theirs"]
    assert me.rows() == ["You removed process “Archive”, which ben changed"]
    assert not compare.both.isVisible()
    assert compare.mine.text.toPlainText() == "Removed"
    assert compare.theirs.text.toPlainText() == "Description\nWhy"
    hands.press(me.tree, Qt.Key.Key_B)
    assert "cannot stand beside" in me.window.toast.text
    QTest.mouseClick(compare.mine.button, hands.LEFT)
    assert ARCHIVE not in me.document.state
    assert not compare.isVisible()


def test_mine_is_a_ghost_that_no_hand_can_touch(me: Seat) -> None:
    page = me.window.page
    assert page is not None
    me.apart(
        (update("cell", ORDERS, position={"x": 300, "y": 120}), update("cell", ARCHIVE, label="Mine")),
        (update("cell", ORDERS, position={"x": 300, "y": -120}), update("cell", ARCHIVE, label="Theirs")),
    )
    assert me.ghosts.ghosts == (), "none while the panel is away"
    me.window.reviewing.show()
    assert [type(mark) for mark in me.ghosts.marks] == [OutlineGhost, Tag]
    items = len(page.scene.items())
    QTest.mouseClick(me.panel.all_button, hands.LEFT)
    assert {type(mark) for mark in me.ghosts.marks} == {OutlineGhost, NodeGhost, RouteGhost, Tag}
    assert len(page.scene.items()) == items
    page.view.fit_all()
    hands.click(page.view, 370, 160)
    assert page.scene.selected == frozenset()
    me.window.docks["review"].hide()
    assert any(isinstance(mark, NodeGhost) for mark in me.ghosts.marks), "all of mine stays shown"
    me.window.actions_set.trigger("all_ghosts")
    assert me.ghosts.marks == ()


def test_the_pointer_over_a_row_shows_its_ghost(me: Seat, qtbot: QtBot) -> None:
    me.apart(
        (update("cell", SHOP, label="Mine"), update("cell", ORDERS, label="My orders")),
        (update("cell", SHOP, label="Theirs"), update("cell", ORDERS, label="Their orders")),
    )
    me.window.reviewing.show()
    assert [ghost.cell.id for ghost in me.ghosts.ghosts] == [SHOP]
    second = below(section(me.tree, 0))[1]
    QTest.mouseMove(me.tree.viewport(), me.tree.visualItemRect(second).center())
    qtbot.waitUntil(lambda: {ghost.cell.id for ghost in me.ghosts.ghosts} == {SHOP, ORDERS})
    assert [ghost.cell.id for ghost in me.ghosts.ghosts if ghost.strong] == [ORDERS]


def section(of: ReviewList, number: int) -> QTreeWidgetItem:
    item = of.topLevelItem(number)
    assert item is not None
    return item


def click_row(me: Seat, item: QTreeWidgetItem) -> None:
    me.tree.scrollToItem(item)
    where: QPoint = me.tree.visualItemRect(item).center()
    QTest.mouseClick(me.tree.viewport(), hands.LEFT, Qt.KeyboardModifier.NoModifier, where)


def test_places_are_folded_and_let_go_at_once(me: Seat) -> None:
    ids = [new_id() for _ in range(6)]
    me.do(*(node(me.table.diagram, one, f"Node {n}", n * 200, 500) for n, one in enumerate(ids)))
    me.send()
    me.apart(
        tuple(update("cell", one, position={"x": 1, "y": n}) for n, one in enumerate(ids)),
        tuple(update("cell", one, position={"x": 2, "y": n}) for n, one in enumerate(ids)),
    )
    assert me.window.toast.text == "Others have put things elsewhere too; theirs is kept."
    assert me.window.status.to_decide.isHidden(), "nobody has to decide where things are"
    me.window.reviewing.show()
    heading = section(me.tree, 0)
    assert (heading.text(0), heading.isExpanded()) == ("Places and looks, theirs kept (6)", False)
    me.tree.setCurrentItem(heading)
    assert me.panel.compare.title.text() == "6 things are chosen"
    assert me.panel.compare.mine.button.text() == "Keep mine (6)"
    hands.press(me.tree, Qt.Key.Key_M)
    assert me.window.toast.text == "Kept yours: 6 things."
    assert {me.document.state.cell(one).position.x for one in ids} == {1}  # type: ignore[union-attr]
    me.window.toast.act()
    assert {me.document.state.cell(one).position.x for one in ids} == {2}  # type: ignore[union-attr]
    assert [one.group for one in me.document.conflicts] == ["position"] * 6
    me.window.actions_set.trigger("keep_places")
    assert not me.document.conflicts
    me.window.toast.act()
    assert [one.group for one in me.document.conflicts] == ["position"] * 6


def test_bulk_by_kind(me: Seat) -> None:
    me.apart(
        (update("cell", SHOP, label="M", description="M", position={"x": 1, "y": 1}),
         update("cell", ORDERS, label="M2")),
        (update("cell", SHOP, label="T", description="T", position={"x": 2, "y": 2}),
         update("cell", ORDERS, label="T2")),
    )  # fmt: skip
    me.window.reviewing.show()
    menu = QMenu(me.window)
    me.panel.fill_bulk_menu(menu)
    titles = [act.text() for act in menu.actions() if not act.isSeparator()]
    assert titles == ["Description (1)", "Names (2)", "Places and looks (1)", "Keep theirs everywhere",
                      "Keep mine everywhere"]  # fmt: skip
    names = menu.actions()[1].menu()
    assert isinstance(names, QMenu)
    assert [act.text() for act in names.actions()] == ["Keep theirs", "Keep mine", "Keep both"]
    names.actions()[1].trigger()
    assert (me.label(SHOP), me.label(ORDERS)) == ("M", "M2")
    assert sorted(one.group for one in me.document.conflicts) == ["description", "position"]
    me.window.actions_set.trigger("keep_mine")
    assert (me.document.conflicts, me.text(SHOP, "description")) == ((), "M")
    menu.deleteLater()


def test_several_rows_are_decided_together(me: Seat) -> None:
    cells = (SHOP, ORDERS, FLOW)
    me.apart(
        tuple(update("cell", one, label=f"M{n}") for n, one in enumerate(cells)),
        tuple(update("cell", one, label=f"T{n}") for n, one in enumerate(cells)),
    )
    me.window.reviewing.show()
    hands.press(me.tree, DOWN, hands.SHIFT)
    assert me.panel.compare.title.text() == "2 things are chosen"
    hands.press(me.tree, Qt.Key.Key_M)
    assert [me.label(one) for one in cells] == ["M0", "M1", "T2"]
    assert me.document.undo_titles[0] == "keep mine"
    me.window.toast.act()
    assert [me.label(one) for one in (SHOP, ORDERS)] == ["T0", "T1"]


def test_what_others_did_is_read_clicked_and_dismissed(me: Seat) -> None:
    """Also when there is nothing to decide."""
    ben = me.table.people["ben"]
    me.connected = False
    ben.do(update("cell", SHOP, label="Web shop", position={"x": 10, "y": 10}))
    ben.do(update("cell", ORDERS, position={"x": 310, "y": 0}))
    ben.do(update("cell", ARCHIVE, position={"x": 310, "y": 250}))
    threat = new_id()
    ben.do(add("threat", threat, {"name": "Spoofing", "cell_id": ARCHIVE}))
    ben.do(remove("cell", FLOW))
    ben.send()
    me.come_back(after_long=True)
    window, page = me.window, me.window.page
    assert page is not None
    window.reviewing.set_names({"ben": "Ben"}.__getitem__)
    assert window.toast.text.endswith("ben changed 5 things.")
    window.toast.act()
    assert me.panel.summary.text().endswith("Ben changed 5 things.")
    (ben_row,) = below(section(me.tree, 0))
    assert ben_row.text(0) == (
        "Ben renamed “Shop” to “Web shop”, added threat “Spoofing”, removed data flow “place”, "
        "moved 2 elements"
    )
    lines = {one.text(0): one for one in below(ben_row)}
    assert sorted(lines) == [
        "Added threat “Spoofing”", "Moved “Archive”", "Moved “Orders”", "Removed data flow “place”",
        "Renamed “Shop” to “Web shop”, moved it",
    ]  # fmt: skip
    ben_row.setExpanded(True)
    QApplication.processEvents()
    click_row(me, lines["Moved “Orders”"])
    assert page.scene.selected == {ORDERS}
    click_row(me, lines["Added threat “Spoofing”"])
    assert page.scene.selected == {ARCHIVE}
    assert window.inspector.ids == (threat,)
    assert me.panel.isVisible()
    click_row(me, lines["Removed data flow “place”"])
    QTest.mouseClick(me.panel.dismiss_button, hands.LEFT)
    assert not me.document.absence
    assert not me.panel.isVisible()
    window.reviewing.show()
    assert me.panel.findChild(type(me.panel.summary)) is not None
    assert me.tree.isHidden() or not me.tree.isVisible()


def test_it_is_there_again_at_the_next_start(table: Table, me: Seat, start: Start, qtbot: QtBot) -> None:
    me.apart(*BOTH_RENAMED)
    me.library.flush()
    del table.people["tester"]
    again = seated(table, start, qtbot)
    assert again.panel.isVisible()
    assert again.rows() == ["You and ben both renamed process “Shop”"]
    assert again.window.status.to_decide.isVisible()
    assert not again.window.toast.text
    again.window.reviewing.show()
    hands.press(again.tree, Qt.Key.Key_M)
    again.send()
    assert table.people["ben"].label(SHOP) == "Mine"


def test_a_reader_sees_why_only_theirs_can_be_kept(me: Seat) -> None:
    me.apart(*BOTH_RENAMED)
    me.document.attachment = Attachment(server="s", epoch="epoch", role="reader")
    me.window.reviewing.show()
    compare = me.panel.compare
    assert (compare.theirs.button.isEnabled(), compare.mine.button.isEnabled()) == (True, False)
    assert compare.why_not.text() == "You may read this model, not change it, so only theirs can be kept."
    hands.press(me.tree, Qt.Key.Key_M)
    assert "you may read" in me.window.toast.text.lower()
    assert len(me.document.conflicts) == 1
    QTest.mouseClick(compare.theirs.button, hands.LEFT)
    assert not me.document.conflicts


def test_what_has_no_place_is_shown_where_it_would_be(me: Seat) -> None:
    new = new_id()
    ends = {"source": {"cell": SHOP}, "target": {"cell": ARCHIVE}}
    data = {"diagram_id": me.table.diagram, "type": "data_flow", "label": "copy", **ends}
    me.apart((add("cell", new, data),), (remove("cell", ARCHIVE),))
    me.window.reviewing.show()
    assert me.rows() == ["Your data flow “copy” has no place: ben removed something that it needs"]
    assert me.panel.compare.theirs.text.toPlainText() == "What it needs was removed"
    assert "Target\nArchive" in me.panel.compare.mine.text.toPlainText()
    archive, route, tag = me.ghosts.marks
    assert isinstance(archive, NodeGhost)
    assert isinstance(route, RouteGhost)
    assert isinstance(tag, Tag)
    assert route.points[-1].x() >= 300, "it leads to where the archive was"
    hands.press(me.tree, ENTER)
    hands.press(me.tree, Qt.Key.Key_M)
    assert {new, ARCHIVE} <= set(me.document.state.records)


def test_names_can_be_long_and_texts_hold_anything(me: Seat) -> None:
    name, text = "<b>n</b> & " + "long " * 60, "line <i>one</i>\n\n" + "word & " * 3000
    me.apart(
        (update("cell", SHOP, label=name), update("threat", THREAT, description=text)),
        (update("cell", SHOP, label="Theirs"), update("threat", THREAT, description="T" + text)),
    )
    me.window.reviewing.show()
    assert "<b>n</b> & long" in me.panel.compare.mine.text.toPlainText()
    hands.press(me.tree, DOWN)
    shown = me.panel.compare.mine.text.toPlainText()
    assert shown.startswith("line <i>one</i>\n\nword & word")
    hands.press(me.tree, Qt.Key.Key_M)
    found = me.document.state.find(Threat, THREAT)
    assert found is not None
    assert found.description == text


def test_nothing_to_catch_up_on(me: Seat) -> None:
    QTest.keySequence(me.window, "Ctrl+Shift+Y")
    assert me.panel.isVisible()
    assert not me.tree.isVisible()
    assert not me.panel.bulk_button.isVisible()
    assert not me.panel.dismiss_button.isVisible()
    assert me.window.actions_set.actions["keep_mine"].statusTip() == "There is nothing to decide"
