"""The tree of a model: its diagrams in order, on demand their elements, and its registers."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.domain import edits
from app.domain.changes import ChangeSet
from app.domain.errors import TmiError
from app.domain.patch import Patch
from app.domain.records import Cell, Diagram
from app.services.document import Document
from ui.panels import patches
from ui.panels.names import quoted, refusal
from ui.panels.panel import Panel
from ui.panels.tables.delegate import CalmDelegate
from ui.panels.tree_items import CELL, DIAGRAM, REGISTER, TreeItems, diagram_of, id_of, sort_of
from ui.theme import Theme, ThemeManager


class _Tree(QTreeWidget):
    """A tree that says where a diagram was dropped, and lets the model move it."""

    dropped = Signal(str, int)
    pressed_key = Signal(str)

    def dropEvent(self, event: QDropEvent) -> None:
        """Work out the place among the diagrams; the item itself follows the model."""
        moved = self.currentItem()
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()
        if moved is not None and sort_of(moved) == DIAGRAM:
            place = self.place_at(event.position().toPoint(), moved)
            if place >= 0:
                self.dropped.emit(id_of(moved), place)

    def place_at(self, at: QPoint, moved: QTreeWidgetItem) -> int:
        """The place among the other diagrams for a drop at a point; -1 where none can be."""
        target = self.itemAt(at)
        while target is not None and sort_of(target) not in (DIAGRAM, REGISTER, "head"):
            target = target.parent()
        head = moved.parent()
        if (
            head is None
            or target is None
            or sort_of(target) == REGISTER
            or target.parent() not in (head, None)
        ):
            return -1
        if target.parent() is None:
            return 0 if target is head else -1
        place = head.indexOfChild(target)
        lower = at.y() > self.visualItemRect(target).center().y()
        if head.indexOfChild(moved) < place:
            place -= 1
        return place + (1 if lower and target is not moved else 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Alt+Up and Alt+Down move, Del deletes, Enter opens."""
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        names = {
            Qt.Key.Key_Up: "up" if alt else "",
            Qt.Key.Key_Down: "down" if alt else "",
            Qt.Key.Key_Delete: "delete",
            Qt.Key.Key_Return: "open",
            Qt.Key.Key_Enter: "open",
        }
        name = names.get(Qt.Key(event.key()), "")
        if name and self.state() is not QAbstractItemView.State.EditingState:
            self.pressed_key.emit(name)
        else:
            super().keyPressEvent(event)


