"""The colours of everything painted over a diagram, as Qt values made once a theme."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtGui import QColor, QFont

from canvas.theme import CanvasTheme

TAG_POINTS: Final = 9.0


@dataclass(frozen=True, slots=True)
class Inks:
    """Accent for what is at hand, guide for what lines up, refuse for what may not be."""

    background: QColor
    grid: QColor
    grid_strong: QColor
    accent: QColor
    accent_soft: QColor
    accent_faint: QColor
    guide: QColor
    refuse: QColor
    refuse_soft: QColor
    handle: QColor
    veil: QColor
    text: QColor
    muted: QColor
    on_accent: QColor
    font: QFont


def inks_of(theme: CanvasTheme) -> Inks:
    """The inks of a theme."""
    accent, refuse = QColor(theme.selection_outline), QColor(theme.boundary_stroke)
    font = QFont()
    font.setPointSizeF(TAG_POINTS)
    return Inks(
        background=QColor(theme.background),
        grid=QColor(theme.grid),
        grid_strong=_mixed(QColor(theme.grid), QColor(theme.muted_stroke), 0.18),
        accent=accent,
        accent_soft=_thin(accent, 28),
        accent_faint=_thin(accent, 110),
        guide=QColor(theme.guide),
        refuse=refuse,
        refuse_soft=_thin(refuse, 30),
        veil=_thin(QColor(theme.background), 170),
        handle=QColor(theme.handle_fill),
        text=QColor(theme.label_text),
        muted=QColor(theme.muted_text),
        on_accent=QColor("#ffffff" if accent.lightnessF() < 0.6 else "#12161b"),
        font=font,
    )


def _thin(colour: QColor, alpha: int) -> QColor:
    found = QColor(colour)
    found.setAlpha(alpha)
    return found


def _mixed(one: QColor, other: QColor, share: float) -> QColor:
    return QColor(
        *(
            round(a + (b - a) * share)
            for a, b in zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)  # type: ignore[index]
        )
    )
