"""A shared model in its window: who is there, what they do, and how the connection is."""

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Final

from app.domain.patch import Operation
from app.domain.presence import Company, CursorAt, Person, SelectionOf, Sight, TypingOf
from app.ports_live import LinkStatus
from app.services.sharing import SharedModel, Watcher
from ui.dialogs.lost import LostDialog
from ui.model.errands import Errands
from ui.model.page import DiagramPage
from ui.panels.people import What, Wish
from ui.widgets.tasks import Tasks

if TYPE_CHECKING:
    from ui.model.window import ModelWindow

# What the bar over the diagram and the panel show by themselves.
SHOWN: Final = frozenset({"asked", "presenting", "presenting_ended", "muted", "unmuted"})
ABSENT: Final = "#7a8699"  # somebody who changed something and is not there


class Collaboration(Watcher):
    """Hears what happens to a shared model and shows it in the window; does nothing while none is shared."""

    def __init__(self, window: "ModelWindow") -> None:
        self._window = window
        self.shared: SharedModel | None = None
        self._stop: Callable[[], None] = lambda: None
        self._tasks = Tasks(window)
        self._errands: Errands | None = None
        window.gathering.told.connect(self.tell)
        window.gathering.wished.connect(self._wish)
        window.inspector.typing.connect(self._type)

    # --- beginning and end -----------------------------------------------------------------------

    def follow(self, shared: SharedModel | None) -> None:
        """Show this shared model from now on; None when the model is shared no longer."""
        if shared is self.shared:
            return
        self._stop()
        self.shared, self._stop, self._errands = shared, lambda: None, None
        if shared is not None:
            self._errands = Errands(shared, self._tasks, self._window.toast.say)
            self._window.reviewing.set_names(shared.names.__getitem__)
        if shared is None:
            self.company(Company())
        else:
            self._stop = shared.listen(self)
            self.company(shared.company_now)
        self.rights()
        self._show_link()
        if shared is not None:
            self.offer_lost()

    def connect_page(self, page: DiagramPage) -> None:
        """A diagram has been opened: show who is in it, and what they had selected before."""
        page.view.company.set_people(self.company_now.people)
        for sight in self._window.gathering.whereabouts.in_diagram(page.diagram_id):
            hear(page, sight)

    @property
    def company_now(self) -> Company:
        """Who is there."""
        return self.shared.company_now if self.shared is not None else Company()

    # --- what is heard ---------------------------------------------------------------------------

    def status(self, status: LinkStatus) -> None:
        """The connection is in another state."""
        self._show_link()
        self._window.actions_set.refresh()

    def waiting(self) -> None:
        """More or less waits for the server."""
        self._show_link()

    def company(self, company: Company) -> None:
        """Who is there has changed."""
        for page in self._window.pages.values():
            page.view.company.set_people(company.people)
        self._window.gathering.set_company(company)
        self._window.around.comments.set_participants(
            {one.name for one in company.people if one.participant_id != company.me}
        )
        self._show_link()
        self._window.actions_set.refresh()

    def sights(self, sights: Sequence[Sight]) -> None:
        """What others do; each diagram takes what concerns it, and forgets who went to another."""
        for sight in sights:
            self._window.gathering.hear(sight)
            for page in self._window.pages.values():
                hear(page, sight)
            if isinstance(sight, TypingOf):
                self._window.inspector.hear_typing(sight, self.company_now.person(sight.participant_id))

    def changed(self, record_ids: Collection[str], user_id: str) -> None:
        """Somebody else has changed these: mark them for a moment with the name."""
        person = self._author(user_id)
        for page in self._window.pages.values():
            page.view.company.mark_changed(record_ids, person)
        self._window.inspector.name_rivals(record_ids, person.name)

    def _author(self, user_id: str) -> Person:
        people = self.company_now.people
        found = next((one for one in people if one.user_id == user_id and not one.is_me), None)
        if found is not None:
            return found
        name = self.shared.names[user_id] if self.shared is not None else ""
        return Person(participant_id="", user_id=user_id, name=name, colour=ABSENT)

    def refused(self, operation: Operation, reason: str) -> None:
        """An own edit comes back with the reason."""
        what = f"“{operation.title}”" if operation.title else "Your last change"
        self._window.toast.say(f"{what} was taken back: {reason}", stays=True)

    def notice(self, code: str, text: str) -> None:
        """Something that people should be told."""
        if code == "denied":
            self._window.gathering.denied()
        elif code == "set_back":
            self._window.toast.say(text, "Show", self._show_lost, stays=True)
        elif code not in SHOWN and not (code == "shutdown" and self._window.shell.hosts_model(self._window)):
            self._window.toast.say(text)

    def offer_lost(self) -> None:
        """Say what a server has lost of others' work, when it has not been read yet."""
        if self._window.document.lost:
            self._window.toast.say("The server has lost changes that are kept here.", "Show", self._show_lost,
                                   stays=True)  # fmt: skip

    def _show_lost(self) -> None:
        names = self.shared.names.__getitem__ if self.shared is not None else str
        LostDialog(self._window.document, names, self._window).open()

    def rights(self) -> None:
        """What one may do here has changed."""
        self._window.show_rights()

    # --- what is told ----------------------------------------------------------------------------

    def tell(self, sight: Sight) -> None:
        """Tell the others what one does, if there are any."""
        shared = self.shared
        if shared is not None and shared.session is not None:
            shared.session.show(sight)

    def _wish(self, wish: Wish) -> None:
        """Do what only the session or its server can, or begin to share."""
        if wish.what in (What.SHARE, What.INVITE):
            self._window.shell.share(self._window)
        elif self._errands is not None:
            self._errands.do(wish)

    def _type(self, record_id: str, prop: str, text: str) -> None:
        page = self._window.page
        if page is not None and len(self.company_now.people) > 1:
            self.tell(TypingOf(
                participant_id=self.company_now.me, diagram_id=page.diagram_id, record_id=record_id,
                property=prop, text=text[:4000],
            ))  # fmt: skip

    # --- the status line -------------------------------------------------------------------------

    def edited(self) -> None:
        """Something was done here: it waits until the server has ordered it."""
        if self.shared is not None:
            self._show_link()

    def _show_link(self) -> None:
        shared, line, gathering = self.shared, self._window.status, self._window.gathering
        if shared is None:
            line.show_link("", "")
            gathering.set_status(None)
            return
        gathering.set_status(shared.status_now, shared.waiting_count, shared.seen_at)
        line.show_link(*link_words(shared.status_now, shared.waiting_count, shared.company_now.count),
                       alarming=shared.status_now.state == "stopped")  # fmt: skip

    def link_clicked(self) -> None:
        """Connect now, or show who is there."""
        if self.shared is not None and not self.shared.is_live:
            self.shared.retry()
        else:
            self._window.actions_set.trigger("people")