class ModelTree(Panel):
    """Opens, makes, renames, duplicates, orders and deletes diagrams; opens registers and elements."""

    diagram_activated = Signal(str)
    register_activated = Signal(str)
    cell_activated = Signal(str, str)
    deleted = Signal(str)
    problem = Signal(str)

    def __init__(self, document: Document, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(document, theme, parent)
        self._showing = True
        self._current = ""
        self._unfolded_before: dict[str, bool] = {}
        self.setAccessibleName("Model")
        column = QVBoxLayout(self)
        margin = theme.px(6)
        column.setContentsMargins(margin, margin, margin, margin)
        column.setSpacing(theme.px(4))
        bar = QHBoxLayout()
        bar.setSpacing(theme.px(2))
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText("Find in the model")
        self.filter.setAccessibleName("Find in the model")
        self.filter.setToolTip("Diagrams, elements and registers by name")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._narrow)
        self.new_button = QToolButton(self)
        self.new_button.setToolTip("New diagram")
        self.new_button.setAccessibleName("New diagram")
        theme.bind_icon(self.new_button, "plus")
        self.new_button.clicked.connect(self.new_diagram)
        bar.addWidget(self.filter, 1)
        bar.addWidget(self.new_button)
        self.tree = self._made_tree()
        self.items = TreeItems(self.tree, theme)
        self._note = QLabel(self)
        self._note.setProperty("role", "error")
        self._note.setWordWrap(True)
        self._note.hide()
        column.addLayout(bar)
        column.addWidget(self.tree, 1)
        column.addWidget(self._note)
        self._sync()
        self._showing = False

    def _made_tree(self) -> _Tree:
        tree = _Tree(self)
        tree.ensurePolished()  # rows keep the height that they are made with
        tree.setHeaderHidden(True)
        tree.setAccessibleName("Diagrams and registers")
        tree.setItemDelegate(CalmDelegate(tree))
        tree.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        tree.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        tree.setDropIndicatorShown(True)
        tree.setIndentation(self.theme.px(14))
        tree.setUniformRowHeights(True)
        tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        tree.customContextMenuRequested.connect(self._open_menu)
        tree.itemExpanded.connect(self._unfolded)
        tree.itemChanged.connect(self._renamed)
        tree.itemClicked.connect(lambda item, _: self._activate(item))
        tree.dropped.connect(self._move_to)
        tree.pressed_key.connect(self._pressed)
        return tree

    # --- opening ---------------------------------------------------------------------------------
    def set_current_diagram(self, diagram_id: str) -> None:
        """Print the diagram in view in bold."""
        self._current = diagram_id
        self._quietly(lambda: self.items.mark_current(diagram_id))

    def _activate(self, item: QTreeWidgetItem | None) -> None:
        sort = sort_of(item)
        if sort == DIAGRAM:
            self.diagram_activated.emit(id_of(item))
        elif sort == REGISTER:
            self.register_activated.emit(id_of(item))
        elif sort == CELL:
            cell = self.document.state.cell(id_of(item))
            if cell is not None:
                self.cell_activated.emit(cell.diagram_id, cell.id)

    def _unfolded(self, item: QTreeWidgetItem) -> None:
        if sort_of(item) == DIAGRAM:
            self._quietly(lambda: self.items.list_cells(self.document.state, id_of(item)))

    def _pressed(self, name: str) -> None:
        item = self.tree.currentItem()
        diagram = self.document.state.find(Diagram, id_of(item)) if sort_of(item) == DIAGRAM else None
        if name == "open":
            self._activate(item)
        elif diagram is not None and name == "delete":
            self.delete(diagram)
        elif diagram is not None:
            self.move_diagram(diagram, -1 if name == "up" else 1)

    # --- diagrams --------------------------------------------------------------------------------
    def new_diagram(self) -> None:
        """Add a diagram behind the others, open it, and let its name be typed."""
        diagram_id, patch = patches.new_diagram(self.document.state)
        if self._apply(patch, "new diagram"):
            self.filter.clear()
            self.diagram_activated.emit(diagram_id)
            self.rename(diagram_id)

    def rename(self, diagram_id: str) -> None:
        """Open the name of a diagram for typing."""
        item = self.items.diagrams.get(diagram_id)
        if item is not None and not self.document.read_only:
            self.tree.setCurrentItem(item)
            self.tree.setFocus()
            self.tree.editItem(item, 0)

    def _renamed(self, item: QTreeWidgetItem) -> None:
        diagram = self.document.state.find(Diagram, id_of(item))
        if self._showing or diagram is None or item.text(0) == diagram.name:
            return
        patch = edits.set_property([diagram], "name", item.text(0))
        if not self._apply(patch, f"name of diagram {quoted(self.document.state, diagram, 24)}", "Name"):
            self._quietly(lambda: item.setText(0, diagram.name))

    def duplicate(self, diagram: Diagram) -> None:
        """Add a copy of a diagram, with all that is in it, right behind it."""
        diagram_id, patch = patches.duplicate_diagram(self.document.state, diagram)
        if self._apply(patch, f"copy of diagram {quoted(self.document.state, diagram, 24)}"):
            self.diagram_activated.emit(diagram_id)

    def delete(self, diagram: Diagram) -> None:
        """Delete a diagram with its elements; undo brings all of it back."""
        name = quoted(self.document.state, diagram)
        if self._apply(edits.remove_records([diagram]), f"deletion of diagram {name}"):
            self.deleted.emit(f"Diagram {name} deleted")

    def move_diagram(self, diagram: Diagram, by: int) -> None:
        """Move a diagram up (-1) or down (1)."""
        place = [d.id for d in self.document.state.diagrams()].index(diagram.id)
        self._move_to(diagram.id, place + by)

    def _move_to(self, diagram_id: str, place: int) -> None:
        patch = patches.move_diagram(self.document.state, diagram_id, place)
        if patch:
            self._apply(patch, "order of the diagrams")

    def _apply(self, patch: Patch, title: str, label: str = "Diagram") -> bool:
        try:
            self.document.apply(patch, title=title)
        except TmiError as error:
            self._note.setText(refusal(error, label))
            self._note.show()
            self.problem.emit(self._note.text())
            return False
        return True

    # --- menu ------------------------------------------------------------------------------------
    def menu_for(self, item: QTreeWidgetItem | None) -> QMenu:
        """What can be done with an item."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        diagram = diagram_of(self.document.state, item) if sort_of(item) == DIAGRAM else None
        entries: list[tuple[str, str, Callable[[], None]]] = []
        if item is not None and sort_of(item) in (DIAGRAM, REGISTER, CELL):
            entries.append(
                ("open", "Open" if sort_of(item) != CELL else "Show", lambda: self._activate(item))
            )
        if diagram is not None and not self.document.read_only:
            entries += [
                ("edit", "Rename\tF2", lambda: self.rename(diagram.id)),
                ("duplicate", "Duplicate", lambda: self.duplicate(diagram)),
                ("arrow-up", "Move up\tAlt+Up", lambda: self.move_diagram(diagram, -1)),
                ("arrow-down", "Move down\tAlt+Down", lambda: self.move_diagram(diagram, 1)),
                ("delete", "Delete\tDel", lambda: self.delete(diagram)),
            ]
        if not self.document.read_only:
            entries.append(("plus", "New diagram", self.new_diagram))
        for icon, text, slot in entries:
            action = QAction(self.theme.icon(icon), text, menu)
            action.triggered.connect(slot)
            menu.addAction(action)
        return menu

    def _open_menu(self, at: QPoint) -> None:
        menu = self.menu_for(self.tree.itemAt(at))
        if menu.actions():
            menu.popup(self.tree.viewport().mapToGlobal(at))

    # --- keeping in step -------------------------------------------------------------------------
    def _quietly(self, work: Callable[[], None]) -> None:
        """Change items without taking it for the user's typing."""
        before, self._showing = self._showing, True
        work()
        self._showing = before

    def _sync(self) -> None:
        writable = not self.document.read_only
        self.new_button.setEnabled(writable)
        self.items.sync_diagrams(self.document.state, writable=writable)
        self.items.sync_registers(self.document.state)

    def _narrow(self, text: str) -> None:
        def work() -> None:
            if text.strip():
                if not self._unfolded_before:
                    self._unfolded_before = {i: d.isExpanded() for i, d in self.items.diagrams.items()}
                for diagram_id in self.items.diagrams:
                    self.items.list_cells(self.document.state, diagram_id)
            self.items.narrow(text)
            if not text.strip():
                for diagram_id, unfolded in self._unfolded_before.items():
                    if diagram_id in self.items.diagrams:
                        self.items.diagrams[diagram_id].setExpanded(unfolded)
                self._unfolded_before = {}

        self._quietly(work)

    def update_from(self, changes: ChangeSet) -> None:
        """Items as the records."""
        self._note.hide()
        self._quietly(lambda: self._take_in(changes))

    def _take_in(self, changes: ChangeSet) -> None:
        state = self.document.state
        kinds = {c.kind for c in changes.changes if c.before is None or c.after is None}
        if changes.of_kind("diagram"):
            self.items.sync_diagrams(state, writable=not self.document.read_only)
            self.items.mark_current(self._current)
        ends: set[str] = set()
        for change in changes.of_kind("cell"):
            before = change.before if isinstance(change.before, Cell) else None
            after = change.after if isinstance(change.after, Cell) else None
            self.items.update_cell(state, before, after)
            if "label" in change.groups:
                ends.add(change.id)
        for cell_id in ends:
            for line in state.flows_at(cell_id):
                self.items.update_cell(state, line, line)
        self.items.sync_registers(state, kinds)
        if self.filter.text().strip() and (kinds & {"cell", "diagram"} or ends):
            self.items.narrow(self.filter.text())

    def rethemed(self, theme: Theme) -> None:
        """Take over the colours of another theme, or another size of text."""
        self.tree.setIndentation(self.theme.px(14))
        self._quietly(lambda: self.items.retint(self.document.state))
