"""Messages at random, made from the classes themselves, so that none is forgotten."""

import functools
from typing import Any, get_args

import msgspec
from hypothesis import strategies as st

from app.domain.patch import GENESIS, Operation, RecordOperation, place
from sync.protocol import messages as m
from sync.protocol.codec import placed
from tests.strategies import an_id, plain_values, texts

IDS = st.integers(0, 5).map(an_id)
PATCHES = st.lists(
    st.builds(
        RecordOperation,
        kind=texts(1, 8),
        id=IDS,
        operation=st.sampled_from(["add", "update", "remove"]),
        data=st.dictionaries(texts(1, 8), plain_values(), max_size=3),
        restore=st.booleans(),
    ),
    max_size=4,
).map(tuple)


def _event(number: int, patch: Any) -> m.PlacedOperation:
    operation = Operation(operation_id=an_id(number), model_id=an_id(0), author="ann", patch=patch)
    return placed(place(operation, number, GENESIS))


EVENTS = st.lists(st.builds(_event, st.integers(1, 2**40), PATCHES), max_size=3).map(tuple)
NUMBERS = st.floats(-m.FARTHEST, m.FARTHEST, allow_nan=False)


def _struct(kind: type) -> st.SearchStrategy[Any]:
    named: dict[str, st.SearchStrategy[Any]] = {}
    for field in msgspec.structs.fields(kind):
        named[field.name] = _field(kind, field)
    return st.builds(kind, **named)


def _field(kind: type, field: Any) -> st.SearchStrategy[Any]:
    special: dict[str, st.SearchStrategy[Any]] = {
        "patch": PATCHES,
        "events": EVENTS,
        "data": st.binary(max_size=50)
        if kind is m.Part
        else st.dictionaries(texts(), plain_values()) | st.none(),
        "zoom": st.floats(0.1, 999),
        "count": st.integers(1, 100_000),
        "number": st.integers(0, 100_000),
        "x": NUMBERS,
        "y": NUMBERS,
    }
    if field.name in special:
        return special[field.name]
    return _typed(msgspec.inspect.type_info(field.type))


def _typed(info: Any) -> st.SearchStrategy[Any]:
    i = msgspec.inspect
    match info:
        case i.StrType():
            return IDS if info.pattern else texts(info.min_length or 0, min(info.max_length or 20, 20))
        case i.IntType():
            return st.integers(info.ge or 0, min(info.le or 2**53, 2**53))
        case i.FloatType():
            return st.floats(0, 1000)
        case i.BoolType():
            return st.booleans()
        case i.EnumType():
            return st.sampled_from(list(info.cls))
        case i.LiteralType():
            return st.sampled_from(info.values)
        case i.NoneType():
            return st.none()
        case i.StructType():
            return structs(info.cls)
        case i.VarTupleType():
            return st.lists(_typed(info.item_type), max_size=3).map(tuple)
        case i.UnionType():
            return st.one_of([_typed(one) for one in info.types])
    raise AssertionError(f"no strategy for {info}")


@functools.cache
def structs(kind: type) -> st.SearchStrategy[Any]:
    """Values of a struct class."""
    return _struct(kind)


def client_messages() -> st.SearchStrategy[m.ClientMessage]:
    """Anything a client may send."""
    return st.one_of([structs(kind) for kind in get_args(m.ClientMessage)])


def server_messages() -> st.SearchStrategy[m.ServerMessage]:
    """Anything the server may send."""
    return st.one_of([structs(kind) for kind in get_args(m.ServerMessage)])
