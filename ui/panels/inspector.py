"""The inspector: every property of whatever is selected, or of the diagram and the model."""

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from app.domain import vocabulary as v
from app.domain.changes import ChangeSet
from app.domain.presence import Person, TypingOf
from app.domain.records import Cell, Comment, Diagram, Record, Threat
from app.services.document import Document
from ui.panels.form import RecordForm
from ui.panels.names import CELL_PLURALS, REGISTERS, icon_of, icon_of_kind, shown_title, type_name
from ui.panels.panel import Panel
from ui.panels.sections import shape_of
from ui.panels.threat_list import ThreatList
from ui.theme import Theme, ThemeManager

_KEPT_FORMS = 10


class Inspector(Panel):
    """`show_records` says what is selected; `show_diagram` which diagram is in view."""

    open_threat = Signal(str)
    reveal = Signal(str)
    problem = Signal(str)
    typing = Signal(str, str, str)  # id of the record, property, text: "" when it is written or dropped
    comments_asked = Signal()

    def __init__(self, document: Document, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(document, theme, parent)
        self._ids: list[str] = []
        self._diagram_id = ""
        self._forms: dict[tuple[object, ...], RecordForm] = {}
        self._shown: list[RecordForm] = []
        self._folded: dict[str, dict[str, bool]] = {}
        self.setAccessibleName("Properties")
        self._build()
        self._show()

    def _build(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        head = QWidget(self)
        row = QHBoxLayout(head)
        margin = self.theme.px(8)
        row.setContentsMargins(margin, margin, margin, self.theme.px(4))
        self._icon = QLabel(head)
        self._title = _Elided(head, "heading")
        self._kind = _Elided(head, "muted")
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self._title)
        texts.addWidget(self._kind)
        self.reveal_button = QToolButton(head)
        self.reveal_button.setToolTip("Show the element in its diagram")
        self.reveal_button.setAccessibleName("Show the element in its diagram")
        self.theme.bind_icon(self.reveal_button, "eye")
        self.reveal_button.clicked.connect(self._reveal)
        self.comment_button = QToolButton(head)
        self.comment_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.theme.bind_icon(self.comment_button, "comment")
        self.comment_button.clicked.connect(self.comments_asked)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(texts, 1)
        row.addWidget(self.comment_button, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.reveal_button, 0, Qt.AlignmentFlag.AlignTop)
        outer.addWidget(head)
        self._banner = QLabel(self)
        self._banner.setProperty("role", "warning")
        self._banner.setWordWrap(True)
        self._banner.setContentsMargins(margin, 0, margin, self.theme.px(4))
        outer.addWidget(self._banner)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._body = QWidget()
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(margin, self.theme.px(4), margin, margin)
        self._column.setSpacing(self.theme.px(8))
        self._model_title = QLabel("Threat model", self._body)
        self._model_title.setProperty("role", "heading")
        self._column.addWidget(self._model_title)
        self.threats = ThreatList(self.document, self.theme, self._body)
        self.threats.open_threat.connect(self.open_threat)
        self.threats.added.connect(self.ask_name)
        self._column.addWidget(self.threats)
        self._column.addStretch(1)
        self._scroll.setWidget(self._body)
        outer.addWidget(self._scroll, 1)

    # --- what is shown ---------------------------------------------------------------------------
    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the records shown; empty when it is the diagram and the model."""
        return tuple(self._ids)

    def show_records(self, ids: Iterable[str]) -> None:
        """Show these records; for none, the diagram in view and the model."""
        wanted = [i for i in dict.fromkeys(ids) if i in self.document.state]
        if wanted != self._ids:
            self.flush()
            self._ids = wanted
            self._show()

    def show_diagram(self, diagram_id: str) -> None:
        """Say which diagram is in view."""
        if diagram_id != self._diagram_id:
            self._diagram_id = diagram_id
            if not self._ids:
                self.flush()
                self._show()

    def form_of(self, record_id: str) -> RecordForm | None:
        """The form that shows a record, if it is shown."""
        return next((f for f in self._shown if any(r.id == record_id for r in f.records)), None)

    def _records(self) -> list[Record]:
        return [r for r in (self.document.state.get(i) for i in self._ids) if r is not None]

    def _show(self) -> None:
        records = self._records()
        groups: list[list[Record]] = [records] if records else self._surroundings()
        shown = [self._form_for(group) for group in groups]
        if shown != self._shown:
            self._scroll.verticalScrollBar().setValue(0)  # another kind of thing starts with its name
        for form in self._forms.values():
            form.setVisible(form in shown)
        self._shown = shown
        self._place(shown)
        self._model_title.setVisible(not records and len(shown) == 2)
        cell = records[0] if len(records) == 1 and isinstance(records[0], Cell) else None
        takes_threats = cell is not None and cell.type in (*v.ELEMENT_TYPES, v.DATA_FLOW, v.TRUST_BOUNDARY)
        self.threats.setVisible(takes_threats)
        if cell is not None and takes_threats:
            self.threats.show_cell(cell)
        self._head(groups)
        self._show_banner()
        self._forget_old_forms()
        QTimer.singleShot(0, self, self._settle)

    def _settle(self) -> None:
        for form in self._shown:
            form.settle()
        self._column.invalidate()

    def _surroundings(self) -> list[list[Record]]:
        diagram = self.document.state.find(Diagram, self._diagram_id)
        model = self.document.state.model
        return [[r] for r in (diagram, model) if r is not None]

    def _form_for(self, records: list[Record]) -> RecordForm:
        shape = shape_of(records)
        form = self._forms.pop(shape, None)
        if form is None:
            folded = self._folded.setdefault(records[0].kind, {})
            form = RecordForm(self.document, self.theme, records, self._body, folded)
            form.problem.connect(self.problem)
            form.typing.connect(self.typing)
        else:
            form.bind(records)
        self._forms[shape] = form
        return form

    def _place(self, shown: list[RecordForm]) -> None:
        """The first form on top, the model's below its heading, threats after them."""
        for form in self._forms.values():
            if self._column.indexOf(form) < 0:
                self._column.insertWidget(0, form)
        for place, form in enumerate(shown):
            self._column.removeWidget(form)
            anchor = self._column.indexOf(self._model_title) + place
            self._column.insertWidget(anchor, form)

    def _forget_old_forms(self) -> None:
        for shape in list(self._forms)[: max(0, len(self._forms) - _KEPT_FORMS)]:
            form = self._forms.pop(shape)
            self._column.removeWidget(form)
            form.deleteLater()

    def _offer_comments(self) -> None:
        """One element or threat may be commented on; the number tells how many threads are open."""
        records = self._records()
        one = records[0] if len(records) == 1 and isinstance(records[0], Cell | Threat) else None
        self.comment_button.setVisible(one is not None)
        if one is None:
            return
        on_it = (r for r in self.document.state.pointing_at(one.id) if isinstance(r, Comment))
        count = sum(not comment.resolved for comment in on_it)
        self.comment_button.setText(str(count) if count else "")
        words = "Comment on this" if not count else "1 open thread" if count == 1 else f"{count} open threads"
        self.comment_button.setToolTip(f"{words} (Ctrl+Alt+M)")
        self.comment_button.setAccessibleName(words)

    def _head(self, groups: list[list[Record]]) -> None:
        records = groups[0] if groups else []
        self._offer_comments()
        if not records:
            self._title.set_text("Nothing to show")
            self._kind.set_text("")
            return
        first, count = records[0], len(records)
        kinds = {type_name(r) for r in records}
        if count == 1:
            self._title.set_text(shown_title(self.document.state, first))
            self._kind.set_text(type_name(first))
        else:
            plural = CELL_PLURALS.get(first.type, "elements") if isinstance(first, Cell) else ""
            plural = plural or REGISTERS.get(first.kind, "records")
            same = len(kinds) == 1
            self._title.set_text(f"{count} {plural.lower()}" if same else f"{count} selected")
            names = ", ".join(sorted(kinds))
            self._kind.set_text("An input changes all of them" if same else names)
        icon = icon_of(first) if len({icon_of(r) for r in records}) == 1 else icon_of_kind("more")
        side = self.theme.px(20)
        self._icon.setPixmap(self.theme.icon(icon).pixmap(QSize(side, side)))
        self.reveal_button.setVisible(bool(self._cell_to_reveal()))

    def ask_name(self, threat_id: str) -> None:
        """A new threat's name is ready to be typed over, else the keys would go to the diagram."""
        self.show_records([threat_id])
        form = self.form_of(threat_id)
        editor = form.editors.get("name") if form is not None else None
        if editor is not None:
            editor.setFocus()
            editor.select_all()

    def _cell_to_reveal(self) -> str:
        records = self._records()
        first = records[0] if len(records) == 1 else None
        return first.cell_id or "" if isinstance(first, Threat) else ""

    def _reveal(self) -> None:
        cell_id = self._cell_to_reveal()
        if cell_id:
            self.reveal.emit(cell_id)

    # --- changes ---------------------------------------------------------------------------------
    def update_from(self, changes: ChangeSet) -> None:
        """Show what has changed; a selection that shrank or became something else gets another form."""
        shown = {i for form in self._shown for i in form.ids}
        touched = {c.id: c for c in changes.changes if c.id in shown}
        gone = {i for i, change in touched.items() if change.after is None}
        if gone:
            self._ids = [i for i in self._ids if i not in gone]
        if gone or any("type" in change.groups for change in touched.values()):
            self._show()
            return
        if not self._shown and self.document.state.model is not None:
            self._show()
            return
        for form in self._shown:
            form.update_from(changes)
        if any(change.kind == "comment" for change in changes.changes):
            self._offer_comments()
        if not self.threats.isHidden():
            self.threats.update_from(changes)
        if touched:
            records = self._records()
            self._head([records] if records else self._surroundings())

    def show_rights(self) -> None:
        """Whoever may only read sees why."""
        if any(not form.records for form in self._shown):
            return
        for form in self._shown:
            form.show_rights()
        if not self.threats.isHidden():
            self.threats.show_rights()
        self._show_banner()

    def _show_banner(self) -> None:
        self._banner.setText(self.document.read_only)
        self._banner.setVisible(bool(self.document.read_only))

    # --- others ----------------------------------------------------------------------------------
    def hear_typing(self, typing: TypingOf, person: Person | None) -> None:
        """Somebody types in a property, or is done with it."""
        form = self.form_of(typing.record_id)
        if form is not None:
            form.show_typing(typing, person)

    def name_rivals(self, record_ids: Iterable[str], name: str) -> None:
        """Say who has changed what is being typed here."""
        for record_id in record_ids:
            form = self.form_of(record_id)
            if form is not None:
                form.name_rivals(name)

    def rethemed(self, theme: Theme) -> None:
        """Take over the colours of another theme."""
        for form in self._forms.values():
            form.retint()
        self.threats.retint() if not self.threats.isHidden() else None
        records = self._records()
        self._head([records] if records else self._surroundings())

    def flush(self) -> None:
        """Commit what is being typed."""
        for form in self._shown:
            form.flush()


class _Elided(QLabel):
    """A line that shows as much of a long text as there is room for, and never asks for more."""

    def __init__(self, parent: QWidget, role: str) -> None:
        super().__init__(parent)
        self.setProperty("role", role)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setMinimumWidth(40)
        self._text = ""

    def set_text(self, text: str) -> None:
        """Show a text."""
        self._text = text
        self.setToolTip(text)
        self._fit()

    def _fit(self) -> None:
        room = max(40, self.width())
        self.setText(self.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, room))

    def minimumSizeHint(self) -> QSize:
        """May become narrow."""
        return QSize(40, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        """A longer text does not make the panel wider."""
        return self.minimumSizeHint()

    def resizeEvent(self, event: object) -> None:
        """Another width shows more or less of it."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._fit()
