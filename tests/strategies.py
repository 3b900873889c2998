"""Hypothesis strategies for records, patches and whole models, driven by the domain's field table."""

import math
from functools import cache
from typing import Any, Final

from hypothesis import strategies as st

from app.domain import vocabulary as v
from app.domain.checks import is_clean_text
from app.domain.fields import Field, FieldType
from app.domain.merge import merged
from app.domain.patch import Patch, RecordOperation, add, remove
from app.domain.records import RECORD_TYPES, Cell, Record, fields_of_kind
from app.domain.stage import apply
from app.domain.state import ModelState

KINDS: Final = tuple(RECORD_TYPES)
LATER_KIND: Final = "milestone"
_LINE_TYPES: Final = (v.DATA_FLOW, v.TRUST_BOUNDARY)
_KEYS: Final = st.sampled_from(["a", "b", "stroke", "x-1", "Y_2"])
_SHAPED: Final = frozenset({"diagram_id", "type", "form", "source", "target"})


def an_id(number: int) -> str:
    """The same valid id for the same number, so that examples shrink and can be read."""
    return f"{number:08x}-0000-7000-8000-{number:012x}"


MODEL_ID: Final = an_id(0)


class Pool:
    """What is known while a patch is drawn: ids by kind, and the shape of each cell."""

    def __init__(self) -> None:
        self.ids: dict[str, list[str]] = {}
        self.cells: dict[str, dict[str, Any]] = {}
        self.gone: dict[str, str] = {}
        self.next = 1

    @classmethod
    def of(cls, state: ModelState) -> "Pool":
        """What a state holds."""
        pool = cls()
        for record in state.records.values():
            pool.note(record.kind, record.id, _shape(record) if isinstance(record, Cell) else {})
        pool.gone = dict(state.tombstones)
        pool.next = len(state.records) + len(state.tombstones) + 1
        return pool

    def fresh(self) -> str:
        """An id that nothing has had."""
        while True:
            found = an_id(self.next)
            self.next += 1
            if found not in self.gone and all(found not in ids for ids in self.ids.values()):
                return found

    def note(self, kind: str, record_id: str, shape: dict[str, Any]) -> None:
        """Remember a record that is there from now on."""
        if record_id not in self.ids.setdefault(kind, []):
            self.ids[kind].append(record_id)
        if kind == "cell":
            self.cells[record_id] = shape

    def all(self) -> list[str]:
        """Every id that is there."""
        return [one for ids in self.ids.values() for one in ids]

    def cells_of(self, diagram_id: str) -> list[str]:
        """The cells of a diagram."""
        return [i for i, shape in self.cells.items() if shape["diagram_id"] == diagram_id]


def _shape(cell: Cell) -> dict[str, Any]:
    return {"diagram_id": cell.diagram_id, "type": cell.type, "form": cell.form}


def _is_line(shape: dict[str, Any]) -> bool:
    return bool(shape["type"] == v.DATA_FLOW or shape.get("form") == v.LINE)


@cache
def texts(low: int = 0, high: int = 24) -> st.SearchStrategy[str]:
    """Text that every store can hold, of `low` to `high` characters, not blank when `low` is above 0."""
    letters = st.characters(exclude_categories=("Cs", "Cc", "Cn"), include_characters="\n\t")
    found = st.text(letters, min_size=low, max_size=high).filter(is_clean_text)
    return found.filter(lambda one: bool(one.strip())) if low else found


@cache
def coordinates(low: float = -5000, high: float = 5000) -> st.SearchStrategy[float]:
    """Numbers with at most two decimals, so that a record holds exactly what was drawn."""
    return st.integers(int(low * 100), int(high * 100)).map(lambda n: n / 100)


@cache
def points() -> st.SearchStrategy[dict[str, Any]]:
    """A place, as JSON."""
    return st.fixed_dictionaries({"x": coordinates(), "y": coordinates()})


def ends(cells: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """An end of a line: free, or at one of `cells`."""
    if not cells:
        return points()
    attached = st.fixed_dictionaries(
        {"cell": st.sampled_from(cells)}, optional={"port": st.sampled_from(v.PORTS)}
    )
    return attached | attached | points()


@cache
def order_keys() -> st.SearchStrategy[str]:
    """Keys of the z-order."""
    return st.from_regex(r"[0-9A-Za-z]{0,5}[1-9A-Za-z]", fullmatch=True)


@cache
def plain_values() -> st.SearchStrategy[Any]:
    """Any JSON value that an unknown property may hold, not null."""
    leaves = st.booleans() | st.integers(-(2**53), 2**53) | texts(0, 8) | coordinates()
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner | st.none(), max_size=3) | st.dictionaries(texts(1, 6), inner, max_size=3)
        ),
        max_leaves=6,
    )


