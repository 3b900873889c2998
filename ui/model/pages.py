"""The open diagrams of a model, in tabs."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QLabel, QStackedWidget, QTabWidget

from app.domain.changes import ChangeSet
from app.domain.records import Diagram, title_of
from app.services.document import Document
from ui.model.page import DiagramPage
from ui.settings import Settings
from ui.theme import Theme, ThemeManager

MOST_AT_FIRST = 8


class Pages(QStackedWidget):
    """Tabs, or a hint while no diagram is open. Remembers which were open and how they were shown."""

    opened = Signal(DiagramPage)
    turned = Signal()

    def __init__(self, document: Document, settings: Settings, theme: ThemeManager) -> None:
        super().__init__()
        self._document = document
        self._settings = settings
        self._theme = theme
        self.by_diagram: dict[str, DiagramPage] = {}
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setTabsClosable(True)
        self.tabs.setMovable(True)
        self.tabs.setAccessibleName("Diagrams")
        self.tabs.tabCloseRequested.connect(self.close_tab)
        self.tabs.currentChanged.connect(self._turned)
        hint = QLabel("No diagram is open.\n\nDouble-click one in the tree, or press Ctrl+T for a new one.")
        hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        hint.setWordWrap(True)
        hint.setProperty("role", "muted")
        self.addWidget(hint)
        self.addWidget(self.tabs)

    @property
    def current(self) -> DiagramPage | None:
        """The diagram in front."""
        widget = self.tabs.currentWidget()
        return widget if isinstance(widget, DiagramPage) else None

    def open(self, diagram_id: str, *, focus: bool = True) -> DiagramPage | None:
        """Show a diagram in its tab; None when there is no such diagram."""
        page = self.by_diagram.get(diagram_id)
        if page is None:
            diagram = self._document.state.find(Diagram, diagram_id)
            if diagram is None:
                return None
            page = DiagramPage(self._document, diagram_id, self._theme.theme)
            self.by_diagram[diagram_id] = page
            self.dress()
            page.view.overview_toggled.connect(self._overview_wanted)
            self.opened.emit(page)
            self.tabs.addTab(page, _tab_text(title_of(diagram)))
        self.tabs.setCurrentWidget(page)
        if focus:
            page.view.setFocus()
        return page

    def open_remembered(self) -> None:
        """Open what was open last, or the first diagrams."""
        known = [d.id for d in self._document.state.diagrams()]
        wanted = [i for i in self._settings.texts(f"{self._key}.tabs") if i in known]
        for diagram_id in wanted or known[:MOST_AT_FIRST]:
            self.open(diagram_id)
        current = self._settings.text(f"{self._key}.tab")
        page = self.by_diagram.get(current) or next(iter(self.by_diagram.values()), None)
        if page is not None:
            self.tabs.setCurrentWidget(page)

    @property
    def _key(self) -> str:
        return f"model.{self._document.model_id}"

    def dress(self) -> None:
        """Show every diagram with or without grid, snapping or not, as it was wanted last."""
        for page in self.by_diagram.values():
            page.view.set_grid(self._settings.flag("canvas.grid", True))
            page.view.set_grid_snap(self._settings.flag("canvas.snap", True))
            wanted = self._settings.text("canvas.overview")
            page.view.set_overview(wanted == "true" if wanted else None)

    def _overview_wanted(self, shown: bool) -> None:
        self._settings.set("canvas.overview", shown)

    def close_tab(self, index: int) -> None:
        """Close a tab; the diagram itself stays."""
        page = self.tabs.widget(index)
        if isinstance(page, DiagramPage):
            self._remember_view(page)
            self.tabs.removeTab(index)
            self.by_diagram.pop(page.diagram_id, None)
            page.close_down()
            page.deleteLater()

    def close_current(self) -> None:
        """Close the diagram in front; the diagram itself stays."""
        self.close_tab(self.tabs.currentIndex())

    def _turned(self, _index: int) -> None:
        page = self.current
        self.setCurrentIndex(0 if page is None else 1)
        self.frame()
        self.turned.emit()

    def frame(self) -> None:
        """Let the diagram in front be shown as it was last, once it has its size."""
        page = self.current
        if page is not None:
            QTimer.singleShot(0, page, lambda: self.frame_now(page))

    def frame_now(self, page: DiagramPage) -> None:
        """Show a diagram as it was shown last, or whole."""
        if page.isVisible():
            page.frame_once(self._settings.text(f"view.{page.diagram_id}"))

    def _remember_view(self, page: DiagramPage) -> None:
        self._settings.set(f"view.{page.diagram_id}", page.remembered())

    def remember(self) -> None:
        """Keep which diagrams are open and how they are shown."""
        pages = [self.tabs.widget(i) for i in range(self.tabs.count())]
        ids = [p.diagram_id for p in pages if isinstance(p, DiagramPage)]
        self._settings.set(f"{self._key}.tabs", ids)
        self._settings.set(f"{self._key}.tab", self.current.diagram_id if self.current is not None else "")
        for page in self.by_diagram.values():
            self._remember_view(page)

    def update_from(self, changes: ChangeSet) -> None:
        """A renamed diagram's tab is renamed, a removed one's closed."""
        for change in changes.of_kind("diagram"):
            page = self.by_diagram.get(change.id)
            if page is None:
                continue
            index = self.tabs.indexOf(page)
            if change.after is None:
                self.close_tab(index)
            else:
                self.tabs.setTabText(index, _tab_text(title_of(change.after)))

    def retheme(self, theme: Theme) -> None:
        """Take over other colours."""
        for page in self.by_diagram.values():
            page.set_theme(theme)

    def finish(self) -> None:
        """Commit what is being typed, drop any gesture."""
        for page in self.by_diagram.values():
            page.view.close_tools()

    def close_down(self) -> None:
        """Let go of the document."""
        for page in self.by_diagram.values():
            page.close_down()


def _tab_text(name: str) -> str:
    short = name if len(name) <= 32 else name[:31] + "…"
    return short.replace("&", "&&")
