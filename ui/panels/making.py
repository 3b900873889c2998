"""The editor that fits a field, in the context of a document."""

from collections.abc import Callable

from app.domain import vocabulary as v
from app.domain.fields import Field, FieldType
from app.domain.records import Cell, Diagram, Record, Threat
from app.services.document import Document
from ui.panels.editors.base import Editor
from ui.panels.editors.choices import ChoiceEditor, FlagEditor, SuggestEditor
from ui.panels.editors.mapping import MapEditor
from ui.panels.editors.place import PairEditor
from ui.panels.editors.references import ReferenceEditor, ReferenceSetEditor
from ui.panels.editors.style import StyleEditor
from ui.panels.editors.tags import TagsEditor
from ui.panels.editors.text import AreaEditor, LineEditor
from ui.panels.names import REGISTERS, shown_title
from ui.panels.patches import framework_of
from ui.theme import ThemeManager

Records = Callable[[], list[Record]]
_SHORT = 2000


def editor_for(name: str, field: Field, document: Document, theme: ThemeManager, shown: Records) -> Editor:
    """A new editor for a property; `shown` tells which records it is for at the time of asking."""
    if name == "style":
        first = shown()[0]
        return StyleEditor(field, theme, filled=not (isinstance(first, Cell) and first.is_line))
    if name == "type" and field.words == v.CELL_TYPES:
        chooser = ChoiceEditor(field)
        chooser.set_words(v.NODE_TYPES, [v.CELL_TYPE_NAMES[t] for t in v.NODE_TYPES])
        return chooser
    if name == "parent":
        inside = _reference(field, document, shown, none="No boundary")
        inside.set_read_only(True)
        return inside
    if field.is_reference:
        return _pointer(field, document, shown)
    if field.type in (FieldType.SET, FieldType.LIST):
        return TagsEditor(field, theme)
    if field.type is FieldType.MAP:
        return MapEditor(field, theme)
    return _plain(field)


def _plain(field: Field) -> Editor:
    if field.type is FieldType.CHOICE:
        return ChoiceEditor(field)
    if field.type is FieldType.FLAG:
        return FlagEditor(field)
    if field.type in (FieldType.POINT, FieldType.SIZE):
        return PairEditor(field)
    if field.multiline:
        return AreaEditor(field, least=1 if (field.max or 0) <= _SHORT else 3)
    if field.words or field.name == "threat_type":
        return SuggestEditor(field)
    return LineEditor(field)


def _pointer(field: Field, document: Document, shown: Records) -> Editor:
    if field.type is not FieldType.REFERENCE_SET:
        return _reference(field, document, shown)
    return ReferenceSetEditor(field, lambda: candidates(document, field, shown()), _nothing_to_tick(field))


def _reference(field: Field, document: Document, shown: Records, none: str = "None") -> ReferenceEditor:
    def title_of(record_id: str) -> str:
        record = document.state.get(record_id)
        return shown_title(document.state, record) if record is not None else ""

    if field.type is FieldType.END:
        none = "Not attached"
    return ReferenceEditor(field, lambda: candidates(document, field, shown()), title_of, none=none)


def candidates(document: Document, field: Field, records: list[Record]) -> list[tuple[str, str]]:
    """Id and name of every record that a field may point at, by name."""
    state = document.state
    found: list[Record] = []
    if field.type is FieldType.END:
        found = [
            c for r in records[:1] if isinstance(r, Cell) for c in state.cells(r.diagram_id) if c.can_connect
        ]
    else:
        for kind in field.refers_to:
            found.extend(state.of_kind(kind))
    if field.name == "cell_id":
        found = [c for c in found if isinstance(c, Cell) and c.type != v.TEXT]
    pairs = [(record.id, _title(document, record)) for record in found]
    return sorted(pairs, key=lambda pair: (pair[1].casefold(), pair[0]))


def _title(document: Document, record: Record) -> str:
    title = shown_title(document.state, record)
    if isinstance(record, Cell) and len(document.state.diagrams()) > 1:
        diagram = document.state.find(Diagram, record.diagram_id)
        return f"{title} ({diagram.name})" if diagram is not None else title
    return title


def _nothing_to_tick(field: Field) -> str:
    kind = field.refers_to[0] if field.refers_to else ""
    register = REGISTERS.get(kind, "")
    if not register:
        return "Nothing to choose from yet."
    return f"No {register.lower()} yet. Add them in the register {register}."


def words_for(document: Document, records: list[Record], name: str, field: Field) -> tuple[str, ...]:
    """What to suggest for a property: the field's words, or the threat types that apply."""
    if name != "threat_type":
        return field.words
    state = document.state
    threat = next((r for r in records if isinstance(r, Threat)), None)
    if threat is None:
        return field.words
    cell = state.cell(threat.cell_id)
    framework = (
        threat.framework if threat.framework in v.FRAMEWORKS else framework_of(state, threat.diagram_id)
    )
    every = v.threat_types(framework)
    first = v.threat_types(framework, cell.type) if cell is not None else ()
    return first + tuple(t for t in every if t not in first)