def _of_text(rule: Field) -> st.SearchStrategy[str]:
    high = min(int(rule.max or 24), 24)
    if rule.pattern:
        if "{4}" in rule.pattern:
            return st.sampled_from(["", "2026-02-28", "1999-12-31"])
        return order_keys()
    return texts(int(rule.min or 0), high)


def values(rule: Field, pool: Pool | None = None) -> st.SearchStrategy[Any]:
    """A valid JSON value of a property; references lead to ids of the pool, now and then of a wrong kind."""
    pool = pool or Pool()
    known = [i for kind in rule.refers_to for i in pool.ids.get(kind, ())] or pool.all() or [an_id(1)]
    anything = [*known, *known, *pool.all(), *pool.gone, an_id(999_999)]
    strategies: dict[FieldType, Any] = {
        FieldType.TEXT: lambda: _of_text(rule),
        FieldType.FLAG: st.booleans,
        FieldType.NUMBER: lambda: coordinates(rule.min or 0, rule.max or 10),
        FieldType.INTEGER: lambda: st.integers(int(rule.min or 0), int(rule.max or 10)),
        FieldType.CHOICE: lambda: st.sampled_from(rule.words),
        FieldType.REFERENCE: lambda: st.sampled_from(anything),
        FieldType.SET: lambda: st.lists(texts(1, 8), max_size=4, unique=True),
        FieldType.REFERENCE_SET: lambda: st.lists(st.sampled_from(anything), max_size=4, unique=True),
        FieldType.LIST: lambda: st.lists(texts(1, 8), max_size=4),
        FieldType.MAP: lambda: st.dictionaries(_KEYS, texts(1, 8), max_size=4),
        FieldType.POINT: points,
        FieldType.SIZE: lambda: st.fixed_dictionaries({"width": coordinates(1), "height": coordinates(1)}),
        FieldType.POINTS: lambda: st.lists(points(), max_size=3),
        FieldType.END: lambda: ends(anything),
        FieldType.LABEL_POSITION: lambda: st.fixed_dictionaries(
            {"at": coordinates(0, 1)}, optional={"dx": coordinates(), "dy": coordinates()}
        ),
        FieldType.JSON: plain_values,
    }
    found: st.SearchStrategy[Any] = strategies[rule.type]()
    return found


@cache
def extras() -> st.SearchStrategy[dict[str, Any]]:
    """Properties that this version does not know."""
    return st.dictionaries(st.sampled_from(["x_new", "später", "a b"]), plain_values(), max_size=2)


@st.composite
def _some_fields(draw: st.DrawFn, kind: str, pool: Pool, every: bool, skip: frozenset[str]) -> dict[str, Any]:
    rules = {n: f for n, f in fields_of_kind(kind).items() if n not in skip}
    names = sorted(rules)
    if not every:
        chosen = draw(st.lists(st.sampled_from(names), max_size=4, unique=True)) if names else []
        names = sorted({n for n in names if rules[n].required} | set(chosen))
    return {name: draw(values(rules[name], pool)) for name in names}


@st.composite
def record_data(
    draw: st.DrawFn, kind: str, pool: Pool | None = None, *, every: bool = False, line: bool | None = None
) -> dict[str, Any]:
    """The data of a valid `add`: required properties and a few others, or `every` one of them.

    For cells `line` asks for a line or a node; references lead to ids of `pool`.
    """
    pool = pool or Pool()
    skip = _SHAPED if kind == "cell" else frozenset()
    data = draw(_some_fields(kind, pool, every, skip))
    if kind == "cell":
        data |= draw(_cell_shape(pool, line))
    if draw(st.integers(0, 4)) == 0:
        data |= draw(extras())
    return data


