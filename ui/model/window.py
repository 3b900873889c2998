"""The window of one threat model: diagrams in tabs, with tree, stencils, inspector and registers around."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QMenu,
    QToolBar,
    QWidget,
)

from app.domain.changes import ChangeSet
from app.domain.patch import Origin
from app.services.document import Document
from app.services.files import ImportReport
from app.services.workspace import Workspace
from canvas.tools.new_nodes import place_at_centre
from ui.actions import ActionSet
from ui.dialogs.report import ReportDialog
from ui.model.actions import MENUS, TABLE, TOOL_BAR
from ui.model.collaboration import Collaboration
from ui.model.commenting import Commenting
from ui.model.drafts import Draft, unfinished
from ui.model.gathering import Gathering
from ui.model.page import DiagramPage
from ui.model.pages import Pages
from ui.model.presenting import Presenting
from ui.model.reviewing import Reviewing
from ui.model.status import StatusLine
from ui.model.surroundings import Surroundings
from ui.settings import Settings
from ui.theme import Theme, ThemeManager, ThemeMode
from ui.thumbnails import keep_thumbnail
from ui.widgets.drops import dropped_files, welcome_files
from ui.widgets.jobs import Jobs
from ui.widgets.toast import Toast

THUMBNAIL_AFTER_MS = 1500


class Shell(Protocol):
    """What a model's window asks of the program around it."""

    workspace: Workspace
    settings: Settings
    theme: ThemeManager
    jobs: Jobs

    @property
    def calm(self) -> bool: ...
    @property
    def no_servers(self) -> str: ...
    def share(self, window: "ModelWindow") -> object: ...
    def hosts_model(self, window: "ModelWindow") -> bool: ...
    def stop_hosting(self, window: "ModelWindow") -> object: ...
    def show_server_log(self, window: "ModelWindow") -> object: ...
    def join_shared(self, link: str = "", parent: QWidget | None = None) -> object: ...
    def show_servers(self) -> object: ...
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
    commenting: Commenting
    presenting: Presenting
    gathering: Gathering
    reviewing: Reviewing
    around: Surroundings

    def __init__(self, document: Document, shell: Shell) -> None:
        super().__init__()
        self.failure = ""
        self.last_report: ImportReport | None = None
        self._ready = False
        self.document = document
        self.shell = shell
        self.setObjectName("model")
        self.setAcceptDrops(True)
        self.resize(1440, 900)
        self._pages = Pages(document, shell.settings, shell.theme)
        self.setCentralWidget(self._pages)
        self.tabs = self._pages.tabs
        self.pages = self._pages.by_diagram
        self.around = Surroundings(self, document, shell.theme, shell.workspace.library)
        self.docks = self.around.docks
        self.tree = self.around.tree
        self.palette_panel = self.around.palette
        self.inspector = self.around.inspector
        self.registers = self.around.registers
        self.history = self.around.history
        self.find_bar = self.around.find_bar
        self.status = StatusLine(self)
        self.setStatusBar(self.status)
        self.commenting = Commenting(self)
        self.presenting = Presenting(self)
        self.gathering = Gathering(self, self._pages)
        self.gathering.changed.connect(self._refresh_actions)
        self.collaboration = Collaboration(self)
        self.status.link_asked.connect(self.collaboration.link_clicked)
        self.reviewing = Reviewing(self)
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
        self._connect_pages()
        self._connect_panels()
        self.around.restore(shell.settings, document.model_id)
        self._pages.open_remembered()
        self._show_title()
        self._show_saved()
        self._thumbnail_timer.start(THUMBNAIL_AFTER_MS)
        self._ready = True
        self.actions_set.refresh()
        self._offer_drafts()
        self.reviewing.opened()
        QApplication.clipboard().dataChanged.connect(self._refresh_actions)

    # --- building ------------------------------------------------------------------------------

    def _connect_pages(self) -> None:
        self._pages.opened.connect(self._connect_page)
        self._pages.turned.connect(self._tab_changed)

    def _connect_page(self, page: DiagramPage) -> None:
        page.selection_changed.connect(self._selection_changed)
        page.attended.connect(self._attend_diagram)
        page.view.zoom_changed.connect(self.status.show_zoom)
        page.view.tool_changed.connect(lambda _tool: self._show_tool())
        page.view.tool_lock_changed.connect(lambda _on: self._show_tool())
        page.view.refused.connect(self.toast.say)
        page.view.context_requested.connect(self._context_menu)
        page.view.announced.connect(self._announce)
        page.view.draft_changed.connect(self._keep_draft)
        page.view.company.reduced_motion = self.shell.calm
        page.view.laser.turned.connect(lambda _on: self._refresh_actions())
        self.commenting.connect_page(page)
        self.collaboration.connect_page(page)
        self.reviewing.connect_page(page)

    def _connect_panels(self) -> None:
        self.tree.diagram_activated.connect(self._turn_to_diagram)
        self.tree.tree.itemDoubleClicked.connect(lambda _item, _column: self._focus_diagram())
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
        around = self.around
        for panel in (self.inspector, self.registers, self.tree, self.history, around.comments, around.views):
            panel.problem.connect(lambda text: self.toast.say(text))
        for panel in (self.registers, self.tree, around.comments, around.views):
            panel.deleted.connect(self._deleted)

    def _build_menus(self) -> None:
        for name in MENUS:
            menu = self.menuBar().addMenu(name)
            plain = name.replace("&", "")
            self.actions_set.fill_menu(menu, plain)
            if plain == "View":
                menu.addSeparator()
                self.around.fill_menu(menu.addMenu("Panels"))
                look = menu.addMenu("Theme, text size and motion")
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
        return self._pages.current

    def open_diagram(self, diagram_id: str) -> DiagramPage | None:
        """Show a diagram in its tab."""
        return self._pages.open(diagram_id)

    def dress_pages(self) -> None:
        """Show every diagram with or without grid, snapping or not, as it was wanted last."""
        self._pages.dress()

    def frame_now(self, page: DiagramPage) -> None:
        """Show a diagram as it was shown last, or whole, at once."""
        self._pages.frame_now(page)

    def close_current_tab(self) -> None:
        """Close the diagram in front; the diagram itself stays."""
        self._pages.close_current()

    def _tab_changed(self) -> None:
        if self.page is not None:
            self.status.show_zoom(self.page.view.zoom)
        self._selection_changed()
        self._show_tool()

    def reveal(self, cell_id: str) -> None:
        """Show a cell, chosen and in the middle of its diagram."""
        cell = self.document.state.cell(cell_id)
        if cell is None:
            return
        page = self.open_diagram(cell.diagram_id)
        if page is not None:
            page.scene.select([cell_id])
            self._pages.frame_now(page)
            page.view.reveal([cell_id])

    def show_register(self, kind: str) -> None:
        """Show a register below the diagram."""
        self.around.show("registers")
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
        self.around.show("find")
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
        self.around.comments.show_diagram(diagram)
        self._refresh_actions()

    def _inspect_records(self, ids: list[str]) -> None:
        if ids:
            self.inspector.show_records(ids)
        else:
            self._selection_changed()

    def _attend_diagram(self) -> None:
        """The inspector shows what is selected in the diagram again, not the row that was clicked last."""
        page = self.page
        if page is not None and self.inspector.ids != tuple(page.view.desk.order):
            self._selection_changed()

    def _turn_to_diagram(self, diagram_id: str) -> None:
        """Chosen in the tree: the keys stay with the tree."""
        self._pages.open(diagram_id, focus=False)

    def _focus_diagram(self) -> None:
        if self.page is not None:
            self.page.view.setFocus()

    def edit_name(self) -> None:
        """Show the model's own properties with its name ready to be typed over."""
        self.docks["inspector"].show()
        self.inspector.ask_name(self.document.model_id)

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
            self.toast.say(
                f"Unfinished text was kept{more}.", "Show", lambda: self._show_draft(kept[0]), stays=True
            )

    def _show_draft(self, draft: Draft) -> None:
        if self.commenting.resume(draft):
            return
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

    def refresh_actions(self) -> None:
        """What can be done has changed by something else than an edit."""
        self._refresh_actions()

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
        self._pages.update_from(changes)
        self.commenting.heard(changes, origin)
        if any(c.id == self.document.model_id for c in changes.changes):
            self._show_title()
        for item in changes.dropped:
            self.toast.say(f"Left out: {item.kind} {item.prop} {item.reason}.")
        if origin is Origin.LOCAL:
            self._say_deleted(changes)
        if origin is not Origin.REMOTE:
            self.collaboration.edited()
        self._thumbnail_timer.start(THUMBNAIL_AFTER_MS)
        self._show_saved()
        self._selection_status()
        self._refresh_actions()

    def _selection_status(self) -> None:
        page = self.page
        if page is not None:
            self.status.show_chosen(self.document.state, page.scene.selected)

    def show_rights(self) -> None:
        """What may be done with the model has changed."""
        self._show_title()
        self._show_saved()
        self.around.show_rights()
        self._refresh_actions()

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
        self.last_report = report
        counts = report.counts
        self.toast.say(
            f"Imported: {counts['mapped']} mapped, {counts['guessed']} guessed, "
            f"{counts['dropped']} dropped, {counts['kept']} kept.",
            "Show report",
            self.open_report,
        )

    def open_report(self) -> None:
        """What became of the file that was imported last."""
        if self.last_report is not None:
            ReportDialog(self.last_report, self).open()

    def _say_deleted(self, changes: ChangeSet) -> None:
        """What was deleted along with something else is said, with the way back."""
        gone = [c.before for c in changes.of_kind("cell") if c.after is None]
        if len(gone) > 1:
            self.toast.say(f"Deleted {len(gone)} elements.", "Undo", lambda: self.actions_set.trigger("undo"))

    def _keep_thumbnail(self) -> None:
        keep_thumbnail(self.shell.workspace, self.document)

    def _retheme(self, theme: Theme) -> None:
        self._pages.retheme(theme)

    # --- window state --------------------------------------------------------------------------

    def lay_out(self) -> None:
        """Put every panel where it is at the first start."""
        self.around.lay_out()

    def showEvent(self, event: QShowEvent) -> None:
        """The first diagram is framed once the window has its size."""
        super().showEvent(event)
        self._pages.frame()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped."""
        welcome_files(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the files that were dropped."""
        if files := dropped_files(event):
            self.shell.open_files(files, self)

    def closeEvent(self, event: QCloseEvent) -> None:
        """What is being typed is written; then the window lets go of the document."""
        if self._stop_listening is None:
            super().closeEvent(event)
            return
        self._pages.finish()
        self.around.flush()
        if not self.shell.lets_close(self):
            event.ignore()
            return
        self.presenting.stop()
        self.collaboration.follow(None)
        self.reviewing.detach()
        self.around.detach()
        self.around.remember(self.shell.settings, self.document.model_id)
        self._pages.remember()
        if self._thumbnail_timer.isActive():
            self._keep_thumbnail()
        self._thumbnail_timer.stop()
        self._stop_listening()
        self._stop_listening = None
        QApplication.clipboard().dataChanged.disconnect(self._refresh_actions)
        self.shell.theme.changed.disconnect(self._retheme)
        self._pages.close_down()
        super().closeEvent(event)
        self.closed.emit(self.document.model_id)


CONTEXT_CELL = (
    "edit_label", "change_kind", "reverse_flow", "", "cut", "copy", "paste", "duplicate", "delete", "",
    "wrap", "to_front", "to_back", "lock", "", "comment_selection",
)  # fmt: skip
CONTEXT_EMPTY = (
    "paste",
    "select_all",
    "",
    "zoom_fit",
    "zoom_100",
    "toggle_grid",
    "toggle_snap",
    "",
    "tool_comment",
)


def _tool_of(stencil: str) -> str:
    """The tool that draws a stencil."""
    return {"boundary_box": "trust_boundary", "boundary_line": "boundary_line"}.get(stencil, stencil)


def _stencil_of(tool: str) -> str:
    """The stencil that a tool draws; "" for those that draw none."""
    return {"trust_boundary": "boundary_box", "select": "", "hand": "", "comment": ""}.get(tool, tool)
