"""Stores that hold a model to begin with."""

from app.domain.patch import Operation
from app.domain.stage import stage
from app.domain.state import ModelState
from app.ports import Staged
from tests.simulation.dice import MODEL, beginning
from tests.simulation.memory_store import MemoryStore


def first() -> Staged:
    """The operation that makes the model."""
    state = ModelState(MODEL)
    changes = stage(state, beginning())
    state.commit(changes, MODEL)
    operation = Operation(operation_id=MODEL, model_id=MODEL, author="ann", patch=changes.effective)
    return Staged(operation=operation, changes=changes, writers={i: {"*": MODEL} for i in state.records})


def in_memory() -> MemoryStore:
    """A store in memory that holds the model."""
    store = MemoryStore(MODEL)
    store.append(MODEL, 0, [first()])
    return store
