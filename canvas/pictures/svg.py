"""A diagram as SVG: one group a cell with its name as title, and text that stays text."""

from collections.abc import Iterator

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor

from app.domain import vocabulary as v
from app.domain.records import Cell
from app.domain.state import ModelState
from canvas.items.label import LabelItem
from canvas.items.line import FREE_END, LineItem
from canvas.items.look import Look, Marks, Style, hatch_colour
from canvas.items.marks import RADIUS, badge_size, badge_text
from canvas.items.node import NodeItem, badge_place, lock_place, node_text
from canvas.pictures.drawing import EMPTY_TEXT, Drawing, drawing_of
from canvas.pictures.markup import num, paint, path_data, polygon, quoted, stroke, words
from canvas.routing.paths import arrow_points, shaft
from canvas.text import PADDING, Face, TextBlock, is_right_to_left
from canvas.theme import LIGHT, SEVERITY_FIELDS, CanvasTheme


def render_svg(state: ModelState, diagram_id: str, theme: CanvasTheme = LIGHT) -> bytes:
    """The whole diagram in UTF-8, one SVG unit a scene unit, with margins.

    Every element is a group `cell-<id>` whose title is its full name, even where the label that is
    shown had to be shortened. InvalidData when the model has no such diagram.
    """
    drawing = drawing_of(state, diagram_id, theme)
    return "\n".join(_document(drawing)).encode("utf-8")


def _document(drawing: Drawing) -> Iterator[str]:
    rect, theme = drawing.rect, drawing.theme
    x, y, width, height = (num(n) for n in (rect.x(), rect.y(), rect.width(), rect.height()))
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="{x} {y} {width} {height}" role="img" aria-label={quoted(drawing.title)} '
        f"font-family={quoted(theme.font_family)}>"
    )
    yield f"<title>{words(drawing.title)}</title>"
    if any(isinstance(i, NodeItem) and i.style.hatched for i in drawing.contents.items()):
        lines = hatch_colour(theme).name(QColor.NameFormat.HexArgb)
        yield (
            '<defs><pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse">'
            f'<path d="M0 7L7 0" fill="none"{stroke(lines, 1.0)}/></pattern></defs>'
        )
    background = paint("fill", theme.background)
    yield f'<rect x="{x}" y="{y}" width="{width}" height="{height}"{background}/>'
    if drawing.is_empty:
        centre = rect.center()
        yield (
            f'<text x="{num(centre.x())}" y="{num(centre.y() + 6)}" text-anchor="middle" '
            f'font-size="16"{paint("fill", theme.muted_text)}>{EMPTY_TEXT}</text>'
        )
    for item in drawing.contents.painted():
        if isinstance(item, NodeItem):
            yield from _node(item)
        elif isinstance(item, LineItem):
            yield from _line(item)
        elif isinstance(item, LabelItem):
            yield from _label(item)
    yield "</svg>"


def _group(cell: Cell) -> str:
    kind = v.CELL_TYPE_NAMES.get(cell.type, cell.type)
    title = words(cell.label.strip())
    name = quoted(f"{kind}: {cell.label}" if title else kind)
    return f'<g id="cell-{cell.id}" class="{cell.type}" aria-label={name}>' + (
        f"<title>{title}</title>" if title else ""
    )


def _node(item: NodeItem) -> Iterator[str]:
    cell, style = item.cell, item.style
    box = item.rect.translated(cell.position.x, cell.position.y)
    yield _group(cell)
    yield _shape(cell.type, box, style, style.fill)
    if style.hatched:
        yield _shape(cell.type, box, style, "url(#hatch)")
    block, face = node_text(cell, style, item.look)
    left = cell.type == v.TEXT
    x = box.x() + PADDING if left else box.center().x()
    yield _text(block, face, x, box.center().y() - block.height / 2, style.text, centred=not left)
    origin = box.topLeft()
    if item.marks.locked:
        yield _lock(item.look, origin + lock_place(cell))
    if item.marks.count:
        yield _badge(item.look, item.marks, origin + badge_place(cell))
    yield "</g>"


def _shape(cell_type: str, box: QRectF, style: Style, fill: str) -> str:
    x, y, width, height = box.x(), box.y(), box.width(), box.height()
    place = f'x="{num(x)}" y="{num(y)}" width="{num(width)}" height="{num(height)}"'
    filled = f' fill="{fill}"' if fill.startswith("url") else paint("fill", fill)
    line = stroke(style.stroke, style.width, style.dash)
    if cell_type == v.PROCESS:
        return f'<rect {place} rx="{num(min(width, height) / 2)}"{filled}{line}/>'
    if cell_type == v.DATASTORE:
        ways = f"M{num(x)} {num(y)}h{num(width)}M{num(x)} {num(y + height)}h{num(width)}"
        return f'<rect {place}{filled}/><path d="{ways}" fill="none"{line}/>'
    if cell_type == v.TEXT:
        return f"<rect {place}{filled}/>" if fill else ""
    return f"<rect {place}{filled}{line}/>"


