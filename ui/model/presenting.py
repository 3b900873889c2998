"""Presenting from a model's window: the panel of views, the whole screen, one's own laser."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, Signal
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QMenu

from app.domain.edits.views import add_view, free_name, place_of
from app.domain.patch import update
from app.domain.records import SavedView, title_of
from app.domain.values import Point, Size
from ui.model.page import DiagramPage
from ui.panels.names import shown_title
from ui.presentation.window import PresentationWindow

if TYPE_CHECKING:
    from ui.model.window import ModelWindow

SCREEN = "presentation.screen"


class Presenting(QObject):
    """At most one presentation of a model at a time.

    `window` is the presentation while there is one, `changed` tells of its beginning and end.
    """

    changed = Signal()

    def __init__(self, model: "ModelWindow") -> None:
        super().__init__(model)
        self._model = model
        self.window: PresentationWindow | None = None
        self.laser_colour = ""
        panel = self.panel = model.around.views
        panel.add_asked.connect(self.add)
        panel.update_asked.connect(self._update)
        panel.spotlight_asked.connect(self._spotlight)
        panel.shown.connect(self.show_view)
        panel.present_asked.connect(self.start)
        panel.screens_asked.connect(self._offer_screens)

    # --- views -----------------------------------------------------------------------------------
    def add(self) -> None:
        """Keep what the diagram in front shows, with the spotlight on the only selected element."""
        model, page = self._model, self._model.page
        if page is None or model.document.read_only:
            return
        state = model.document.state
        lit = self._only_chosen(page)
        cell = state.cell(lit)
        diagram = state.get(page.diagram_id)
        wanted = shown_title(state, cell) if cell is not None else title_of(diagram) if diagram else ""
        view_id, patch = add_view(state, free_name(state, wanted), _place(page), lit)
        model.document.apply(patch, title="add view")
        model.around.show("views")
        self.panel.rename(view_id)

    def _update(self, view_id: str) -> None:
        page = self._model.page
        if page is not None:
            patch = (update("saved_view", view_id, **_place(page)),)
            self._model.document.apply(patch, title="update view")
            name = self._name_of(view_id)
            self._model.toast.say(f"“{name}” shows this now.", "Undo", self._undo)

    def _spotlight(self, view_id: str) -> None:
        model, page = self._model, self._model.page
        view = model.document.state.find(SavedView, view_id)
        if view is None:
            return
        if view.spotlight is not None:
            model.document.apply(
                (update("saved_view", view_id, spotlight=None),), title="take spotlight away"
            )
            return
        lit = self._only_chosen(page) if page is not None else None
        if page is None or lit is None:
            model.toast.say("Select one element for the spotlight first.")
        elif page.diagram_id != view.diagram_id:
            model.toast.say("The spotlight belongs on an element of the diagram that the view shows.")
        else:
            model.document.apply((update("saved_view", view_id, spotlight=lit),), title="spotlight")

    def _undo(self) -> None:
        self._model.actions_set.trigger("undo")

    def _name_of(self, view_id: str) -> str:
        view = self._model.document.state.get(view_id)
        return (title_of(view) if view is not None else "") or "View"

    @staticmethod
    def _only_chosen(page: DiagramPage) -> str | None:
        chosen = page.view.desk.order
        return chosen[0] if len(chosen) == 1 else None

    def show_view(self, view_id: str) -> None:
        """Look at a view in the model's window."""
        view = self._model.document.state.find(SavedView, view_id)
        page = self._model.open_diagram(view.diagram_id or "") if view is not None else None
        if view is None or page is None:
            return
        self._model.frame_now(page)
        size, zoom = page.view.viewport().size(), view.zoom
        if view.width and view.height:
            zoom = min(size.width() / view.width, size.height() / view.height)
        page.view.look_at(QPointF(view.centre.x, view.centre.y), zoom)
        page.scene.select([view.spotlight] if view.spotlight else [])
        self.panel.select(view_id)

    # --- the presentation ------------------------------------------------------------------------
    def start(self, step_id: str = "") -> None:
        """Present, beginning with a view or a diagram; the first step when none is named."""
        if self.window is not None:
            self.window.activateWindow()
            return
        model = self._model
        window = PresentationWindow(
            model.document, model.shell.theme, calm=model.shell.calm, laser=self.laser_colour
        )
        if not window.start(step_id, self._screen()):
            window.close()
            window.deleteLater()
            model.toast.say("There is no diagram to present.")
            return
        self.window = window
        window.left.connect(self._left)
        window.screen_changed.connect(lambda name: model.shell.settings.set(SCREEN, name))
        self.changed.emit()

    def start_here(self) -> None:
        """Present, beginning with the selected view where the panel shows, else with the diagram in front."""
        page = self._model.page
        chosen = self.panel.current_id if self.panel.isVisible() else ""
        self.start(chosen or (page.diagram_id if page is not None else ""))

    def _left(self) -> None:
        window, self.window = self.window, None
        if window is not None:
            window.deleteLater()
            self._model.activateWindow()
            self.changed.emit()

    def stop(self) -> None:
        """Leave the presentation, if there is one."""
        if self.window is not None:
            self.window.close()

    def set_calm(self, calm: bool) -> None:
        """Nothing glides or glows, or it does again."""
        for page in self._model.pages.values():
            page.view.company.reduced_motion = calm
        if self.window is not None:
            self.window.set_calm(calm)

    # --- screens ---------------------------------------------------------------------------------
    def _screen(self) -> QScreen:
        """The screen chosen last if it is there, else another one than this window is on."""
        here, wanted = self._model.screen(), self._model.shell.settings.text(SCREEN)
        screens = QGuiApplication.screens()
        named = next((s for s in screens if s.name() == wanted), None)
        return named or next((s for s in screens if s is not here), here)

    def _offer_screens(self, menu: QMenu) -> None:
        chosen = self._screen()
        for number, screen in enumerate(QGuiApplication.screens(), start=1):
            size = screen.size()
            here = ", this window's" if screen is self._model.screen() else ""
            text = f"Screen {number}: {screen.name()}, {size.width()} × {size.height()}{here}"
            act = menu.addAction(text.replace("&", "&&"))
            act.setCheckable(True)
            act.setChecked(screen is chosen)
            name = screen.name()
            act.triggered.connect(lambda _on=False, n=name: self._model.shell.settings.set(SCREEN, n))


def _place(page: DiagramPage) -> dict[str, object]:
    view = page.view
    seen = view.visible_area()
    centre = Point(seen.center().x(), seen.center().y())
    return place_of(page.diagram_id, centre, view.zoom, Size(seen.width(), seen.height()))
