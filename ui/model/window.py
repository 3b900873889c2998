"""The window of one threat model: diagrams in tabs, with tree, stencils, inspector and registers around."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QByteArray, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QLabel,
    QMainWindow,
    QMenu,
    QStackedWidget,
    QTabWidget,
    QToolBar,
    QWidget,
)

from app.domain.changes import ChangeSet
from app.domain.patch import Origin
from app.domain.records import Diagram, title_of
from app.services.document import Document
from app.services.files import ImportReport
from app.services.workspace import Workspace
from canvas.tools.new_nodes import place_at_centre
from ui.actions import ActionSet
from ui.dialogs.report import ReportDialog
from ui.model.actions import MENUS, TABLE, TOOL_BAR
from ui.model.drafts import Draft, unfinished
from ui.model.page import DiagramPage
from ui.model.registers import Registers
from ui.model.status import StatusLine
from ui.panels import FindBar, HistoryPanel, Inspector, ModelTree, Palette
from ui.settings import Settings
from ui.theme import Theme, ThemeManager, ThemeMode
from ui.thumbnails import keep_thumbnail
from ui.widgets.jobs import Jobs
from ui.widgets.toast import Toast

THUMBNAIL_AFTER_MS = 1500
LAYOUT_VERSION = 1
NARROW = 1150


class Shell(Protocol):
    """What a model's window asks of the program around it."""

    workspace: Workspace
    settings: Settings
    theme: ThemeManager
    jobs: Jobs

    def show_home(self) -> object: ...
    def new_model(self) -> object: ...
    def choose_files(self, parent: QWidget) -> object: ...
    def open_files(self, files: list[str], parent: QWidget | None = None) -> object: ...
    def open_sample(self, name: str) -> object: ...
    def set_theme(self, mode: ThemeMode) -> object: ...
    def fill_settings_menu(self, menu: QMenu) -> object: ...
    def quit(self) -> object: ...
    def lets_close(self, window: "ModelWindow") -> bool: ...


