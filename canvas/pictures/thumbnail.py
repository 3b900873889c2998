"""A small picture of a diagram for lists: shapes without words, few bytes, no fonts needed."""

from app.domain import vocabulary as v
from app.domain.geometry import Rect, Route, rect_of, routes_of, united
from app.domain.records import Cell
from app.domain.state import ModelState
from canvas.pictures.markup import num, paint, stroke
from canvas.theme import LIGHT, CanvasTheme

MARGIN = 12.0


def thumbnail_svg(
    state: ModelState, diagram_id: str, max_elements: int = 150, theme: CanvasTheme = LIGHT
) -> str:
    """An SVG of at most `max_elements` shapes, nodes before lines; "" for an empty diagram.

    It has no background of its own, so that it sits well on any.
    """
    cells = state.cells(diagram_id)
    nodes = [cell for cell in cells if not cell.is_line and cell.type != v.TEXT][:max_elements]
    routes = routes_of(cells)
    lines = [cell for cell in cells if cell.is_line][: max(0, max_elements - len(nodes))]
    whole = united([*(rect_of(n) for n in nodes), *(routes[line.id].bounds for line in lines)])
    if whole is None:
        return ""
    whole = whole.grown(MARGIN)
    # Lines stay about one pixel wide in a picture of some 300 pixels.
    width = max(1.5, max(whole.width, whole.height) / 220)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{num(whole.x)} {num(whole.y)} '
        f'{num(whole.width)} {num(whole.height)}">'
    ]
    parts += [_node(cell, theme, width) for cell in nodes if cell.is_boundary]
    parts += [_line(cell, routes[cell.id], theme, width) for cell in lines]
    parts += [_node(cell, theme, width) for cell in nodes if not cell.is_boundary]
    return "".join([*parts, "</svg>"])


def _node(cell: Cell, theme: CanvasTheme, width: float) -> str:
    box: Rect = rect_of(cell)
    place = f'x="{num(box.x)}" y="{num(box.y)}" width="{num(box.width)}" height="{num(box.height)}"'
    if cell.is_boundary:
        dash = (width * 4, width * 3)
        line = stroke(theme.boundary_stroke, width, dash)
        return f"<rect {place}{paint('fill', theme.boundary_fill)}{line}/>"
    fills = {v.PROCESS: theme.process_fill, v.DATASTORE: theme.store_fill}
    fill = paint("fill", fills.get(cell.type, theme.external_fill))
    round_ends = f' rx="{num(min(box.width, box.height) / 2)}"' if cell.type == v.PROCESS else ""
    return f"<rect {place}{round_ends}{fill}{stroke(theme.node_stroke, width)}/>"


def _line(cell: Cell, route: Route, theme: CanvasTheme, width: float) -> str:
    colour = theme.boundary_stroke if cell.is_boundary else theme.flow_stroke
    points = [route.start, *((s[-2], s[-1]) for s in route.segments)]
    way = " ".join(f"{num(x)},{num(y)}" for x, y in points)
    dash = (width * 4, width * 3) if cell.is_boundary else ()
    return f'<polyline points="{way}" fill="none"{stroke(colour, width, dash)}/>'
