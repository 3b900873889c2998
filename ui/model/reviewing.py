"""What happened while one was away, in a model's window: the panel, ghosts on the diagrams, the counter."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QTimer
from PySide6.QtWidgets import QApplication

from app.domain.absence import Edit
from app.domain.conflicts import Conflict
from app.domain.records import Cell, Comment, Diagram, SavedView, Threat
from app.domain.state import ModelState
from canvas.overlays.ghosts import Ghost, GhostLayer
from ui.model.page import DiagramPage
from ui.panels.names import REGISTERS
from ui.panels.review.disputes import ends_of, my_version, named, tag_of
from ui.panels.review.panel import to_decide, told

if TYPE_CHECKING:
    from ui.model.window import ModelWindow


class Reviewing(QObject):
    """Keeps panel, ghosts and counter of one window together. Nothing here ever waits for an answer."""

    def __init__(self, window: "ModelWindow") -> None:
        super().__init__(window)
        self._window = window
        self._document = window.document
        self.panel = window.around.review
        self.layers: dict[str, GhostLayer] = {}
        self._known = self._state_of_things()
        self._met = set(self._known[0])
        panel, dock = self.panel, window.docks["review"]
        panel.problem.connect(lambda text: window.toast.say(text))
        panel.decided.connect(lambda text, back: window.toast.say(text, "Undo", back))
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self._show_ghosts)
        panel.attended.connect(self._later.start)
        panel.all_toggled.connect(lambda _on: self._show_all_turned())
        panel.revealed.connect(self._go)
        panel.dismissed.connect(self._dismissed)
        dock.visibilityChanged.connect(lambda _on: self._later.start())
        window.status.review_asked.connect(self.show)
        self._stop: Callable[[], None] | None = self._document.listen_conflicts(self._changed)
        self._count()

    def set_names(self, names: Callable[[str], str]) -> None:
        """Say what people are called: a user's id to a name."""
        self.panel.set_names(names)

    def opened(self) -> None:
        """What was left from last time is there when the window opens."""
        if self._document.conflicts or self._document.absence:
            self._window.around.show("review")

    def show(self) -> None:
        """Bring the panel to the front, with the keyboard on it."""
        self._window.around.show("review")
        self.panel.list.setFocus()

    def detach(self) -> None:
        """Let go of the document. Safe to call twice."""
        if self._stop is not None:
            self._stop()
            self._stop = None
            self._later.stop()

    # --- what is to be decided -------------------------------------------------------------------
    @property
    def asked(self) -> list[Conflict]:
        """What a person has to decide."""
        return [one for one in self._document.conflicts if one.asked]

    def next(self) -> None:
        """Go to the next thing to decide."""
        if not self.asked:
            self._window.toast.say("Nothing to decide.")
            return
        found = self.panel.list
        goes_on = found.hasFocus()
        self.show()
        if goes_on or found.current not in self.asked:
            found.go_to_next()
        found.revealed.emit(found.current)

    def keep(self, choice: str, *, places_only: bool = False) -> None:
        """Settle everything, or all places, at once."""
        found = [one for one in self._document.conflicts if not (places_only and one.asked)]
        self.panel.decide_on(found, "mine" if choice == "mine" else "theirs")

    def _state_of_things(self) -> tuple[frozenset[str], int]:
        edits = self._document.absence
        return frozenset(one.id for one in self._document.conflicts), len(edits.edits) + edits.more

    def _changed(self) -> None:
        """There is more, less or something else to decide: said once, in passing."""
        before, self._known = self._known, self._state_of_things()
        had_keys = self.panel.isAncestorOf(QApplication.focusWidget() or self._window)
        self.panel.refresh()
        if had_keys and not (self._document.conflicts or self._document.absence) and self._window.page:
            self._window.page.view.setFocus()  # else Qt would look for some other widget
        self._count()
        fresh = self._known[0] - self._met  # what is asked again after an undo is no news
        self._met |= fresh
        if fresh:
            asked = sum(one.id in fresh for one in self.asked)
            text = to_decide(asked) if asked else "Others have put things elsewhere too; theirs is kept."
            self._window.toast.say(text, "Show", self.show)
        elif self._known[1] > before[1]:
            text = told((), self._document.absence, self.panel.names)
            self._window.toast.say(text, "Show", self.show)
        self._window.refresh_actions()

    def _count(self) -> None:
        count = len(self.asked)
        self._window.docks["review"].setWindowTitle(f"While away ({count})" if count else "While away")
        self._window.status.show_to_decide(count)

    def _dismissed(self) -> None:
        if not self._document.conflicts:
            self._window.docks["review"].hide()

    # --- ghosts ----------------------------------------------------------------------------------
    def connect_page(self, page: DiagramPage) -> None:
        """Show ghosts on a diagram that has been opened."""
        self.layers[page.diagram_id] = GhostLayer(page.view)
        page.closing.connect(lambda: self.layers.pop(page.diagram_id, None))
        self._later.start()

    @property
    def all_shown(self) -> bool:
        """Whether all of mine is shown, not only what is looked at."""
        return self.panel.all_button.isChecked()

    def toggle_all(self) -> None:
        """Show all of mine in the diagrams, or only what is looked at."""
        self.panel.all_button.toggle()

    def _show_all_turned(self) -> None:
        self._later.start()
        self._window.refresh_actions()

    def _show_ghosts(self) -> None:
        strong = self.panel.attended_to if self.panel.isVisible() else []
        wanted = {one.id: one for one in strong}
        if self.all_shown:
            wanted |= {one.id: one for one in self._document.conflicts if one.id not in wanted}
        ids = {one.id for one in strong[:1]} if self.panel.list.hovered else {one.id for one in strong}
        found: dict[str, list[Ghost]] = {diagram_id: [] for diagram_id in self.layers}
        for one in reversed(wanted.values()):
            ghost = ghost_of(one, self._document.state, strong=one.id in ids)
            if ghost is not None and ghost.cell.diagram_id in found:
                found[ghost.cell.diagram_id].append(ghost)
        for diagram_id, layer in self.layers.items():
            layer.show(found[diagram_id])

    # --- going there -----------------------------------------------------------------------------
    def _go(self, what: Conflict | Edit, record_id: str) -> None:
        """Show what a row is about. Whoever goes through the list stays in it."""
        stays = self.panel.list.hasFocus()
        if not (record_id and self._reveal(record_id)) and isinstance(what, Conflict):
            self._look_at_ghost(what)
        if stays:
            self.panel.list.setFocus()

    def _reveal(self, record_id: str) -> bool:
        window = self._window
        record = window.document.state.get(record_id)
        match record:
            case Cell():
                window.reveal(record_id)
            case Threat():
                if record.cell_id:
                    window.reveal(record.cell_id)
                window.open_threat(record_id)
                window.around.show("review")
            case Diagram():
                window.open_diagram(record_id)
            case Comment():
                window.commenting.open_thread(record_id)
            case SavedView():
                window.presenting.show_view(record_id)
            case None:
                return False
            case _:
                if record.kind in REGISTERS:
                    window.show_register(record.kind)
                    window.registers.table(record.kind).select_records([record_id])
        return True

    def _look_at_ghost(self, conflict: Conflict) -> None:
        ghost = ghost_of(conflict, self._document.state)
        page = self._window.open_diagram(ghost.cell.diagram_id) if ghost is not None else None
        if ghost is None or page is None:
            return
        self._window.frame_now(page)
        page.scene.clear_selection()
        self._show_ghosts()
        marks = self.layers[page.diagram_id].marks
        covered = [mark.bounds(page.view.viewportTransform()) for mark in marks]
        if covered:
            middle = covered[0].center()
            page.view.look_at(page.view.scene_point(QPointF(middle)), page.view.zoom)


def ghost_of(conflict: Conflict, state: ModelState, *, strong: bool = True) -> Ghost | None:
    """How mine is shown in its diagram; None for what is in none."""
    if conflict.kind != "cell":
        on = state.cell(getattr(state.get(conflict.record_id), "cell_id", None))
        return Ghost(on, f"Undecided: {named(conflict, state)}", strong=strong) if on is not None else None
    if conflict.what == "i_removed":
        cell = state.cell(conflict.record_id)
        return Ghost(cell, tag_of(conflict, state), gone=True, strong=strong) if cell is not None else None
    mine = my_version(conflict, state)
    if not isinstance(mine, Cell):
        return None
    ends = {i: one for i, one in ends_of(conflict).items() if isinstance(one, Cell)}
    return Ghost(mine, tag_of(conflict, state), ends, strong=strong)