def _line(item: LineItem) -> Iterator[str]:
    cell, style, route = item.cell, item.style, item.route
    both = cell.is_flow and cell.is_bidirectional
    yield _group(cell)
    way = shaft(route, both, cell.is_flow, style.width)
    line = stroke(style.stroke, style.width, style.dash)
    yield f'<path d="{path_data(way)}" fill="none"{line} stroke-linejoin="round"/>'
    if cell.is_flow:
        yield polygon(arrow_points(route.end, route.direction_at_end(), style.width), style.stroke)
    if both:
        tip = arrow_points(route.start, route.direction_at_start(), style.width)
        yield polygon(tip, style.stroke)
    elif cell.is_flow and cell.source is not None and cell.source.cell is None:
        x, y = route.start
        fill = paint("fill", style.stroke)
        yield f'<circle cx="{num(x)}" cy="{num(y)}" r="{num(FREE_END)}"{fill}/>'
    yield "</g>"


def _label(item: LabelItem) -> Iterator[str]:
    box, style, theme = item.box, item.style, item.look.theme
    rect = box.rect
    yield f'<g id="label-{item.cell_id}" class="label">'
    if box.block.lines:
        yield (
            f'<rect x="{num(rect.x())}" y="{num(rect.y())}" width="{num(rect.width())}" '
            f'height="{num(rect.height())}" rx="3"{paint("fill", theme.label_backplate)}/>'
        )
        x = box.text.center().x() if box.centred else box.text.x()
        yield _text(box.block, style.face, x, box.text.y(), style.text, centred=box.centred)
    if box.lock is not None:
        yield _lock(item.look, box.lock)
    if box.badge is not None:
        yield _badge(item.look, item.marks, box.badge)
    yield "</g>"


def _text(block: TextBlock, face: Face, x: float, top: float, colour: str, *, centred: bool) -> str:
    if not block.lines:
        return ""
    anchor = ' text-anchor="middle"' if centred else ""
    bold = ' font-weight="bold"' if face.bold else ""
    # Where x is the left edge, the other direction would put the text to the left of it.
    turn = ' direction="rtl"' if centred and is_right_to_left(block.text) else ""
    rows = "".join(
        # One element a line: simple readers pass over the places of tspans.
        f'<text x="{num(x)}" y="{num(top + face.ascent + i * face.line_height)}">{words(line)}</text>'
        for i, line in enumerate(block.lines)
        if line
    )
    return f'<g font-size="{num(face.size)}"{anchor}{bold}{turn}{paint("fill", colour)}>{rows}</g>'


def _badge(look: Look, marks: Marks, centre: QPointF) -> str:
    width, height = badge_size(marks)
    x, y = centre.x() - width / 2, centre.y() - height / 2
    theme = look.theme
    fill = paint("fill", getattr(theme, SEVERITY_FIELDS[marks.severity]))
    face = look.badge_face
    baseline = centre.y() - face.line_height / 2 + face.ascent
    plural = "s" if marks.count != 1 else ""
    worst = "" if marks.severity == "none" else f", worst: {marks.severity}"
    return (
        f"<g><title>{marks.count} open threat{plural}{worst}</title>"
        f'<rect x="{num(x)}" y="{num(y)}" width="{num(width)}" height="{num(height)}" '
        f'rx="{num(RADIUS)}"{fill}{stroke(theme.background, 1.5)}/>'
        f'<text x="{num(centre.x())}" y="{num(baseline)}" text-anchor="middle" font-weight="bold" '
        f'font-size="{num(face.size)}"{paint("fill", theme.badge_text)}>{badge_text(marks)}</text></g>'
    )


def _lock(look: Look, centre: QPointF) -> str:
    x, y = centre.x(), centre.y()
    line = stroke(look.theme.node_stroke, 1.4)
    return (
        f"<g><title>Locked</title>"
        f'<path d="M{num(x - 3.2)} {num(y - 3)}a3.2 4 0 0 1 6.4 0" fill="none"{line}/>'
        f'<rect x="{num(x - 5)}" y="{num(y - 3)}" width="10" height="8" rx="1.5"'
        f"{paint('fill', look.theme.background)}{line}/>"
        f'<path d="M{num(x)} {num(y - 0.5)}v2.5" fill="none"{line}/></g>'
    )
