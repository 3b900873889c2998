"""Random hands: whatever they do, nothing breaks, previews write nothing, and undo takes all back."""

import random

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QApplication

from app.domain import edits
from app.domain.patch import Origin
from canvas.tools.idle import Idle
from tests.gui.canvas.bench import ALT, CTRL, LEFT, MIDDLE, NO, RIGHT, SHIFT, Bench
from tests.manners import count, seed

KEYS = (
    *"VHPSAEBLFTQCNM",
    Qt.Key.Key_Tab, Qt.Key.Key_Return, Qt.Key.Key_F2, Qt.Key.Key_Left, Qt.Key.Key_Right,
    Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Escape, Qt.Key.Key_Space, Qt.Key.Key_Delete,
    Qt.Key.Key_Insert, Qt.Key.Key_D, Qt.Key.Key_A, Qt.Key.Key_BracketRight, Qt.Key.Key_1,
)  # fmt: skip


class Monkey:
    """Makes one random move after the other."""

    def __init__(self, bench: Bench, dice: random.Random, *, alone: bool) -> None:
        self.bench, self.dice, self.alone = bench, dice, alone
        self.button: Qt.MouseButton | None = None

    def spot(self) -> QPointF:
        """Somewhere, more often on something than on nothing."""
        cells = [c for c in self.bench.cells() if not c.is_line]
        if cells and self.dice.random() < 0.7:
            cell = self.dice.choice(cells)
            x = cell.position.x + cell.size.width * self.dice.uniform(-0.2, 1.2)
            return QPointF(x, cell.position.y + cell.size.height * self.dice.uniform(-0.2, 1.2))
        seen = self.bench.view.visible_area()
        if self.dice.random() < 0.1:
            seen = seen.adjusted(-300, -300, 300, 300)
        return QPointF(
            self.dice.uniform(seen.left(), seen.right()), self.dice.uniform(seen.top(), seen.bottom())
        )

    def held(self) -> Qt.KeyboardModifier:
        """Modifier keys, mostly none."""
        return self.dice.choice([NO, NO, NO, SHIFT, CTRL, ALT])

    def act(self) -> None:
        """One move."""
        move = self.dice.choice([self.mouse, self.mouse, self.mouse, self.key, self.other])
        move()

    def mouse(self) -> None:
        """Press, drag or release."""
        if self.button is not None and self.dice.random() < 0.5:
            self.bench.release(self.spot(), self.button, self.held())
            self.button = None
        elif self.button is not None:
            self.bench.move(self.spot(), self.button, self.held())
        else:
            self.bench.move(self.spot())
            self.button = self.dice.choice([LEFT, LEFT, LEFT, LEFT, MIDDLE, RIGHT])
            self.bench.press(self.spot(), self.button, self.held())

    def key(self) -> None:
        """Any key."""
        key = self.dice.choice(KEYS)
        if isinstance(key, str):
            key = Qt.Key(ord(key))
        held = self.held()
        if key is Qt.Key.Key_Tab and held is not NO:
            return
        text = chr(key).lower() if 65 <= key <= 90 else ""
        for kind in (QKeyEvent.Type.KeyPress, QKeyEvent.Type.KeyRelease):
            QApplication.sendEvent(self.bench.focus(), QKeyEvent(kind, key, held, text))

    def other(self) -> None:
        """Undo, redo, or somebody else's removal, in the middle of anything."""
        what = self.dice.random()
        if what < 0.4:
            self.bench.document.undo()
        elif what < 0.7:
            self.bench.document.redo()
        elif self.bench.cells() and what < 0.8 and not self.alone:
            cell = self.dice.choice(self.bench.cells())
            self.bench.document.apply(edits.remove_records([cell]), Origin.REMOTE)
        elif what < 0.85:
            self.lose()
        else:
            self.bench.view.zoom_to(self.dice.uniform(0.2, 2.0))
            self.bench.view.look_at(QPointF(450, 300))

    def lose(self) -> None:
        """The button goes up where nobody tells, or another window comes to the front."""
        if self.button is not None and self.dice.random() < 0.5:
            self.button = None
            self.bench.move(self.spot())
        else:
            gone = QFocusEvent(QFocusEvent.Type.FocusOut, Qt.FocusReason.ActiveWindowFocusReason)
            QApplication.sendEvent(self.bench.view, gone)

    def rest(self) -> None:
        """Let everything go."""
        if self.button is not None:
            self.bench.release(button=self.button)
            self.button = None
        for _ in range(4):
            self.bench.key(Qt.Key.Key_Escape)


@pytest.mark.parametrize("part", range(count(4, 60)))
def test_random_hands(bench: Bench, part: int) -> None:
    dice = random.Random(f"{seed()}/{part}")
    monkey = Monkey(bench, dice, alone=part % 2 == 0)
    for at in ((0, 0), (300, 50), (100, 300)):
        bench.node("N", *at)
    bench.node("Zone", 250, 20, "trust_boundary", (400, 300))
    for _ in range(250):
        monkey.act()
    monkey.rest()
    bench.view.desk.lock_tool(False)
    bench.view.choose_tool("select")
    assert isinstance(bench.view.desk.state, Idle)
    assert not bench.scene.previewed
    stored = {c.id: c for c in bench.cells()}
    assert {c.id: c for c in bench.scene.shown_cells()} == stored
    assert bench.scene.selected <= stored.keys()
    for cell in stored.values():
        for end in (cell.source, cell.target):
            assert end is None or end.cell is None or end.cell in stored
    if monkey.alone:
        _takes_all_back(bench)


def _takes_all_back(bench: Bench) -> None:
    """Undoing everything leads back to the empty diagram, and doing it again to where it was."""
    while bench.document.redo():
        pass
    last = {c.id: c for c in bench.cells()}
    while bench.document.undo():
        pass
    assert bench.cells() == []
    assert bench.scene.shown_cells() == []
    while bench.document.redo():
        pass
    assert {c.id: c for c in bench.cells()} == last
    assert {c.id: c for c in bench.scene.shown_cells()} == last
