"""A register as Qt's table model: rows come, go and change one by one, never all at once."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor

from app.domain import vocabulary as v
from app.domain.changes import ChangeSet
from app.domain.errors import TmiError
from app.domain.fields import FieldType
from app.domain.patch import Patch
from app.domain.records import Record, Threat
from app.services.document import Document
from ui.panels.editors.text import parsed
from ui.panels.names import icon_of, quoted, refusal, type_name
from ui.panels.patches import property_patch
from ui.panels.tables.columns import columns_of
from ui.panels.threat_list import severity_colour
from ui.theme import ThemeManager

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_MANY = 200
RECORD_ID = Qt.ItemDataRole.UserRole


class RegisterModel(QAbstractTableModel):
    """All records of a kind. `refused` says which index took an input not, what it was, and why."""

    refused = Signal(QPersistentModelIndex, str, str)

    def __init__(
        self, document: Document, theme: ThemeManager, kind: str, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._theme, self.kind = document, theme, kind
        self.columns = columns_of(kind)
        self._ids: list[str] = [r.id for r in document.state.of_kind(kind)]
        self._rows = {record_id: row for row, record_id in enumerate(self._ids)}
        self._haystacks: dict[str, str] = {}
        self._keys: dict[int, dict[str, tuple[int, float, str]]] = {}
        self._pointed_kinds = {k for c in self.columns for k in c.field.refers_to}

    # --- reading ---------------------------------------------------------------------------------
    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """How many records there are."""
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """How many columns there are, shown or not."""
        return 0 if parent.isValid() else len(self.columns)

    def record(self, row: int) -> Record | None:
        """The record of a row."""
        return self._document.state.get(self._ids[row]) if 0 <= row < len(self._ids) else None

    def row_of(self, record_id: str) -> int:
        """The row of a record, -1 when it has none."""
        return self._rows.get(record_id, -1)

    def key(self, row: int, column: int) -> tuple[int, float, str]:
        """What a row sorts by."""
        record_id = self._ids[row]
        known = self._keys.setdefault(column, {})
        if record_id not in known:
            record = self.record(row)
            if record is None:
                return (2, 0.0, "")
            known[record_id] = self.columns[column].key(self._document.state, record)
        return known[record_id]

    def haystack(self, row: int) -> str:
        """All that a row says, for finding."""
        record_id = self._ids[row]
        text = self._haystacks.get(record_id)
        if text is None:
            record = self.record(row)
            state = self._document.state
            parts = [c.text(state, record) for c in self.columns] if record else []
            text = self._haystacks[record_id] = "\n".join(parts).casefold()
        return text

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The headings."""
        known = orientation is Qt.Orientation.Horizontal and 0 <= section < len(self.columns)
        shown = role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
        return self.columns[section].title if known and shown else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        record = self.record(index.row()) if index.isValid() else None
        if record is None:
            return None
        column, state = self.columns[index.column()], self._document.state
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return column.text(state, record) or None
        if role == Qt.ItemDataRole.EditRole:
            return column.raw(record)
        if role == RECORD_ID:
            return record.id
        if role == Qt.ItemDataRole.CheckStateRole and column.is_flag:
            return Qt.CheckState.Checked if getattr(record, column.name) else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.DecorationRole and column.name == "cell_id":
            cell = state.get(getattr(record, column.name))
            return self._theme.icon(icon_of(cell)) if cell is not None else None
        if role == Qt.ItemDataRole.ForegroundRole and isinstance(record, Threat):
            return self._colour(record, column.name)
        return None

    def _colour(self, threat: Threat, name: str) -> QColor | None:
        if not v.is_open(threat.status):
            return QColor(self._theme.theme.palette.muted_text)
        return severity_colour(self._theme.theme, threat.severity) if name == "severity" else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """What may be done with a cell."""
        found = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if not index.isValid() or self._document.read_only:
            return found
        column = self.columns[index.column()]
        if column.is_flag:
            return found | Qt.ItemFlag.ItemIsUserCheckable
        return found | Qt.ItemFlag.ItemIsEditable if column.editable else found

    # --- writing ---------------------------------------------------------------------------------
    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Write one value through the document."""
        record = self.record(index.row())
        if record is None:
            return False
        column = self.columns[index.column()]
        if role == Qt.ItemDataRole.CheckStateRole:
            value = Qt.CheckState(value) is Qt.CheckState.Checked
        elif role != Qt.ItemDataRole.EditRole or value == column.raw(record):
            return False
        try:
            patch = self._patch(record, column.name, value)
            title = f"{column.title.lower()} of {type_name(record).lower()}"
            self._document.apply(patch, title=f"{title} {quoted(self._document.state, record, 24)}")
        except (TmiError, ValueError) as error:
            self.refused.emit(QPersistentModelIndex(index), str(value), refusal(error, column.title))
            return False
        return True

    def _patch(self, record: Record, name: str, value: Any) -> Patch:
        field = next(c.field for c in self.columns if c.name == name)
        if field.type is FieldType.SET:
            wanted = {w.strip() for w in str(value).split(",") if w.strip()}
            old: frozenset[str] = getattr(record, name)
            value = {"add": sorted(wanted - old), "remove": sorted(old - wanted)}
        elif isinstance(value, str):
            value = parsed(field, value)
        return property_patch(self._document.state, [record], name, value)

    # --- keeping in step -------------------------------------------------------------------------
    def update_from(self, changes: ChangeSet) -> None:
        """Rows come, go and change as the records did; names of what they point at too."""
        mine = changes.of_kind(self.kind)
        gone = [c.id for c in mine if c.after is None and c.id in self._rows]
        new = [c.id for c in mine if c.before is None and c.id not in self._rows]
        touched = {c.id for c in mine if c.before is not None and c.after is not None}
        for change in changes.changes:
            if change.kind in self._pointed_kinds and change.kind != self.kind:
                touched.update(
                    r.id for r in self._document.state.pointing_at(change.id) if r.kind == self.kind
                )
        self._remove(gone)
        if new:
            first = len(self._ids)
            self.beginInsertRows(QModelIndex(), first, first + len(new) - 1)
            self._ids.extend(new)
            self._rows.update((record_id, first + i) for i, record_id in enumerate(new))
            self.endInsertRows()
        self._tell({self._rows[i] for i in touched if i in self._rows})

    def _remove(self, gone: list[str]) -> None:
        if len(gone) > _MANY:
            self.beginResetModel()
            away = set(gone)
            self._haystacks.clear()
            self._keys.clear()
            self._ids = [i for i in self._ids if i not in away]
            self._reindex()
            self.endResetModel()
            return
        for record_id in gone:
            row = self._rows[record_id]
            self.beginRemoveRows(QModelIndex(), row, row)
            del self._ids[row]
            self._reindex()
            self.endRemoveRows()
            self._forget(record_id)

    def _forget(self, record_id: str) -> None:
        self._haystacks.pop(record_id, None)
        for known in self._keys.values():
            known.pop(record_id, None)

    def _reindex(self) -> None:
        self._rows = {record_id: row for row, record_id in enumerate(self._ids)}

    def _tell(self, rows: set[int]) -> None:
        last = len(self.columns) - 1
        for row in sorted(rows):
            self._forget(self._ids[row])
            self.dataChanged.emit(self.index(row, 0), self.index(row, last))

    def retint(self) -> None:
        """The theme has changed: icons and colours are others."""
        if self._ids:
            last = self.index(len(self._ids) - 1, len(self.columns) - 1)
            roles = [Qt.ItemDataRole.ForegroundRole, Qt.ItemDataRole.DecorationRole]
            self.dataChanged.emit(self.index(0, 0), last, roles)
