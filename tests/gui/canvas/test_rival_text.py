"""Somebody else names an element while its name is being typed here."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QStyle, QStyleOptionButton

from app.domain.patch import Origin, remove, update
from app.domain.presence import Person
from canvas.overlays.rival import RivalText
from canvas.text_editor import LabelEditor
from tests.gui.canvas.bench import LEFT, Bench

BEN = Person(participant_id="b", user_id="u2", name="Ben", colour="#e69f00")


@pytest.fixture
def node(bench: Bench) -> str:
    """An element whose name is being typed, and that Ben has just renamed."""
    found = bench.node("Old", 100, 200)
    bench.double_click(bench.middle(found))
    bench.type("Mine")
    bench.document.apply((update("cell", found, label="Auth service"),), Origin.REMOTE)
    bench.view.company.mark_changed([found], BEN)
    return found


def _rival(bench: Bench) -> RivalText:
    (found,) = [r for r in bench.view.findChildren(RivalText) if r.isVisible()]
    return found


def _editor(bench: Bench) -> LabelEditor:
    (found,) = bench.view.findChildren(LabelEditor)
    return found


def _click(bench: Bench, text: str) -> None:
    (button,) = [b for b in _rival(bench).findChildren(QPushButton) if b.text() == text]
    QTest.mouseClick(button, LEFT)


def test_it_is_shown_and_the_typing_goes_on(bench: Bench, node: str) -> None:
    assert _rival(bench).text == "Ben: “Auth service”"
    assert not _rival(bench).geometry().intersects(_editor(bench).geometry())
    assert _editor(bench).hasFocus()
    bench.type("!")
    assert _editor(bench).toPlainText() == "Mine!"
    bench.key(Qt.Key.Key_Return)
    assert bench.cell(node).label == "Mine!"


def test_the_choices_wear_no_focus_ring(bench: Bench, node: str) -> None:
    """Qt takes a button whose focus the editor stands for as focused: it would be ringed."""
    for button in _rival(bench).findChildren(QPushButton):
        option = QStyleOptionButton()
        button.initStyleOption(option)
        assert not option.state & QStyle.StateFlag.State_HasFocus
        assert not button.hasFocus()
        QTest.mousePress(button, LEFT)
        assert _editor(bench).hasFocus()
        QTest.mouseRelease(button, LEFT, pos=QPoint(-50, -50))
    assert _editor(bench).hasFocus()


def test_keeping_mine_goes_on_typing(bench: Bench, node: str) -> None:
    _click(bench, "Keep mine")
    assert _editor(bench).hasFocus()
    assert not [r for r in bench.view.findChildren(RivalText) if r.isVisible()]
    bench.key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    bench.type("Old")
    bench.key(Qt.Key.Key_Return)
    assert bench.cell(node).label == "Old"


def test_taking_theirs_ends_the_typing(bench: Bench, node: str) -> None:
    steps = bench.steps
    _click(bench, "Take theirs")
    assert bench.cell(node).label == "Auth service"
    assert bench.steps == steps


def test_it_goes_when_they_take_it_back_or_remove_the_element(bench: Bench, node: str) -> None:
    bench.document.apply((update("cell", node, label="Old"),), Origin.REMOTE)
    assert not [r for r in bench.view.findChildren(RivalText) if r.isVisible()]
    bench.document.apply((remove("cell", node),), Origin.REMOTE)
    assert bench.refusals == ["The element was removed while its name was typed: “Mine”"]
