"""Words and icons for what panels show: kinds, registers, elements, people's names for records."""

from typing import Final

from app.domain import vocabulary as v
from app.domain.records import KIND_NAMES, Cell, Record, title_of
from app.domain.state import ModelState

REGISTERS: Final = {
    "threat": "Threats",
    "asset": "Assets",
    "document": "Documents",
    "note": "Notes",
    "repository": "Repositories",
    "assumption": "Assumptions",
    "mitigation": "Mitigations",
}
_CELL_ICONS: Final = {
    v.PROCESS: "process",
    v.DATASTORE: "store",
    v.EXTERNAL_ENTITY: "external-entity",
    v.TRUST_BOUNDARY: "boundary-box",
    v.DATA_FLOW: "flow",
    v.TEXT: "text",
}
_KIND_ICONS: Final = {"threat_model": "threat-model", "comment": "comment", "task": "check"}
_OWN_ICON: Final = {*REGISTERS, "diagram"}
CELL_PLURALS: Final = {
    v.PROCESS: "Processes",
    v.DATASTORE: "Stores",
    v.EXTERNAL_ENTITY: "External entities",
    v.TRUST_BOUNDARY: "Trust boundaries",
    v.DATA_FLOW: "Data flows",
    v.TEXT: "Texts",
}
MIXED: Final = "Mixed"


def icon_of(record: Record) -> str:
    """The name of the icon of a record."""
    if isinstance(record, Cell):
        if record.is_boundary and record.is_line:
            return "boundary-line"
        return _CELL_ICONS.get(record.type, "process")
    return icon_of_kind(record.kind)


def icon_of_kind(kind: str) -> str:
    """The name of the icon of a kind."""
    return kind if kind in _OWN_ICON else _KIND_ICONS.get(kind, "more")


def type_name(record: Record) -> str:
    """What sort of thing a record is, as people say it."""
    if isinstance(record, Cell):
        if record.is_boundary and record.is_line:
            return "Trust boundary line"
        return v.CELL_TYPE_NAMES.get(record.type, record.type)
    return KIND_NAMES.get(record.kind, record.kind.replace("_", " ").capitalize())


def shown_title(state: ModelState, record: Record) -> str:
    """A name that is never empty: a nameless flow is called by its ends."""
    title = title_of(record)
    if title:
        return title
    if isinstance(record, Cell) and record.is_line:
        ends = [_end_name(state, end.cell if end else None) for end in (record.source, record.target)]
        if any(ends):
            return " → ".join(name or "…" for name in ends)
    return f"Unnamed {type_name(record).lower()}"


def _end_name(state: ModelState, cell_id: str | None) -> str:
    cell = state.cell(cell_id)
    if cell is None:
        return ""
    return title_of(cell) or f"unnamed {type_name(cell).lower()}"


def quoted(state: ModelState, record: Record, limit: int = 40) -> str:
    """The record's name in quotation marks, shortened, for titles and messages."""
    title = shown_title(state, record)
    return f"“{title if len(title) <= limit else title[: limit - 1] + '…'}”"


def spoken(word: str) -> str:
    """A vocabulary's word as people read it: `in_progress` is In progress."""
    return word.replace("_", " ").capitalize() if "_" in word or word.islower() else word


def refusal(error: Exception, label: str) -> str:
    """Why an input was refused, as one sentence without ids: "Name may not be empty"."""
    reason = str(getattr(error, "reason", "") or error)
    return reason if reason[:1].isupper() else f"{label} {reason}"
