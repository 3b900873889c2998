"""The outcome of every reader: one patch that makes the model, and the report of the import."""

from collections import Counter
from collections.abc import Iterable

import msgspec

from app.domain.errors import InvalidData, UnreadableFile
from app.domain.patch import Patch
from app.domain.records import KIND_NAMES, Cell, Record, title_of
from app.domain.stage import apply, patch_of, stage
from app.domain.state import ModelState
from app.domain.vocabulary import CELL_TYPE_NAMES
from app.exchange.report import Findings, ImportReport


class Imported(msgspec.Struct, frozen=True):
    """A model out of a file: `patch` applies to an empty state of `model_id`."""

    model_id: str
    patch: Patch
    report: ImportReport

    def state(self) -> ModelState:
        """The model as a state of its own."""
        state = ModelState(self.model_id)
        apply(state, self.patch)
        return state


def _kind_name(record: Record) -> str:
    if isinstance(record, Cell):
        return CELL_TYPE_NAMES[record.type]
    return KIND_NAMES.get(record.kind, record.kind)


def finished(model_id: str, records: Iterable[Record], findings: Findings) -> Imported:
    """Let the domain judge the records, note what it took out, and count what came through."""
    by_id = {record.id: record for record in records}
    try:
        changes = stage(ModelState(model_id), patch_of(by_id.values()))
    except InvalidData as error:
        raise UnreadableFile(findings.source, str(error)) from None
    for dropped in changes.dropped:
        record = by_id.get(dropped.id)
        name = title_of(record) if record is not None else ""
        what = f"{dropped.kind} {name!r}" if name else f"{dropped.kind} {dropped.id}"
        findings.dropped(f"{what}, {dropped.prop}" if dropped.prop else what, dropped.reason)
    remaining = [c.after for c in changes.changes if c.after is not None]
    for name, count in Counter(_kind_name(record) for record in remaining).items():
        findings.mapped(name, count=count)
    return Imported(model_id, changes.effective, findings.report())