class ModelWindow(QMainWindow):
    """Everything about one model. Closing it writes nothing: every change is written as it is made."""

    closed = Signal(str)
    document: Document
    shell: Shell
    actions_set: ActionSet["ModelWindow"]

    def __init__(self, document: Document, shell: Shell) -> None:
        super().__init__()
        self.failure = ""
        self._ready = False
        self.document = document
        self.shell = shell
        self.setObjectName("model")
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        self.resize(1440, 900)
        self.tabs = QTabWidget()
        self.pages: dict[str, DiagramPage] = {}
        self._build_tabs()
        self._build_docks()
        self.status = StatusLine(self)
        self.setStatusBar(self.status)
        self.status.zoom_asked.connect(lambda: self.actions_set.trigger("zoom_100"))
        self.toast = Toast(self)
        self.actions_set = ActionSet(self, self, self.tabs, TABLE, shell.theme)
        self._build_menus()
        self._build_tool_bar()
        self._thumbnail_timer = QTimer(self)
        self._thumbnail_timer.setSingleShot(True)
        self._thumbnail_timer.timeout.connect(self._keep_thumbnail)
        self._stop_listening: Callable[[], None] | None = document.listen(self._heard)
        shell.theme.changed.connect(self._retheme)
        self._restore_layout()
        self._open_remembered_tabs()
        self._show_title()
        self._show_saved()
        self._thumbnail_timer.start(THUMBNAIL_AFTER_MS)
        self._ready = True
        self.actions_set.refresh()
        self._offer_drafts()
        QApplication.clipboard().dataChanged.connect(self._refresh_actions)

    # --- building ------------------------------------------------------------------------------

    def _build_tabs(self) -> None:
        self.tabs.setDocumentMode(True)
        self.tabs.setTabsClosable(True)
        self.tabs.setMovable(True)
        self.tabs.setAccessibleName("Diagrams")
        self.tabs.tabCloseRequested.connect(self._close_tab)
        self.tabs.currentChanged.connect(self._tab_changed)
        no_tab = QLabel("No diagram is open.\n\nDouble-click one in the tree, or press Ctrl+T for a new one.")
        no_tab.setAlignment(Qt.AlignmentFlag.AlignCenter)
        no_tab.setWordWrap(True)
        no_tab.setProperty("role", "muted")
        self._centre = QStackedWidget()
        self._centre.addWidget(no_tab)
        self._centre.addWidget(self.tabs)
        self.setCentralWidget(self._centre)

    def _build_docks(self) -> None:
        document, shell = self.document, self.shell
        theme = shell.theme
        self.tree = ModelTree(document, theme)
        self.palette_panel = Palette(theme)
        self.inspector = Inspector(document, theme)
        self.registers = Registers(document, theme, shell.workspace.library)
        self.history = HistoryPanel(document, theme)
        self.find_bar = FindBar(document, theme)
        left, right = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
        self.docks = {
            "model": self._dock("Model", "model", self.tree, left),
            "stencils": self._dock("Stencils", "stencils", self.palette_panel, left),
            "inspector": self._dock("Inspector", "inspector", self.inspector, right),
            "history": self._dock("History", "history", self.history, right),
            "find": self._dock("Find", "find", self.find_bar, left),
            "registers": self._dock(
                "Registers", "registers", self.registers, Qt.DockWidgetArea.BottomDockWidgetArea
            ),
        }
        self.docks["history"].hide()
        self.docks["find"].hide()
        self.setCorner(Qt.Corner.BottomRightCorner, right)
        self.setCorner(Qt.Corner.BottomLeftCorner, left)
        self.tree.diagram_activated.connect(self.open_diagram)
        self.tree.register_activated.connect(self.show_register)
        self.tree.cell_activated.connect(lambda _diagram, cell: self.reveal(cell))
        self.palette_panel.chosen.connect(self._take_stencil)
        self.palette_panel.placed.connect(self._place_stencil)
        self.registers.reveal.connect(self.reveal)
        self.registers.records_selected.connect(self._inspect_records)
        self.inspector.reveal.connect(self.reveal)
        self.find_bar.reveal.connect(self.reveal)
        self.find_bar.closed.connect(self._find_closed)
        self.inspector.open_threat.connect(self.open_threat)
        self.registers.record_opened.connect(self._open_record)
        for panel in (self.inspector, self.registers, self.tree, self.history):
            panel.problem.connect(lambda text: self.toast.say(text))
        for panel in (self.registers, self.tree):
            panel.deleted.connect(self._deleted)
        self.palette_panel.set_read_only(document.read_only)

    def _dock(self, title: str, name: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(f"dock.{name}")
        dock.setWidget(widget)
        self.addDockWidget(area, dock)
        return dock

    def _build_menus(self) -> None:
        for name in MENUS:
            menu = self.menuBar().addMenu(name)
            plain = name.replace("&", "")
            self.actions_set.fill_menu(menu, plain)
            if plain == "View":
                menu.addSeparator()
                panels = menu.addMenu("Panels")
                for dock in self.docks.values():
                    panels.addAction(dock.toggleViewAction())
                panels.addSeparator()
                panels.addAction("Reset layout", self.lay_out)
                look = menu.addMenu("Theme and text size")
                look.aboutToShow.connect(lambda m=look: (m.clear(), self.shell.fill_settings_menu(m)))
            menu.aboutToShow.connect(self.actions_set.refresh)

    def _build_tool_bar(self) -> None:
        bar = QToolBar("Tools", self)
        bar.setObjectName("tools")
        bar.setMovable(False)
        for name in TOOL_BAR:
            if name:
                bar.addAction(self.actions_set.actions[name])
            else:
                bar.addSeparator()
        self.addToolBar(bar)

    # --- diagrams ------------------------------------------------------------------------------

    @property
    def page(self) -> DiagramPage | None:
        """The diagram in front."""
        widget = self.tabs.currentWidget()
        return widget if isinstance(widget, DiagramPage) else None

    def open_diagram(self, diagram_id: str) -> DiagramPage | None:
        """Show a diagram in its tab."""
        page = self.pages.get(diagram_id)
        if page is None:
            diagram = self.document.state.find(Diagram, diagram_id)
            if diagram is None:
                return None
            page = DiagramPage(self.document, diagram_id, self.shell.theme.theme)
            self.pages[diagram_id] = page
            page.selection_changed.connect(self._selection_changed)
            page.view.zoom_changed.connect(self.status.show_zoom)
            page.view.tool_changed.connect(lambda _tool: self._show_tool())
            page.view.tool_lock_changed.connect(lambda _on: self._show_tool())
            page.view.refused.connect(self.toast.say)
            page.view.context_requested.connect(self._context_menu)
            page.view.announced.connect(self._announce)
            page.view.draft_changed.connect(self._keep_draft)
            self.tabs.addTab(page, _tab_text(title_of(diagram)))
        self.tabs.setCurrentWidget(page)
        page.view.setFocus()
        return page

    def _open_remembered_tabs(self) -> None:
        known = [d.id for d in self.document.state.diagrams()]
        key = f"model.{self.document.model_id}"
        wanted = [i for i in self.shell.settings.texts(f"{key}.tabs") if i in known]
        for diagram_id in wanted or known[:8]:
            self.open_diagram(diagram_id)
        current = self.shell.settings.text(f"{key}.tab")
        page = self.pages.get(current) or next(iter(self.pages.values()), None)
        if page is not None:
            self.tabs.setCurrentWidget(page)

    def _close_tab(self, index: int) -> None:
        page = self.tabs.widget(index)
        if isinstance(page, DiagramPage):
            self._remember_view(page)
            self.tabs.removeTab(index)
            self.pages.pop(page.diagram_id, None)
            page.close_down()
            page.deleteLater()

    def close_current_tab(self) -> None:
        """Close the diagram in front; the diagram itself stays."""
        self._close_tab(self.tabs.currentIndex())

    def _tab_changed(self, _index: int) -> None:
        page = self.page
        self._centre.setCurrentIndex(0 if page is None else 1)
        if page is not None:
            QTimer.singleShot(0, page, lambda: self._frame(page))
            self.status.show_zoom(page.view.zoom)
        self._selection_changed()
        self._show_tool()

    def _frame(self, page: DiagramPage) -> None:
        if page.isVisible():
            page.frame_once(self.shell.settings.text(f"view.{page.diagram_id}"))

    def _remember_view(self, page: DiagramPage) -> None:
        self.shell.settings.set(f"view.{page.diagram_id}", page.remembered())

    def reveal(self, cell_id: str) -> None:
        """Show a cell, chosen and in the middle of its diagram."""
        cell = self.document.state.cell(cell_id)
        if cell is None:
            return
        page = self.open_diagram(cell.diagram_id)
        if page is not None:
            page.scene.select([cell_id])
            self._frame(page)
            page.view.reveal([cell_id])

    def show_register(self, kind: str) -> None:
        """Show a register below the diagram."""
        self.docks["registers"].show()
        self.docks["registers"].raise_()
        self.registers.show_kind(kind)

    def open_threat(self, threat_id: str) -> None:
        """Show a threat in its register and its properties beside it."""
        self.show_register("threat")
        self.registers.table("threat").select_records([threat_id])
        self.inspector.show_records([threat_id])

    def _open_record(self, record_id: str) -> None:
        """Enter on a row: its properties, ready to be edited."""
        self.docks["inspector"].show()
        self.inspector.show_records([record_id])
        form = self.inspector.form_of(record_id)
        if form is not None and (editor := next(iter(form.editors.values()), None)) is not None:
            editor.setFocus()

    def _deleted(self, what: str) -> None:
        """Whatever was deleted comes back by one click."""
        self.toast.say(what, "Undo", lambda: self.actions_set.trigger("undo"))

    def show_find(self) -> None:
        """Find an element of the model by its words."""
        self.docks["find"].show()
        self.docks["find"].raise_()
        self.find_bar.start()

    def _find_closed(self) -> None:
        self.docks["find"].hide()
        if self.page is not None:
            self.page.view.setFocus()

    # --- selection, tools ----------------------------------------------------------------------

    def _selection_changed(self) -> None:
        page = self.page
        chosen = page.scene.selected if page is not None else frozenset()
        self.status.show_chosen(self.document.state, chosen)
        diagram = page.diagram_id if page is not None else ""
        self.inspector.show_diagram(diagram)
        self.inspector.show_records(page.view.desk.order if page is not None else ())
        self.find_bar.show_diagram(diagram)
        self._refresh_actions()

    def _inspect_records(self, ids: list[str]) -> None:
        self.inspector.show_records(ids)

    def edit_name(self) -> None:
        """Show the model's own properties with its name ready to be typed over."""
        self.docks["inspector"].show()
        self.inspector.show_records([self.document.model_id])
        form = self.inspector.form_of(self.document.model_id)
        editor = form.editors.get("name") if form is not None else None
        if editor is not None:
            editor.setFocus()

    def _take_stencil(self, name: str) -> None:
        page = self.page
        if page is not None:
            page.view.choose_tool(_tool_of(name))
            page.view.setFocus()

    def _place_stencil(self, name: str) -> None:
        page = self.page
        if page is not None:
            place_at_centre(page.view.desk, _tool_of(name))
            page.view.setFocus()

    def _announce(self, text: str) -> None:
        self.statusBar().showMessage(text, 4000)

    def _keep_draft(self, cell_id: str, text: object) -> None:
        """Unfinished text outlives a crash; Esc and Enter drop it."""
        self.document.keep_draft(f"{cell_id}.label", text if isinstance(text, str) else "")

    def _offer_drafts(self) -> None:
        """Say that unfinished text was kept; one click goes to where it belongs."""
        kept = unfinished(self.document)
        if kept:
            more = f" in {len(kept)} places" if len(kept) > 1 else ""
            self.toast.say(f"Unfinished text was kept{more}.", "Show", lambda: self._show_draft(kept[0]))

    def _show_draft(self, draft: Draft) -> None:
        if self.document.state.get(draft.record_id) is None:
            QApplication.clipboard().setText(draft.text)
            self.document.keep_draft(draft.key, "")
            self.toast.say(f"What it belonged to is gone; the text is in the clipboard: “{draft.text[:200]}”")
            return
        self.reveal(draft.record_id)
        self.docks["inspector"].show()
        self.inspector.show_records([draft.record_id])
        form = self.inspector.form_of(draft.record_id)
        editor = form.editors.get(draft.prop) if form is not None else None
        if editor is not None:
            editor.setFocus()

    def _show_tool(self) -> None:
        page = self.page
        if page is not None:
            self.palette_panel.set_current(_stencil_of(page.view.desk.tool))
        self._refresh_actions()

    def _refresh_actions(self) -> None:
        if self._ready:  # the tab widget tells of changes before there are actions
            self.actions_set.refresh()

    def _context_menu(self, _scene_pos: object, global_pos: QPoint, cell_id: str | None) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.actions_set.refresh()
        names = CONTEXT_CELL if cell_id else CONTEXT_EMPTY
        for name in names:
            if not name:
                menu.addSeparator()
            elif self.actions_set.actions[name].isEnabled():
                menu.addAction(self.actions_set.actions[name])
        menu.popup(global_pos)

    # --- news ----------------------------------------------------------------------------------

    def _heard(self, changes: ChangeSet, origin: Origin) -> None:
        for change in changes.of_kind("diagram"):
            page = self.pages.get(change.id)
            if page is None:
                continue
            index = self.tabs.indexOf(page)
            if change.after is None:
                self._close_tab(index)
            else:
                self.tabs.setTabText(index, _tab_text(title_of(change.after)))
        if any(c.id == self.document.model_id for c in changes.changes):
            self._show_title()
        for item in changes.dropped:
            self.toast.say(f"Left out: {item.kind} {item.prop} {item.reason}.")
        self._thumbnail_timer.start(THUMBNAIL_AFTER_MS)
        self._show_saved()
        self._selection_status()
        self._refresh_actions()

    def _selection_status(self) -> None:
        page = self.page
        if page is not None:
            self.status.show_chosen(self.document.state, page.scene.selected)

    def _show_title(self) -> None:
        suffix = " (read only)" if self.document.read_only else ""
        self.setWindowTitle(f"{self.document.name}{suffix}")

    def _show_saved(self) -> None:
        pending = self.document.pending
        if self.failure and pending:
            self.status.show_failed(self.failure, pending)
        else:
            self.status.show_saved(pending, self.document.read_only)

    def show_saved(self, _sequence: int) -> None:
        """The library has written something of this model."""
        self.failure = ""
        self._show_saved()

    def show_not_saved(self, reason: str) -> None:
        """The library could not write; it tries again."""
        self.failure = reason
        self._show_saved()

    def show_report(self, report: ImportReport) -> None:
        """Say how an import went, with the details one click away."""
        counts = report.counts
        self.toast.say(
            f"Imported: {counts['mapped']} mapped, {counts['guessed']} guessed, "
            f"{counts['dropped']} dropped, {counts['kept']} kept.",
            "Show report",
            lambda: ReportDialog(report, self).open(),
        )

    def _keep_thumbnail(self) -> None:
        keep_thumbnail(self.shell.workspace.library, self.document)

    def _retheme(self, theme: Theme) -> None:
        for page in self.pages.values():
            page.set_theme(theme)

    # --- window state --------------------------------------------------------------------------

    def _restore_layout(self) -> None:
        settings = self.shell.settings
        if not settings.data("model.geometry").isEmpty():
            self.restoreGeometry(settings.data("model.geometry"))
        state: QByteArray = settings.data("model.state")
        if state.isEmpty() or not self.restoreState(state, LAYOUT_VERSION):
            self.lay_out()
        elif self.width() < NARROW:
            self._share_width()
        self.docks["find"].hide()

    def lay_out(self) -> None:
        """Put every panel where it is at the first start."""
        left, right = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
        places = {"inspector": right, "history": right, "registers": Qt.DockWidgetArea.BottomDockWidgetArea}
        for name, dock in self.docks.items():
            dock.setFloating(False)
            self.addDockWidget(places.get(name, left), dock)
            dock.setVisible(name not in ("find", "history"))
        self._share_width()
        self.resizeDocks([self.docks["registers"]], [220], Qt.Orientation.Vertical)
        self.resizeDocks([self.docks["model"], self.docks["stencils"]], [360, 300], Qt.Orientation.Vertical)

    def _share_width(self) -> None:
        """Leave the diagram at least half of the window."""
        sides = [240, 310] if self.width() >= NARROW else [int(self.width() * 0.2), int(self.width() * 0.27)]
        self.resizeDocks([self.docks["model"], self.docks["inspector"]], sides, Qt.Orientation.Horizontal)

    def _remember_layout(self) -> None:
        settings = self.shell.settings
        settings.set("model.geometry", self.saveGeometry())
        settings.set("model.state", self.saveState(LAYOUT_VERSION))
        key = f"model.{self.document.model_id}"
        ids = [p.diagram_id for i in range(self.tabs.count())
               if isinstance(p := self.tabs.widget(i), DiagramPage)]  # fmt: skip
        settings.set(f"{key}.tabs", ids)
        settings.set(f"{key}.tab", self.page.diagram_id if self.page is not None else "")
        for page in self.pages.values():
            self._remember_view(page)

    def showEvent(self, event: QShowEvent) -> None:
        """The first diagram is framed once the window has its size."""
        super().showEvent(event)
        page = self.page
        if page is not None:
            QTimer.singleShot(0, page, lambda: self._frame(page))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the files that were dropped."""
        files = [u.toLocalFile() for u in event.mimeData().urls() if u.isLocalFile()]
        if files:
            event.acceptProposedAction()
            self.shell.open_files(files, self)

    def closeEvent(self, event: QCloseEvent) -> None:
        """What is being typed is written; then the window lets go of the document."""
        if self._stop_listening is None:
            super().closeEvent(event)
            return
        for page in self.pages.values():
            page.view.close_tools()
        self.inspector.flush()
        self.registers.flush()
        if not self.shell.lets_close(self):
            event.ignore()
            return
        for panel in (self.inspector, self.registers, self.tree, self.history, self.find_bar):
            panel.detach()
        self._remember_layout()
        if self._thumbnail_timer.isActive():
            self._keep_thumbnail()
        self._thumbnail_timer.stop()
        self._stop_listening()
        self._stop_listening = None
        QApplication.clipboard().dataChanged.disconnect(self._refresh_actions)
        self.shell.theme.changed.disconnect(self._retheme)
        for page in self.pages.values():
            page.close_down()
        super().closeEvent(event)
        self.closed.emit(self.document.model_id)


CONTEXT_CELL = (
    "edit_label", "change_kind", "reverse_flow", "", "cut", "copy", "paste", "duplicate", "delete", "",
    "wrap", "to_front", "to_back", "lock",
)  # fmt: skip
CONTEXT_EMPTY = ("paste", "select_all", "", "zoom_fit", "zoom_100", "toggle_grid", "toggle_snap")


def _tab_text(name: str) -> str:
    short = name if len(name) <= 32 else name[:31] + "…"
    return short.replace("&", "&&")


def _tool_of(stencil: str) -> str:
    """The tool that draws a stencil."""
    return {"boundary_box": "trust_boundary", "boundary_line": "boundary_line"}.get(stencil, stencil)


def _stencil_of(tool: str) -> str:
    """The stencil that a tool draws; "" for those that draw none."""
    return {"trust_boundary": "boundary_box", "select": "", "hand": ""}.get(tool, tool)
