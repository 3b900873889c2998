"""What lies at a point or in a rectangle of a diagram."""

from collections.abc import Collection, Iterable
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtWidgets import QGraphicsScene

from app.domain.records import Cell
from canvas.contents import Contents
from canvas.items.base import CellItem
from canvas.items.label import LabelItem
from canvas.items.line import LineItem
from canvas.items.node import NodeItem

RIM: Final = 8.0


def near(contents: Contents, scene: QGraphicsScene, area: QRectF) -> list[CellItem]:
    """The items whose bounds meet an area, topmost first; also those hidden by the overview."""
    if contents.is_overview:
        found: list[CellItem] = [
            item for item in contents.items() if item.bounds.translated(item.pos()).intersects(area)
        ]
        return sorted(found, key=lambda item: item.zValue(), reverse=True)
    mode, order = Qt.ItemSelectionMode.IntersectsItemBoundingRect, Qt.SortOrder.DescendingOrder
    return [i for i in scene.items(area, mode, order) if isinstance(i, CellItem) and i.cell_id]


def cells_at(
    contents: Contents,
    scene: QGraphicsScene,
    point: QPointF,
    tolerance: float,
    selected: Collection[str] = (),
) -> list[str]:
    """The ids of all cells at a point, topmost first; of lines the nearest comes first.

    In the middle of a node, the node comes before labels of lines that lie over it, selected ones aside.
    """
    reach = max(tolerance, 0.5)
    area = QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach)
    labels: list[str] = []
    nodes: list[str] = []
    on_middle = False
    lines: list[tuple[float, str]] = []
    below: list[str] = []
    for item in near(contents, scene, area):
        if isinstance(item, LabelItem):
            if item.is_hit(point) and not contents.is_overview:
                labels.append(item.cell_id)
        elif isinstance(item, LineItem):
            distance = item.route.nearest((point.x(), point.y()))[1]
            if distance <= reach + item.style.width / 2:
                lines.append((distance, item.cell_id))
        elif isinstance(item, NodeItem) and item.is_hit(point, reach):
            (below if item.cell.is_boundary else nodes).append(item.cell_id)
            on_middle = on_middle or (not item.cell.is_boundary and _in_middle(item, point))
    lines.sort(key=lambda pair: pair[0])
    covering = [i for i in labels if on_middle and i in contents.lines and i not in selected]
    labels = [cell_id for cell_id in labels if cell_id not in covering]
    return list(dict.fromkeys([*labels, *nodes, *covering, *(cell_id for _, cell_id in lines), *below]))


def _in_middle(item: NodeItem, point: QPointF) -> bool:
    """Whether a point is well inside of a node: labels of lines often reach over its edge a little."""
    box = item.rect.translated(item.pos())
    x, y = min(RIM, box.width() / 4), min(RIM, box.height() / 4)
    return box.adjusted(x, y, -x, -y).contains(point)


def cells_in(
    contents: Contents, scene: QGraphicsScene, rect: QRectF, enclose_boundaries: bool
) -> frozenset[str]:
    """The ids of nodes and lines that touch a rectangle, and of boundary boxes within it."""
    area = rect.normalized()
    found: set[str] = set()
    for item in near(contents, scene, area.adjusted(-0.5, -0.5, 0.5, 0.5)):
        if isinstance(item, LineItem):
            if area.contains(item.bounds) or item.touches(area):
                found.add(item.cell_id)
        elif isinstance(item, NodeItem):
            box = item.rect.translated(item.pos())
            if item.cell.is_boundary and enclose_boundaries:
                if area.contains(box):
                    found.add(item.cell_id)
            elif _meets(area, box):
                found.add(item.cell_id)
    return frozenset(found)


def container_at(contents: Contents, point: QPointF, ignore: Iterable[str]) -> str | None:
    """The smallest boundary box around a point."""
    left_out = set(ignore)
    best: tuple[float, float, str] | None = None
    for cell_id in contents.boxes:
        cell = contents.shown(cell_id)
        if cell is None or cell_id in left_out:
            continue
        area = cell.size.width * cell.size.height
        if _box(cell).contains(point):
            key = (area, -contents.nodes[cell_id].zValue(), cell_id)
            best = key if best is None or key < best else best
    return best[2] if best is not None else None


def _box(cell: Cell) -> QRectF:
    return QRectF(cell.position.x, cell.position.y, cell.size.width, cell.size.height)


def _meets(area: QRectF, box: QRectF) -> bool:
    """Whether two rectangles share a point; unlike Qt's own test also when one is empty."""
    return (
        area.left() <= box.right()
        and box.left() <= area.right()
        and area.top() <= box.bottom()
        and box.top() <= area.bottom()
    )
