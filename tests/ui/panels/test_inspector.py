"""The inspector: every property of every kind, edited by mouse and keyboard, in step with the model."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QToolButton
from pytestqt.qtbot import QtBot

from app.domain import edits
from app.domain import vocabulary as v
from app.domain.patch import Origin, add, update
from app.domain.records import Asset, Cell, Threat
from app.services.document import Document
from tests.ui.fakes import MemoryLibrary
from tests.ui.panels.gestures import enter, focused
from tests.ui.panels.sample import (
    BROWSER,
    CARD,
    FLOW,
    FRONT,
    LEAK,
    MODEL,
    ORDERS,
    PLAN,
    SHOP,
    SPOOF,
    WORKER,
    ZONE,
    an_id,
    records,
    shop,
)
from ui.panels import Inspector
from ui.panels.editors.base import Editor
from ui.panels.editors.choices import ChoiceEditor, FlagEditor, SuggestEditor
from ui.panels.editors.mapping import MapEditor
from ui.panels.editors.place import PairEditor
from ui.panels.editors.references import ReferenceEditor, ReferenceSetEditor
from ui.panels.editors.style import StyleEditor, SwatchPopup
from ui.panels.editors.tags import TagsEditor
from ui.panels.editors.text import AreaEditor, LineEditor
from ui.theme import ThemeManager

Show = Callable[..., Inspector]
Key = Qt.Key
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def inspector(document: Document, theme: ThemeManager, shown: Show) -> Inspector:
    return shown(Inspector(document, theme))


def editor(inspector: Inspector, record_id: str, name: str) -> Any:
    form = inspector.form_of(record_id)
    assert form is not None
    return form.editors[name]


def unfold(inspector: Inspector, record_id: str) -> None:
    form = inspector.form_of(record_id)
    assert form is not None
    for header in form.findChildren(QToolButton):
        if header.property("section"):
            header.setChecked(True)


def cell(document: Document, cell_id: str) -> Cell:
    found = document.state.cell(cell_id)
    assert found is not None
    return found


def type_into(qtbot: QtBot, widget: Any, text: str) -> None:
    widget.setFocus()
    widget.selectAll()
    QTest.keyClicks(widget, text)


def test_nothing_selected_shows_the_diagram_and_the_model(inspector: Inspector) -> None:
    inspector.show_diagram(FRONT)
    assert editor(inspector, FRONT, "name").line.text() == "Front"
    assert editor(inspector, MODEL, "name").line.text() == "Web shop"


def test_every_property_of_every_kind_of_cell_has_an_editor(inspector: Inspector) -> None:
    wanted = {
        SHOP: {"label", "type", "description", "technology", "privilege_level", "is_web_application",
               "handles_card_payment", "handles_goods_or_services", "data_assets", "out_of_scope",
               "out_of_scope_reason", "style", "position", "size", "parent", "locked", "tags", "metadata"},
        ORDERS: {"is_log", "stores_credentials", "stores_inventory", "is_encrypted", "is_signed"},
        BROWSER: {"provides_authentication", "label", "technology"},
        FLOW: {"source", "target", "routing", "protocol", "authentication", "is_public_network",
               "is_bidirectional", "is_encrypted", "data_assets", "label"},
        ZONE: {"label", "position", "size", "style", "metadata"},
    }  # fmt: skip
    for cell_id, names in wanted.items():
        inspector.show_records([cell_id])
        form = inspector.form_of(cell_id)
        assert form is not None
        assert names <= set(form.editors), names - set(form.editors)
    assert not {"source", "routing", "is_log"} & set(inspector._form_for([inspector._records()[0]]).editors)


@pytest.mark.parametrize("record", records(), ids=lambda r: r.kind)
def test_any_record_can_be_shown(inspector: Inspector, record: Any) -> None:
    inspector.show_records([record.id])
    form = inspector.form_of(record.id)
    assert form is not None
    assert all(isinstance(e, Editor) for e in form.editors.values())
    labels = {label.text() for label in form.findChildren(QLabel)}
    assert not any("_id" in text for text in labels)


def test_a_line_commits_on_enter_and_is_one_undo_step(
    inspector: Inspector, document: Document, qtbot: QtBot
) -> None:
    inspector.show_records([SHOP])
    line = editor(inspector, SHOP, "technology").line
    type_into(qtbot, line, "Go")
    assert cell(document, SHOP).technology == "Python"
    QTest.keyClick(line, Key.Key_Return)
    assert cell(document, SHOP).technology == "Go"
    assert document.undo_titles == ("technology of process “Shop server”",)
    document.undo()
    assert line.text() == "Python"


def test_a_line_commits_when_it_is_left_and_escape_takes_back(
    inspector: Inspector, document: Document, qtbot: QtBot
) -> None:
    inspector.show_records([SHOP])
    line = editor(inspector, SHOP, "technology").line
    type_into(qtbot, line, "Rust")
    QTest.keyClick(line, Key.Key_Escape)
    assert line.text() == "Python"
    assert not document.drafts
    type_into(qtbot, line, "Java")
    QTest.keyClick(line, Key.Key_Tab)
    assert cell(document, SHOP).technology == "Java"


def test_long_text_commits_after_a_pause_as_one_step(
    inspector: Inspector, document: Document, qtbot: QtBot
) -> None:
    inspector.show_records([SHOP])
    area = editor(inspector, SHOP, "description").area
    type_into(qtbot, area, "One")
    assert document.drafts == {f"{SHOP}.description": "One"}
    qtbot.waitUntil(lambda: cell(document, SHOP).description == "One", timeout=3000)
    assert not document.drafts
    QTest.keyClicks(area, " two")
    QTest.keyClick(area, Key.Key_Tab)
    assert cell(document, SHOP).description == "One two"
    assert list(document.undo_titles) == ["description of process “Shop server”"]
    area.setFocus()
    QTest.keyClicks(area, "!")
    QTest.keyClick(area, Key.Key_Tab)
    assert list(document.undo_titles) == ["description of process “Shop server”"] * 2
    document.undo()
    document.undo()
    assert cell(document, SHOP).description == "Renders the pages and takes orders."


def test_typing_is_not_disturbed_by_a_change_of_the_same_property(
    inspector: Inspector, document: Document, qtbot: QtBot
) -> None:
    inspector.show_records([SHOP])
    line = editor(inspector, SHOP, "technology").line
    type_into(qtbot, line, "Kot")
    document.apply((update("cell", SHOP, technology="Perl", label="Server"),), Origin.REMOTE)
    assert line.text() == "Kot"
    assert line.hasFocus()
    assert editor(inspector, SHOP, "label").area.toPlainText() == "Server"
    QTest.keyClick(line, Key.Key_Escape)
    assert line.text() == "Perl"


def test_an_invalid_name_says_why_and_keeps_what_was_typed(
    inspector: Inspector, document: Document, qtbot: QtBot
) -> None:
    inspector.show_records([SPOOF])
    name = editor(inspector, SPOOF, "name")
    name.line.setFocus()
    name.line.selectAll()
    QTest.keyClick(name.line, Key.Key_Delete)
    QTest.keyClick(name.line, Key.Key_Return)
    assert name.error == "Name may not be empty"
    assert name._error.isVisible()
    assert name.line.property("invalid") is True
    score = editor(inspector, SPOOF, "score")
    type_into(qtbot, score.line, "eleven")
    QTest.keyClick(score.line, Key.Key_Return)
    assert (score.error, score.line.text()) == ("Score must be a number", "eleven")
    type_into(qtbot, score.line, "11")
    QTest.keyClick(score.line, Key.Key_Return)
    assert score.error == "Score must be from 0 to 10"
    type_into(qtbot, score.line, "9,8")
    QTest.keyClick(score.line, Key.Key_Return)
    assert score.error == ""
    threat = document.state.find(Threat, SPOOF)
    assert threat is not None
    assert threat.score == 9.8


def test_refused_text_comes_back_with_the_record(
    inspector: Inspector, document: Document, qtbot: QtBot
) -> None:
    inspector.show_records([SPOOF])
    type_into(qtbot, editor(inspector, SPOOF, "score").line, "12")
    inspector.show_records([LEAK])
    assert editor(inspector, LEAK, "score").line.text() == "7.5"
    inspector.show_records([SPOOF])
    assert editor(inspector, SPOOF, "score").line.text() == "12"
    assert editor(inspector, SPOOF, "score").error


def test_a_draft_of_a_crash_is_offered_and_not_committed_unasked(
    theme: ThemeManager, shown: Show, qtbot: QtBot
) -> None:
    document = shop()
    document.keep_draft(f"{SHOP}.description", "Half a sent")
    inspector = shown(Inspector(document, theme))
    inspector.show_records([SHOP])
    description = editor(inspector, SHOP, "description")
    assert description.area.toPlainText() == "Half a sent"
    assert description.error
    inspector.show_records([ORDERS])
    assert cell(document, SHOP).description.startswith("Renders")
    inspector.show_records([SHOP])
    description.area.setFocus()
    QTest.keyClick(description.area, Key.Key_Escape)
    assert description.area.toPlainText().startswith("Renders")
    assert not document.drafts


def test_several_cells_show_what_they_share_and_change_together(
    inspector: Inspector, document: Document, qtbot: QtBot
) -> None:
    inspector.show_records([SHOP, ORDERS])
    label, technology = editor(inspector, SHOP, "label"), editor(inspector, SHOP, "technology")
    assert label.area.toPlainText() == ""
    assert label.area.placeholderText() == "Mixed"
    assert technology.line.placeholderText() == "Mixed"
    type_into(qtbot, technology.line, "Cloud")
    QTest.keyClick(technology.line, Key.Key_Return)
    assert {cell(document, i).technology for i in (SHOP, ORDERS)} == {"Cloud"}
    assert document.undo_titles == ("technology of 2 elements",)
    document.undo()
    assert (cell(document, SHOP).technology, cell(document, ORDERS).technology) == ("Python", "")


def test_passing_through_a_mixed_field_changes_nothing(
    inspector: Inspector, document: Document, qtbot: QtBot
) -> None:
    inspector.show_records([SHOP, ORDERS])
    line = editor(inspector, SHOP, "technology").line
    type_into(qtbot, line, "x")
    QTest.keyClick(line, Key.Key_Backspace)
    QTest.keyClick(line, Key.Key_Tab)
    assert document.undo_titles == ()


def test_a_mixed_tick_becomes_all_by_one_click(
    inspector: Inspector, document: Document, qtbot: QtBot
) -> None:
    document.apply((update("cell", SHOP, out_of_scope=True),))
    inspector.show_records([SHOP, ORDERS])
    tick = editor(inspector, SHOP, "out_of_scope").tick
    assert tick.checkState() is Qt.CheckState.PartiallyChecked
    QTest.keyClick(tick, Key.Key_Space)
    assert cell(document, SHOP).out_of_scope
    assert cell(document, ORDERS).out_of_scope


def test_choosing_a_type_gives_another_form(inspector: Inspector, document: Document, qtbot: QtBot) -> None:
    inspector.show_records([SHOP])
    combo = editor(inspector, SHOP, "type").combo
    combo.setFocus()
    QTest.keyClick(combo, Key.Key_Down)
    assert cell(document, SHOP).type == v.DATASTORE
    assert "is_log" in inspector._shown[0].editors


def test_tags_are_added_and_removed(inspector: Inspector, document: Document, qtbot: QtBot) -> None:
    inspector.show_records([SHOP])
    tags = editor(inspector, SHOP, "tags")
    assert isinstance(tags, TagsEditor)
    QTest.keyClicks(tags.line, "edge,")
    QTest.keyClicks(tags.line, "web")
    QTest.keyClick(tags.line, Key.Key_Return)
    assert cell(document, SHOP).tags == {"public", "edge", "web"}
    assert [chip.text() for chip in tags.chips] == ["edge", "public", "web"]
    QTest.mouseClick(tags.chips[1], LEFT)
    assert cell(document, SHOP).tags == {"edge", "web"}


def test_tags_of_several_cells_grow_and_shrink_together(
    inspector: Inspector, document: Document, qtbot: QtBot
) -> None:
    inspector.show_records([SHOP, ORDERS])
    tags = editor(inspector, SHOP, "tags")
    assert tags.chips[0].font().italic()
    QTest.keyClicks(tags.line, "both")
    QTest.keyClick(tags.line, Key.Key_Return)
    assert cell(document, SHOP).tags == {"public", "both"}
    assert cell(document, ORDERS).tags == {"both"}


def test_assets_are_ticked(inspector: Inspector, document: Document, qtbot: QtBot) -> None:
    inspector.show_records([FLOW])
    assets = editor(inspector, FLOW, "data_assets")
    assert isinstance(assets, ReferenceSetEditor)
    assets.list.setFocus()
    assets.list.setCurrentRow(0)
    QTest.keyClick(assets.list, Key.Key_Space)
    assert cell(document, FLOW).data_assets == {CARD}
    document.apply((update("asset", CARD, name="Cards"),))
    assert assets.list.item(0).text() == "Cards"
    document.apply(edits.remove_records(document.state.all(Asset)))
    assert assets.list.count() == 0
    assert "Add them in the register Assets" in assets._empty.text()


def test_the_end_of_a_flow_is_chosen_by_name(inspector: Inspector, document: Document, qtbot: QtBot) -> None:
    inspector.show_records([FLOW])
    target = editor(inspector, FLOW, "target")
    assert isinstance(target, ReferenceEditor)
    assert target.combo.currentText() == "Shop server"
    target.combo.setFocus()
    QTest.keyClicks(target.combo, "Ord")
    end = cell(document, FLOW).target
    assert end is not None
    assert end.cell == ORDERS
    document.apply((update("cell", ORDERS, label="Order book"),))
    assert target.combo.currentText() == "Order book"


def test_metadata_is_added_changed_and_removed(
    inspector: Inspector, document: Document, qtbot: QtBot
) -> None:
    inspector.show_records([SHOP])
    unfold(inspector, SHOP)
    table = editor(inspector, SHOP, "metadata")
    assert isinstance(table, MapEditor)
    QTest.mouseClick(table.add_button, LEFT)
    QTest.keyClicks(focused(), "tier")
    enter(focused())
    qtbot.waitUntil(lambda: isinstance(focused(), QLineEdit))
    QTest.keyClicks(focused(), "one")
    enter(focused())
    assert cell(document, SHOP).metadata == {"owner": "web-team", "tier": "one"}
    table.table.setCurrentCell(0, 1)
    table.table.setFocus()
    QTest.keyClick(table.table, Key.Key_Delete)
    assert cell(document, SHOP).metadata == {"tier": "one"}
    document.undo()
    assert table.table.rowCount() == 2


def test_an_invalid_key_is_refused_in_place(inspector: Inspector, document: Document, qtbot: QtBot) -> None:
    inspector.show_records([SHOP])
    unfold(inspector, SHOP)
    table = editor(inspector, SHOP, "metadata")
    QTest.mouseClick(table.add_button, LEFT)
    QTest.keyClicks(focused(), "two words")
    enter(focused())
    assert table.error == "Keys are 1 to 128 letters, digits, - or _"
    assert table.table.item(1, 0).text() == "two words"
    assert cell(document, SHOP).metadata == {"owner": "web-team"}


def test_moving_by_number_takes_the_contents_along(
    inspector: Inspector, document: Document, qtbot: QtBot
) -> None:
    inspector.show_records([ZONE])
    unfold(inspector, ZONE)
    place = editor(inspector, ZONE, "position")
    assert isinstance(place, PairEditor)
    type_into(qtbot, place.lines["x"], "310")
    QTest.keyClick(place.lines["x"], Key.Key_Return)
    assert cell(document, ZONE).position.x == 310
    assert cell(document, SHOP).position.x == 350
    QTest.keyClick(place.lines["y"], Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert cell(document, ZONE).position.y == 50
    assert len(document.undo_titles) == 2


@pytest.mark.qt_log_ignore("^This plugin does not support grabbing the keyboard")
def test_a_colour_is_chosen_and_reset(inspector: Inspector, document: Document, qtbot: QtBot) -> None:
    inspector.show_records([SHOP])
    unfold(inspector, SHOP)
    style = editor(inspector, SHOP, "style")
    assert isinstance(style, StyleEditor)
    QTest.mouseClick(style.colours["fill"], LEFT)
    popup = style.findChild(SwatchPopup)
    assert popup is not None
    QTest.keyClicks(popup.line, "12AB34")
    QTest.keyClick(popup.line, Key.Key_Return)
    assert cell(document, SHOP).style == {"fill": "#12ab34"}
    assert style.colours["fill"].text().strip() == "#12ab34"
    QTest.mouseClick(style._resets["fill"], LEFT)
    assert cell(document, SHOP).style == {}


def test_words_are_offered_and_own_words_are_taken(
    inspector: Inspector, document: Document, qtbot: QtBot
) -> None:
    inspector.show_records([SPOOF])
    kind = editor(inspector, SPOOF, "threat_type")
    assert isinstance(kind, SuggestEditor)
    offered = [kind.combo.itemText(i) for i in range(kind.combo.count())]
    assert offered[:6] == list(v.threat_types("STRIDE", v.PROCESS))
    type_into(qtbot, kind.line, "Own kind")
    QTest.keyClick(kind.line, Key.Key_Return)
    threat = document.state.find(Threat, SPOOF)
    assert threat is not None
    assert threat.threat_type == "Own kind"


def test_threats_of_an_element_are_listed_added_and_opened(
    inspector: Inspector, document: Document, qtbot: QtBot
) -> None:
    opened: list[str] = []
    inspector.open_threat.connect(opened.append)
    inspector.show_records([ORDERS])
    threats = inspector.threats
    assert [threats.list.item(i).text() for i in range(threats.list.count())] == [
        "#2 Orders leak (Critical, Mitigated)"
    ]
    threats._fill_menu()
    texts = [a.text() for a in threats.menu.actions() if not a.isSeparator()]
    applying = list(v.threat_types("STRIDE", v.DATASTORE))
    assert texts[: len(applying)] == applying
    threats.menu.actions()[1].trigger()
    added = document.state.find(Threat, opened[0])
    assert added is not None
    assert (added.cell_id, added.diagram_id, added.threat_type, added.number) == (
        ORDERS, FRONT, "Tampering", 4)  # fmt: skip
    assert threats.list.count() == 2
    inspector.show_records([WORKER])
    assert "No threats yet" in threats._empty.text()


def test_a_new_threat_is_ready_to_be_named(inspector: Inspector, document: Document, qtbot: QtBot) -> None:
    inspector.show_records([SHOP])
    before = {r.id for r in document.state.of_kind("threat")}
    inspector.threats.add(v.threat_types("STRIDE", v.PROCESS)[0])
    (new,) = {r.id for r in document.state.of_kind("threat")} - before
    line = editor(inspector, new, "name").line
    assert inspector.ids == (new,)
    assert line.hasFocus()
    assert line.selectedText() == line.text()
    QTest.keyClicks(line, "Prices are changed")
    QTest.keyClick(line, Key.Key_Return)
    threat = document.state.find(Threat, new)
    assert threat is not None
    assert threat.name == "Prices are changed"


def test_another_kind_of_thing_starts_at_its_top(
    document: Document, theme: ThemeManager, shown: Show
) -> None:
    inspector = shown(Inspector(document, theme), 300, 300)
    inspector.show_records([SHOP])
    QApplication.processEvents()
    bar = inspector._scroll.verticalScrollBar()
    bar.setValue(bar.maximum())
    assert bar.value() > 0
    inspector.show_records([SPOOF])
    assert bar.value() == 0


def test_a_mixed_selection_does_not_ask_for_more_room(inspector: Inspector) -> None:
    inspector.show_records([SHOP])
    before = inspector.minimumSizeHint().width()
    inspector.show_records([SHOP, BROWSER, FLOW, ZONE])
    assert inspector.minimumSizeHint().width() <= before


def test_a_removed_record_leaves_the_selection(inspector: Inspector, document: Document) -> None:
    inspector.show_diagram(FRONT)
    inspector.show_records([SHOP, ORDERS])
    document.apply(edits.remove_records([cell(document, SHOP)]))
    assert list(inspector.ids) == [ORDERS]
    document.apply(edits.remove_records([cell(document, ORDERS)]))
    assert list(inspector.ids) == []
    assert inspector.form_of(FRONT) is not None


def test_selecting_another_of_its_kind_keeps_form_and_focus(
    inspector: Inspector, document: Document, qtbot: QtBot
) -> None:
    inspector.show_records([SHOP])
    line = editor(inspector, SHOP, "technology").line
    type_into(qtbot, line, "Zig")
    inspector.show_records([WORKER])
    assert cell(document, SHOP).technology == "Zig"
    assert cell(document, WORKER).technology == ""
    assert editor(inspector, WORKER, "technology").line is line
    assert line.hasFocus()


def test_read_only_documents_can_only_be_looked_at(theme: ThemeManager, shown: Show, qtbot: QtBot) -> None:
    library = MemoryLibrary()
    document = shop(library)
    library.read_only = "The library is read-only"
    inspector = shown(Inspector(document, theme))
    inspector.show_records([SHOP])
    assert inspector._banner.text() == "The library is read-only"
    form = inspector.form_of(SHOP)
    assert form is not None
    for name, one in form.editors.items():
        if isinstance(one, LineEditor):
            assert one.line.isReadOnly(), name
        elif isinstance(one, AreaEditor):
            assert one.area.isReadOnly(), name
        elif isinstance(one, ChoiceEditor | FlagEditor):
            assert not one.isEnabled(), name
    line = form.editors["technology"].focusProxy()
    assert line is not None
    QTest.keyClicks(line, "x")
    assert cell(document, SHOP).technology == "Python"


def test_a_closed_inspector_has_written_and_hears_no_more(
    document: Document, theme: ThemeManager, shown: Show, qtbot: QtBot
) -> None:
    inspector = shown(Inspector(document, theme))
    inspector.show_records([SHOP])
    line = editor(inspector, SHOP, "technology").line
    type_into(qtbot, line, "Ada")
    inspector.close()
    assert cell(document, SHOP).technology == "Ada"
    document.apply((update("cell", SHOP, technology="C"),))
    assert line.text() == "Ada"


def test_a_deleted_inspector_is_forgotten(document: Document, theme: ThemeManager, qtbot: QtBot) -> None:
    inspector = Inspector(document, theme)
    inspector.deleteLater()
    QApplication.sendPostedEvents(None, 52)
    document.apply((update("cell", SHOP, technology="C"),))
    assert document._listeners == []


def test_mitigations_tick_their_threats(inspector: Inspector, document: Document) -> None:
    inspector.show_records([PLAN])
    threats = editor(inspector, PLAN, "threats")
    states = {
        threats.list.item(i).text(): threats.list.item(i).checkState() for i in range(threats.list.count())
    }
    assert states == {
        "Old libraries": Qt.CheckState.Unchecked,
        "Orders leak": Qt.CheckState.Unchecked,
        "Stolen session": Qt.CheckState.Checked,
    }


def test_a_record_of_a_later_version_shows_what_is_known_of_it(
    inspector: Inspector, document: Document
) -> None:
    later = an_id(99)
    document.apply((add("suppression", later, {"reason": "later", "metadata": {"a": "b"}}),))
    inspector.show_records([later])
    form = inspector.form_of(later)
    assert form is not None
    assert list(form.editors) == ["metadata"]


def test_a_growing_text_gets_its_room(inspector: Inspector, document: Document, qtbot: QtBot) -> None:
    inspector.show_records([SHOP])
    label = editor(inspector, SHOP, "label")
    for _ in range(3):
        label.area.insertPlainText("\nanother line")
        qtbot.waitUntil(lambda: label.height() >= label.area.height())
    label.flush()
    assert cell(document, SHOP).label.count("another line") == 3


def test_undo_reaches_the_window_once_the_field_has_nothing_to_undo(
    inspector: Inspector, qtbot: QtBot
) -> None:
    inspector.show_records([SHOP])
    line = editor(inspector, SHOP, "technology").line
    line.setFocus()
    undo = QKeyEvent(QEvent.Type.ShortcutOverride, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    undo.ignore()
    QApplication.sendEvent(line, undo)
    assert not undo.isAccepted()
    QTest.keyClicks(line, "x")
    QApplication.sendEvent(line, undo)
    assert undo.isAccepted()
    QTest.keyClick(line, Key.Key_Escape)


def test_undo_after_enter_is_the_models(inspector: Inspector, qtbot: QtBot) -> None:
    inspector.show_records([SPOOF])
    line = editor(inspector, SPOOF, "name").line
    line.setFocus()
    line.end(False)
    QTest.keyClicks(line, "x")
    QTest.keyClick(line, Key.Key_Return)
    assert line.text().endswith("x")
    assert not line.isUndoAvailable()
