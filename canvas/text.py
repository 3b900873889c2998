"""Breaking labels into lines that stay inside their shape."""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Final
from unicodedata import bidirectional

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QStaticText, QTextLayout, QTextOption

ELLIPSIS: Final = "…"
PADDING: Final = 6.0
_UNSHOWN: Final = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127, *range(0xD800, 0xE000)])
_UNSHOWN.update({0x2028: "\n", 0x2029: "\n", 9: " ", 13: "\n"})


class Face:
    """A font in one size with what measuring text in it needs. Sizes in scene units."""

    def __init__(self, families: list[str], size: float, bold: bool = False) -> None:
        self.font = QFont()
        self.font.setFamilies(families)
        self.font.setPixelSize(max(1, round(size)))
        self.font.setBold(bold)
        self.font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        # Joined letters could not be found in pictures: "fl" would be one sign.
        self.font.setFeature(QFont.Tag.fromString("liga"), 0)
        self.families = families
        self.size = max(1, round(size))
        self.bold = bold
        self.metrics = QFontMetricsF(self.font)
        self.line_height = self.metrics.height()
        self.ascent = self.metrics.ascent()
        self.option = QTextOption(Qt.AlignmentFlag.AlignLeft)
        self.option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A label broken into lines; `width` is the widest line's, both in scene units.

    `cut` tells that there was no room for all of it.
    """

    lines: tuple[str, ...]
    width: float
    height: float
    cut: bool = False

    @property
    def text(self) -> str:
        """The lines as one text."""
        return "\n".join(self.lines)


EMPTY: Final = TextBlock((), 0.0, 0.0)


def shown_text(label: str) -> str:
    """A label without what cannot be drawn, and without blank lines around it."""
    return label.translate(_UNSHOWN).strip()


def longest_word(text: str, face: Face) -> float:
    """How wide the widest word of a label is."""
    return max((face.metrics.horizontalAdvance(word) for word in text.split()[:50]), default=0.0)


def is_right_to_left(text: str) -> bool:
    """Whether the first letter that has a direction runs from right to left."""
    if text.isascii():
        return False
    kinds = (bidirectional(letter) for letter in text)
    return next((kind != "L" for kind in kinds if kind in ("L", "R", "AL")), False)


def lay_out(text: str, face: Face, width: float, height: float) -> TextBlock:
    """Break a text into lines of at most `width`; what does not fit in `height` ends with an ellipsis."""
    return lay_out_in(text, face, lambda _: width, height)


def lay_out_in(text: str, face: Face, width_for: Callable[[float], float], height: float) -> TextBlock:
    """The same where the room in width depends on the height that the lines take (round shapes)."""
    text = shown_text(text)
    if not text:
        return EMPTY
    most = max(1, int((height + 0.5) / face.line_height))
    wide = max(width_for(face.line_height), face.size * 0.7)
    if "\n" not in text and len(text) < 400:
        advance = face.metrics.horizontalAdvance(text)
        if advance <= wide:
            return TextBlock((text,), advance, face.line_height)
    lines: list[str] = []
    cut = False
    for count in range(1, most + 1):
        wide = max(width_for(count * face.line_height), face.size * 0.7)
        lines = _broken(text, face, wide, most + 1)
        if len(lines) <= count:
            break
    else:
        cut = len(lines) > most
        lines = _cut(lines, face, wide, most)
    widest = max((face.metrics.horizontalAdvance(line) for line in lines), default=0.0)
    return TextBlock(tuple(lines), widest, len(lines) * face.line_height, cut)


def _broken(text: str, face: Face, width: float, most: int) -> list[str]:
    """Lines of at most `width`; stops after `most` lines, the last of which then holds the rest."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        if len(lines) >= most:
            break
        if not paragraph.strip():
            lines.append("")
            continue
        layout = QTextLayout(paragraph, face.font)
        layout.setTextOption(face.option)
        layout.beginLayout()
        while len(lines) < most:
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(width)
            start, length = line.textStart(), line.textLength()
            lines.append(_units(paragraph, start, start + length).strip())
        layout.endLayout()
    return lines


def _units(text: str, start: int, end: int) -> str:
    """A slice counted in UTF-16 units, as Qt counts."""
    if text.isascii() or max(text) <= "\uffff":
        return text[start:end]
    return text.encode("utf-16-le")[start * 2 : end * 2].decode("utf-16-le", "ignore")


def _cut(lines: list[str], face: Face, width: float, most: int) -> list[str]:
    kept = lines[:most]
    last = kept[-1]
    if len(lines) > most:
        while last and face.metrics.horizontalAdvance(last + ELLIPSIS) > width:
            last = last[:-1]
        kept[-1] = last.rstrip() + ELLIPSIS
    return kept


def stadium_width(width: float, height: float, lines_height: float) -> float:
    """The room for text of a height in the middle of a shape with round ends."""
    radius = min(width, height) / 2
    reach = min(max(lines_height, 0.0) / 2, radius)
    if width >= height:
        chord = width - 2 * radius + 2 * sqrt(max(0.0, radius * radius - reach * reach))
    else:
        past = max(0.0, lines_height / 2 - (height / 2 - radius))
        chord = 2 * sqrt(max(0.0, radius * radius - min(past, radius) ** 2))
    return chord - PADDING * 1.5


class PaintedText:
    """A text block ready for painting, its lines aligned in a box of one width."""

    __slots__ = ("block", "face", "static", "width")

    def __init__(self, block: TextBlock, face: Face, width: float, align: Qt.AlignmentFlag) -> None:
        self.block, self.face, self.width = block, face, width
        option = QTextOption(align)
        option.setWrapMode(QTextOption.WrapMode.NoWrap)
        if is_right_to_left(block.text):
            option.setTextDirection(Qt.LayoutDirection.RightToLeft)
        # QStaticText breaks plain text at U+2028 only.
        self.static = QStaticText("\u2028".join(block.lines))
        self.static.setTextFormat(Qt.TextFormat.PlainText)
        self.static.setTextOption(option)
        self.static.setTextWidth(width)

    def draw(self, painter: QPainter, x: float, y: float) -> None:
        """Paint with the painter's pen, the top left corner of the box at x, y."""
        painter.setFont(self.face.font)
        painter.drawStaticText(QPointF(x, y), self.static)
