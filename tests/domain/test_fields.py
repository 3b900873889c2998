"""The field table: defaults, limits, round trips, and what each refusal says."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InvalidData
from app.domain.fields import Field, FieldType
from app.domain.merge import data_of, difference, merged
from app.domain.patch import RecordOperation, add, decode_json, encode, update
from app.domain.records import RECORD_TYPES, Record, fields_of_kind
from tests.strategies import KINDS, LATER_KIND, an_id, extras, record_data, records, values

ONE = an_id(1)
FIELDS = [(kind, name) for kind in KINDS for name in fields_of_kind(kind)]
VALUES: dict[FieldType, Any] = {
    FieldType.TEXT: "2026-01-01",
    FieldType.REFERENCE: ONE,
    FieldType.END: {"x": 1, "y": 2},
}


def least(kind: str) -> dict[str, Any]:
    """The smallest data that a record of a kind can be made of."""
    rules = fields_of_kind(kind)
    return {
        name: rule.words[0] if rule.type is FieldType.CHOICE else VALUES[rule.type]
        for name, rule in rules.items()
        if rule.required
    }


@pytest.mark.parametrize("kind", [*KINDS, LATER_KIND])
def test_the_least_record_is_all_defaults(kind: str) -> None:
    record = merged(None, add(kind, ONE, least(kind)))
    assert data_of(record) == least(kind)
    for name, rule in fields_of_kind(kind).items():
        if not rule.required:
            assert getattr(record, name) == rule.default


@pytest.mark.parametrize(("kind", "name"), FIELDS)
def test_a_default_may_stand_and_clearing_brings_it_back(kind: str, name: str) -> None:
    rule = fields_of_kind(kind)[name]
    record = merged(None, add(kind, ONE, least(kind)))
    cleared = RecordOperation(kind, ONE, "update", {name: None})
    if rule.required:
        with pytest.raises(InvalidData, match=f"{kind} {ONE}, {name}: may not be cleared"):
            merged(record, cleared)
        left_out = {k: value for k, value in least(kind).items() if k != name}
        with pytest.raises(InvalidData, match=f"{name}: is missing"):
            merged(None, add(kind, ONE, left_out))
    else:
        assert merged(record, cleared) == record


@given(st.data())
def test_every_property_takes_its_values_and_gives_them_back(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(KINDS))
    record = data.draw(records(kind, every=True))
    raw = encode(data_of(record))
    again = merged(None, add(kind, record.id, decode_json(raw)))
    assert again == record
    assert encode(data_of(again)) == raw
    assert type(again) is RECORD_TYPES[kind]


@given(st.data())
def test_a_difference_turns_one_record_into_another(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from([k for k in KINDS if k != "cell"] + ["cell"] * 4))
    line = data.draw(st.booleans())
    fixed = ("diagram_id", "type", "form")
    one, two = (data.draw(record_data(kind, line=line)) for _ in range(2))
    two |= {name: one[name] for name in fixed if kind == "cell" and name in one}
    if kind == "cell" and "form" not in one:
        two.pop("form", None)
    before, after = (merged(None, add(kind, ONE, d)) for d in (one, two))
    change = decode_json(encode(difference(before, after)))
    assert merged(before, RecordOperation(kind, ONE, "update", change)) == after
    assert (change == {}) == (before == after)


@given(st.data())
def test_unknown_properties_and_kinds_come_through(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from([*KINDS, LATER_KIND]))
    unknown = data.draw(extras())
    record = merged(None, add(kind, ONE, {**least(kind), **unknown}))
    assert record.extra == unknown
    assert merged(None, add(kind, ONE, decode_json(encode(data_of(record))))) == record
    gone = merged(record, RecordOperation(kind, ONE, "update", dict.fromkeys(unknown)))
    assert gone.extra == {}


@given(st.data())
def test_a_property_by_itself_holds_what_was_written(data: st.DataObject) -> None:
    kind, name = data.draw(st.sampled_from([f for f in FIELDS if f[0] != "cell"]))
    raw = data.draw(values(fields_of_kind(kind)[name]))
    record = merged(None, add(kind, ONE, {**least(kind), name: raw}))
    again = merged(record, RecordOperation(kind, ONE, "update", {name: data_of(record).get(name)}))
    assert again == record


def too_much(rule: Field) -> Any:
    """A value just over the limit, or None when a property has none."""
    most = int(rule.max or 0)
    over: dict[FieldType, Callable[[], Any]] = {
        FieldType.TEXT: lambda: "x" * (most + 1),
        FieldType.NUMBER: lambda: most + 0.01,
        FieldType.INTEGER: lambda: most + 1,
        FieldType.SET: lambda: [str(n) for n in range(most + 1)],
        FieldType.REFERENCE_SET: lambda: [an_id(n) for n in range(most + 1)],
        FieldType.LIST: lambda: ["x"] * (most + 1),
        FieldType.MAP: lambda: {"k": "x" * (most + 1)},
        FieldType.POINTS: lambda: [{"x": 0, "y": 0}] * (most + 1),
    }
    return over[rule.type]() if rule.type in over else None


@pytest.mark.parametrize(("kind", "name"), FIELDS)
def test_limits_are_inclusive_and_refusals_name_the_place(kind: str, name: str) -> None:
    rule = fields_of_kind(kind)[name]
    wrong: list[Any] = [object()]
    if rule.type is not FieldType.FLAG:
        wrong.append(True)
    raw = too_much(rule)
    if raw is not None:
        wrong.append(raw)
        if isinstance(raw, str | list) and not rule.pattern:
            merged(None, add(kind, ONE, {**least(kind), name: raw[1:]}))
    for one in wrong:
        with pytest.raises(InvalidData) as caught:
            merged(None, add(kind, ONE, {**least(kind), name: one}))
        assert (caught.value.kind, caught.value.record_id, caught.value.prop) == (kind, ONE, name)
        assert str(caught.value) == f"{kind} {ONE}, {name}: {caught.value.reason}"


A = {"name": "a"}
C = {"diagram_id": ONE, "type": "process"}
MESSAGES: list[tuple[RecordOperation, str]] = [
    (add("asset", ONE, {"name": " "}), "name: may not be empty"),
    (add("asset", ONE, {"name": 5}), "name: must be text"),
    (add("asset", ONE, {"name": "x" * 201}), "name: is 201 characters long, at most 200 are allowed"),
    (add("asset", ONE, {"name": "a\x00"}), "name: has a character that cannot be stored"),
    (add("asset", ONE, {**A, "type": "cat"}), "type: must be one of data, hardware, software"),
    (add("asset", ONE, {**A, "metadata": {"a b": "1"}}), "metadata: keys are 1 to 128 letters"),
    (add("asset", ONE, {**A, "metadata": {"k": 1}}), "metadata: the value of k must be a text"),
    (add("asset", ONE, {**A, "metadata": []}), "metadata: must be an object"),
    (add("asset", ONE, {**A, "classification": "x"}), "classification: must be a list"),
    (update("asset", ONE, classification={"put": []}), "classification: takes only add and remove"),
    (update("asset", ONE, classification={"add": ""}), "classification: add and remove must be lists"),
    (add("threat", ONE, {**A, "score": 11}), "score: must be from 0 to 10"),
    (add("threat", ONE, {**A, "score": float("nan")}), "score: must be a number from"),
    (add("threat", ONE, {**A, "number": 1.5}), "number: must be a whole number"),
    (add("threat", ONE, {**A, "number": -1}), "number: must be from 0 to 2147483647"),
    (add("threat", ONE, {**A, "mitigated": 1}), "mitigated: must be true or false"),
    (add("threat", ONE, {**A, "cell_id": "x"}), "cell_id: must be an id"),
    (add("task", ONE, {**A, "due_date": "tomorrow"}), "due_date: 'tomorrow' is not of the form"),
    (add("task", ONE, {**A, "due_date": "٢٠٢٦-٠١-٠١"}), "due_date: '٢٠٢٦-٠١-٠١' is not of the form"),
    (add("cell", ONE, {**C, "position": {"x": 1}}), "position: lacks y"),
    (add("cell", ONE, {**C, "position": {"x": 1, "y": 1, "z": 1}}), "position: has an unknown part 'z'"),
    (add("cell", ONE, {**C, "position": {"x": "1", "y": 1}}), "position: must be a number"),
    (add("cell", ONE, {**C, "size": {"width": 0, "height": 5}}), "size: width and height must be at least"),
    (add("cell", ONE, {**C, "label_position": {"at": 2}}), "label_position: at must be from 0 to 1"),
    (add("cell", ONE, {**C, "vertices": 5}), "vertices: must be a list of points"),
    (add("cell", ONE, {**C, "form": "line"}), "form: only trust boundaries may be lines"),
    (add("cell", ONE, {**C, "type": "data_flow"}), "source: is missing"),
    (add("cell", ONE, {**C, "source": {}}), "source: needs either a cell or x and y"),
    (add("cell", ONE, {**C, "source": {"cell": 5}}), "source: cell must be an id"),
    (add("cell", ONE, {**C, "source": {"cell": ONE, "port": 5}}), "source: port must be a text"),
    (add("cell", ONE, {**C, "order": "10"}), "order: '10' is not of the form"),
    (add("asset", ONE, {**A, "": 1}), ": is no name for a property"),
    (add("asset", ONE, {**A, "new": {1: 2}}), "new: has a key that is not text"),
    (add("asset", ONE, {**A, "new": 2**60}), "new: has a number that cannot be stored"),
    (add("asset", ONE, {**A, "new": b""}), "new: is not plain data"),
    (add("asset", ONE, {**A, **{f"n{n}": n for n in range(201)}}), "n200: is one property too many"),
]


@pytest.mark.parametrize(("operation", "message"), MESSAGES)
def test_messages(operation: RecordOperation, message: str) -> None:
    before: Record | None = None
    if operation.operation == "update":
        before = merged(None, add(operation.kind, ONE, least(operation.kind)))
    with pytest.raises(InvalidData) as caught:
        merged(before, operation)
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{operation.kind} {ONE}")


def test_numbers_are_kept_one_way() -> None:
    data = {**C, "position": {"x": 1.0000001, "y": -0.0}, "new": [1.0, -0.0, 1.5]}
    record = merged(None, add("cell", ONE, data))
    assert encode(data_of(record)["position"]) == b'{"x":1,"y":0}'
    assert encode(record.extra["new"]) == b"[1,0,1.5]"
