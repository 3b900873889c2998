"""One record's data merged into a record, and the difference of two records, a merge group at a time."""

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any, Final

import msgspec

from app.domain import vocabulary as v
from app.domain.checks import (
    check_map_size,
    check_set_size,
    checked,
    clean_text,
    is_clean_text,
    item,
    map_entry,
    plain_json,
    to_json,
)
from app.domain.errors import InvalidData
from app.domain.fields import Field, fields_of
from app.domain.ids import is_id
from app.domain.patch import RecordOperation, add, remove
from app.domain.records import Cell, Record, record_type

MAX_EXTRA: Final = 200
_RESERVED: Final = frozenset({"id", "kind", "extra"})


def _merge_set(rule: Field, old: frozenset[str], raw: object) -> frozenset[str]:
    if not isinstance(raw, Mapping):
        found: frozenset[str] = checked(rule, raw)
        return found
    strange = set(raw) - {"add", "remove"}
    if strange:
        raise ValueError("takes only add and remove")
    parts = []
    for name in ("add", "remove"):
        members: object = raw.get(name, ())
        if not isinstance(members, list | tuple):
            raise ValueError("add and remove must be lists")
        parts.append(frozenset(item(rule, one) for one in members))
    found = (old - parts[1]) | parts[0]
    check_set_size(rule, found)
    return found


def _merge_map(rule: Field, old: Mapping[str, str], raw: object) -> dict[str, str]:
    if not isinstance(raw, Mapping):
        raise ValueError("must be an object")
    found = dict(old)
    for key, value in raw.items():
        if value is None:
            found.pop(key, None)
        else:
            name, cleaned = map_entry(rule, key, value)
            found[name] = cleaned
    check_map_size(found)
    return found


def _merge_value(rule: Field, old: Any, raw: object) -> Any:
    if raw is None:
        if rule.required:
            raise ValueError("may not be cleared")
        return rule.default
    if rule.is_set:
        return _merge_set(rule, old, raw)
    if rule.per_key:
        return _merge_map(rule, old, raw)
    return checked(rule, raw)


def _merge_extra(extra: dict[str, Any], name: object, raw: object) -> None:
    if not isinstance(name, str) or not 1 <= len(name) <= 128 or not is_clean_text(name):
        raise ValueError("is no name for a property")
    if raw is None:
        extra.pop(name, None)
    else:
        value = plain_json(raw)
        # True equals 1: a write that makes no difference must not make one in bytes either.
        if name not in extra or extra[name] != value:
            extra[name] = value
        if len(extra) > MAX_EXTRA:
            raise ValueError(f"is one property too many, at most {MAX_EXTRA} unknown ones are kept")


def shown(value: object) -> str:
    """A foreign name or id as it may stand in a message: one short line, or what it is instead."""
    return " ".join(clean_text(value[:128]).split()) if isinstance(value, str) else type(value).__name__


def check_envelope(operation: RecordOperation) -> None:
    """InvalidData when kind, id, word or data of an operation are not what they must be."""
    if not isinstance(operation, RecordOperation):
        raise InvalidData("patch", "", "", "must hold operations")
    # Whoever builds an operation in Python may put anything into it.
    kind: object = operation.kind
    record_id: object = operation.id
    data: object = operation.data
    if not isinstance(kind, str) or not 1 <= len(kind) <= 64 or not is_clean_text(kind):
        raise InvalidData(shown(kind), shown(record_id), "kind", "must be a text of 1 to 64 characters")
    if not is_id(record_id):
        raise InvalidData(shown(kind), shown(record_id), "id", "must be a UUID in lower case")
    if operation.operation not in ("add", "update", "remove"):
        raise InvalidData(shown(kind), shown(record_id), "operation", "must be add, update or remove")
    if not isinstance(data, dict):
        raise InvalidData(shown(kind), shown(record_id), "data", "must be an object")


def check_successor(before: Record, after: Record) -> None:
    """InvalidData when a record, removed and added again by one patch, is not what it was for good."""
    if before.kind != after.kind:
        raise InvalidData(after.kind, after.id, "kind", f"is a {before.kind}")
    for name, rule in fields_of(type(after)).items():
        if rule.fixed and getattr(before, name) != getattr(after, name):
            raise InvalidData(after.kind, after.id, name, "cannot be changed")
    _check_whole(after, before)


@cache
def required_fields(kind_type: type[Record]) -> tuple[str, ...]:
    """The properties that a record cannot be without."""
    return tuple(name for name, rule in fields_of(kind_type).items() if rule.required)


