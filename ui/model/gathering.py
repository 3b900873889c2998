"""The people of a window's model: one value behind panel, bar and actions, and the ways from it.

Whoever follows the model on its server tells this what is heard, does what is `wished`, and passes on what is
`told`. Nothing here knows of a network.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QObject, QPointF, QSignalBlocker, QTimer, Signal

from app.domain.presence import Company, Person, Sight
from app.domain.records import title_of
from app.ports_live import LinkStatus
from ui.dialogs.ask import ask
from ui.model.following import FollowingPresenter
from ui.model.page import DiagramPage
from ui.model.telling import Telling
from ui.model.whereabouts import Whereabouts
from ui.panels.people import PresenterBar, Situation, What, Wish
from ui.panels.people.removing import RemoveQuestion
from ui.panels.people.situation import why_not
from ui.panels.people.words import counted

if TYPE_CHECKING:
    from ui.model.pages import Pages
    from ui.model.window import ModelWindow


class Gathering(QObject):
    """Keeps the situation. `wished` is what only the server, or whoever shares models, can do."""

    now: Situation

    wished = Signal(Wish)
    told = Signal(object)  # Sight
    changed = Signal()

    def __init__(self, window: "ModelWindow", pages: "Pages") -> None:
        super().__init__(window)
        self._window, self._pages = window, pages
        self.now = Situation()
        self.whereabouts = Whereabouts()
        self.panel = window.around.people
        self.bar = PresenterBar(window.shell.theme, pages, below=pages.tabs.tabBar())
        self.following = FollowingPresenter(pages, window.document, self)
        self.telling = Telling(pages, window.presenting, self)
        self.telling.told.connect(self.told)
        self.following.changed.connect(self._follow_following)
        for part in (self.panel, self.bar):
            part.wished.connect(self.wish)
        self._places = QTimer(self)
        self._places.setSingleShot(True)
        self._places.setInterval(0)
        self._places.timeout.connect(self._show_places)
        pages.opened.connect(self._connect_page)
        for page in pages.by_diagram.values():
            self._connect_page(page)
        window.presenting.changed.connect(self._presentation_changed)

    def _connect_page(self, page: DiagramPage) -> None:
        page.view.laser.turned.connect(lambda on: self._become(laser=on))
        self._colour(page)

    # --- what is heard ---------------------------------------------------------------------------
    def set_status(self, link: LinkStatus | None, waiting: int = 0, seen_at: str = "") -> None:
        """How the connection is; None where the model is on no server."""
        self._become(link=link, waiting=waiting, seen_at=seen_at)

    def set_company(self, company: Company) -> None:
        """Who is there, who presents, and who asks to."""
        before = self.now
        self.whereabouts.keep([one.participant_id for one in company.people])
        granted = before.asked and company.i_present
        with QSignalBlocker(self.following):  # all of it is shown at once
            self.following.set_company(company)
        self._become(
            company=company,
            places=self._named_places(company.people), **self._following_now(),
        )  # fmt: skip
        self._window.presenting.laser_colour = self._own_colour
        for page in self._pages.by_diagram.values():
            self._colour(page)
        self.telling.set_company(company)
        if granted:
            self._window.toast.say("You present now.")
        self._tell_presentation(before)

    def hear(self, sight: Sight) -> None:
        """Somebody does something."""
        if self.whereabouts.hear(sight):
            self._places.start()
        self.following.hear(sight)

    def denied(self) -> None:
        """The host has turned one's own request down."""
        self._window.toast.say("The host has turned your request to present down.")

    # --- the situation ---------------------------------------------------------------------------
    def _become(self, **changes: Any) -> None:
        now = msgspec.structs.replace(self.now, **changes)
        if now == self.now:
            return
        self.now = now
        self.panel.show_situation(now)
        self.bar.show_situation(now)
        count = len(now.company.people) if now.is_live else 0
        self._window.docks["people"].setWindowTitle(f"People ({count})" if count else "People")
        self.changed.emit()

    def _following_now(self) -> dict[str, bool]:
        return {"following": self.following.is_on, "held": self.following.is_held}

    def _follow_following(self) -> None:
        self._become(**self._following_now())

    def _show_places(self) -> None:
        self._become(places=self._named_places(self.now.company.people))

    def _named_places(self, people: Collection[Person]) -> dict[str, str]:
        state, found = self._window.document.state, {}
        for one in people:
            diagram = state.get(self.whereabouts.diagram_of(one.participant_id))
            if diagram is not None:
                found[one.participant_id] = title_of(diagram) or "Unnamed diagram"
        return found

    @property
    def _own_colour(self) -> str:
        me = self.now.me
        return me.colour if me is not None else ""

    def _colour(self, page: DiagramPage) -> None:
        if self._own_colour:
            page.view.laser.colour = self._own_colour

    # --- what is wished --------------------------------------------------------------------------
    def wish(self, wish: Wish) -> None:
        """Do something, or have it done; say why where it cannot be."""
        if not self._may(wish):
            return
        if wish.what is What.FOLLOW:
            self.following.follow()
        elif wish.what is What.LOOK_AROUND:
            self.following.look_around()
        elif wish.what is What.SHOW:
            self._show_whereabouts(wish.whom)
        elif wish.what is What.LASER:
            self._window.actions_set.trigger("laser")
        elif wish.what is What.REMOVE:
            self._ask_remove(wish.whom)
        elif wish.what is What.END:
            self._ask_end()
        else:
            self.wished.emit(wish)

    def _may(self, wish: Wish) -> bool:
        reason = why_not(self.now, wish.what, wish.whom)
        if reason:
            self._window.toast.say(f"{reason}.")
        return not reason

    def _ask_server(self, wish: Wish) -> None:
        """After a question: things may be different from when it was asked."""
        if self._may(wish):
            self.wished.emit(wish)

    def _show_whereabouts(self, whom: str) -> None:
        where = self.whereabouts
        page = self._window.open_diagram(where.diagram_of(whom))
        if page is None:
            return
        self._window.frame_now(page)
        place, chosen = where.place_of(whom), list(where.selection_of(whom))
        if place is not None:
            page.view.look_at(QPointF(place.x, place.y), page.view.zoom)
        elif chosen:
            page.view.reveal(chosen)

    def _ask_remove(self, whom: str) -> None:
        person = self.now.company.person(whom)
        if person is not None:

            def remove(reason: str) -> None:
                self._ask_server(Wish(What.REMOVE, whom, reason=reason))

            RemoveQuestion(person, remove, self._window).open()

    def _ask_end(self) -> None:
        others = len(self.now.others)
        who = f"{counted(others, 'person', 'people')} will be cut off." if others else "Nobody else is here."
        ask(
            self._window, "End the session for all?",
            f"{who} What everybody drew is kept. They can come back while they have access.",
            [("End session", lambda: self._ask_server(Wish(What.END)))], grave=True,
        )  # fmt: skip

    # --- the presentation ------------------------------------------------------------------------
    def _presentation_changed(self) -> None:
        """Whoever presents on a screen of his own in a session should know whether others see it."""
        now = self.now
        alone = not now.is_live or not now.others
        if self._window.presenting.window is None or alone or now.company.i_present:
            return
        if now.presenter is None:
            self.wish(Wish(What.ASK))
        elif now.company.i_host:
            self._window.toast.say(
                f"{now.presenter.name} presents: only you see this.", "Take back",
                lambda: self.wish(Wish(What.TAKE_BACK)),
            )  # fmt: skip
        else:
            self._window.toast.say(
                f"{now.presenter.name} presents: only you see this.", "Ask to present",
                lambda: self.wish(Wish(What.ASK)),
            )  # fmt: skip

    def _tell_presentation(self, before: Situation) -> None:
        """Who presents on a whole screen sees no panel: a new request is said in its line."""
        window = self._window.presenting.window
        fresh = [one for one in self.now.asking if one.participant_id not in before.company.asking]
        if window is not None and fresh:
            window.caption.say(f"{fresh[0].name} asks to present: answer in the model’s window")
