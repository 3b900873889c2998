"""What the quick menu offers: new elements, at a place or at the end of a flow, and a few commands."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, QPointF, QRectF

from app.domain import edits
from app.domain import vocabulary as v
from app.domain.ids import new_id
from app.domain.records import Cell
from app.domain.values import End
from canvas import clipboard, commands
from canvas.overlays.stencils import stencil_icon
from canvas.quick_menu import Choice, QuickMenu
from canvas.tools import places
from canvas.tools.editing import start_editing
from canvas.tools.new_nodes import new_node, place_node, usual_box
from canvas.tools.places import Side
from canvas.tools.snapping import Snapping
from canvas.tools.sprouting import sprout

if TYPE_CHECKING:
    from canvas.tools.desk import Desk

Make = Callable[[str, str], object]  # cell type, label or "" for one that is still to be typed

STENCILS: Final = {
    v.PROCESS: ("Process", "P", "function service"),
    v.DATASTORE: ("Store", "S", "data store database file"),
    v.EXTERNAL_ENTITY: ("External entity", "E", "actor user"),
    v.TRUST_BOUNDARY: ("Trust boundary", "B", "zone"),
    v.TEXT: ("Text", "T", "note"),
}
# A flow has a process at one end at least, so that comes first wherever it is the only sound choice.
_AFTER: Final = {
    v.PROCESS: (v.DATASTORE, v.PROCESS, v.EXTERNAL_ENTITY),
    v.DATASTORE: (v.PROCESS, v.EXTERNAL_ENTITY, v.DATASTORE),
    v.EXTERNAL_ENTITY: (v.PROCESS, v.DATASTORE, v.EXTERNAL_ENTITY),
}


def targets_after(source: Cell | None) -> tuple[str, ...]:
    """The kinds of element to which a flow from `source` may lead, the likeliest first."""
    return _AFTER.get(source.type if source is not None else "", v.ELEMENT_TYPES)


def _choices(desk: "Desk", kinds: Sequence[str], make: Make) -> list[Choice]:
    theme = desk.scene.theme
    found = []
    for kind in kinds:
        title, key, words = STENCILS[kind]
        act = _making(make, kind, "")
        found.append(Choice(title, act, key, words, icon=stencil_icon(kind, theme)))
    return found


def _named(desk: "Desk", kinds: Sequence[str], make: Make) -> Callable[[str], list[Choice]]:
    def choices(text: str) -> list[Choice]:
        theme = desk.scene.theme
        return [
            Choice(f"{STENCILS[kind][0]} {'' if kind == v.TEXT else 'named '}“{text}”",
                   _making(make, kind, text), icon=stencil_icon(kind, theme))
            for kind in kinds
        ]  # fmt: skip

    return choices


def _making(make: Make, kind: str, label: str) -> Callable[[], object]:
    return lambda: make(kind, label)


def _open(
    desk: "Desk", kinds: Sequence[str], make: Make, screen: QPoint, more: Sequence[Choice] = (),
    *, searching: bool = True,
) -> QuickMenu:  # fmt: skip
    choices = [*_choices(desk, kinds, make), *more]
    menu = QuickMenu(desk.view, desk.scene.theme, choices, _named(desk, kinds, make), searching=searching)
    menu.open_at(screen)
    return menu


# --- on empty canvas -------------------------------------------------------------------------------
def offer_elements(desk: "Desk", at: QPointF, screen: QPoint) -> QuickMenu:
    """Show what could stand at a place of the diagram."""

    def make(kind: str, label: str) -> None:
        place_node(desk, kind, _on_grid(desk, usual_box(kind, at)), edit=not label, label=label)

    return _open(desk, tuple(STENCILS), make, screen, _commands(desk))


def _on_grid(desk: "Desk", box: QRectF) -> QRectF:
    if not desk.view.grid_snap:
        return box
    snap = Snapping(grid=10.0).moved(box)
    return box.translated(snap.dx, snap.dy)


def _commands(desk: "Desk") -> list[Choice]:
    view = desk.view
    return [
        Choice("Paste here", lambda: clipboard.paste(view), "V", "insert clipboard"),
        Choice("Select all", lambda: commands.select_all(view), hidden=True),
        Choice("Invert selection", lambda: commands.select_inverse(view), hidden=True),
        Choice("Fit diagram", view.fit_all, words="zoom whole", hidden=True),
        Choice("Actual size", lambda: view.zoom_to(1.0), words="zoom 100%", hidden=True),
        Choice("Hide grid" if view.grid_shown else "Show grid",
               lambda: view.set_grid(not view.grid_shown), hidden=True),
        Choice("Do not snap" if view.grid_snap else "Snap",
               lambda: view.set_grid_snap(not view.grid_snap), words="grid", hidden=True),
        Choice("Hide overview" if view.overview_shown else "Show overview",
               view.toggle_overview, words="map", hidden=True),
    ]  # fmt: skip


# --- at the end of a flow --------------------------------------------------------------------------
def offer_target(desk: "Desk", line_id: str, step: str, screen: QPoint) -> QuickMenu:
    """Show what a flow that ends on empty canvas could lead to; choosing belongs to the same step."""
    line = desk.stored(line_id)
    source = desk.scene.shown(line.source.cell) if line.source is not None else None

    def make(kind: str, label: str) -> None:
        _attach_new(desk, line_id, kind, label, step)

    return _open(desk, targets_after(source), make, screen, searching=False)


def _attach_new(desk: "Desk", line_id: str, kind: str, label: str, step: str) -> None:
    line = desk.scene.editor.state.cell(line_id)
    if line is None or line.target is None or line.target.cell is not None:
        return desk.refuse("The flow was changed in the meantime")
    at = QPointF(line.target.x, line.target.y)
    route = desk.scene.route_points(line_id)
    box = _on_grid(desk, beyond(usual_box(kind, at), route[0] if route else at, at))
    node_id, patch = new_node(desk, kind, box, label)
    if desk.commit(patch + edits.reconnect(line, "target", End(cell=node_id)), "Draw flow", step):
        desk.scene.select([node_id])
        desk.view.reveal([node_id])
        if not label:
            start_editing(desk, node_id, step=step)
    return None


def beyond(box: QRectF, start: QPointF, end: QPointF) -> QRectF:
    """The box put so that a line from start to end meets the middle of its near side."""
    way = end - start
    if abs(way.x()) * box.height() >= abs(way.y()) * box.width():
        side: Side = (1 if way.x() >= 0 else -1, 0)
    else:
        side = (0, 1 if way.y() >= 0 else -1)
    return box.translated(end - places.side_point(box, (-side[0], -side[1])))


# --- by keyboard -----------------------------------------------------------------------------------
def offer_by_key(desk: "Desk", neighbour_of: Cell | None) -> QuickMenu:
    """Show what could follow the only selected element, else what could stand at the pointer."""
    view = desk.view
    if neighbour_of is None:
        at = view.pointer_place() or view.visible_area().center()
        return offer_elements(desk, at, view.viewport().mapToGlobal(view.mapFromScene(at)))
    source = neighbour_of.id

    def make(kind: str, label: str) -> None:
        sprout(desk, source, (1, 0), kind, label)

    corner = places.box_of(neighbour_of).topRight()
    screen = view.viewport().mapToGlobal(view.mapFromScene(corner)) + QPoint(12, 0)
    return _open(desk, targets_after(neighbour_of), make, screen)


def new_step() -> str:
    """The key that makes one undo step of drawing a flow and choosing what it leads to."""
    return f"connect/{new_id()}"
