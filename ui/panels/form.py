"""A form for one or more records of the same shape, made from the table of fields."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFormLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.domain.changes import ChangeSet
from app.domain.errors import TmiError
from app.domain.fields import Field, FieldType
from app.domain.patch import Patch
from app.domain.presence import Person, TypingOf
from app.domain.records import Record
from app.services.document import Document
from ui.panels.editors.base import Editor
from ui.panels.editors.choices import FlagEditor, SuggestEditor
from ui.panels.editors.mapping import MapEditor
from ui.panels.editors.style import StyleEditor
from ui.panels.editors.text import AreaEditor
from ui.panels.making import editor_for, words_for
from ui.panels.names import quoted, refusal, type_name
from ui.panels.patches import property_patch
from ui.panels.sections import Section, common_fields, sections_of
from ui.theme import ThemeManager

_NARROW = 300
_LABEL = 92
# A heading that folds is no button that is pressed: it keeps the colours of the text around it.
_HEADER_STYLE = """
QToolButton { padding-left: 0; }
QToolButton:checked { background: transparent; color: palette(text); }
QToolButton:checked:hover { background: palette(midlight); }
"""


class RecordForm(QWidget):
    """Shows and edits the common properties of some records. `bind` it to others of the same shape."""

    problem = Signal(str)
    typing = Signal(str, str, str)

    def __init__(
        self,
        document: Document,
        theme: ThemeManager,
        records: Sequence[Record],
        parent: QWidget | None = None,
        folded: dict[str, bool] | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._theme = theme
        self._ids = [r.id for r in records]
        self._folded = folded if folded is not None else {}
        self.fields = common_fields(records)
        self.editors: dict[str, Editor] = {}
        self._resumed: set[Editor] = set()
        self._committing = ""
        self._rows: dict[str, list[QWidget]] = {}
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(0)
        self._settling.timeout.connect(self.settle)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self._layout = QFormLayout()
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setHorizontalSpacing(theme.px(8))
        self._layout.setVerticalSpacing(theme.px(6))
        self._layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._layout.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        column.addLayout(self._layout)
        for section in sections_of(records[0].kind, self.fields):
            self._add_section(section)
        self._show_all()

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of what is shown."""
        return tuple(self._ids)

    @property
    def records(self) -> list[Record]:
        """The records shown, without those that have been removed."""
        found = (self._document.state.get(i) for i in self._ids)
        return [r for r in found if r is not None]

    # --- rows ------------------------------------------------------------------------------------
    def _add_section(self, section: Section) -> None:
        rows: list[QWidget] = []
        if section.title:
            header = self._header(section)
            self._layout.addRow(header)
        for name in section.names:
            rows.append(self._add_row(name, self.fields[name], alone=len(section.names) == 1))
        self._rows[section.title] = rows
        if section.title:
            self._fold(section.title, self._folded.get(section.title, not section.open))

    def _header(self, section: Section) -> QToolButton:
        header = QToolButton(self)
        header.setText(section.title)
        header.setCheckable(True)
        header.setChecked(not self._folded.get(section.title, not section.open))
        header.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        header.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        header.setProperty("section", True)
        header.setStyleSheet(_HEADER_STYLE)
        header.setAccessibleName(f"Section {section.title}")
        header.setToolTip(f"Fold or unfold {section.title.lower()}")
        font = header.font()
        font.setBold(True)
        header.setFont(font)
        header.toggled.connect(lambda on: self._fold(section.title, not on, header))
        self._theme.bind_icon(header, "chevron-down" if header.isChecked() else "chevron-right")
        return header

    def _fold(self, title: str, folded: bool, header: QToolButton | None = None) -> None:
        if header is not None:
            self._folded[title] = folded
            self._theme.bind_icon(header, "chevron-right" if folded else "chevron-down")
        for row in self._rows[title]:
            self._layout.setRowVisible(row, not folded)
        if header is not None and not folded:
            self._show_all()

    def _add_row(self, name: str, field: Field, *, alone: bool) -> QWidget:
        editor = editor_for(name, field, self._document, self._theme, lambda: self.records)
        editor.setParent(self)
        editor.setObjectName(name)
        self.editors[name] = editor
        editor.committed.connect(lambda value: self._commit(name, value))
        editor.typed.connect(lambda text: self._keep_draft(name, text))
        editor.finished.connect(self._document.seal)
        if isinstance(editor, AreaEditor):
            editor.area.grown.connect(self._settling.start)
        if isinstance(editor, FlagEditor) or (alone and isinstance(editor, MapEditor | StyleEditor)):
            self._layout.addRow(editor)
            return editor
        label = QLabel(field.label, self)
        label.setBuddy(editor)
        label.setWordWrap(True)
        label.setFixedWidth(self._theme.px(_LABEL))
        label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        label.setContentsMargins(0, self._theme.px(4), 0, 0)
        self._layout.addRow(label, editor)
        return editor

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Narrow forms have their labels above the fields."""
        super().resizeEvent(event)
        policies = QFormLayout.RowWrapPolicy
        narrow = event.size().width() < self._theme.px(_NARROW)
        policy = policies.WrapAllRows if narrow else policies.DontWrapRows
        if self._layout.rowWrapPolicy() is not policy:
            self._layout.setRowWrapPolicy(policy)
            for row in range(self._layout.rowCount()):
                item = self._layout.itemAt(row, QFormLayout.ItemRole.LabelRole)
                label = item.widget() if item is not None else None
                if isinstance(label, QLabel):
                    self._fit_label(label, narrow)

    def _fit_label(self, label: QLabel, narrow: bool) -> None:
        label.setWordWrap(not narrow)
        label.setMinimumWidth(0 if narrow else self._theme.px(_LABEL))
        label.setMaximumWidth(16_777_215 if narrow else self._theme.px(_LABEL))

    # --- values ----------------------------------------------------------------------------------
    def bind(self, records: Sequence[Record]) -> None:
        """Show other records of the same shape; what is being typed is committed first."""
        ids = [r.id for r in records]
        if ids != self._ids:
            self.flush()
            for editor in self.editors.values():
                if editor.busy:
                    self._let_go(editor)
        self._ids = ids
        self._show_all()

    def _let_go(self, editor: Editor) -> None:
        """Unfinished text that could not be committed stays as a draft, but leaves the field."""
        self._resumed.discard(editor)
        editor.blockSignals(True)
        editor.drop()
        editor.blockSignals(False)

    def _show_all(self) -> None:
        records = self.records
        if not records:
            return
        for name in self.editors:
            self._show(name, records)
        self._resume_drafts()

    def _show(self, name: str, records: list[Record]) -> None:
        editor = self.editors[name]
        editor.set_read_only(bool(self._document.read_only) or name == "parent")
        if isinstance(editor, SuggestEditor):
            editor.set_words(words_for(self._document, records, name, self.fields[name]))
        editor.show_values([self._value(record, name) for record in records])

    def _value(self, record: Record, name: str) -> Any:
        value = getattr(record, name)
        if self.fields[name].type is FieldType.END:
            return value.cell if value is not None else None
        return value

    def update_from(self, changes: ChangeSet) -> None:
        """Show anew what a change touched: the properties themselves, and names of what they point at."""
        records = self.records
        if not records:
            return
        mine = set(self._ids)
        names: set[str] = set()
        kinds: set[str] = set()
        for change in changes.changes:
            if change.id in mine:
                names.update(group.partition(".")[0] for group in change.groups)
            kinds.add(change.kind)
        for name, field in self.fields.items():
            pointed = {"cell"} if field.type is FieldType.END else set(field.refers_to)
            if name in names or pointed & kinds:
                self._show(name, records)
            if name in names and self.editors[name].busy and name != self._committing:
                self._tell_rival(name, records)
        if names & {"cell_id", "framework", "diagram_id"} and "threat_type" in self.editors:
            self._show("threat_type", records)

    def show_rights(self) -> None:
        """Fields for reading only, or for writing."""
        self._show_all()

    # --- others ----------------------------------------------------------------------------------
    def _tell_rival(self, name: str, records: list[Record]) -> None:
        """Somebody has changed what is being typed here."""
        value = self._value(records[0], name)
        if len(records) == 1 and isinstance(value, str | None):
            self.editors[name].company.tell_rival("", value or "")

    def name_rivals(self, name: str) -> None:
        """Say who changed what is being typed here."""
        for editor in self.editors.values():
            if editor.has_rival:
                editor.company.name_rival(name)

    def show_typing(self, typing: TypingOf, person: Person | None) -> None:
        """Somebody types in one of the fields, or is done with it."""
        editor = self.editors.get(typing.property)
        if editor is not None and self._ids == [typing.record_id]:
            editor.company.tell_typing(person.name if person is not None else "", typing.text)

    def settle(self) -> None:
        """Lay out anew: Qt keeps heights that it worked out before the texts had theirs."""
        for editor in self.editors.values():
            editor.updateGeometry()
        self._layout.invalidate()
        self.updateGeometry()
        parent = self.parentWidget()
        above = parent.layout() if parent is not None else None
        if above is not None:
            above.invalidate()
            above.activate()

    # --- changing --------------------------------------------------------------------------------
    def _commit(self, name: str, value: Any) -> None:
        editor, records = self.editors[name], self.records
        if not records:
            return
        if self._document.read_only:
            editor.refuse(self._document.read_only)
            return
        step = f"text:{name}:{self._ids[0]}" if isinstance(editor, AreaEditor) and editor.step_open else ""
        try:
            patch: Patch = property_patch(self._document.state, records, name, value)
            self._committing = name
            self._document.apply(patch, title=self._title(name, records), step=step)
        except TmiError as error:
            editor.refuse(refusal(error, self.fields[name].label))
            self.problem.emit(editor.error)
            return
        finally:
            self._committing = ""
        self._resumed.discard(editor)
        editor.accept()
        records = self.records
        if records and name in self.editors:
            self._show(name, records)

    def _title(self, name: str, records: list[Record]) -> str:
        label = self.fields[name].label.lower()
        if len(records) > 1:
            return f"{label} of {len(records)} elements"
        return f"{label} of {type_name(records[0]).lower()} {quoted(self._document.state, records[0], 24)}"

    # --- drafts ----------------------------------------------------------------------------------
    def _keep_draft(self, name: str, text: str) -> None:
        self._resumed.discard(self.editors[name])
        if len(self._ids) != 1:
            return
        self.typing.emit(self._ids[0], name, text)
        key = f"{self._ids[0]}.{name}"
        if text or key in self._document.drafts:
            self._document.keep_draft(key, text)

    def _resume_drafts(self) -> None:
        if len(self._ids) != 1 or self._document.read_only:
            return
        record = self.records[0]
        for name, editor in self.editors.items():
            key = f"{self._ids[0]}.{name}"
            text = self._document.drafts.get(key, "")
            if text and text == self._value(record, name):
                self._document.keep_draft(key, "")
            elif text and not editor.busy:
                self._resumed.add(editor)
                editor.resume(text)
                editor.refuse("Not saved yet: Enter or leaving the field keeps it, Esc drops it")

    def flush(self) -> None:
        """Commit what is being typed."""
        for editor in self.editors.values():
            if editor.busy and editor not in self._resumed:
                editor.flush()

    def retint(self) -> None:
        """The theme has changed."""
        for editor in self.editors.values():
            if isinstance(editor, StyleEditor):
                editor.retint()