def merged(before: Record | None, operation: RecordOperation) -> Record:
    """The record after an add (`before` is None) or an update. InvalidData names what may not stand."""
    if before is None:
        check_envelope(operation)
    kind, record_id = operation.kind, operation.id
    rules = fields_of(record_type(kind))
    values: dict[str, Any] = {}
    extra = dict(before.extra) if before is not None else {}
    name = ""
    try:
        for name, raw in operation.data.items():
            rule = rules.get(name)
            if rule is not None:
                old = rule.default if before is None else getattr(before, name)
                new = _merge_value(rule, old, raw)
                if rule.fixed and before is not None and new != old:
                    raise ValueError("cannot be changed")
                values[name] = new
            elif name in _RESERVED:
                raise ValueError("is not a property")
            else:
                _merge_extra(extra, name, raw)
    except ValueError as error:
        raise InvalidData(kind, record_id, shown(name), str(error)) from None
    if extra or (before is not None and before.extra):
        values["extra"] = extra
    if before is None:
        return _made(kind, record_id, values)
    after: Record = msgspec.structs.replace(before, **values) if values else before
    _check_whole(after, before)
    return after


def _made(kind: str, record_id: str, values: dict[str, Any]) -> Record:
    kind_type = record_type(kind)
    for name in required_fields(kind_type):
        if name not in values:
            raise InvalidData(kind, record_id, name, "is missing")
    after = kind_type(id=record_id, kind=kind, **values)
    _check_whole(after, None)
    return after


def _check_whole(after: Record, before: Record | None) -> None:
    if not isinstance(after, Cell):
        return
    if after.form == v.LINE and after.type != v.TRUST_BOUNDARY:
        raise InvalidData(after.kind, after.id, "form", "only trust boundaries may be lines")
    if isinstance(before, Cell) and before.is_line != after.is_line:
        raise InvalidData(after.kind, after.id, "type", "a node cannot become a line or a line a node")
    if after.is_line:
        for name, end in (("source", after.source), ("target", after.target)):
            if end is None:
                raise InvalidData(after.kind, after.id, name, "is missing")
    elif after.source is not None or after.target is not None:
        name = "source" if after.source is not None else "target"
        raise InvalidData(after.kind, after.id, name, "only lines have a source and a target")


def data_of(record: Record) -> dict[str, Any]:
    """All properties that differ from their defaults, as JSON: what an `add` carries."""
    data: dict[str, Any] = {}
    for name, rule in fields_of(type(record)).items():
        value = getattr(record, name)
        if rule.required or value != rule.default:
            data[name] = to_json(value)
    for name, value in record.extra.items():
        data[name] = to_json(value)
    return data


def _map_difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    changed = {k: to_json(value) for k, value in after.items() if k not in before or before[k] != value}
    return {**changed, **{k: None for k in before if k not in after}}


def _property_difference(rule: Field, old: Any, new: Any) -> Any:
    if rule.is_set:
        parts = {"add": sorted(new - old), "remove": sorted(old - new)}
        return {name: members for name, members in parts.items() if members}
    if rule.per_key:
        return _map_difference(old, new)
    if new is None:
        return None
    return to_json(new)


def difference(before: Record, after: Record) -> dict[str, Any]:
    """The data of the update that turns `before` into `after`; empty when they are equal."""
    if before is after:
        return {}
    data: dict[str, Any] = {}
    for name, rule in fields_of(type(after)).items():
        old, new = getattr(before, name), getattr(after, name)
        if old is not new and old != new:
            data[name] = _property_difference(rule, old, new)
    data.update(_map_difference(before.extra, after.extra))
    return data


def groups_of(data: Mapping[str, Any], record: Record) -> Iterator[str]:
    """The merge groups that an update's data writes."""
    return groups_in(data, type(record))


def groups_in(data: Mapping[str, Any], kind_type: type[Record]) -> Iterator[str]:
    """The merge groups that data of an update to a record of this class writes."""
    rules = fields_of(kind_type)
    for name, value in data.items():
        rule = rules.get(name)
        if rule is not None and rule.per_key and isinstance(value, Mapping):
            for key in value:
                yield f"{name}.{key}"
        else:
            yield name


def data_without(data: Mapping[str, Any], groups: Collection[str]) -> dict[str, Any]:
    """An update's data without these merge groups."""
    kept: dict[str, Any] = {}
    for name, value in data.items():
        if name in groups:
            continue
        if isinstance(value, Mapping) and any(group.startswith(f"{name}.") for group in groups):
            value = {key: part for key, part in value.items() if f"{name}.{key}" not in groups}
            if not value:
                continue
        kept[name] = value
    return kept


def operation_between(
    before: Record | None, after: Record | None, *, restore: bool = True
) -> RecordOperation | None:
    """The operation that turns `before` into `after`, None when there is nothing to do.

    An addition carries `restore`, so that it also undoes a removal.
    """
    if after is None:
        return None if before is None else remove(before.kind, before.id)
    if before is None:
        return add(after.kind, after.id, data_of(after), restore=restore)
    data = difference(before, after)
    return RecordOperation(after.kind, after.id, "update", data) if data else None
