"""What menus, shortcuts and the palette do to the selection: each one undo step with a title."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from app.domain import edits
from app.domain import vocabulary as v
from app.domain.edits.arrange import Edge, Step
from app.domain.errors import InvalidData
from app.domain.patch import Patch
from app.domain.records import Cell
from canvas.clipboard import copy, copy_picture, copy_style, cut, paste, paste_style, paste_text
from canvas.tools import naming
from canvas.tools.composing import housed, join_flows
from canvas.tools.desk import Desk

if TYPE_CHECKING:
    from canvas.view import DiagramView

__all__ = [
    "align", "change_kind", "copy", "copy_picture", "copy_style", "cut", "delete_healing",
    "delete_selection", "distribute", "duplicate_selection", "paste", "paste_style", "paste_text",
    "restack", "reverse_flows", "routing_of", "same_size", "select_all", "select_connected",
    "select_inverse", "select_kind", "set_lock", "set_routing", "straighten", "toggle_lock", "wrap_selection",
]  # fmt: skip

_EDGES = {
    "left": "left", "center": "centre", "right": "right",
    "top": "top", "middle": "middle", "bottom": "bottom",
}  # fmt: skip
_WAYS = {"smooth": "smoothly", "straight": "straight", "orthogonal": "at right angles"}
_STEPS = {
    "front": "Bring to front",
    "back": "Send to back",
    "forward": "Bring forward",
    "backward": "Send backward",
}


# --- selecting: nothing is written -------------------------------------------------------------
def select_all(view: "DiagramView") -> None:
    """Select every cell of the diagram."""
    view.diagram_scene.select(c.id for c in view.diagram_scene.shown_cells())


def select_kind(view: "DiagramView", cell_type: str | None = None) -> None:
    """Select every cell of a kind, or of the kinds that are selected."""
    kinds = {cell_type} if cell_type else {c.type for c in view.desk.selected_cells()}
    view.diagram_scene.select(c.id for c in view.diagram_scene.shown_cells() if c.type in kinds)


def select_inverse(view: "DiagramView") -> None:
    """Select what is not selected, and nothing that is."""
    scene = view.diagram_scene
    scene.select(c.id for c in scene.shown_cells() if c.id not in scene.selected)


def select_connected(view: "DiagramView") -> None:
    """Add what flows lead to from the selection, and those flows."""
    state = view.diagram_scene.editor.state
    found: set[str] = set()
    for cell in view.desk.selected_cells():
        lines = [cell] if cell.is_line else state.flows_at(cell.id)
        for line in lines:
            found.add(line.id)
            ends = (line.source, line.target)
            found |= {e.cell for e in ends if e is not None and e.cell is not None}
    view.diagram_scene.select(found, extend=True)


# --- changing ----------------------------------------------------------------------------------
def _unlocked(desk: Desk, cells: Sequence[Cell]) -> list[Cell]:
    free = [c for c in cells if not c.locked]
    if cells and not free:
        desk.refuse(f"{naming.of_all(cells)} cannot be changed: locked")
    return free


def _write(view: "DiagramView", patch: Patch, title: str) -> bool:
    return bool(view.desk.commit(patch, title))


def delete_selection(view: "DiagramView") -> None:
    """Remove the selected cells and the flows that lose an end; locked ones stay."""
    desk = view.desk
    if not desk.order or desk.refuses():
        return
    cells = _unlocked(desk, desk.selected_cells())
    if cells:
        desk.commit(edits.remove_records(cells), f"Delete {naming.of_all(cells)}")


def delete_healing(view: "DiagramView") -> None:
    """Remove the selected nodes, and join the flow into each with the one out of it."""
    desk, state = view.desk, view.diagram_scene.editor.state
    nodes = [c for c in desk.selected_cells() if not c.is_line]
    if not nodes:
        delete_selection(view)
        return
    if desk.refuses():
        return
    if len(nodes) > 1:
        desk.refuse("Choose one element to take it out of its flow")
        return
    cells = _unlocked(desk, nodes)
    try:
        patch = join_flows(state, cells[0]) if cells else ()
    except InvalidData as error:
        desk.refuse(f"{naming.of(nodes[0])} {error.reason}")
        return
    kept = [o.id for o in patch if o.operation == "update"][:1]
    if _write(view, patch, f"Take {naming.of(nodes[0])} out of its flow"):
        view.diagram_scene.select(kept)


def duplicate_selection(view: "DiagramView") -> None:
    """Copy the selection beside itself; again, and the copies go on by the same distance."""
    desk, scene = view.desk, view.diagram_scene
    if not desk.order or desk.refuses():
        return
    cells, originals = desk.selected_cells(), tuple(desk.order)
    ids, patch = edits.duplicate(scene.editor.state, desk.order, *desk.duplicate_offset())
    patch = housed(scene.editor.state, scene.diagram_id, patch)
    if _write(view, patch, f"Duplicate {naming.of_all(cells)}"):
        scene.select(ids)
        desk.remember_duplicate(originals, ids)
        view.reveal(ids)


def align(view: "DiagramView", edge: Edge) -> None:
    """Line the selected nodes up: left, center, right, top, middle or bottom."""
    ids = [c.id for c in _unlocked(view.desk, view.desk.selected_cells())]
    _write(view, edits.align(view.diagram_scene.editor.state, ids, edge), f"Align {_EDGES[edge]}")


def distribute(view: "DiagramView", direction: Literal["horizontal", "vertical"]) -> None:
    """Make the gaps between three or more selected nodes equal."""
    ids = [c.id for c in _unlocked(view.desk, view.desk.selected_cells())]
    patch = edits.distribute(view.diagram_scene.editor.state, ids, direction)
    _write(view, patch, f"Distribute {direction}ly")


def same_size(view: "DiagramView", *, width: bool = True, height: bool = True) -> None:
    """Give the selected nodes the size of the one that was selected first."""
    ids = [c.id for c in view.desk.selected_cells() if not c.is_line]
    patch = edits.same_size(view.diagram_scene.editor.state, ids, width=width, height=height)
    _write(view, patch, "Make same size")


def restack(view: "DiagramView", step: Step) -> None:
    """Move the selection in the order from back to front."""
    patch = edits.restack(view.diagram_scene.editor.state, view.desk.order, step)
    _write(view, patch, _STEPS[step])


def reverse_flows(view: "DiagramView") -> None:
    """Swap source and target of the selected lines."""
    lines = [c for c in view.desk.selected_cells() if c.is_line]
    _write(view, edits.reverse(lines), f"Reverse {naming.of_all(lines)}" if lines else "")


def straighten(view: "DiagramView") -> None:
    """Take all waypoints out of the selected lines."""
    lines = [c for c in view.desk.selected_cells() if c.is_line and c.vertices]
    patch: Patch = ()
    for line in lines:
        patch += edits.set_vertices(line, ())
    _write(view, patch, "Reset route")


def set_routing(view: "DiagramView", routing: str) -> None:
    """Give the selected lines a routing: smooth, straight or orthogonal."""
    lines = [c for c in view.desk.selected_cells() if c.is_line]
    if not lines:
        view.desk.refuse("Choose a flow first")
        return
    changing = [c for c in _unlocked(view.desk, lines) if c.routing != routing]
    _write(view, edits.set_property(changing, "routing", routing), f"Route {_WAYS[routing]}")


def routing_of(view: "DiagramView") -> str:
    """The routing that all selected lines share; "" when they differ or there are none."""
    found = {c.routing for c in view.desk.selected_cells() if c.is_line}
    return found.pop() if len(found) == 1 else ""


def change_kind(view: "DiagramView", cell_type: str) -> None:
    """Make the selected nodes another kind of element."""
    cells = _unlocked(view.desk, [c for c in view.desk.selected_cells() if not c.is_line])
    patch = edits.set_type(cells, cell_type)
    _write(view, patch, f"Make {v.CELL_TYPE_NAMES[cell_type].lower()}")


def wrap_selection(view: "DiagramView") -> None:
    """Draw a trust boundary around the selection and open its label."""
    scene, desk = view.diagram_scene, view.desk
    label = v.CELL_TYPE_NAMES[v.TRUST_BOUNDARY]
    new_id, patch = edits.wrap_in_boundary(scene.editor.state, scene.diagram_id, desk.order, label=label)
    if _write(view, patch, "Wrap in trust boundary"):
        scene.select([new_id])
        view.edit_label(new_id)


def set_lock(view: "DiagramView", locked: bool) -> None:
    """Lock or unlock the selection."""
    cells = [c for c in view.desk.selected_cells() if c.locked != locked]
    patch = edits.set_property(cells, "locked", locked)
    _write(view, patch, f"{'Lock' if locked else 'Unlock'} {naming.of_all(cells)}" if cells else "")


def toggle_lock(view: "DiagramView") -> None:
    """Unlock when all of the selection is locked, lock otherwise."""
    cells = view.desk.selected_cells()
    set_lock(view, not all(c.locked for c in cells))
