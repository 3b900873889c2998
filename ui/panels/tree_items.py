"""The items of the model tree: diagrams with their elements by kind, and registers with their counts."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem

from app.domain import vocabulary as v
from app.domain.records import Cell, Diagram
from app.domain.state import ModelState
from ui.panels.names import CELL_PLURALS, REGISTERS, icon_of, icon_of_kind, shown_title
from ui.theme import ThemeManager

SORT = Qt.ItemDataRole.UserRole
ID = Qt.ItemDataRole.UserRole + 1
DIAGRAM, GROUP, CELL, REGISTER, HEAD, NOTE = "diagram", "group", "cell", "register", "head", "note"
_FIXED = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


def sort_of(item: QTreeWidgetItem | None) -> str:
    """What an item stands for."""
    return str(item.data(0, SORT)) if item is not None else ""


def id_of(item: QTreeWidgetItem | None) -> str:
    """The id of the item's record, the kind of a register, the type of a group."""
    return str(item.data(0, ID) or "") if item is not None else ""


def children_of(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    """The items directly below."""
    found = (item.child(place) for place in range(item.childCount()))
    return [child for child in found if child is not None]


class TreeItems:
    """Makes, finds, moves and removes the items; knows nothing of gestures."""

    def __init__(self, tree: QTreeWidget, theme: ThemeManager) -> None:
        self._tree, self._theme = tree, theme
        self.diagrams_head = self._head("Diagrams")
        self.registers_head = self._head("Registers")
        self.diagrams: dict[str, QTreeWidgetItem] = {}
        self.registers: dict[str, QTreeWidgetItem] = {}
        self.cells: dict[str, QTreeWidgetItem] = {}
        self._listed: set[str] = set()

    def _head(self, text: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem(self._tree, [text])
        item.setData(0, SORT, HEAD)
        item.setFlags(_FIXED)
        font = item.font(0)
        font.setBold(True)
        item.setFont(0, font)
        item.setExpanded(True)
        return item

    # --- diagrams --------------------------------------------------------------------------------
    def sync_diagrams(self, state: ModelState, *, writable: bool) -> None:
        """Make the diagrams' items what the model says: there, named, in order. Nothing else moves."""
        wanted = state.diagrams()
        head = self.diagrams_head
        for gone in [i for i in self.diagrams if i not in state]:
            self._drop_cells(gone)
            head.removeChild(self.diagrams.pop(gone))
            self._listed.discard(gone)
        for place, diagram in enumerate(wanted):
            item = self.diagrams.get(diagram.id)
            if item is None:
                item = self.diagrams[diagram.id] = self._diagram_item(writable)
                item.setData(0, ID, diagram.id)
                head.insertChild(place, item)
            elif head.indexOfChild(item) != place:
                expanded, current = item.isExpanded(), self._tree.currentItem() is item
                head.takeChild(head.indexOfChild(item))
                head.insertChild(place, item)
                item.setExpanded(expanded)
                if current:
                    self._tree.setCurrentItem(item)
            if item.text(0) != diagram.name:
                item.setText(0, diagram.name)
                item.setToolTip(0, diagram.name)
        head.setText(0, f"Diagrams ({len(wanted)})")
        self._note_when_empty(head, "No diagrams yet. New diagram makes one.")

    def _diagram_item(self, writable: bool) -> QTreeWidgetItem:
        item = QTreeWidgetItem()
        item.setData(0, SORT, DIAGRAM)
        item.setIcon(0, self._theme.icon("diagram", accent_on=False))
        item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator)
        free = Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsDragEnabled
        item.setFlags(_FIXED | free if writable else _FIXED)
        return item

    def mark_current(self, diagram_id: str) -> None:
        """Print the diagram in view in bold."""
        for item_id, item in self.diagrams.items():
            font = item.font(0)
            if font.bold() != (item_id == diagram_id):
                font.setBold(item_id == diagram_id)
                item.setFont(0, font)

    def _note_when_empty(self, parent: QTreeWidgetItem, text: str) -> None:
        children = children_of(parent)
        notes = [c for c in children if sort_of(c) == NOTE]
        if len(notes) == len(children) == 0:
            note = QTreeWidgetItem(parent, [text])
            note.setData(0, SORT, NOTE)
            note.setFlags(Qt.ItemFlag.NoItemFlags)
            note.setToolTip(0, text)
        elif len(children) > len(notes):
            for note in notes:
                parent.removeChild(note)

    # --- elements --------------------------------------------------------------------------------
    def list_cells(self, state: ModelState, diagram_id: str) -> None:
        """List the elements of a diagram, once it is unfolded; from then on they are kept in step."""
        if diagram_id in self._listed or diagram_id not in self.diagrams:
            return
        self._listed.add(diagram_id)
        for cell in sorted(state.cells(diagram_id), key=lambda c: shown_title(state, c).casefold()):
            self._add_cell(state, cell, at_end=True)
        self._note_when_empty(self.diagrams[diagram_id], "No elements yet")

    def update_cell(self, state: ModelState, before: Cell | None, after: Cell | None) -> None:
        """Bring the item of one element in step."""
        if before is not None and (after is None or after.type != before.type):
            self._remove_cell(before)
        if after is None or after.diagram_id not in self._listed:
            return
        item = self.cells.get(after.id)
        if item is None:
            self._add_cell(state, after)
            self._note_when_empty(self.diagrams[after.diagram_id], "No elements yet")
            return
        title = shown_title(state, after)
        if item.text(0) != title:
            item.setText(0, title)
            item.setToolTip(0, title)

    def _add_cell(self, state: ModelState, cell: Cell, *, at_end: bool = False) -> None:
        group = self._group(cell.diagram_id, cell.type)
        title = shown_title(state, cell)
        item = QTreeWidgetItem([title])
        item.setData(0, SORT, CELL)
        item.setData(0, ID, cell.id)
        item.setIcon(0, self._theme.icon(icon_of(cell), accent_on=False))
        item.setToolTip(0, title)
        item.setFlags(_FIXED)
        place = group.childCount()
        if not at_end:
            titles = [child.text(0).casefold() for child in children_of(group)]
            place = next((i for i, other in enumerate(titles) if other > title.casefold()), place)
        group.insertChild(place, item)
        self.cells[cell.id] = item
        self._count(group)

    def _group(self, diagram_id: str, cell_type: str) -> QTreeWidgetItem:
        parent = self.diagrams[diagram_id]
        groups = [child for child in children_of(parent) if sort_of(child) == GROUP]
        for group in groups:
            if id_of(group) == cell_type:
                return group
        rank = v.CELL_TYPES.index(cell_type)
        place = next((i for i, g in enumerate(groups) if v.CELL_TYPES.index(id_of(g)) > rank), len(groups))
        group = QTreeWidgetItem()
        group.setData(0, SORT, GROUP)
        group.setData(0, ID, cell_type)
        group.setFlags(_FIXED)
        parent.insertChild(place, group)
        group.setExpanded(True)
        return group

    @staticmethod
    def _count(group: QTreeWidgetItem) -> None:
        group.setText(0, f"{CELL_PLURALS.get(id_of(group), id_of(group))} ({group.childCount()})")

    def _remove_cell(self, cell: Cell) -> None:
        item = self.cells.pop(cell.id, None)
        group = item.parent() if item is not None else None
        if item is None or group is None:
            return
        group.removeChild(item)
        self._count(group)
        diagram = group.parent()
        if not group.childCount() and diagram is not None:
            diagram.removeChild(group)
            self._note_when_empty(diagram, "No elements yet")

    def _drop_cells(self, diagram_id: str) -> None:
        for group in children_of(self.diagrams[diagram_id]):
            for child in children_of(group):
                self.cells.pop(id_of(child), None)

    # --- registers -------------------------------------------------------------------------------
    def sync_registers(self, state: ModelState, kinds: set[str] | None = None) -> None:
        """Show how much each register holds; only those of `kinds`, when given."""
        for kind, title in REGISTERS.items():
            if kinds is not None and kind not in kinds:
                continue
            item = self.registers.get(kind)
            if item is None:
                item = self.registers[kind] = QTreeWidgetItem(self.registers_head)
                item.setData(0, SORT, REGISTER)
                item.setData(0, ID, kind)
                item.setIcon(0, self._theme.icon(icon_of_kind(kind), accent_on=False))
                item.setFlags(_FIXED)
            count = sum(1 for _ in state.of_kind(kind))
            text = f"{title} ({count})" if count else title
            if item.text(0) != text:
                item.setText(0, text)
                item.setToolTip(0, f"Open the register of {title.lower()}")

    # --- finding and colours ---------------------------------------------------------------------
    def narrow(self, text: str) -> None:
        """Hide what does not hold the text; a diagram stays for its name or for an element in it."""
        text = text.casefold().strip()
        for item in self.diagrams.values():
            own = text in item.text(0).casefold()
            inner = self._narrow_cells(item, text)
            item.setHidden(bool(text) and not own and not inner)
            if text and inner:
                item.setExpanded(True)
        for register in self.registers.values():
            register.setHidden(bool(text) and text not in register.text(0).casefold())
        self.registers_head.setHidden(all(item.isHidden() for item in self.registers.values()))

    @staticmethod
    def _narrow_cells(diagram: QTreeWidgetItem, text: str) -> int:
        found = 0
        for group in children_of(diagram):
            if sort_of(group) != GROUP:
                continue
            here = 0
            for cell in children_of(group):
                shown = text in cell.text(0).casefold()
                cell.setHidden(not shown)
                here += shown
            group.setHidden(not here)
            found += here
        return found

    def retint(self, state: ModelState) -> None:
        """The theme has changed: the icons are others."""
        for item in self.diagrams.values():
            item.setIcon(0, self._theme.icon("diagram", accent_on=False))
        for kind, item in self.registers.items():
            item.setIcon(0, self._theme.icon(icon_of_kind(kind), accent_on=False))
        for cell_id, item in self.cells.items():
            cell = state.cell(cell_id)
            if cell is not None:
                item.setIcon(0, self._theme.icon(icon_of(cell), accent_on=False))


def diagram_of(state: ModelState, item: QTreeWidgetItem | None) -> Diagram | None:
    """The diagram that an item is or belongs to."""
    while item is not None and sort_of(item) != DIAGRAM:
        item = item.parent()
    return state.find(Diagram, id_of(item)) if item is not None else None