@st.composite
def _cell_shape(draw: st.DrawFn, pool: Pool, line: bool | None) -> dict[str, Any]:
    diagram_id = draw(st.sampled_from(pool.ids.get("diagram") or [an_id(1)]))
    if draw(st.booleans()) if line is None else line:
        kind = draw(st.sampled_from(_LINE_TYPES))
        near = [i for i in pool.cells_of(diagram_id) if not _is_line(pool.cells[i])]
        cells = near or list(pool.cells)
        shape = {"type": kind, "source": draw(ends(cells)), "target": draw(ends(cells))}
        if kind == v.TRUST_BOUNDARY:
            shape["form"] = v.LINE
    else:
        shape = {"type": draw(st.sampled_from(v.NODE_TYPES))}
    return {"diagram_id": diagram_id, **shape}


@st.composite
def records(draw: st.DrawFn, kind: str, *, every: bool = False) -> Record:
    """A valid record on its own; what it refers to need not exist."""
    record_id = MODEL_ID if kind == "threat_model" else an_id(draw(st.integers(10, 10_000)))
    return merged(None, add(kind, record_id, draw(record_data(kind, every=every))))


@st.composite
def _adding(draw: st.DrawFn, pool: Pool) -> RecordOperation:
    kinds = ["cell"] * 8 + ["diagram", "threat", "threat", "asset", LATER_KIND]
    kind = draw(st.sampled_from([*kinds, *(k for k in KINDS if k != "threat_model")]))
    data = draw(record_data(kind, pool))
    restore = bool(pool.gone) and draw(st.integers(0, 3)) == 0
    back = [i for i, gone in pool.gone.items() if gone == kind]
    record_id = draw(st.sampled_from(back)) if restore and back else pool.fresh()
    pool.gone.pop(record_id, None)
    pool.note(kind, record_id, {"form": v.BOX, **data} if kind == "cell" else {})
    return add(kind, record_id, data, restore=restore)


def _kind_of(pool: Pool, record_id: str) -> str:
    return next(kind for kind, ids in pool.ids.items() if record_id in ids)


@st.composite
def _set_change(draw: st.DrawFn, rule: Field, pool: Pool) -> dict[str, Any]:
    some = values(rule, pool)
    return {name: draw(some) for name in draw(st.sampled_from([("add",), ("remove",), ("add", "remove")]))}


@st.composite
def _updating(draw: st.DrawFn, pool: Pool, record_id: str) -> RecordOperation:
    kind = _kind_of(pool, record_id)
    rules = fields_of_kind(kind)
    shape = pool.cells.get(record_id)
    skip = set(_SHAPED) if kind == "cell" else set()
    if shape is not None and _is_line(shape):
        skip -= {"source", "target"}
    names = [n for n in rules if n not in skip]
    if shape is not None:
        names += ["parent"] * 12 + ["source", "target"] * (8 if _is_line(shape) else 0)
    data: dict[str, Any] = {}
    for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)):
        rule = rules[name]
        clear = not rule.required and rule.type is not FieldType.END
        if clear and draw(st.integers(0, 4)) == 0:
            data[name] = None
        elif rule.is_set and draw(st.booleans()):
            data[name] = draw(_set_change(rule, pool))
        else:
            data[name] = draw(values(rule, pool))
    if shape is not None and not _is_line(shape) and draw(st.integers(0, 3)) == 0:
        data["type"] = draw(st.sampled_from(v.NODE_TYPES))
    if draw(st.integers(0, 6)) == 0:
        data |= draw(extras())
    return RecordOperation(kind, record_id, "update", data)


@st.composite
def _operations(draw: st.DrawFn, pool: Pool) -> RecordOperation:
    there = pool.all()
    choice = draw(st.sampled_from(["add", "add", "update", "update", "update", "remove"]))
    if choice == "add" or not there:
        return draw(_adding(pool))
    record_id = draw(st.sampled_from(there))
    if choice == "update" or record_id == MODEL_ID:
        return draw(_updating(pool, record_id))
    return remove(_kind_of(pool, record_id), record_id)


@st.composite
def valid_patches(draw: st.DrawFn, state: ModelState, max_size: int = 8) -> Patch:
    """A patch that a state accepts, though parts may be dropped or mended: links that lead nowhere,
    updates of what was removed, circles of parents.
    """
    pool = Pool.of(state)
    return tuple(draw(_operations(pool)) for _ in range(draw(st.integers(1, max_size))))


