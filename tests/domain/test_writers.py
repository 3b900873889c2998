"""The last writer of each merge group, against a model that looks only at the records."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from app.domain.patch import add, remove, update
from app.domain.records import Record
from app.domain.stage import apply
from app.domain.state import ModelState
from tests.strategies import MODEL_ID, an_id, states, valid_patches


def groups(record: Record) -> dict[str, Any]:
    """Merge group to what it holds: maps and unknown properties a key at a time."""
    found: dict[str, Any] = {}
    for name, value in msgspec.structs.asdict(record).items():
        if name == "extra":
            found |= value
        elif isinstance(value, dict):
            found |= {f"{name}.{key}": one for key, one in value.items()}
        else:
            found[name] = value
    return found


class Book:
    """Who wrote what last, worked out from states before and after."""

    def __init__(self) -> None:
        self.whole: dict[str, str] = {}
        self.parts: dict[tuple[str, str], str] = {}

    def note(self, before: dict[str, Record], after: dict[str, Record], writer: str) -> None:
        """Take in what an operation did."""
        for record_id in {*before, *after}:
            old, new = before.get(record_id), after.get(record_id)
            if old is None or new is None:
                self.whole[record_id] = writer if new is not None else ""
                self.parts = {k: w for k, w in self.parts.items() if k[0] != record_id}
                continue
            was, now = groups(old), groups(new)
            for group in {*was, *now}:
                if group not in was or group not in now or was[group] != now[group]:
                    self.parts[record_id, group] = writer

    def last(self, record_id: str, group: str) -> str:
        """The last writer."""
        return self.parts.get((record_id, group), self.whole.get(record_id, ""))


@given(st.data())
def test_last_writers(data: st.DataObject) -> None:
    state = data.draw(states())
    book = Book()
    book.whole = {i: f"base {i}" for i in state.records}
    writers = {i: {"*": w} for i, w in book.whole.items()}
    state = ModelState.of(MODEL_ID, state.records.values(), state.tombstones, writers)
    names: set[tuple[str, str]] = set()
    for number in range(3):
        before = dict(state.records)
        writer = data.draw(st.sampled_from([f"w{number}", ""]))
        apply(state, data.draw(valid_patches(state)), writer)
        book.note(before, dict(state.records), writer)
        names |= {(r.id, g) for r in [*before.values(), *state.records.values()] for g in groups(r)}
    for record_id, group in names:
        assert state.last_writer(record_id, group) == book.last(record_id, group)


def test_keys_of_maps_and_unknown_properties_are_groups_of_their_own() -> None:
    state = ModelState(MODEL_ID)
    one = an_id(1)
    apply(state, (add("asset", one, {"name": "a", "metadata": {"k": "1", "l": "1"}, "new": 1}),), "w1")
    apply(state, (update("asset", one, metadata={"k": "2"}),), "w2")
    apply(state, (update("asset", one, new=None, metadata={"l": None}),), "w3")
    written = {g: state.last_writer(one, g) for g in ("name", "metadata.k", "metadata.l", "new")}
    assert written == {"name": "w1", "metadata.k": "w2", "metadata.l": "w3", "new": "w3"}
    apply(state, (remove("asset", one),), "w4")
    assert state.last_writer(one, "name") == ""
    apply(state, (add("asset", one, {"name": "a"}, restore=True),), "w5")
    assert state.last_writer(one, "metadata.k") == "w5"
