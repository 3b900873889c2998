"""Setting properties and metadata, removing records, and the order keys of new ones."""

from collections.abc import Iterable
from typing import Any

from app.domain import order
from app.domain.checks import to_json
from app.domain.merge import difference
from app.domain.patch import Patch, RecordOperation, remove
from app.domain.records import Record
from app.domain.state import ModelState


def set_property(records: Iterable[Record], name: str, value: Any) -> Patch:
    """The patch that gives one property of records a value (typed or JSON); None clears it."""
    raw = to_json(value) if value is not None else None
    return tuple(RecordOperation(r.kind, r.id, "update", {name: raw}) for r in records)


def set_metadata(record: Record, wanted: dict[str, str], prop: str = "metadata") -> Patch:
    """The patch that makes a map property of a record exactly `wanted`, key by key."""
    old: dict[str, str] = getattr(record, prop)
    data: dict[str, Any] = {k: value for k, value in wanted.items() if old.get(k) != value}
    data.update({k: None for k in old if k not in wanted})
    return (RecordOperation(record.kind, record.id, "update", {prop: data}),) if data else ()


def remove_records(records: Iterable[Record]) -> Patch:
    """The patch that removes records; what hangs on them is closed over when it is applied."""
    return tuple(remove(r.kind, r.id) for r in records)


def update_between(before: Record, after: Record) -> Patch:
    """The patch that turns one version of a record into another."""
    data = difference(before, after)
    return (RecordOperation(after.kind, after.id, "update", data),) if data else ()


def top_order(state: ModelState, diagram_id: str) -> str:
    """The order key in front of everything in a diagram."""
    cells = state.cells(diagram_id)
    return order.after(cells[-1].order) if cells else order.between("", "")


def order_for(state: ModelState, diagram_id: str, *, boundary: bool) -> str:
    """The order key of a new cell: boundaries go behind all nodes and lines, the rest in front."""
    if not boundary:
        return top_order(state, diagram_id)
    low = ""
    for cell in state.cells(diagram_id):
        if not cell.can_contain:
            return order.between(low, cell.order) if low < cell.order else order.after(low)
        low = cell.order
    return order.after(low) if low else order.between("", "")
