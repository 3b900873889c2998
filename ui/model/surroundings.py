"""The panels around the diagrams, and where they stand."""

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMenu, QWidget

from app.services.document import Document
from app.services.seen import Seen
from ui.model.registers import Registers
from ui.panels import CommentsPanel, FindBar, HistoryPanel, Inspector, Memory, ModelTree, Palette
from ui.panels.people import PeoplePanel
from ui.panels.review import ReviewPanel
from ui.panels.views import ViewsPanel
from ui.settings import Settings
from ui.theme import ThemeManager

LAYOUT_VERSION = 1
NARROW = 1150
LEFT, RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea
HIDDEN_AT_FIRST = ("history", "find", "comments", "views", "people", "review")
BESIDE_INSPECTOR = ("comments", "views", "people", "review")


class Surroundings:
    """Tree, stencils, inspector, history, find and registers, each in a dock of its own."""

    def __init__(self, window: QMainWindow, document: Document, theme: ThemeManager, memory: Memory) -> None:
        self._window = window
        self.tree = ModelTree(document, theme)
        self.palette = Palette(theme)
        self.inspector = Inspector(document, theme)
        self.registers = Registers(document, theme, memory)
        self.history = HistoryPanel(document, theme)
        self.find_bar = FindBar(document, theme)
        seen = Seen(memory, document.model_id, document.author)
        self.comments = CommentsPanel(document, theme, seen)
        self.views = ViewsPanel(document, theme)
        self.people = PeoplePanel(document, theme)
        self.review = ReviewPanel(document, theme)
        self.docks = {
            "model": self._dock("Model", self.tree, LEFT),
            "stencils": self._dock("Stencils", self.palette, LEFT),
            "inspector": self._dock("Inspector", self.inspector, RIGHT),
            "history": self._dock("History", self.history, RIGHT),
            "comments": self._dock("Comments", self.comments, RIGHT),
            "views": self._dock("Views", self.views, RIGHT),
            "people": self._dock("People", self.people, RIGHT),
            "review": self._dock("While away", self.review, RIGHT),
            "find": self._dock("Find", self.find_bar, LEFT),
            "registers": self._dock("Registers", self.registers, BOTTOM),
        }
        for name in HIDDEN_AT_FIRST:
            self.docks[name].hide()
        window.setDockNestingEnabled(True)
        self._tabify()
        window.setCorner(Qt.Corner.BottomRightCorner, RIGHT)
        window.setCorner(Qt.Corner.BottomLeftCorner, LEFT)
        self._document = document
        self.show_rights()

    def show_rights(self) -> None:
        """What may be done with the model, as every panel shows it."""
        self.palette.set_read_only(self._document.read_only)
        for panel in (self.inspector, self.registers, self.comments, self.views):
            panel.show_rights()

    def _tabify(self) -> None:
        for name in BESIDE_INSPECTOR:
            self._window.tabifyDockWidget(self.docks["inspector"], self.docks[name])

    def _dock(self, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self._window)
        dock.setObjectName(f"dock.{title.lower()}")
        dock.setWidget(widget)
        self._window.addDockWidget(area, dock)
        return dock

    def show(self, name: str) -> None:
        """Bring one panel to the front."""
        self.docks[name].show()
        self.docks[name].raise_()

    def fill_menu(self, menu: QMenu) -> None:
        """Show and hide each panel; put all back to where they were at first."""
        for dock in self.docks.values():
            menu.addAction(dock.toggleViewAction())
        menu.addSeparator()
        menu.addAction("Reset layout", self.lay_out)

    def lay_out(self) -> None:
        """Put every panel where it is at the first start."""
        places = {
            "inspector": RIGHT,
            "history": RIGHT,
            "comments": RIGHT,
            "views": RIGHT,
            "people": RIGHT,
            "review": RIGHT,
            "registers": BOTTOM,
        }
        for name, dock in self.docks.items():
            dock.setFloating(False)
            self._window.addDockWidget(places.get(name, LEFT), dock)
            dock.setVisible(name not in HIDDEN_AT_FIRST)
        self._tabify()
        self._share_width()
        resize = self._window.resizeDocks
        resize([self.docks["registers"]], [220], Qt.Orientation.Vertical)
        resize([self.docks["model"], self.docks["stencils"]], [360, 300], Qt.Orientation.Vertical)

    def _share_width(self) -> None:
        """Leave the diagram at least half of the window."""
        width = self._window.width()
        sides = [240, 310] if width >= NARROW else [int(width * 0.2), int(width * 0.27)]
        docks = [self.docks["model"], self.docks["inspector"]]
        self._window.resizeDocks(docks, sides, Qt.Orientation.Horizontal)

    def restore(self, settings: Settings, model_id: str) -> None:
        """Put the window and its panels where they were last; wholly on the screen at the first time."""
        geometry = settings.data(f"model.{model_id}.geometry")
        if geometry.isEmpty():
            geometry = settings.data("model.geometry")
        if geometry.isEmpty() or not self._window.restoreGeometry(geometry):
            self._fit_on_screen()
        state: QByteArray = settings.data("model.state")
        if state.isEmpty() or not self._window.restoreState(state, LAYOUT_VERSION):
            self.lay_out()
        elif self._window.width() < NARROW:
            self._share_width()
        self.docks["find"].hide()

    def _fit_on_screen(self) -> None:
        """A window larger than the screen is made as large as it; one that nobody looks at stays."""
        room = self._window.screen().availableGeometry()
        too_large = room.width() < self._window.width() or room.height() < self._window.height()
        if too_large and QGuiApplication.platformName() != "offscreen":
            self._window.setGeometry(room)

    def remember(self, settings: Settings, model_id: str) -> None:
        """Keep where the window and its panels are."""
        for key in ("model.geometry", f"model.{model_id}.geometry"):
            settings.set(key, self._window.saveGeometry())
        settings.set("model.state", self._window.saveState(LAYOUT_VERSION))

    def flush(self) -> None:
        """Write what is being typed in any panel."""
        self.inspector.flush()
        self.registers.flush()

    def detach(self) -> None:
        """Let go of the document."""
        panels = (self.inspector, self.registers, self.tree, self.history, self.find_bar, self.comments)
        for panel in (*panels, self.views, self.people, self.review):
            panel.detach()
