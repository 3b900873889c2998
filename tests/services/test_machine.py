"""A person at random: creates, connects, groups, moves, copies, deletes, undoes, closes and reopens."""

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.domain import edits
from app.domain import vocabulary as v
from app.domain.patch import Patch
from app.domain.records import Cell, Record
from app.domain.rect import Rect
from app.domain.state import ModelState
from app.domain.values import End, Point
from app.exchange import native, native_read
from app.services.document import Document
from app.services.workspace import Workspace
from storage import open_library
from tests.domain.sound import faults
from tests.manners import count

PLACES = st.integers(-40, 40).map(lambda n: float(n * 10))


def held(state: ModelState) -> dict[str, Record]:
    """All records, to compare as a whole."""
    return dict(state.records)


class Editing(RuleBasedStateMachine):
    """Random editing through a document; the model stays sound and what is stored equals what is seen."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._library = open_library(Path(self._folder.name) / "library.db")
        self._workspace = Workspace(self._library, "tester")
        self.document: Document
        self.clip: edits.Clip | None = None
        self.trail: list[dict[str, Any]] = []

    def teardown(self) -> None:
        self._library.close()
        self._folder.cleanup()

    @initialize()
    def begin(self) -> None:
        self.document = self._workspace.create("Model")
        self.apply(edits.create_node(self.state, self.diagram, v.TRUST_BOUNDARY, Point(-200.0, -200.0))[1])
        for x in (-100.0, 100.0):
            self.apply(edits.create_node(self.state, self.diagram, v.PROCESS, Point(x, 0.0))[1])

    @property
    def state(self) -> ModelState:
        return self.document.state

    @property
    def diagram(self) -> str:
        return self.state.diagrams()[0].id

    def some_cells(self, data: st.DataObject, most: int = 4) -> list[str]:
        ids = [c.id for c in self.state.cells(self.diagram)]
        return data.draw(st.lists(st.sampled_from(ids), max_size=most, unique=True)) if ids else []

    def apply(self, patch: Patch, step: str = "") -> None:
        before = held(self.state)
        changes = self.document.apply(patch, title="edit", step=step)
        if changes and not step:
            self.document.undo()
            assert held(self.state) == before, "undo did not restore"
            self.document.redo()
            assert held(self.state) == {
                **{k: r for k, r in before.items() if k not in {c.id for c in changes.changes}},
                **{c.id: c.after for c in changes.changes if c.after is not None},
            }

    @rule(kind=st.sampled_from(v.NODE_TYPES), x=PLACES, y=PLACES, label=st.text(max_size=5))
    def create(self, kind: str, x: float, y: float, label: str) -> None:
        clean = "".join(ch for ch in label if ch.isprintable())
        self.apply(edits.create_node(self.state, self.diagram, kind, Point(x, y), label=clean)[1])

    @rule(data=st.data())
    def connect(self, data: st.DataObject) -> None:
        nodes = [c for c in self.state.cells(self.diagram) if not c.is_line]
        if nodes:
            source, target = data.draw(st.sampled_from(nodes)), data.draw(st.sampled_from(nodes))
            self.apply(edits.connect(self.state, source.id, target.id)[1])

    @rule(x=PLACES, y=PLACES)
    def draw_boundary_line(self, x: float, y: float) -> None:
        self.apply(
            edits.create_line(
                self.state, self.diagram, End(x=x, y=y), End(x=y, y=x), cell_type=v.TRUST_BOUNDARY
            )[1]
        )

    @rule(data=st.data(), dx=PLACES, dy=PLACES)
    def move(self, data: st.DataObject, dx: float, dy: float) -> None:
        self.apply(edits.move_cells(self.state, self.some_cells(data), dx, dy))

    @rule(data=st.data())
    def nudge(self, data: st.DataObject) -> None:
        chosen = self.some_cells(data)
        before = held(self.state)
        steps = len(self.document.undo_titles)
        self.document.seal()
        for _ in range(3):
            self.document.apply(edits.move_cells(self.state, chosen, 1.0, 0.0), title="nudge", step="nudge")
        if held(self.state) != before:
            assert len(self.document.undo_titles) == min(steps + 1, 200)
            self.document.undo()
            assert held(self.state) == before
            self.document.redo()

    @rule(data=st.data(), x=PLACES, y=PLACES, side=st.integers(1, 80))
    def resize(self, data: st.DataObject, x: float, y: float, side: int) -> None:
        for cell_id in self.some_cells(data, 1):
            rect = Rect(x, y, side * 10.0, side * 10.0)
            self.apply(edits.resize_cell(self.state, cell_id, rect))

    @rule(data=st.data())
    def group(self, data: st.DataObject) -> None:
        self.apply(edits.wrap_in_boundary(self.state, self.diagram, self.some_cells(data))[1])

    @rule(data=st.data(), how=st.sampled_from(["left", "middle", "horizontal", "vertical", "size"]))
    def arrange(self, data: st.DataObject, how: Any) -> None:
        chosen = self.some_cells(data)
        if how == "size":
            self.apply(edits.same_size(self.state, chosen))
        elif how in ("horizontal", "vertical"):
            self.apply(edits.distribute(self.state, chosen, how))
        else:
            self.apply(edits.align(self.state, chosen, how))

    @rule(data=st.data(), how=st.sampled_from(["front", "back", "forward", "backward"]))
    def restack(self, data: st.DataObject, how: Any) -> None:
        chosen = self.some_cells(data)
        self.apply(edits.restack(self.state, chosen, how))
        stack = [c.id for c in self.state.cells(self.diagram)]
        if chosen and how == "front":
            assert set(stack[-len(chosen) :]) == set(chosen)
        if chosen and how == "back":
            assert set(stack[: len(chosen)]) == set(chosen)

    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        cells = [c for c in map(self.state.get, self.some_cells(data, 2)) if c is not None]
        self.apply(edits.remove_records(cells))

    @rule(data=st.data())
    def copy(self, data: st.DataObject) -> None:
        self.clip = edits.decode_clip(edits.encode_clip(edits.copy_cells(self.state, self.some_cells(data))))

    @precondition(lambda self: self.clip is not None)
    @rule(x=PLACES, y=PLACES)
    def paste(self, x: float, y: float) -> None:
        assert self.clip is not None
        ids, patch = edits.paste_cells(self.state, self.diagram, self.clip, Point(x, y))
        self.apply(patch)
        assert all(isinstance(self.state.get(i), Cell) for i in ids)

    @rule(data=st.data())
    def duplicate(self, data: st.DataObject) -> None:
        ids, patch = edits.duplicate(self.state, self.some_cells(data))
        self.apply(patch)
        assert all(i in self.state for i in ids)

    @rule()
    def undo(self) -> None:
        self.document.undo()

    @rule()
    def redo(self) -> None:
        self.document.redo()

    @rule()
    def everything_back_and_forth(self) -> None:
        now = held(self.state)
        steps = 0
        while self.document.undo():
            steps += 1
        for _ in range(steps):
            self.document.redo()
        assert held(self.state) == now

    @rule()
    def close_and_reopen(self) -> None:
        titles = self.document.undo_titles
        before = held(self.state)
        self._workspace.release(self.document.model_id)
        self.document = self._workspace.open(self.document.model_id)
        assert held(self.state) == before
        assert self.document.undo_titles == titles, "the undo stack did not survive"

    @invariant()
    def sound(self) -> None:
        if hasattr(self, "document"):
            assert faults(self.state) == []

    @invariant()
    def stored(self) -> None:
        if hasattr(self, "document"):
            loaded = self._library.load(self.document.model_id)
            assert held(loaded.state) == held(self.state)
            assert loaded.sequence_number == self.document.sequence_number

    @invariant()
    def filed(self) -> None:
        if hasattr(self, "document"):
            again = native_read.read(native.write(self.state), "test").state()
            assert held(again) == held(self.state)


TestEditing = Editing.TestCase
TestEditing.settings = settings(max_examples=count(12, 400), stateful_step_count=count(20, 60), deadline=None)
