"""Which record points at which: one place that knows every reference a record can hold."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec

from app.domain.fields import Field, FieldType, fields_of
from app.domain.records import Record


@cache
def reference_fields(record_type: type[Record]) -> tuple[tuple[str, Field], ...]:
    """The properties of a record class that can hold ids of other records."""
    return tuple((n, f) for n, f in fields_of(record_type).items() if f.is_reference)


def targets(rule: Field, value: Any) -> tuple[str, ...]:
    """The ids that one property's value points at."""
    if value is None:
        return ()
    if rule.type is FieldType.REFERENCE:
        return (value,)
    if rule.type is FieldType.END:
        return (value.cell,) if value.cell is not None else ()
    return tuple(sorted(value))


def references(record: Record) -> Iterator[tuple[str, Field, str]]:
    """Every (property, field, id) that the record points at."""
    for name, rule in reference_fields(type(record)):
        value = getattr(record, name)
        if value:
            for target in targets(rule, value):
                yield name, rule, target


def without(record: Record, name: str, rule: Field, target: str) -> Record:
    """The record with one reference taken out."""
    old = getattr(record, name)
    new = old - {target} if rule.type is FieldType.REFERENCE_SET else None
    changed: Record = msgspec.structs.replace(record, **{name: new})
    return changed
