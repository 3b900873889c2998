"""Small models for two sides that were apart."""

from collections.abc import Sequence

from app.domain.ids import new_id
from app.domain.intent import intended
from app.domain.patch import Operation, Patch, add
from app.domain.stage import apply, stage
from app.domain.state import ModelState
from tests.simulation.dice import CELLS, DIAGRAMS, MODEL, THREATS, beginning

NODE, OTHER, ZONE, FLOW = CELLS[0], CELLS[1], CELLS[2], CELLS[5]
THREAT = THREATS[0]


def node(cell_id: str, label: str = "", kind: str = "process") -> Patch:
    """A node."""
    return (add("cell", cell_id, {"diagram_id": DIAGRAMS[0], "type": kind, "label": label}),)


def flow(cell_id: str, source: str, target: str, label: str = "") -> Patch:
    """A flow between two nodes."""
    data = {
        "diagram_id": DIAGRAMS[0], "type": "data_flow", "label": label,
        "source": {"cell": source}, "target": {"cell": target},
    }  # fmt: skip
    return (add("cell", cell_id, data),)


def common() -> ModelState:
    """Two nodes in a zone, a flow between them, a threat on one."""
    state = ModelState(MODEL)
    for patch in (
        beginning(), node(ZONE, "Zone", "trust_boundary"), node(NODE, "Shop"), node(OTHER, "Orders"),
        flow(FLOW, NODE, OTHER, "place"),
        (add("threat", THREAT, {"name": "Tampering", "cell_id": NODE, "description": "They change it."}),),
    ):  # fmt: skip
        apply(state, patch, "start")
    return state


def side(state: ModelState, *patches: Patch) -> tuple[ModelState, list[Operation]]:
    """What a state becomes by edits, and the operations that were meant."""
    after, operations = state.copy(), []
    for patch in patches:
        changes = stage(after, patch)
        operation = Operation(
            operation_id=new_id(), model_id=MODEL, author="me", patch=intended(patch, changes)
        )
        after.commit(changes, operation.operation_id)
        operations.append(operation)
    return after, operations


def laid(state: ModelState, operations: Sequence[Operation]) -> ModelState:
    """A state with operations on top."""
    found = state.copy()
    for operation in operations:
        apply(found, operation.patch, operation.operation_id)
    return found
