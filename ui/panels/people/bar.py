"""The bar over the diagram: who presents and whether one follows, who asks to, and whether edits are off.

It never takes the focus by itself, and a click leaves it where it is.
"""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.domain.presence import Person
from ui.panels.people import words
from ui.panels.people.painting import disc
from ui.panels.people.situation import Situation, What, Wish, why_not
from ui.theme import Theme, ThemeManager
from ui.widgets.elided import ElidedLabel

WIDEST: Final = 620
_DISC: Final = 20
Button = tuple[str, Wish, str, bool]  # title, wish, tool tip, whether it is the one to press


class _Line(QWidget):
    """A disc or an icon, a text, and buttons."""

    def __init__(self, bar: "PresenterBar", theme: ThemeManager, icon: str) -> None:
        super().__init__(bar)
        self._bar, self._theme, self._icon = bar, theme, icon
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(6))
        self.mark = QLabel(self)
        self.text = ElidedLabel("", self)
        row.addWidget(self.mark)
        row.addWidget(self.text, 1)
        self._row = row
        self._asked: tuple[Button, ...] = ()
        self.buttons: list[QPushButton] = []
        self.hide()

    def say(self, text: str, buttons: Sequence[Button], person: Person | None = None) -> None:
        """Show a line, none when there is no text."""
        self.text.say(text)
        size, ratio = self._theme.px(_DISC), self.devicePixelRatioF()
        if person is not None:
            self.mark.setPixmap(disc(person, size, ratio, self._theme.theme.palette.text))
        else:
            self.mark.setPixmap(self._theme.icon(self._icon).pixmap(size, size))
        if self._asked != tuple(buttons):
            self._put(tuple(buttons))
        self.setVisible(bool(text))

    def _put(self, wanted: tuple[Button, ...]) -> None:
        """The buttons wanted, those that are there used again: one that has the focus keeps it."""
        self._asked = wanted
        while len(self.buttons) > len(wanted):
            gone = self.buttons.pop()
            self._row.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        while len(self.buttons) < len(wanted):
            made = QPushButton(self)
            made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            number = len(self.buttons)
            made.clicked.connect(lambda _checked=False, n=number: self._bar.wished.emit(self._asked[n][1]))
            self.buttons.append(made)
            self._row.addWidget(made)
        for button, (title, _wish, tip, main) in zip(self.buttons, wanted, strict=True):
            button.setText(title)
            button.setToolTip(tip)
            button.setAccessibleDescription(tip)
            button.setProperty("kind", "primary" if main else "")
            button.style().polish(button)


class PresenterBar(QFrame):
    """Lies over the upper edge of a widget, below the tabs there, so that no diagram moves for it."""

    wished = Signal(Wish)
    announced = Signal(str)

    def __init__(self, theme: ThemeManager, over: QWidget, below: QWidget | None = None) -> None:
        super().__init__(over)
        self._theme, self.over, self._below, self._said = theme, over, below, ""
        self.setObjectName("presenter-bar")
        self.setAccessibleName("Session")
        self.setProperty("card", "true")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(8), theme.px(3), theme.px(4), theme.px(3))
        column.setSpacing(theme.px(2))
        self.leading = _Line(self, theme, "present")
        self.asking = _Line(self, theme, "hand")
        self.muted = _Line(self, theme, "lock")
        self.lines = (self.leading, self.asking, self.muted)
        for line in self.lines:
            column.addWidget(line)
        self._now = Situation()
        over.installEventFilter(self)
        theme.changed.connect(self._retheme)  # not a lambda, which would outlive the bar
        self.hide()

    def _retheme(self, _theme: Theme) -> None:
        self.show_situation(self._now)

    def show_situation(self, now: Situation) -> None:
        """Show how things are; nothing at all where there is nothing to say."""
        self._now = now
        led = now.led
        self.leading.say(words.leading_line(now), _leading_buttons(now), led or now.me)
        asking = now.asking
        if asking:
            self.asking.say(words.asking_line(now), _answers(asking[0]), asking[0])
        else:
            mine = "You have asked to present" if now.is_live and now.asked else ""
            withdraw: Button = ("Withdraw", Wish(What.WITHDRAW), "Ask no longer", False)
            self.asking.say(mine, [withdraw] if mine else [])
        edit_again: Button = ("Let edit again", Wish(What.UNMUTE), "Let everybody edit again", False)
        self.muted.say(words.muted_line(now), [edit_again] if now.company.i_host else [])
        said = ". ".join(line.text.text() for line in self.lines if line.text.text())
        self.setVisible(bool(said))
        if said != self._said:
            self._said = said
            self.setAccessibleDescription(said)
            if said:
                self._announce(said)
        self.place()

    def _announce(self, text: str) -> None:
        """Tell a screen reader; who sees it needs no more than the bar."""
        self.announced.emit(text)
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    @property
    def said(self) -> str:
        """Everything that it says now."""
        return self._said

    def place(self) -> None:
        """Lie in the middle of the upper edge, as wide as the words want, with a margin at the sides."""
        if self.isHidden():
            return
        margin = self._theme.px(8)
        room = self.over.width() - 2 * margin
        wanted = max(
            line.sizeHint().width() for line in self.lines if line.text.text()
        ) + self._theme.px(18)  # fmt: skip
        width = max(0, min(wanted, room, self._theme.px(WIDEST)))
        top = self._below.height() if self._below is not None and self._below.isVisible() else 0
        layout = self.layout()
        if layout is not None:
            layout.activate()  # or the height would be that of the words before
        self.setFixedSize(width, self.sizeHint().height())
        self.move((self.over.width() - width) // 2, top + margin)
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in its place."""
        if event.type() is QEvent.Type.Resize:
            self.place()
        return False


def _leading_buttons(now: Situation) -> list[Button]:
    key = words.FOLLOW_KEY
    if now.company.i_present:
        laser = "Laser off" if now.laser else "Laser"
        return [
            (laser, Wish(What.LASER), "Point with the laser (X)", False),
            ("Stop", Wish(What.STOP), "Present no longer", False),
        ]
    found: list[Button] = []
    if now.following and not now.held:
        tip = f"You see what the presenter shows; press to look around on your own ({key})"
        found.append(("Following", Wish(What.LOOK_AROUND), tip, False))
    else:
        found.append((f"Follow ({key})", Wish(What.FOLLOW), f"See what the presenter shows ({key})", True))
    if not why_not(now, What.TAKE_BACK):
        found.append(("Take back", Wish(What.TAKE_BACK), "Present yourself again", False))
    return found


def _answers(person: Person) -> list[Button]:
    whom, name = person.participant_id, words.short(person.name)
    return [
        ("Grant", Wish(What.LET, whom), f"Let {name} present", True),
        ("Deny", Wish(What.DENY, whom), f"Tell {name} that it does not suit now", False),
    ]
