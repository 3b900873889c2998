"""Pens, brushes and fonts made ready once for each way that cells of a theme look."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPen

from app.domain import vocabulary as v
from app.domain.records import Cell
from canvas.text import Face
from canvas.theme import SEVERITY_FIELDS, CanvasTheme

BOUNDARY_DASH: Final = (7.0, 4.0)
MUTED_DASH: Final = (4.0, 3.0)
_DASHES: Final = {"dashed": (6.0, 4.0), "dotted": (1.5, 3.0), "solid": ()}
STYLE_KEYS: Final = ("fill", "stroke", "stroke_width", "dash", "text_color", "font_size")


@dataclass(frozen=True, slots=True, eq=False)
class Style:
    """How one cell is painted. Colours also as text, for pictures that are written, not painted."""

    fill: str
    stroke: str
    text: str
    width: float
    dash: tuple[float, ...]
    hatched: bool
    pen: QPen
    thin: QPen
    brush: QBrush
    hatch: QBrush | None
    solid: QBrush
    text_pen: QPen
    face: Face
    scale: float = 1.0  # how much larger letters are than in a window


@dataclass(frozen=True, slots=True)
class Marks:
    """What is noted at a cell: how many open threats and how bad the worst is, and whether it is locked."""

    count: int = 0
    severity: str = "none"
    locked: bool = False

    def __bool__(self) -> bool:
        return self.count > 0 or self.locked


class Look:
    """All looks of a theme; the same look is made once only."""

    def __init__(self, theme: CanvasTheme) -> None:
        self.theme = theme
        self.families = [name.strip() for name in theme.font_family.split(",") if name.strip()]
        self._faces: dict[tuple[float, bool], Face] = {}
        self._styles: dict[tuple[object, ...], Style] = {}
        self.badge_brushes = {
            word: QBrush(colour(getattr(theme, name))) for word, name in SEVERITY_FIELDS.items()
        }
        self.badge_pen = QPen(colour(theme.background), 1.5)
        self.badge_text = QPen(colour(theme.badge_text))
        self.badge_face = self.face(10.0, bold=True)
        self.backplate = QBrush(colour(theme.label_backplate))
        self.lock_pen = QPen(colour(theme.node_stroke), 1.4)
        self.lock_brush = QBrush(colour(theme.background))

    def face(self, size: float, bold: bool = False) -> Face:
        """A font of a size in scene units."""
        key = (round(size), bold)
        if key not in self._faces:
            self._faces[key] = Face(self.families, size, bold)
        return self._faces[key]

    def style(self, cell: Cell) -> Style:
        """How a cell is painted: by its type, its scope and its own `style`."""
        own = cell.style
        key: tuple[object, ...] = (cell.type, cell.form, cell.out_of_scope)
        if own:
            key += tuple(own.get(name, "") for name in STYLE_KEYS)
        if key not in self._styles:
            self._styles[key] = self._made(cell)
        return self._styles[key]

    def _made(self, cell: Cell) -> Style:
        theme, own, muted = self.theme, cell.style, cell.out_of_scope
        fill, stroke, text, width, dash = _basis(theme, cell)
        if muted and cell.type != v.TEXT:
            fill = fill if cell.is_boundary else theme.muted_fill
            stroke, text, dash = theme.muted_stroke, theme.muted_text, dash or MUTED_DASH
        own_fill = _colour_or(own.get("fill", ""), "")
        fill = own_fill or fill
        stroke = _colour_or(own.get("stroke", ""), stroke)
        if own_fill and not cell.is_line and not cell.is_boundary:
            text = readable_on(own_fill, theme, text)
        text = _colour_or(own.get("text_color", ""), text)
        width = _number(own.get("stroke_width", ""), width, 0.2, 20.0) * theme.line_scale
        dash = _dash(own.get("dash", ""), dash)
        small = cell.is_line or cell.is_boundary
        size = theme.small_font_size if small else theme.font_size
        pen = QPen(colour(stroke), width)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if dash:
            pen.setDashPattern([part / width for part in dash])
        thin = QPen(colour(stroke), 1.0)
        thin.setCosmetic(True)
        hatched = muted and cell.type != v.TEXT and not small
        return Style(
            fill, stroke, text, width, dash, hatched, pen, thin,
            QBrush(colour(fill)) if fill else QBrush(),
            QBrush(hatch_colour(theme), Qt.BrushStyle.BDiagPattern) if hatched else None,
            QBrush(colour(stroke)), QPen(colour(text)),
            self.face(
                _number(own.get("font_size", ""), size, 6.0, 96.0) * theme.text_scale, bold=cell.is_boundary
            ),
            theme.text_scale,
        )  # fmt: skip


def _basis(theme: CanvasTheme, cell: Cell) -> tuple[str, str, str, float, tuple[float, ...]]:
    """Fill, stroke, text colour, line width and dashes of a type of cell."""
    if cell.is_boundary:
        fill = "" if cell.is_line else theme.boundary_fill
        width = theme.boundary_width + (0.8 if cell.is_line else 0.0)
        return fill, theme.boundary_stroke, theme.boundary_text, width, BOUNDARY_DASH
    if cell.is_line:
        return "", theme.flow_stroke, theme.label_text, theme.stroke_width, ()
    fills = {
        v.PROCESS: theme.process_fill,
        v.DATASTORE: theme.store_fill,
        v.EXTERNAL_ENTITY: theme.external_fill,
    }
    return fills.get(cell.type, ""), theme.node_stroke, theme.label_text, theme.stroke_width, ()


def colour(name: str) -> QColor:
    """A colour from `#rrggbb`, `#aarrggbb` or a name; black when it is none."""
    return QColor(name) if QColor.isValidColorName(name) else QColor("#000000")


def hatch_colour(theme: CanvasTheme) -> QColor:
    """What crosses out elements that are out of scope: plain to see, and no hindrance to reading."""
    made = colour(theme.muted_stroke)
    made.setAlpha(90)
    return made


def _colour_or(name: str, otherwise: str) -> str:
    name = name.strip()
    if not name or not QColor.isValidColorName(name):
        return otherwise
    made = QColor(name)
    return made.name(QColor.NameFormat.HexArgb if made.alpha() < 255 else QColor.NameFormat.HexRgb)


def _number(raw: str, otherwise: float, low: float, high: float) -> float:
    try:
        value = float(raw.removesuffix("px"))
    except ValueError:
        return otherwise
    return min(max(value, low), high) if value == value else otherwise


def _dash(raw: str, otherwise: tuple[float, ...]) -> tuple[float, ...]:
    raw = raw.strip().lower()
    if not raw:
        return otherwise
    if raw in _DASHES:
        return _DASHES[raw]
    parts = [_number(part, 0.0, 0.0, 100.0) for part in raw.replace(",", " ").split()[:8]]
    if not parts or any(part <= 0 for part in parts):
        return () if raw in ("none", "0") else otherwise
    return tuple(parts if len(parts) % 2 == 0 else parts * 2)


def readable_on(fill: str, theme: CanvasTheme, text: str) -> str:
    """The theme's text colour, or black or white where that would be hard to read on a fill."""
    back, front = colour(fill), colour(text)
    if back.alpha() < 128:
        return text
    if abs(_brightness(back) - _brightness(front)) > 0.45:
        return text
    return "#111418" if _brightness(back) > 0.5 else "#ffffff"


def _brightness(of: QColor) -> float:
    return of.redF() * 0.299 + of.greenF() * 0.587 + of.blueF() * 0.114
