"""Versions of cells that are not in the diagram, shown over it as dashed ghosts: seen, never touched."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QTransform

from app.domain import vocabulary as v
from app.domain.geometry import route_line
from app.domain.records import Cell
from app.domain.values import End
from canvas.dressed_view import DressedView
from canvas.items.look import Look, Style
from canvas.items.node import draw_shape, node_text
from canvas.overlays.inks import Inks, inks_of
from canvas.overlays.layer import OverlayLayer
from canvas.overlays.marks import Mark, Tag
from canvas.text import PaintedText

_FAINT, _STRONG = 0.35, 0.6
_SHORT = 48
_CLEAR, _LINE = 42.0, 22.0  # of the handles below what is selected; from tag to tag


@dataclass(frozen=True)
class Ghost:
    """Another version of a cell, with a few words on it.

    `ends` are cells that its line needs and the diagram does not have. `gone`: in that version there is no
    such cell. `strong` is the one that is looked at.
    """

    cell: Cell
    text: str
    ends: Mapping[str, Cell] = field(default_factory=dict)
    gone: bool = False
    strong: bool = True


@dataclass(frozen=True)
class NodeGhost:
    """A node where it would be."""

    cell: Cell
    look: Look
    strong: bool

    def _box(self) -> QRectF:
        cell = self.cell
        return QRectF(cell.position.x, cell.position.y, cell.size.width, cell.size.height)

    def bounds(self, to_view: QTransform) -> QRectF:
        """See Mark."""
        return to_view.mapRect(self._box()).adjusted(-3, -3, 3, 3)

    def paint(self, painter: QPainter, to_view: QTransform, inks: Inks) -> None:
        """See Mark."""
        style = self.look.style(self.cell)
        painter.save()
        painter.setTransform(to_view)
        painter.setOpacity(_STRONG if self.strong else _FAINT)
        painter.setPen(_dashed(inks.accent))
        painter.setBrush(style.brush)
        draw_shape(painter, self.cell.type, self._box(), style)
        if self.cell.type in (v.DATASTORE, v.TEXT):  # whose own shape has open sides
            painter.setPen(_dashed(inks.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self._box())
        painter.setOpacity(0.85 if self.strong else _STRONG)
        self._write(painter, style)
        painter.restore()

    def _write(self, painter: QPainter, style: Style) -> None:
        block, face = node_text(self.cell, style, self.look)
        if block.lines:
            box = self._box()
            painter.setPen(style.text_pen)
            text = PaintedText(block, face, box.width(), Qt.AlignmentFlag.AlignHCenter)
            text.draw(painter, box.x(), box.y() + (box.height() - block.height) / 2)


@dataclass(frozen=True)
class OutlineGhost:
    """A dashed frame around a node, with a cross through it where there would be none."""

    rect: QRectF
    gone: bool
    strong: bool

    def bounds(self, to_view: QTransform) -> QRectF:
        """See Mark."""
        return to_view.mapRect(self.rect).adjusted(-9, -9, 9, 9)

    def paint(self, painter: QPainter, to_view: QTransform, inks: Inks) -> None:
        """See Mark."""
        box = to_view.mapRect(self.rect).adjusted(-5, -5, 5, 5)
        painter.setOpacity(1.0 if self.strong else _STRONG)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(_dashed(inks.refuse if self.gone else inks.accent))
        painter.drawRoundedRect(box, 5, 5)
        if self.gone:
            painter.drawLine(box.topLeft(), box.bottomRight())
            painter.drawLine(box.topRight(), box.bottomLeft())
        painter.setOpacity(1.0)


@dataclass(frozen=True)
class RouteGhost:
    """A dashed line: the way of a flow, or the way to where a node would be."""

    points: tuple[QPointF, ...]
    strong: bool
    gone: bool = False
    leader: bool = False

    def bounds(self, to_view: QTransform) -> QRectF:
        """See Mark."""
        return to_view.map(QPolygonF(self.points)).boundingRect().adjusted(-5, -5, 5, 5)

    def paint(self, painter: QPainter, to_view: QTransform, inks: Inks) -> None:
        """See Mark."""
        pen = _dashed(inks.refuse if self.gone else inks.accent, 1.2 if self.leader else 3.5)
        if self.leader:
            pen.setStyle(Qt.PenStyle.DotLine)
        painter.setOpacity(0.9 if self.strong else _FAINT)
        painter.setPen(pen)
        painter.drawPolyline(to_view.map(QPolygonF(self.points)))
        painter.setOpacity(1.0)


def _dashed(colour: QColor, width: float = 1.8) -> QPen:
    pen = QPen(colour, width, Qt.PenStyle.DashLine)
    pen.setCosmetic(True)
    return pen


class GhostLayer(QObject):
    """The ghosts over one view. They keep their places while the diagram around them changes."""

    def __init__(self, view: DressedView) -> None:
        super().__init__(view)
        self._view = view
        self._scene = view.diagram_scene
        self._look = Look(self._scene.theme)
        self._layer = OverlayLayer(view, inks_of(self._scene.theme))
        self._ghosts: tuple[Ghost, ...] = ()
        self._scene.content_changed.connect(self._settle)
        self._scene.theme_changed.connect(self._retheme)
        view.looks_elsewhere.connect(lambda: self._layer.show(self._layer.marks))
        view.layers.append(self)

    @property
    def ghosts(self) -> tuple[Ghost, ...]:
        """What is on show."""
        return self._ghosts

    @property
    def marks(self) -> tuple[Mark, ...]:
        """How it is shown."""
        return self._layer.marks

    def show(self, ghosts: Iterable[Ghost]) -> None:
        """Show exactly these."""
        self._ghosts = tuple(ghosts)
        self._settle()

    def paint(self, painter: QPainter, exposed: QRectF) -> None:
        """Paint what is in the exposed part, in scene units."""
        self._layer.paint(painter, exposed)

    def _retheme(self) -> None:
        self._look = Look(self._scene.theme)
        self._layer.inks = inks_of(self._scene.theme)
        self._settle()

    def _settle(self) -> None:
        if self._ghosts or self._layer.marks:
            tags: Counter[str] = Counter()
            marks: list[Mark] = []
            for ghost in self._ghosts:
                marks += self._marks_of(ghost, tags[ghost.cell.id])
                tags[ghost.cell.id] += 1
            self._layer.show(marks)

    def _marks_of(self, ghost: Ghost, tags_before: int) -> Iterator[Mark]:
        cell, theirs = ghost.cell, self._scene.shown(ghost.cell.id)
        at: QPointF
        if cell.is_line:
            for end in ghost.ends.values():
                if self._scene.shown(end.id) is None and not end.is_line:
                    yield NodeGhost(end, self._look, strong=False)
            points = self._route(ghost, theirs)
            yield RouteGhost(points, ghost.strong, ghost.gone)
            at = points[len(points) // 2]
        else:
            box = QRectF(cell.position.x, cell.position.y, cell.size.width, cell.size.height)
            same = theirs is not None and (theirs.position, theirs.size) == (cell.position, cell.size)
            if ghost.gone or same:
                yield OutlineGhost(box, ghost.gone, ghost.strong)
            else:
                if theirs is not None:
                    middle = self._scene.bounds_of([cell.id]).center()
                    yield RouteGhost((middle, box.center()), ghost.strong, leader=True)
                yield NodeGhost(cell, self._look, ghost.strong)
            at = QPointF(box.center().x(), box.bottom())
        if ghost.text:
            text = ghost.text if len(ghost.text) <= _SHORT else ghost.text[: _SHORT - 1] + "…"
            yield Tag(at, text, out=(0.0, _CLEAR + tags_before * _LINE))

    def _route(self, ghost: Ghost, theirs: Cell | None) -> tuple[QPointF, ...]:
        """The way that a line would take; the one it has where that is the same."""
        cell = ghost.cell
        if theirs is not None and (ghost.gone or _runs_alike(cell, theirs)):
            points = self._scene.route_points(cell.id)
            if len(points) > 1:
                return tuple(points)
        others = {one.cell.id: one.cell for one in self._ghosts if not one.gone and not one.cell.is_line}

        def end(of: End | None) -> Cell | None:
            if of is None or of.cell is None:
                return None
            return self._scene.shown(of.cell) or others.get(of.cell) or ghost.ends.get(of.cell)

        route = route_line(cell, end(cell.source), end(cell.target))
        return tuple(QPointF(x, y) for x, y in route.polyline)


def _runs_alike(one: Cell, other: Cell) -> bool:
    names = ("source", "target", "vertices", "routing")
    return all(getattr(one, name) == getattr(other, name) for name in names)
