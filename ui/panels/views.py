"""The saved views of a model in the order in which they are presented."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.changes import ChangeSet
from app.domain.edits.views import move_view, saved_views
from app.domain.errors import TmiError
from app.domain.patch import Patch, remove, update
from app.domain.records import Diagram, SavedView, title_of
from app.services.document import Document
from ui.panels.names import refusal, shown_title
from ui.panels.panel import Panel
from ui.theme import ThemeManager

_ID: Final = Qt.ItemDataRole.UserRole
_Mod: Final = Qt.KeyboardModifier
EMPTY: Final = (
    "No views yet.\n\nShow what you want to talk about and press Add: the place, the zoom and a selected "
    "element are kept. F5 presents the views one after another, or every diagram as long as there are none."
)


class _List(QListWidget):
    """Rows that are dragged, moved by Ctrl or Alt and an arrow key, renamed in place."""

    moved = Signal(int, int)  # from row, to row as counted without it
    shifted = Signal(int)
    removed = Signal()

    def dropEvent(self, event: QDropEvent) -> None:
        """The order is the model's: the row goes there when the model says so."""
        row, target = self.currentRow(), self.indexAt(event.position().toPoint())
        place = self.count()
        if target.isValid():
            below = event.position().y() > self.visualRect(target).center().y()
            place = target.row() + below
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()
        self.setState(QAbstractItemView.State.NoState)
        self.viewport().update()
        # Qt is still in the midst of the drag: the rows change when it is over.
        QTimer.singleShot(0, self, lambda: self.moved.emit(row, place - (place > row)))

    def go_on_editing(self) -> None:
        """A row went while another is being renamed: Qt takes that for the end of it."""
        self.setState(QAbstractItemView.State.EditingState)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """See the class."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if step and event.modifiers() & (_Mod.ControlModifier | _Mod.AltModifier):
            self.shifted.emit(step)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        else:
            super().keyPressEvent(event)


class ViewsPanel(Panel):
    """Enter or a double click goes to a view, F2 renames it, Ctrl and an arrow key moves it.

    What is in front, and what is selected there, only the window knows: it answers `add_asked`,
    `update_asked` and `spotlight_asked`.
    """

    problem = Signal(str)
    deleted = Signal(str)
    add_asked = Signal()
    update_asked = Signal(str)
    spotlight_asked = Signal(str)
    shown = Signal(str)
    present_asked = Signal(str)  # the id of the view to begin with; empty for the first one
    screens_asked = Signal(QMenu)

    def __init__(self, document: Document, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(document, theme, parent)
        self._showing = False
        self.list = _List(self)
        self.list.setAccessibleName("Saved views")
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.list.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.list.itemActivated.connect(lambda item: self.shown.emit(item.data(_ID)))
        self.list.itemChanged.connect(self._renamed)
        self.list.currentItemChanged.connect(lambda _now, _before: self._follow_selection())
        self.list.customContextMenuRequested.connect(self._menu)
        self.list.itemDelegate().closeEditor.connect(lambda: QTimer.singleShot(0, self, self._show))
        self.list.moved.connect(self._move)
        self.list.shifted.connect(
            lambda step: self._move(self.list.currentRow(), self.list.currentRow() + step)
        )
        self.list.removed.connect(self.delete)
        self._empty = QLabel(EMPTY, self)
        self._empty.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.add_button = self._tool("plus", "Add what the diagram shows now", self.add_asked.emit)
        self.add_button.setText("Add")
        self.add_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.update_button = self._tool(
            "recover", "Let this view show what the diagram shows now", self._update
        )
        self.spotlight_button = self._tool(
            "eye", "Put the spotlight on the selected element", self._spotlight
        )
        self.up_button = self._tool("chevron-up", "Move up (Ctrl+Up)", lambda: self.list.shifted.emit(-1))
        self.down_button = self._tool(
            "chevron-down", "Move down (Ctrl+Down)", lambda: self.list.shifted.emit(1)
        )
        self.delete_button = self._tool("delete", "Delete (Del)", self.delete)
        self.present_button = QPushButton("Present", self)
        self.present_button.setToolTip("Present, beginning with the selected view (F5 begins with the first)")
        self.present_button.clicked.connect(lambda: self.present_asked.emit(self.current_id))
        self.screen_button = self._tool("more", "Where to present", self._ask_screen)
        self._lay_out()
        self._show()

    def _tool(self, icon: str, tip: str, act: Callable[[], object]) -> QToolButton:
        button = QToolButton(self)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setProperty("kind", "quiet")
        self.theme.bind_icon(button, icon)
        button.clicked.connect(lambda _checked=False: act())
        return button

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        margin = self.theme.px(6)
        column.setContentsMargins(margin, margin, margin, margin)
        bar, foot = QHBoxLayout(), QHBoxLayout()
        bar.setSpacing(self.theme.px(2))
        for button in (
            self.add_button, self.update_button, self.spotlight_button, self.up_button, self.down_button,
            self.delete_button,
        ):  # fmt: skip
            bar.addWidget(button)
        bar.addStretch(1)
        foot.addWidget(self.present_button, 1)
        foot.addWidget(self.screen_button)
        column.addLayout(bar)
        column.addWidget(self.list, 1)
        column.addWidget(self._empty, 1)
        column.addLayout(foot)

    # --- what is shown ---------------------------------------------------------------------------
    @property
    def current_id(self) -> str:
        """The selected view; empty for none."""
        row = self.list.currentRow()
        return str(self.list.item(row).data(_ID)) if row >= 0 else ""

    def update_from(self, changes: ChangeSet) -> None:
        """Views came, went or changed, or what they show has another name."""
        if any(changes.of_kind(kind) for kind in ("saved_view", "diagram", "cell")):
            self._show()

    def _show(self) -> None:
        views = saved_views(self.document.state)
        current = self.current_id
        editing = self._is_editing()
        self._showing = True
        self._arrange([view.id for view in views], current if editing else "")
        for row, view in enumerate(views):
            # Any news of the row that is being renamed would put the old name over what is typed.
            if not (editing and view.id == current):
                self._fill(self.list.item(row), view)
            if view.id == current and self.list.currentRow() != row:
                self.list.setCurrentRow(row)
        self._showing = False
        self.list.setVisible(bool(views))
        self._empty.setVisible(not views)
        self._follow_selection()

    def _is_editing(self) -> bool:
        """Whether a name is being typed. Qt's own state forgets it when another row goes."""
        focus: QWidget | None = QApplication.focusWidget()
        return focus is not None and focus is not self.list and self.list.isAncestorOf(focus)

    def _arrange(self, wanted: list[str], edited: str) -> None:
        """Rows in that order. The one that is being renamed is never taken out: its editor would go too."""
        rows = self.list
        for row in reversed(range(rows.count())):
            if rows.item(row).data(_ID) not in wanted:
                rows.takeItem(row)
        for row, view_id in enumerate(wanted):
            places = {rows.item(r).data(_ID): r for r in range(rows.count())}
            if view_id == edited and view_id in places:
                while rows.item(row).data(_ID) != view_id:
                    rows.addItem(rows.takeItem(row))
            elif view_id not in places:
                item = QListWidgetItem()
                item.setData(_ID, view_id)
                rows.insertItem(row, item)
            elif places[view_id] != row:
                rows.insertItem(row, rows.takeItem(places[view_id]))
        if edited:
            rows.go_on_editing()

    def _fill(self, item: QListWidgetItem, view: SavedView) -> None:
        state = self.document.state
        diagram = state.find(Diagram, view.diagram_id)
        where = title_of(diagram) if diagram is not None else ""
        lit = state.cell(view.spotlight)
        lines = [title_of(view) or "Unnamed view", f"{where}, {view.zoom:.0%}"]
        if lit is not None:
            lines.append(f"Spotlight on {shown_title(state, lit)}")
        if item.text() != lines[0]:
            item.setText(lines[0])
        item.setToolTip("\n".join(lines))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, ", ".join(lines))
        item.setIcon(self.theme.icon("eye" if lit is not None else "diagram"))
        flags = item.flags() | Qt.ItemFlag.ItemIsDragEnabled
        flags &= ~Qt.ItemFlag.ItemIsDropEnabled
        fixed = bool(self.document.read_only)
        item.setFlags(flags & ~Qt.ItemFlag.ItemIsEditable if fixed else flags | Qt.ItemFlag.ItemIsEditable)

    def rethemed(self, theme: object) -> None:
        """Other icons."""
        self._show()

    def show_rights(self) -> None:
        """Whoever may only read goes through the views."""
        self._show()

    def _follow_selection(self) -> None:
        if self._showing:
            return
        fixed, row = self.document.read_only, self.list.currentRow()
        self.add_button.setEnabled(not fixed)
        for button in (self.update_button, self.delete_button, self.spotlight_button):
            button.setEnabled(not fixed and row >= 0)
        self.up_button.setEnabled(not fixed and row > 0)
        self.down_button.setEnabled(not fixed and 0 <= row < self.list.count() - 1)
        view = self.document.state.find(SavedView, self.current_id)
        words = "Take the spotlight away" if view is not None and view.spotlight else (
            "Put the spotlight on the selected element")  # fmt: skip
        self.spotlight_button.setToolTip(words)
        self.spotlight_button.setAccessibleName(words)

    def select(self, view_id: str) -> None:
        """Select a view."""
        for row in range(self.list.count()):
            if self.list.item(row).data(_ID) == view_id:
                self.list.setCurrentRow(row)

    def rename(self, view_id: str) -> None:
        """Select a view with its name ready to be typed over."""
        self.select(view_id)
        item = self.list.currentItem()
        if item is not None:
            self.list.setFocus()
            self.list.editItem(item)

    # --- what it does ----------------------------------------------------------------------------
    def _apply(self, patch: Patch, title: str) -> bool:
        if not patch:
            return False
        try:
            self.document.apply(patch, title=title)
        except TmiError as error:
            self.problem.emit(refusal(error, "Name"))
            self._show()
            return False
        return True

    def _renamed(self, item: QListWidgetItem) -> None:
        view = self.document.state.find(SavedView, item.data(_ID))
        if self._showing or view is None or item.text() == (title_of(view) or "Unnamed view"):
            return
        self._apply((update("saved_view", view.id, name=item.text().strip()),), "rename view")
        self._showing = True
        item.setText(title_of(self.document.state.get(view.id) or view) or "Unnamed view")
        self._showing = False

    def _move(self, row: int, to: int) -> None:
        views = saved_views(self.document.state)
        if 0 <= row < len(views) and 0 <= to < len(views) and not self.document.read_only:
            self._apply(move_view(self.document.state, views[row].id, to), "move view")

    def delete(self) -> None:
        """Delete the selected view; the way back is offered."""
        view, row = self.document.state.find(SavedView, self.current_id), self.list.currentRow()
        if view is None or self.document.read_only:
            return
        if self._apply((remove("saved_view", view.id),), "delete view"):
            self.list.setCurrentRow(min(row, self.list.count() - 1))
            self.deleted.emit(f"Deleted the view “{title_of(view)}”.")

    def _update(self) -> None:
        if self.current_id:
            self.update_asked.emit(self.current_id)

    def _spotlight(self) -> None:
        if self.current_id:
            self.spotlight_asked.emit(self.current_id)

    def _ask_screen(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.screens_asked.emit(menu)
        menu.popup(self.screen_button.mapToGlobal(QPoint(0, self.screen_button.height())))

    def _menu(self, at: QPoint) -> None:
        if self.list.itemAt(at) is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Show", lambda: self.shown.emit(self.current_id))
        menu.addAction("Present from here", lambda: self.present_asked.emit(self.current_id))
        if not self.document.read_only:
            menu.addSeparator()
            menu.addAction("Rename", lambda: self.rename(self.current_id))
            menu.addAction(self.update_button.toolTip(), self._update)
            menu.addAction(self.spotlight_button.toolTip(), self._spotlight)
            menu.addSeparator()
            menu.addAction("Delete", self.delete)
        menu.popup(self.list.viewport().mapToGlobal(at))
