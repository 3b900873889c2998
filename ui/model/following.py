"""Following a presenter through the diagrams of a window, until one goes one's own way."""

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit, QPlainTextEdit, QTextEdit

from app.domain.presence import Company, Sight, ViewportOf
from app.domain.records import Diagram
from app.services.document import Document
from ui.model.page import DiagramPage
from ui.model.pages import Pages

AGAIN_MS: Final = 200
_TYPED_IN: Final = (QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox)


class FollowingPresenter(QObject):
    """On when somebody else begins to present, off when the user navigates; `changed` tells of both.

    Who drags something or types is not carried away: `is_held` until that is over.
    """

    changed = Signal()

    def __init__(self, pages: Pages, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pages, self._document = pages, document
        self._company = Company()
        self._leader = ""  # the user, who may come back as another participant
        self._viewport: ViewportOf | None = None
        self.is_on = self.is_held = False
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(AGAIN_MS)
        self._again.timeout.connect(self._show)
        pages.opened.connect(self._connect_page)
        pages.turned.connect(self._turned)
        for page in pages.by_diagram.values():
            self._connect_page(page)

    def _connect_page(self, page: DiagramPage) -> None:
        page.view.following.ended.connect(self.look_around)

    # --- what is heard ---------------------------------------------------------------------------
    def set_company(self, company: Company) -> None:
        """Others are there, or somebody else presents. Without a session all stays as it is."""
        before, self._company = self._company, company
        if company.presenter != before.presenter:
            self._viewport = None
            self._let_go()
        if not company.me:
            return
        presenter = company.person(company.presenter)
        leader = presenter.user_id if presenter is not None and not company.i_present else ""
        if leader != self._leader:
            self._leader = leader
            self._turn(bool(leader))

    def hear(self, sight: Sight) -> None:
        """Somebody does something; the presenter's look counts here."""
        led = not self._company.i_present and sight.participant_id == self._company.presenter
        if led and isinstance(sight, ViewportOf):
            self._viewport = sight
            self._show()

    # --- what the user does ----------------------------------------------------------------------
    def follow(self) -> None:
        """Follow again, at once; words in a field are kept by the field."""
        if self._leader:
            self._turn(True)
            self._show(at_once=True)

    def look_around(self) -> None:
        """Go one's own way."""
        self._turn(False)

    def _turned(self) -> None:
        """Another tab is in front. One that somebody else's edit has closed was not turned by hand."""
        goal = self._viewport
        if not self.is_on:
            return
        page = self._pages.current
        there = goal is not None and page is not None and page.diagram_id == goal.diagram_id
        if not there and not (goal is not None and self._is_gone(goal)):
            self.look_around()

    # --- the state -------------------------------------------------------------------------------
    def _turn(self, on: bool) -> None:
        was, self.is_on = (self.is_on, self.is_held), on
        if not on:
            self._let_go()
        if was != (self.is_on, self.is_held):
            self.changed.emit()

    def _let_go(self) -> None:
        self._again.stop()
        self.is_held = False
        for page in self._pages.by_diagram.values():
            page.view.following.stop()

    def _hold(self, held: bool) -> None:
        if held:
            self._again.start()
        if held != self.is_held:
            self.is_held = held
            self.changed.emit()

    def _is_gone(self, goal: ViewportOf) -> bool:
        return self._document.state.find(Diagram, goal.diagram_id) is None

    def _show(self, *, at_once: bool = False) -> None:
        """Look where the presenter looks, if nothing keeps one here."""
        goal = self._viewport
        if goal is None or not self.is_on:
            return
        if self._is_gone(goal):
            self._again.start()  # it was made a moment ago, and its making is still on the way
            return
        page = self._pages.current
        away = page is None or page.diagram_id != goal.diagram_id
        if (page is not None and page.view.is_busy) or (away and not at_once and _is_typing(self._pages)):
            if page is not None:
                page.view.following.stop()
            self._hold(True)
            return
        self._hold(False)
        if away:
            page = self._turn_to(goal.diagram_id, page)
        if page is not None:
            page.follow(goal, at_once=away)

    def _turn_to(self, diagram_id: str, before: DiagramPage | None) -> DiagramPage | None:
        focus = QApplication.focusWidget()
        here = before is not None and focus is not None and before.isAncestorOf(focus)
        if before is not None:
            before.view.following.stop()
        return self._pages.open(diagram_id, focus=here)


def _is_typing(pages: Pages) -> bool:
    """Whether the keyboard is in a field of the same window."""
    focus = QApplication.focusWidget()
    return isinstance(focus, _TYPED_IN) and focus.window() is pages.window()