def hear(page: DiagramPage, sight: Sight) -> None:
    """Let a diagram show what somebody does in it."""
    company = page.view.company
    match sight:
        case CursorAt():
            company.hear_cursor(sight)
        case SelectionOf():
            company.hear_selection(sight)
        case TypingOf():
            company.hear_typing(sight)


def link_words(status: LinkStatus, waiting: int, people: int) -> tuple[str, str]:
    """How the connection is, short and in a sentence."""
    changes = f"{waiting} change{'' if waiting == 1 else 's'}"
    to_send = f" · {changes} to send" if waiting else ""
    if status.state == "live":
        with_whom = "alone" if people < 2 else f"{people} people"
        explained = "What you do reaches the others at once. Click to see who is there."
        return f"Live, {with_whom}{to_send}", explained
    kept = f"{changes} wait here, on the disk, until the server can be reached." if waiting else ""
    if status.state == "connecting":
        return f"Connecting…{to_send}", kept or "Looking for the server"
    if status.state == "waiting":
        why = f"{status.text}. You can work on; " if status.text else "You can work on; "
        rest = kept or "what you do is kept here and sent later."
        return f"Offline{to_send}", f"{why}{rest} Click to try now."
    why = f"{status.text}. " if status.text else ""
    return f"Not connected{to_send}", f"{why}{kept} Click to try again."