@st.composite
def states(draw: st.DrawFn, max_cells: int = 8, max_others: int = 6, max_edits: int = 4) -> ModelState:
    """A whole model: diagrams with nested boundaries, nodes and lines, records of every kind, some
    removed again, written by operations `w0`, `w1`, `w2`.
    """
    state = ModelState(MODEL_ID)
    pool = Pool()
    patch = [add("threat_model", MODEL_ID, draw(record_data("threat_model")))]
    pool.note("threat_model", MODEL_ID, {})
    cells = draw(st.integers(0, max_cells))
    kinds = ["diagram"] * draw(st.integers(1, 2))
    kinds += ["node"] * (cells - cells // 3) + ["line"] * (cells // 3)
    free = [k for k in KINDS if k not in ("threat_model", "diagram", "cell")]
    kinds += draw(st.lists(st.sampled_from([*free, "threat", LATER_KIND]), max_size=max_others))
    for name in kinds:
        kind = "cell" if name in ("node", "line") else name
        data = draw(record_data(kind, pool, line=name == "line"))
        if name == "node" and draw(st.booleans()):
            data |= {"type": v.TRUST_BOUNDARY}
        if kind == "cell" and draw(st.booleans()):
            above = pool.cells_of(data["diagram_id"])
            data |= {"parent": draw(st.sampled_from(above))} if above else {}
        record_id = pool.fresh()
        pool.note(kind, record_id, {"form": v.BOX, **data} if kind == "cell" else {})
        patch.append(add(kind, record_id, data))
    apply(state, tuple(patch), "w0")
    for number in range(draw(st.integers(0, 2))):
        if max_edits:
            apply(state, draw(valid_patches(state, max_edits)), f"w{number + 1}")
    return state


@cache
def junk() -> st.SearchStrategy[Any]:
    """Values that no property expects, and some that it does."""
    odd: list[Any] = [
        None, True, 0, -1, 1.5, math.nan, math.inf, -math.inf, 10**400, 2**63, 1e308, -0.0, "", " ",
        "\x00", "a\ud800b", "￾", "x" * 70_000, "\r\n", b"bytes", (), [], {}, [None], [[[]]], {"": None},
        {"add": 5}, {"add": [None], "remove": "x"}, {"x": math.nan, "y": 0}, {"cell": "?"}, {1: 2},
        {"cell": an_id(1), "port": 7}, {"width": 0, "height": -1}, {"at": 2}, {"a" * 200: "b"}, object(),
        {"x": 1, "y": 2, "z": 3}, set(), frozenset({1}), ["a"] * 2000, an_id(1), an_id(2),
    ]  # fmt: skip
    return st.sampled_from(odd) | st.builds(nested, st.sampled_from([10, 17, 500])) | plain_values()


def nested(depth: int) -> Any:
    """A list in a list in a list."""
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


@st.composite
def _hostile_operation(draw: st.DrawFn, pool: Pool) -> RecordOperation:
    odd_ids: list[Any] = [
        "", "x", an_id(1).upper(), an_id(1) + "\n", "a\ud800", "x" * 5000, an_id(888), None, 7, [], MODEL_ID,
    ]  # fmt: skip
    known = [*pool.all(), *pool.gone] or [an_id(1)]
    odd_kinds: list[Any] = ["", "k" * 65, "\ud800", "a\x00", None, 5, [], "Cell", LATER_KIND]
    kind = draw(st.sampled_from([*KINDS, *KINDS, *odd_kinds]))
    record_id = draw(st.sampled_from([*known, *known, *known, *odd_ids]))
    word: Any = draw(st.sampled_from(["add", "update", "remove", "add", "update", "", "drop", None]))
    names: list[Any] = ["id", "kind", "extra", "", "n" * 200, "\ud800", 5, None, "new\x00", "x_new"]
    if isinstance(kind, str):
        names += list(fields_of_kind(kind)) * 2
    data: Any = draw(st.dictionaries(st.sampled_from(names), junk(), max_size=4))
    if draw(st.booleans()) and kind in KINDS:
        data = {**draw(record_data(kind, pool)), **(data if draw(st.booleans()) else {})}
    if draw(st.integers(0, 12)) == 0:
        data = draw(st.sampled_from([None, [], "data", 5]))
    restore: Any = draw(st.sampled_from([False, True, None, "yes"]))
    return RecordOperation(kind, record_id, word, data, restore)


@st.composite
def hostile_patches(draw: st.DrawFn, state: ModelState, max_size: int = 6) -> Patch:
    """Whatever somebody might send: wrong types, kinds, ids and words, mixed with what is right."""
    pool = Pool.of(state)
    mixed = _hostile_operation(pool) | _operations(pool)
    return tuple(draw(st.lists(mixed, min_size=1, max_size=max_size)))
