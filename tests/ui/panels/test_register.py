"""Registers: sort, find, edit in place, add, delete, columns remembered, thousands of rows."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.domain import edits
from app.domain.patch import Origin, add, update
from app.domain.records import Threat
from app.services.document import Document
from tests.ui.fakes import MemoryLibrary
from tests.ui.panels.gestures import enter
from tests.ui.panels.sample import LEAK, OLD, ORDERS, SHOP, SPOOF, an_id, shop
from ui.panels import RegisterTable
from ui.panels.names import REGISTERS
from ui.theme import ThemeManager

Show = Callable[..., RegisterTable]
Key = Qt.Key


@pytest.fixture
def table(document: Document, theme: ThemeManager, shown: Show) -> RegisterTable:
    return shown(RegisterTable(document, theme, "threat"), 1100, 300)


def column(table: RegisterTable, name: str) -> int:
    return next(i for i, c in enumerate(table.model.columns) if c.name == name)


def texts(table: RegisterTable, name: str) -> list[str]:
    place = column(table, name)
    return [str(table.proxy.index(row, place).data() or "") for row in range(table.proxy.rowCount())]


def start_editing(table: RegisterTable, qtbot: QtBot, record_id: str, name: str) -> QWidget:
    index = table._index_of(record_id, name)
    table.view.setFocus()
    table.view.setCurrentIndex(index)
    QTest.keyClick(table.view, Key.Key_F2)
    editor = table.view.indexWidget(index)
    assert isinstance(editor, QWidget)
    return editor


def threat(document: Document, record_id: str) -> Threat:
    found = document.state.find(Threat, record_id)
    assert found is not None
    return found


def test_it_shows_the_threats_with_the_names_of_what_they_are_on(table: RegisterTable) -> None:
    shown = [c.name for i, c in enumerate(table.model.columns) if not table.view.isColumnHidden(i)]
    assert shown == [
        "number", "name", "threat_type", "severity", "status", "cell_id", "diagram_id", "priority", "score",
        "mitigated",
    ]  # fmt: skip
    assert texts(table, "cell_id") == ["Shop server", "Orders", ""]
    assert table.count.text() == "3"


def test_severity_sorts_by_rank_and_nothing_comes_last(table: RegisterTable) -> None:
    table.view.sortByColumn(column(table, "severity"), Qt.SortOrder.AscendingOrder)
    assert texts(table, "severity") == ["Critical", "High", ""]
    table.view.sortByColumn(column(table, "name"), Qt.SortOrder.DescendingOrder)
    assert texts(table, "name") == ["Stolen session", "Orders leak", "Old libraries"]


def test_the_filter_looks_at_every_column(table: RegisterTable, qtbot: QtBot) -> None:
    QTest.keyClicks(table.filter, "shop spoof")
    assert texts(table, "name") == ["Stolen session"]
    assert table.count.text() == "1 of 3"
    table.filter.setText("nothing at all")
    assert table._empty.isVisible()
    assert "Nothing matches" in table._empty.text()


def test_a_word_is_chosen_in_place(table: RegisterTable, document: Document, qtbot: QtBot) -> None:
    combo = start_editing(table, qtbot, SPOOF, "severity")
    assert isinstance(combo, QComboBox)
    assert combo.currentText() == "High"
    line = combo.lineEdit()
    assert line is not None
    line.selectAll()
    QTest.keyClicks(line, "low")
    enter(line)
    assert threat(document, SPOOF).severity == "Low"
    assert document.undo_titles == ("severity of threat “Stolen session”",)


def test_an_element_is_chosen_by_name(table: RegisterTable, document: Document, qtbot: QtBot) -> None:
    combo = start_editing(table, qtbot, OLD, "cell_id")
    assert isinstance(combo, QComboBox)
    combo.setCurrentIndex(combo.findData(ORDERS))
    combo.activated.emit(combo.currentIndex())
    assert threat(document, OLD).cell_id == ORDERS
    assert texts(table, "diagram_id")[2] == "Front"


def test_a_refused_input_stays_open_with_the_reason(
    table: RegisterTable, document: Document, qtbot: QtBot
) -> None:
    line = start_editing(table, qtbot, SPOOF, "score")
    QTest.keyClicks(line, "12")
    enter(line)
    assert table._note.text() == "Score must be from 0 to 10"
    index = table._index_of(SPOOF, "score")
    qtbot.waitUntil(lambda: isinstance(table.view.indexWidget(index), QLineEdit))
    again: Any = table.view.indexWidget(index)
    assert again.text() == "12"
    assert again.property("invalid") is True
    again.setText("9.5")
    enter(again)
    assert threat(document, SPOOF).score == 9.5
    assert not table._note.isVisible()


def test_a_tick_is_one_click(table: RegisterTable, document: Document, qtbot: QtBot) -> None:
    index = table._index_of(SPOOF, "mitigated")
    table.view.setCurrentIndex(index)
    table.view.setFocus()
    QTest.keyClick(table.view, Key.Key_Space)
    assert threat(document, SPOOF).mitigated


def test_typing_survives_changes_of_the_row(table: RegisterTable, document: Document, qtbot: QtBot) -> None:
    line = start_editing(table, qtbot, SPOOF, "name")
    assert isinstance(line, QLineEdit)
    QTest.keyClicks(line, "Mine")
    document.apply((update("threat", SPOOF, name="Theirs", severity="Low"),), Origin.REMOTE)
    assert line.text() == "Mine"
    enter(line)
    assert threat(document, SPOOF).name == "Mine"


def test_add_starts_with_the_name(table: RegisterTable, document: Document, qtbot: QtBot) -> None:
    table.filter.setText("orders")
    QTest.mouseClick(table.add_button, Qt.MouseButton.LeftButton)
    field = QApplication.focusWidget()
    assert isinstance(field, QLineEdit)
    assert field.text() == "New threat"
    QTest.keyClicks(field, "Replay")
    enter(field)
    assert [t.name for t in document.state.all(Threat) if t.number == 4] == ["Replay"]


@pytest.mark.parametrize("kind", list(REGISTERS))
def test_every_register_takes_a_new_record(
    kind: str, document: Document, theme: ThemeManager, shown: Show
) -> None:
    table = shown(RegisterTable(document, theme, kind), 800, 300)
    before = table.model.rowCount()
    table.add()
    assert table.model.rowCount() == before + 1
    document.undo()
    assert table.model.rowCount() == before


def test_delete_takes_all_chosen_rows_and_undo_brings_them_back(
    table: RegisterTable, document: Document, qtbot: QtBot
) -> None:
    said: list[str] = []
    table.deleted.connect(said.append)
    table.select_records([SPOOF, LEAK])
    table.view.setFocus()
    QTest.keyClick(table.view, Key.Key_Delete)
    assert texts(table, "name") == ["Old libraries"]
    assert said == ["2 threats deleted"]
    document.undo()
    assert sorted(texts(table, "number")) == ["1", "2", "3"]


def test_selection_and_reveal_say_what_is_chosen(table: RegisterTable, qtbot: QtBot) -> None:
    chosen: list[list[str]] = []
    shown: list[str] = []
    table.records_selected.connect(chosen.append)
    table.reveal.connect(shown.append)
    at = table.view.visualRect(table._index_of(LEAK)).center()
    QTest.mouseClick(table.view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert chosen[-1] == [LEAK]
    QTest.mouseClick(table.reveal_button, Qt.MouseButton.LeftButton)
    assert shown == [ORDERS]
    table.select_records([OLD])
    assert not table.reveal_button.isEnabled()


def test_renaming_an_element_renames_it_in_the_table(table: RegisterTable, document: Document) -> None:
    document.apply((update("cell", SHOP, label="Server"),))
    assert texts(table, "cell_id")[0] == "Server"
    table.filter.setText("server")
    assert texts(table, "name") == ["Stolen session"]


def test_an_empty_register_says_what_to_do(table: RegisterTable, document: Document) -> None:
    document.apply(edits.remove_records(document.state.all(Threat)))
    assert table._empty.isVisible()
    assert table._empty.text().startswith("No threats yet.")


def test_columns_order_and_sorting_are_remembered(
    document: Document, theme: ThemeManager, shown: Show
) -> None:
    memory = MemoryLibrary()
    table = shown(RegisterTable(document, theme, "threat", memory), 900, 300)
    menu = table.columns_menu()
    likelihood = next(a for a in menu.actions() if a.text() == "Likelihood")
    likelihood.trigger()
    menu.deleteLater()
    table.view.setColumnWidth(column(table, "name"), 333)
    table.view.horizontalHeader().moveSection(0, 3)
    table.view.sortByColumn(column(table, "severity"), Qt.SortOrder.DescendingOrder)
    table.close()
    again = shown(RegisterTable(document, theme, "threat", memory), 900, 300)
    assert not again.view.isColumnHidden(column(again, "likelihood"))
    assert again.view.columnWidth(column(again, "name")) == 333
    assert again.view.horizontalHeader().visualIndex(column(again, "number")) == 3
    assert texts(again, "severity") == ["", "High", "Critical"]


@pytest.mark.parametrize(
    "kept", ["", "{", "[]", '{"columns": ["x"], "widths": {"name": "wide"}, "sort": "y"}']
)
def test_whatever_was_remembered_it_opens(
    kept: str, document: Document, theme: ThemeManager, shown: Show
) -> None:
    memory = MemoryLibrary()
    memory.set_setting("register.threat", kept)
    table = shown(RegisterTable(document, theme, "threat", memory))
    assert table.proxy.rowCount() == 3
    json.dumps(table.count.text())


def test_thousands_of_rows_change_one_by_one(theme: ThemeManager, shown: Show, qtbot: QtBot) -> None:
    document = shop()
    document.apply(
        tuple(add("threat", an_id(1000 + n), {"name": f"Threat {n}", "number": n}) for n in range(3000))
    )
    table = shown(RegisterTable(document, theme, "threat"), 1000, 500)
    resets: list[str] = []
    changed: list[tuple[int, int]] = []
    table.model.modelReset.connect(lambda: resets.append("reset"))
    table.proxy.layoutChanged.connect(lambda: resets.append("layout"))
    table.model.dataChanged.connect(lambda a, b, _: changed.append((a.row(), b.row())))
    document.apply((update("threat", an_id(2000), severity="High"),))
    row = table.model.row_of(an_id(2000))
    assert changed == [(row, row)]
    table.filter.setText("threat 1000")
    assert texts(table, "severity") == ["High"]
    document.apply(edits.remove_records([threat(document, an_id(2000))]))
    assert table.proxy.rowCount() == 0
    table.filter.clear()
    assert table.model.rowCount() == 3002
    assert "reset" not in resets


def test_a_closed_table_hears_no_more(document: Document, theme: ThemeManager, shown: Show) -> None:
    table = shown(RegisterTable(document, theme, "threat"))
    table.close()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    document.apply((update("threat", SPOOF, name="Other"),))
    assert document._listeners == []


def test_closing_writes_what_is_being_typed(
    document: Document, theme: ThemeManager, shown: Show, qtbot: QtBot
) -> None:
    table = shown(RegisterTable(document, theme, "threat"), 900, 300)
    line = start_editing(table, qtbot, SPOOF, "name")
    QTest.keyClicks(line, "Half typed")
    table.close()
    assert threat(document, SPOOF).name == "Half typed"


def test_a_click_on_the_chosen_row_comes_back_to_it(table: RegisterTable, qtbot: QtBot) -> None:
    table.select_records([SPOOF])
    cell = table._index_of(SPOOF)
    with qtbot.waitSignal(table.records_selected) as heard:
        QTest.mouseClick(
            table.view.viewport(), Qt.MouseButton.LeftButton, pos=table.view.visualRect(cell).center()
        )
    assert heard.args == [[SPOOF]]


def test_columns_grow_with_the_text(document: Document, theme: ThemeManager, shown: Show) -> None:
    library = MemoryLibrary()
    table = shown(RegisterTable(document, theme, "threat", library), 800, 300)
    place = column(table, "name")
    before = table.view.columnWidth(place)
    try:
        theme.set_scale(1.5)
        grown = table.view.columnWidth(place)
        assert before * 1.3 < grown < before * 1.7
        table.close()
        again = shown(RegisterTable(document, theme, "threat", library), 800, 300)
        assert again.view.columnWidth(place) == grown
    finally:
        theme.set_scale(1.0)
