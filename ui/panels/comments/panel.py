"""The panel of comments: the list of threads, or one thread."""

from collections.abc import Iterable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.domain.changes import ChangeSet
from app.services.comments import Anchor
from app.services.document import Document
from app.services.mentions import people
from app.services.seen import Seen
from ui.panels.comments.thread_list import ThreadList
from ui.panels.comments.thread_view import ThreadView
from ui.panels.panel import Panel
from ui.theme import Theme, ThemeManager

_KINDS = frozenset({"comment", "cell", "threat", "diagram"})


class CommentsPanel(Panel):
    """Threads with their replies. `chosen` tells which thread is being read, "" for none."""

    jump = Signal(object)  # Anchor
    chosen = Signal(str)
    problem = Signal(str)
    deleted = Signal(str)

    def __init__(
        self, document: Document, theme: ThemeManager, seen: Seen, parent: QWidget | None = None
    ) -> None:
        super().__init__(document, theme, parent)
        self.seen = seen
        self._participants: tuple[str, ...] = ()
        self._people: list[str] = []
        self._stack = QStackedWidget(self)
        self.threads = ThreadList(document, theme, seen, self)
        self.view = ThreadView(document, theme, seen, lambda: self._people, self)
        self._stack.addWidget(self.threads)
        self._stack.addWidget(self.view)
        column = QVBoxLayout(self)
        margin = theme.px(6)
        column.setContentsMargins(margin, margin, margin, margin)
        column.addWidget(self._stack)
        self.threads.opened.connect(self.open_thread)
        self.view.back.connect(self.show_list)
        self.view.started.connect(self.open_thread)
        self.view.jump.connect(self.jump)
        self.view.deleted.connect(self.deleted)
        self.view.problem.connect(self.problem)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self._refresh)
        seen.listen(self._later.start)
        self._refresh()

    @property
    def shows_thread(self) -> bool:
        """Whether one thread is shown instead of the list."""
        return self._stack.currentWidget() is self.view

    def set_participants(self, names: Iterable[str]) -> None:
        """Say who else may be named, such as those in a session."""
        self._participants = tuple(names)
        self._know_people()

    def _know_people(self) -> None:
        self._people = people(self.document.state, (*self._participants, self.document.author))

    def open_thread(self, comment_id: str, *, focus: bool = True) -> None:
        """Show the thread of a comment, ready for a reply."""
        self._know_people()
        self._stack.setCurrentWidget(self.view)
        self.view.show_thread(comment_id)
        self.chosen.emit(self.view.root_id)
        if focus:
            self.view.composer.text.setFocus()

    def begin(self, anchor: Anchor) -> None:
        """Begin a thread on something."""
        self._know_people()
        self._stack.setCurrentWidget(self.view)
        self.view.show_new(anchor)
        self.chosen.emit("")
        self.view.composer.text.setFocus()

    def show_list(self) -> None:
        """Show all threads, the one read last chosen."""
        self._stack.setCurrentWidget(self.threads)
        self.threads.refresh(self.view.root_id)
        self.threads.list.setFocus()
        self.chosen.emit("")

    def show_diagram(self, diagram_id: str) -> None:
        """Say which diagram is in view."""
        self.threads.show_diagram(diagram_id)

    def showEvent(self, event: QShowEvent) -> None:
        """A thread that comes into view is read."""
        super().showEvent(event)
        if self.shows_thread and self.view.root_id:
            self.view.show_thread(self.view.root_id)
        self._refresh()

    def _refresh(self) -> None:
        if not self.shows_thread:
            self.threads.refresh()

    def update_from(self, changes: ChangeSet) -> None:
        """Threads came, went or changed, or what they are on."""
        if not any(c.kind in _KINDS for c in changes.changes):
            return
        if any(c.kind == "comment" for c in changes.changes):
            self._know_people()
        if self.shows_thread:
            if not self.view.update_from(changes):
                self.show_list()
        elif self.isVisible():
            self._later.start()

    def show_rights(self) -> None:
        """Whoever may only read writes no comments."""
        if self.shows_thread and self.view.root_id:
            self.view.show_thread(self.view.root_id)

    def rethemed(self, theme: Theme) -> None:
        """Icons, links and mentions in other colours."""
        if self.shows_thread and self.view.root_id:
            self.view.show_thread(self.view.root_id)
        self._refresh()
