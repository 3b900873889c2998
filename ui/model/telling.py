"""What others are told of one's own doings: pointer, selection, words, and what a presenter sees.

What counts is the presentation while there is one, else the diagram in front.
"""

from functools import partial

from PySide6.QtCore import QObject, Signal

from app.domain.presence import Company, CursorAt, SelectionOf, TypingOf, ViewportOf
from app.domain.values import Point
from canvas.dressed_view import DressedView
from canvas.presenting.view import PresentedView
from ui.model.page import DiagramPage
from ui.model.pages import Pages
from ui.model.presenting import Presenting


class Telling(QObject):
    """`told` carries values of `app.domain.presence`, only while there is somebody to hear them."""

    told = Signal(object)

    def __init__(self, pages: Pages, presenting: Presenting, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pages, self._presenting = pages, presenting
        self._company = Company()
        self._view: DressedView | None = None
        pages.opened.connect(self._connect_page)
        pages.turned.connect(self._take_source)
        presenting.changed.connect(self._presentation_changed)
        for page in pages.by_diagram.values():
            self._connect_page(page)
        self._take_source()

    def _connect_page(self, page: DiagramPage) -> None:
        self._connect_view(page.view)
        page.view.draft_changed.connect(partial(self._typed, page))
        page.closing.connect(lambda: self._lose(page.view))

    def _connect_view(self, view: DressedView) -> None:
        view.sharing.pointer.connect(partial(self._pointed, view))
        view.sharing.selection.connect(partial(self._selected, view))
        view.sharing.viewport.connect(partial(self._looked, view))

    # --- whose view counts -----------------------------------------------------------------------
    def _presentation_changed(self) -> None:
        window = self._presenting.window
        if window is not None:
            window.view_changed.connect(self._take_presented)
            if window.view is not None:
                self._take_presented(window.view)
        else:
            self._take_source()

    def _take_presented(self, view: object) -> None:
        if isinstance(view, PresentedView):
            if not view.property("told"):
                view.setProperty("told", True)
                self._connect_view(view)
                view.spotlight_changed.connect(lambda _cell: self._selected(view, ()))
            self._take(view)

    def _take_source(self) -> None:
        if self._presenting.window is None:
            page = self._pages.current
            self._take(page.view if page is not None else None)

    def _take(self, view: DressedView | None) -> None:
        if view is self._view:
            return
        if self._view is not None:
            self._view.sharing.watch_viewport(False)
        self._view = view
        self._tell_all()

    def _lose(self, view: DressedView) -> None:
        if view is self._view:
            self._view = None

    # --- the people ------------------------------------------------------------------------------
    def set_company(self, company: Company) -> None:
        """Newcomers, and everybody when one begins to present, are told how things are."""
        before, self._company = self._company, company
        known = {one.participant_id for one in before.people}
        fresh = any(one.participant_id not in known for one in company.people)
        if fresh or company.i_present != before.i_present:
            self._tell_all()

    @property
    def _is_heard(self) -> bool:
        return bool(self._company.me) and len(self._company.people) > 1

    def _tell_all(self) -> None:
        view = self._view
        if view is None:
            return
        watched = self._company.i_present and self._is_heard
        view.sharing.watch_viewport(watched)
        if self._is_heard:
            at = view.pointer_scene_place()
            here = Point(round(at.x(), 2), round(at.y(), 2)) if at is not None else None
            self._pointed(view, here, view.laser.is_on)
            self._selected(view, view.chosen())

    # --- what is told ----------------------------------------------------------------------------
    def _pointed(self, view: DressedView, at: Point | None, laser: bool) -> None:
        if view is self._view and self._is_heard:
            self.told.emit(CursorAt(
                participant_id=self._company.me, diagram_id=view.diagram_scene.diagram_id, position=at,
                laser=laser,
            ))  # fmt: skip

    def _selected(self, view: DressedView, cells: tuple[str, ...]) -> None:
        """On a large screen the spotlight is what is chosen."""
        if view is not self._view or not self._is_heard:
            return
        if isinstance(view, PresentedView):
            cells = (view.spotlight.cell_id,) if view.spotlight.cell_id else ()
        self.told.emit(SelectionOf(
            participant_id=self._company.me, diagram_id=view.diagram_scene.diagram_id, cells=cells,
        ))  # fmt: skip

    def _looked(self, view: DressedView, centre: Point, zoom: float, seen: Point) -> None:
        if view is self._view and self._is_heard and self._company.i_present:
            self.told.emit(ViewportOf(
                participant_id=self._company.me, diagram_id=view.diagram_scene.diagram_id, centre=centre,
                zoom=zoom, width=seen.x, height=seen.y,
            ))  # fmt: skip

    def _typed(self, page: DiagramPage, cell_id: str, text: object) -> None:
        if self._is_heard:
            self.told.emit(TypingOf(
                participant_id=self._company.me, diagram_id=page.diagram_id, record_id=cell_id,
                text=text if isinstance(text, str) else "",
            ))  # fmt: skip
