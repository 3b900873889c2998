"""What lies under the pointer, and the grips that show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt

from app.domain import vocabulary as v
from app.domain.records import Cell
from canvas.items.base import TEXT_ZOOM
from canvas.overlays.marks import Frame, Grip, Look, Mark, Shape, Trace
from canvas.tools import places
from canvas.tools.pointer import Pointer

if TYPE_CHECKING:
    from canvas.tools.desk import Desk

GRAB_PIXELS = 8.0
MOST_MARKS = 1500


class Part(Enum):
    """The part of a cell that can be taken hold of."""

    NOTHING = "nothing"
    BODY = "body"
    LABEL = "label"
    RESIZE = "resize"
    CONNECT = "connect"
    END = "end"
    VERTEX = "vertex"
    BEND = "bend"


@dataclass(frozen=True, slots=True)
class Target:
    """A part of a cell; `index` counts waypoints and stretches, or is 0 for source, 1 for target."""

    part: Part = Part.NOTHING
    cell: str = ""
    index: int = 0
    side: places.Side = (0, 0)


NOTHING = Target()


def target_at(desk: "Desk", pointer: Pointer) -> Target:
    """What the pointer would take hold of."""
    grips = [*grips_of_single(desk), *connect_grips(desk)]
    to_view = desk.view.viewportTransform()
    near: list[tuple[float, int]] = []
    for place, (_, grip) in enumerate(grips):
        away = places.distance(grip.place(to_view), pointer.view)
        if away <= GRAB_PIXELS:
            near.append((away, place))
    if near:
        return grips[min(near)[1]][0]
    found = desk.scene.cell_at(pointer.at, desk.reach)
    if found is None:
        return NOTHING
    cell = desk.scene.shown(found)
    if cell is not None and cell.is_line and cell.label and desk.scene.label_rect(found).contains(pointer.at):
        return Target(Part.LABEL, found)
    return Target(Part.BODY, found)


def grips_of_single(desk: "Desk") -> list[tuple[Target, Grip]]:
    """The grips of the only selected cell; none when it is locked or may not be changed."""
    cell = desk.single()
    if cell is None or cell.locked or desk.scene.editor.read_only:
        return []
    return line_grips(desk, cell) if cell.is_line else node_grips(desk, cell)


def node_grips(desk: "Desk", cell: Cell) -> list[tuple[Target, Grip]]:
    """The grips that resize a node."""
    box = places.box_of(cell)
    return [
        (Target(Part.RESIZE, cell.id, side=side), Grip(places.side_point(box, side), Shape.RESIZE))
        for side in places.resize_sides(box, desk.view.zoom)
    ]


def line_grips(desk: "Desk", cell: Cell) -> list[tuple[Target, Grip]]:
    """The grips of a line: its ends, its waypoints, and between them where one may be added."""
    route = desk.scene.route_points(cell.id)
    if len(route) < 2:
        return []
    found = [
        (Target(Part.END, cell.id, 0), Grip(route[0], Shape.END)),
        (Target(Part.END, cell.id, 1), Grip(route[-1], Shape.END)),
    ]
    vertices = [QPointF(p.x, p.y) for p in cell.vertices]
    found += [
        (Target(Part.VERTEX, cell.id, place), Grip(vertex, Shape.VERTEX))
        for place, vertex in enumerate(vertices)
    ]
    marks = places.anchor_lengths(route, vertices)
    label = desk.scene.label_rect(cell.id) if cell.label else QRectF()
    for place, middle in enumerate(places.bend_points(route, vertices)):
        roomy = (marks[place + 1] - marks[place]) * desk.view.zoom >= 48
        if roomy and not label.contains(middle):
            found.append((Target(Part.BEND, cell.id, place), Grip(middle, Shape.BEND)))
    return found


def connect_grips(desk: "Desk") -> list[tuple[Target, Grip]]:
    """The four grips beside the hovered node, or beside the only selected one."""
    cell = desk.scene.shown(desk.scene.hovered)
    if cell is None or cell.is_line:
        cell = desk.single()
    if cell is None or desk.scene.editor.read_only or why_not_connect(cell):
        return []
    box = places.box_of(cell)
    if min(box.width(), box.height()) * desk.view.zoom < 18:
        return []
    return [
        (
            Target(Part.CONNECT, cell.id, side=side),
            Grip(
                places.side_point(box, side),
                Shape.CONNECT,
                out=(side[0] * places.CONNECT_OUT, side[1] * places.CONNECT_OUT),
            ),
        )
        for side in places.EDGES
    ]


def why_not_connect(cell: Cell) -> str:
    """Why a flow may not start or end at a cell; empty when it may."""
    if cell.is_flow:
        return "A flow cannot end on another flow"
    if not cell.can_connect:
        return "A boundary line has no inside to connect to"
    if cell.type == v.TEXT:
        return "A text is a note: flows connect elements"
    if cell.is_boundary:
        return "A flow crosses a boundary and ends at an element"
    return ""


def still_hovered(desk: "Desk", pointer: Pointer) -> bool:
    """Whether the pointer is so close to the hovered node that its grips should stay."""
    cell = desk.scene.shown(desk.scene.hovered)
    if cell is None or cell.is_line:
        return False
    margin = desk.px(places.CONNECT_OUT + 12)
    return places.box_of(cell).adjusted(-margin, -margin, margin, margin).contains(pointer.at)


def marks_of(found: Sequence[tuple[Target, Grip]], hot: Target) -> list[Mark]:
    """The grips as marks, the one under the pointer emphasised."""
    return [Grip(grip.at, grip.shape, target == hot, grip.out) for target, grip in found]


def selection_marks(desk: "Desk", hovered: str | None = None) -> list[Mark]:
    """What shows which cells are selected, and which one is under the pointer."""
    if desk.chosen_marks is None:
        seen = desk.view.visible_area()
        marks = (_mark_of(desk, cell_id, seen, chosen=True) for cell_id in desk.order)
        desk.chosen_marks = [mark for mark in marks if mark is not None][:MOST_MARKS]
    found = list(desk.chosen_marks)
    if hovered is not None and hovered not in desk.scene.selected:
        mark = _mark_of(desk, hovered, desk.view.visible_area(), chosen=False)
        found += [mark] if mark is not None else []
    return found


def _mark_of(desk: "Desk", cell_id: str, seen: QRectF, *, chosen: bool) -> Mark | None:
    cell = desk.scene.shown(cell_id)
    if cell is None:
        return None
    if not cell.is_line:
        look = Look.CHOSEN if chosen else Look.HOVERED
        return Frame(places.box_of(cell), look) if places.box_of(cell).intersects(seen) else None
    if not desk.scene.bounds_of([cell_id]).intersects(seen):
        return None
    route = tuple(desk.scene.route_points(cell_id))
    hole = desk.scene.label_rect(cell_id) if cell.label and desk.view.zoom >= TEXT_ZOOM else QRectF()
    return Trace(route, hole, chosen) if len(route) > 1 else None


def frame_of(desk: "Desk", cell_id: str, look: Look, text: str = "") -> list[Mark]:
    """A frame around a cell that takes part."""
    cell = desk.scene.shown(cell_id)
    if cell is None:
        return []
    box = desk.scene.bounds_of([cell_id]) if cell.is_line else places.box_of(cell)
    return [Frame(box, look, text)]


RESIZE_CURSORS = {
    (0, -1): Qt.CursorShape.SizeVerCursor,
    (0, 1): Qt.CursorShape.SizeVerCursor,
    (-1, 0): Qt.CursorShape.SizeHorCursor,
    (1, 0): Qt.CursorShape.SizeHorCursor,
    (-1, -1): Qt.CursorShape.SizeFDiagCursor,
    (1, 1): Qt.CursorShape.SizeFDiagCursor,
    (1, -1): Qt.CursorShape.SizeBDiagCursor,
    (-1, 1): Qt.CursorShape.SizeBDiagCursor,
}


def cursor_for(desk: "Desk", target: Target) -> Qt.CursorShape:
    """The shape that tells what pressing here would do."""
    if target.part is Part.RESIZE:
        return RESIZE_CURSORS[target.side]
    if target.part is Part.CONNECT:
        return Qt.CursorShape.CrossCursor
    if target.part in (Part.END, Part.VERTEX, Part.BEND):
        return Qt.CursorShape.PointingHandCursor
    cell = desk.scene.shown(target.cell) if target.cell else None
    if cell is None or cell.locked or desk.scene.editor.read_only:
        return Qt.CursorShape.ArrowCursor
    return Qt.CursorShape.SizeAllCursor
