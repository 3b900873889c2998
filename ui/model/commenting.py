"""Comments in a model's window: pins on the diagrams, the panel beside them, and the ways between."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF

from app.domain.changes import ChangeSet
from app.domain.errors import TmiError
from app.domain.patch import Origin
from app.domain.records import Cell, Comment, Diagram, Threat
from app.domain.state import ModelState
from app.services import comments as threads
from app.services.comments import Anchor
from canvas.pins.layer import PinLayer
from canvas.pins.spots import Pin, PinThread
from ui.model.drafts import Draft
from ui.model.page import DiagramPage
from ui.panels.comments.words import first_line

if TYPE_CHECKING:
    from ui.model.window import ModelWindow

RESOLVED = "comments.resolved"


class Commenting(QObject):
    """Keeps pins, panel and counters of one window together."""

    def __init__(self, window: "ModelWindow") -> None:
        super().__init__(window)
        self._window = window
        self.panel = window.around.comments
        self.seen = self.panel.seen
        self.layers: dict[str, PinLayer] = {}
        self._unread: frozenset[str] = frozenset()
        self.panel.jump.connect(self._go)
        self.panel.chosen.connect(self._choose)
        self.seen.listen(self._seen)
        window.status.comments_asked.connect(self.next_unread)
        window.inspector.comments_asked.connect(self.comment_on_selection)
        self._count()

    # --- pins ------------------------------------------------------------------------------------
    def connect_page(self, page: DiagramPage) -> None:
        """Show the pins of a diagram that has been opened."""
        layer = PinLayer(page.view, self._pin_threads)
        layer.show_resolved(self.resolved_shown)
        layer.opened.connect(self._open_pin)
        layer.moved.connect(self._move_pin)
        self.layers[page.diagram_id] = layer
        page.view.comment_requested.connect(lambda at, cell: self._begin_at(page.diagram_id, at, cell))
        page.closing.connect(lambda: self._close(page.diagram_id))

    def _close(self, diagram_id: str) -> None:
        layer = self.layers.pop(diagram_id, None)
        if layer is not None:
            layer.close()

    def _pin_threads(self, state: ModelState, diagram_id: str) -> list[PinThread]:
        found = []
        for thread in threads.threads(state):
            root, anchor = thread.root, thread.anchor
            if threads.diagram_of(state, anchor) != diagram_id:
                continue
            threat = state.find(Threat, anchor.threat_id)
            on = anchor.cell_id or (threat.cell_id if threat is not None else None)
            if threat is not None and on is None:
                continue
            fresh = any(self.seen.is_unread(comment) for comment in thread.comments)
            line = first_line(root.text)
            found.append(PinThread(root.id, on, anchor.x, anchor.y, root.author, line,
                                   len(thread.replies), fresh, root.resolved))  # fmt: skip
        return found

    @property
    def resolved_shown(self) -> bool:
        """Whether resolved threads have pins too."""
        return self._window.shell.settings.flag(RESOLVED, False)

    def toggle_resolved_pins(self) -> None:
        """Show the pins of resolved threads, or hide them."""
        self._window.shell.settings.set(RESOLVED, not self.resolved_shown)
        for layer in self.layers.values():
            layer.show_resolved(self.resolved_shown)

    def _open_pin(self, pin: Pin) -> None:
        """The thread of a pin; pressed again, the next one of those that share it."""
        ids = [thread.root_id for thread in pin.threads]
        fresh = [thread.root_id for thread in pin.threads if thread.unread]
        here = self.panel.view.root_id if self.panel.shows_thread else ""
        after = ids[(ids.index(here) + 1) % len(ids)] if here in ids else (fresh or ids)[0]
        self.open_thread(after)

    def _move_pin(self, pin: Pin, at: QPointF) -> None:
        document = self._window.document
        roots = [document.state.find(Comment, thread.root_id) for thread in pin.threads]
        patch = tuple(
            op for root in roots if root is not None for op in threads.move_to(root, at.x(), at.y())
        )
        try:
            document.apply(patch, title="move comment")
        except TmiError as error:
            self._window.toast.say(str(error))

    # --- opening and beginning -------------------------------------------------------------------
    def show(self) -> None:
        """Bring the panel to the front."""
        self._window.around.show("comments")
        if not self.panel.shows_thread:
            self.panel.show_list()

    def open_thread(self, comment_id: str) -> None:
        """Show a thread in the panel."""
        self._window.around.show("comments")
        self.panel.open_thread(comment_id)

    def _begin_at(self, diagram_id: str, at: QPointF, cell_id: str | None) -> None:
        cell = self._window.document.state.cell(cell_id)
        place = threads.place_of(cell) if cell is not None and not cell.is_line else None
        x, y = (place.x, place.y) if place is not None else (round(at.x(), 2), round(at.y(), 2))
        self._begin(Anchor(diagram_id, cell_id, None, x, y))

    def _begin(self, anchor: Anchor) -> None:
        if self._window.document.read_only:
            self._window.toast.say(self._window.document.read_only)
            return
        self._window.around.show("comments")
        self.panel.begin(anchor)

    def comment_on_selection(self) -> None:
        """The open thread of what is selected (element or threat), or a new one; else on the diagram."""
        state, page = self._window.document.state, self._window.page
        for record_id in self._window.inspector.ids[:1]:
            record = state.get(record_id)
            if isinstance(record, Cell | Threat):
                on_it = [r for r in state.pointing_at(record_id) if isinstance(r, Comment) and not r.resolved]
                if on_it:
                    self.open_thread(max(on_it, key=lambda c: (c.written_at, c.id)).id)
                elif isinstance(record, Cell):
                    middle = page.scene.bounds_of([record_id]).center() if page is not None else QPointF()
                    self._begin_at(record.diagram_id, middle, record_id)
                else:
                    self._begin(Anchor(record.diagram_id, None, record_id))
                return
        if page is None:
            self._begin(Anchor())
        else:
            self._begin_at(page.diagram_id, page.view.visible_area().center(), None)

    def next_unread(self) -> None:
        """Open the oldest unread thread and show what it is on."""
        state = self._window.document.state
        for thread in threads.threads(state):
            if any(comment.id in self._unread for comment in thread.comments):
                self._go(thread.anchor)
                self.open_thread(thread.root.id)
                return
        self._window.toast.say("No unread comments.")

    def mark_all_read(self) -> None:
        """Nothing is unread any more."""
        self.seen.mark_all(self._window.document.state)

    @property
    def unread(self) -> int:
        """How many comments are unread."""
        return len(self._unread)

    def resume(self, draft: Draft) -> bool:
        """Go on with a text that outlived its window. False when it is no comment's."""
        state = self._window.document.state
        record = state.get(draft.record_id)
        if isinstance(record, Comment):
            self.open_thread(record.id)
            return True
        if draft.prop == "comment" and isinstance(record, Cell):
            place = threads.place_of(record)
            self._begin(Anchor(record.diagram_id, record.id, None, place.x, place.y))
        elif draft.prop == "comment" and isinstance(record, Threat):
            self._begin(Anchor(record.diagram_id, None, record.id))
        elif draft.prop.startswith("comment@") and (isinstance(record, Diagram) or not draft.record_id):
            x, _, y = draft.prop.removeprefix("comment@").partition(",")
            self._begin(Anchor(draft.record_id or None, None, None, float(x), float(y)))
        else:
            return False
        return True

    # --- going there -----------------------------------------------------------------------------
    def _go(self, anchor: Anchor) -> None:
        window, state = self._window, self._window.document.state
        if state.cell(anchor.cell_id) is not None:
            window.reveal(anchor.cell_id or "")
        elif (threat := state.find(Threat, anchor.threat_id)) is not None:
            if threat.cell_id:
                window.reveal(threat.cell_id)
            window.open_threat(threat.id)
        elif anchor.diagram_id:
            page = window.open_diagram(anchor.diagram_id)
            if page is not None:
                page.view.look_at(QPointF(anchor.x, anchor.y), page.view.zoom)

    def _choose(self, root_id: str) -> None:
        for layer in self.layers.values():
            layer.choose(root_id)

    # --- counters --------------------------------------------------------------------------------
    def _seen(self) -> None:
        for layer in self.layers.values():
            layer.refresh()
        self._count()

    def heard(self, changes: ChangeSet, _origin: Origin) -> None:
        """Keep the counters right."""
        if any(change.kind == "comment" for change in changes.changes):
            self._count()

    def _count(self) -> None:
        self._unread = self.seen.unread(self._window.document.state)
        count = len(self._unread)
        self._window.docks["comments"].setWindowTitle(f"Comments ({count})" if count else "Comments")
        self._window.status.show_unread(count)
