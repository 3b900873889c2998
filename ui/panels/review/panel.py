"""The panel *While you were away*: the list, the two sides of what is chosen, and decisions in bulk."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.absence import Absence
from app.domain.changes import ChangeSet
from app.domain.conflicts import Choice, Conflict
from app.domain.errors import TmiError
from app.services.document import Document
from ui.panels.comments.words import local_time
from ui.panels.names import refusal
from ui.panels.panel import Panel
from ui.panels.review.compare import Compare
from ui.panels.review.disputes import (
    NO_PLACE,
    REMOVED,
    Names,
    headline,
    named,
    short_name,
    sides,
    sort_of,
)
from ui.panels.review.listing import ReviewList, place_of
from ui.theme import Theme, ThemeManager

EMPTY: Final = (
    "Nothing to catch up on.\n\nWhen you come back to a shared model after a longer absence, this is where "
    "you read what others changed meanwhile, and where you decide what both of you changed. Nothing of "
    "yours is lost until you have."
)
KEPT: Final = {"mine": "Kept yours", "theirs": "Kept theirs", "both": "Kept both"}


class ReviewPanel(Panel):
    """Decides through the document; what a place looks like only the window knows.

    `attended` tells that other conflicts are looked at, `revealed` where to go, `decided` what was decided
    and how to take it back.
    """

    problem = Signal(str)
    attended = Signal()
    revealed = Signal(object, str)  # Conflict | Edit, id of the record to go to or ""
    decided = Signal(str, object)
    all_toggled = Signal(bool)
    dismissed = Signal()

    def __init__(self, document: Document, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(document, theme, parent)
        self.names: Names = short_name
        self.summary = QLabel(self)
        self.summary.setWordWrap(True)
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        self._empty = QLabel(EMPTY, self)
        self._empty.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.list = ReviewList(theme, self)
        self.compare = Compare(theme, self)
        self.all_button = QToolButton(self)
        self.all_button.setCheckable(True)
        self.all_button.setToolTip("Show all of mine in the diagram")
        self.all_button.setAccessibleName("Show all of mine in the diagram")
        self.all_button.setProperty("kind", "quiet")
        theme.bind_icon(self.all_button, "eye")
        self.bulk_button = QPushButton("Decide many…", self)
        self.bulk_button.setToolTip("Decide all of a kind at once")
        self.dismiss_button = QPushButton("Dismiss", self)
        self.dismiss_button.setToolTip("I have read what others changed")
        self._lay_out()
        self.list.turned.connect(self._turned)
        self.list.chose.connect(self.decide)
        self.list.revealed.connect(lambda what: self.revealed.emit(what, place_of(what, document.state)))
        self.compare.chose.connect(self.decide)
        self.all_button.toggled.connect(self.all_toggled)
        self.bulk_button.clicked.connect(lambda _on=False: self._offer_bulk())
        self.dismiss_button.clicked.connect(lambda _on=False: self._dismiss())
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self.refresh)
        self.setFocusProxy(self.list)
        self.refresh()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        margin = self.theme.px(6)
        column.setContentsMargins(margin, margin, margin, margin)
        self._splitter = QSplitter(Qt.Orientation.Vertical, self)
        self._splitter.addWidget(self.list)
        self._splitter.addWidget(self.compare)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setStretchFactor(0, 3)
        self._splitter.setStretchFactor(1, 2)
        foot = QHBoxLayout()
        foot.setSpacing(self.theme.px(4))
        foot.addWidget(self.all_button)
        foot.addWidget(self.bulk_button, 1)
        foot.addWidget(self.dismiss_button, 1)
        column.addWidget(self.summary)
        column.addWidget(self._empty, 1)
        column.addWidget(self._splitter, 1)
        column.addLayout(foot)

    # --- what is shown ---------------------------------------------------------------------------
    def set_names(self, names: Names) -> None:
        """Say what people are called: a user's id to a name."""
        self.names = names
        self.refresh()

    def update_from(self, changes: ChangeSet) -> None:
        """Elements have other names, or are gone."""
        if self.isVisible() and (self.document.conflicts or self.document.absence):
            self._later.start()

    def rethemed(self, theme: Theme) -> None:
        """Other icons and marks."""
        self.list.rethemed()
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """What has changed meanwhile is shown now."""
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Show what there is now. While nobody looks, nothing is done for it."""
        self._later.stop()
        if not self.isVisible():
            return
        conflicts, absence = self.document.conflicts, self.document.absence
        anything = bool(conflicts or absence)
        self._empty.setVisible(not anything)
        self._splitter.setVisible(anything)
        self.summary.setVisible(anything)
        self.summary.setText(told(conflicts, absence, self.names))
        self.bulk_button.setVisible(bool(conflicts))
        self.all_button.setVisible(bool(conflicts))
        self.dismiss_button.setVisible(bool(absence))
        self.list.show_all(self.document.state, conflicts, absence.edits, self.names)

    @property
    def attended_to(self) -> list[Conflict]:
        """The conflicts that are looked at: chosen, or under the pointer."""
        over = self.list.hovered
        chosen = self.list.chosen
        return [over, *(one for one in chosen if one is not over)] if over is not None else chosen

    def _turned(self) -> None:
        chosen, state = self.list.chosen, self.document.state
        self.compare.setVisible(bool(chosen))
        if len(chosen) == 1:
            (one,) = chosen
            title, nothing = headline(one, state, self.names), REMOVED
            if one.what == "no_place" and one.record_id not in state:
                nothing = NO_PLACE
            self.compare.show_sides(title, self.names(one.author), sides(one, state), nothing)
        elif chosen:
            self.compare.show_many(f"{len(chosen)} things are chosen", len(chosen))
        if chosen:
            self._allow(chosen)
        self.attended.emit()

    def _allow(self, chosen: Sequence[Conflict]) -> None:
        both = ""
        if all(one.can_keep_both for one in chosen):
            below = [one.joins for one in chosen]
            both = "Put mine below theirs" if all(below) else "Keep mine beside theirs"
            both = both if any(below) else "Add a second one that is as I had it"
        edits = "" if self.document.frozen else self.document.read_only
        if edits:
            edits += ", so only theirs can be kept"
        self.compare.allow(edits=edits, anything=self.document.frozen, both=both)

    # --- what it does ----------------------------------------------------------------------------
    def decide(self, choice: Choice) -> None:
        """Settle what is chosen."""
        self.decide_on(self.list.chosen, choice)

    def decide_on(self, conflicts: Sequence[Conflict], choice: Choice) -> None:
        """Settle these; the way back is offered."""
        wanted = [one for one in conflicts if choice != "both" or one.can_keep_both]
        if not wanted:
            if conflicts:
                self.problem.emit("These two cannot stand beside each other: keep mine or theirs.")
            return
        document = self.document
        before = {one.id for one in document.conflicts}
        try:
            if len(wanted) == 1:
                changes = document.decide(wanted[0], choice)
            else:
                changes = document.decide_all(wanted, choice)
        except TmiError as error:
            what = named(wanted[0], document.state)
            self.problem.emit(refusal(error, what[:1].upper() + what[1:]))
            return
        left = {one.id for one in document.conflicts}
        settled = [one for one in wanted if one.id in before and one.id not in left]
        if settled:
            self._say(settled, choice, document.undo_key if changes else "", len(wanted))
        else:
            self.problem.emit("None of them can be settled so: what they are about has been removed since.")

    def _say(self, settled: list[Conflict], choice: Choice, step: str, wanted: int) -> None:
        what = named(settled[0], self.document.state)
        text = f"{KEPT[choice]}: {what}." if wanted == 1 else f"{KEPT[choice]}: {len(settled)} things."
        if len(settled) < wanted:
            text += f" {wanted - len(settled)} cannot be settled so."
        self.decided.emit(text, lambda: self._take_back(settled, step))

    def _take_back(self, settled: Iterable[Conflict], step: str) -> None:
        """As if it had not been decided: the edit is undone, and it is asked again."""
        try:
            if not step:
                self.document.reopen(settled)
            elif self.document.undo_key == step:
                self.document.undo()
            else:
                self.problem.emit("You have done something else since; undo that first.")
        except TmiError as error:
            self.problem.emit(str(error))

    def _dismiss(self) -> None:
        self.document.dismiss_absence()
        self.dismissed.emit()

    def _offer_bulk(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill_bulk_menu(menu)
        menu.popup(self.bulk_button.mapToGlobal(QPoint(0, self.bulk_button.height())))

    def fill_bulk_menu(self, menu: QMenu) -> None:
        """What can be decided at once: all of a kind, places, everything."""
        sorts: dict[str, list[Conflict]] = {}
        for one in self.document.conflicts:
            sorts.setdefault(sort_of(one), []).append(one)
        for title, found in sorted(sorts.items()):
            below = menu.addMenu(f"{title} ({len(found)})".replace("&", "&&"))
            self._offer(below, found)
        if len(sorts) > 1:
            menu.addSeparator()
            self._offer(menu, self.document.conflicts, " everywhere")

    def _offer(self, menu: QMenu, conflicts: Sequence[Conflict], of: str = "") -> None:
        fixed = bool(self.document.read_only)
        choices: tuple[Choice, ...] = ("theirs", "mine", "both")
        for choice in choices:
            if choice == "both" and not all(one.can_keep_both for one in conflicts):
                continue
            act = menu.addAction(f"Keep {choice}{of}", self._deciding(tuple(conflicts), choice))
            act.setEnabled(not (self.document.frozen or (fixed and choice != "theirs")))

    def _deciding(self, conflicts: tuple[Conflict, ...], choice: Choice) -> Callable[[], None]:
        return lambda: self.decide_on(conflicts, choice)


def told(conflicts: Sequence[Conflict], absence: Absence, names: Names) -> str:
    """How things stand, in a sentence or two."""
    parts = []
    if absence:
        since = f"Since {local_time(absence.since)}, " if absence.since else "While you were away, "
        people = list(dict.fromkeys(names(one.author) for one in absence.edits))
        who = f"{', '.join(people[:2])} and {len(people) - 2} more" if len(people) > 3 else _and(people)
        count = len(absence.edits) + absence.more
        parts.append(f"{since}{who} changed {count} thing{'' if count == 1 else 's'}.")
    asked = sum(one.asked for one in conflicts)
    if asked:
        parts.append(to_decide(asked))
    elif conflicts:
        parts.append("Theirs is kept where places differ.")
    return " ".join(parts)


def to_decide(count: int) -> str:
    """How much there is to decide."""
    return f"{count} thing{'' if count == 1 else 's'} to decide."


def _and(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)
