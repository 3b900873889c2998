"""Other people in the fields of the inspector: what they type, and what they made of what one types."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from app.domain.patch import Origin, update
from app.domain.presence import Person, TypingOf
from app.services.document import Document
from tests.ui.panels.sample import FRONT, SHOP
from ui.panels import Inspector
from ui.panels.editors.base import Editor
from ui.panels.editors.text import AreaEditor, LineEditor
from ui.theme import ThemeManager

BOB = Person(participant_id="p", user_id="u", name="Bob", colour="#aa3322")


@pytest.fixture
def inspector(document: Document, theme: ThemeManager, shown: Callable[..., Inspector]) -> Inspector:
    made = shown(Inspector(document, theme))
    made.show_records([SHOP])
    return made


def field(inspector: Inspector, name: str) -> Any:
    form = inspector.form_of(SHOP)
    assert form is not None
    return form.editors[name]


def press(editor: Editor, text: str) -> None:
    """Click one of the choices below the field."""
    (button,) = (one for one in editor.company.findChildren(QPushButton) if one.text() == text)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def technology_of(document: Document) -> str:
    cell = document.state.cell(SHOP)
    assert cell is not None
    return cell.technology or ""


def typed(inspector: Inspector) -> LineEditor:
    """Begin another technology."""
    editor: LineEditor = field(inspector, "technology")
    editor.line.setFocus()
    editor.line.selectAll()
    QTest.keyClicks(editor.line, "Mine")
    return editor


def test_somebody_types_and_is_done(inspector: Inspector) -> None:
    typing = TypingOf(
        participant_id="p", diagram_id=FRONT, record_id=SHOP, property="technology", text="Web sh"
    )
    inspector.hear_typing(typing, BOB)
    assert field(inspector, "technology").company.text == "Bob types: “Web sh”"
    over = TypingOf(participant_id="p", diagram_id=FRONT, record_id=SHOP, property="technology")
    inspector.hear_typing(over, BOB)
    assert field(inspector, "technology").company.text == ""


def test_what_i_type_is_told_and_its_end_too(inspector: Inspector) -> None:
    told: list[tuple[str, str, str]] = []
    inspector.typing.connect(lambda *words: told.append(words))
    editor = typed(inspector)
    QTest.keyClick(editor.line, Qt.Key.Key_Escape)
    assert told[0] == (SHOP, "technology", "M")
    assert told[3] == (SHOP, "technology", "Mine")
    assert told[-1] == (SHOP, "technology", "")


@pytest.mark.parametrize("choice", ["Keep mine", "Take theirs"])
def test_theirs_is_seen_before_it_is_written_over(
    inspector: Inspector, document: Document, choice: str
) -> None:
    editor = typed(inspector)
    document.apply((update("cell", SHOP, technology="Theirs"),), Origin.REMOTE)
    inspector.name_rivals([SHOP], "Bob")
    assert editor.company.text == "Bob: “Theirs”"
    assert (editor.line.text(), technology_of(document)) == ("Mine", "Theirs")
    assert editor.line.hasFocus()
    press(editor, choice)
    assert editor.company.text == ""
    assert technology_of(document) == ("Mine" if choice == "Keep mine" else "Theirs")
    assert editor.line.text() == technology_of(document)


def test_what_i_write_myself_is_no_rival(inspector: Inspector, document: Document) -> None:
    editor = typed(inspector)
    QTest.keyClick(editor.line, Qt.Key.Key_Return)
    assert technology_of(document) == "Mine"
    assert not editor.has_rival


def test_another_property_of_the_same_element_is_no_rival(inspector: Inspector, document: Document) -> None:
    editor = typed(inspector)
    document.apply((update("cell", SHOP, description="Theirs"),), Origin.REMOTE)
    assert not editor.has_rival


def test_a_pause_does_not_write_over_theirs(inspector: Inspector, document: Document) -> None:
    """A longer text writes itself after a pause; not over what somebody has just written."""
    editor: AreaEditor = field(inspector, "description")
    editor.area.setFocus()
    QTest.keyClicks(editor.area, "Mine")
    document.apply((update("cell", SHOP, description="Theirs"),), Origin.REMOTE)
    assert editor.has_rival
    editor._pause.timeout.emit()
    cell = document.state.cell(SHOP)
    assert cell is not None
    assert cell.description == "Theirs"
    QTest.keyClick(editor.area, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    cell = document.state.cell(SHOP)
    assert cell is not None
    assert cell.description.startswith("Mine")
    assert not editor.has_rival


def test_a_reader_gets_fields_for_reading(
    inspector: Inspector, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A role that changes while one looks."""
    assert not field(inspector, "technology").line.isReadOnly()
    monkeypatch.setattr(Document, "read_only", "you may read this model, not change it")
    inspector.show_rights()
    assert field(inspector, "technology").line.isReadOnly()
    monkeypatch.undo()
    inspector.show_rights()
    assert not field(inspector, "technology").line.isReadOnly()
