"""How a diagram looks: colours as text and font sizes, for light and dark surroundings."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{2})?[0-9a-fA-F]{6}\Z")
SEVERITY_FIELDS: Final = {
    "critical": "severity_critical",
    "high": "severity_high",
    "medium": "severity_medium",
    "low": "severity_low",
    "none": "severity_none",
}


@dataclass(frozen=True, slots=True)
class CanvasTheme:
    """Colours `#rrggbb` or `#aarrggbb`, font sizes and line widths in scene units."""

    name: str = "light"
    background: str = "#fbfcfd"
    grid: str = "#e4e7ec"
    node_fill: str = "#ffffff"
    node_stroke: str = "#3a4351"
    process_fill: str = "#e9f0ff"
    store_fill: str = "#e8f5ee"
    external_fill: str = "#fcf2e0"
    boundary_stroke: str = "#c2362b"
    boundary_fill: str = "#0fc2362b"
    boundary_text: str = "#a12a20"
    flow_stroke: str = "#3f4957"
    label_text: str = "#1b2028"
    label_backplate: str = "#e6fbfcfd"
    muted_fill: str = "#f1f2f4"
    muted_stroke: str = "#8a93a0"
    muted_text: str = "#5d6673"
    selection_outline: str = "#3b5bdb"
    guide: str = "#c2228f"
    handle_fill: str = "#ffffff"
    remote_marker: str = "#0d7a6f"
    severity_critical: str = "#a3123f"
    severity_high: str = "#bd3d0b"
    severity_medium: str = "#8a5d00"
    severity_low: str = "#1d64b4"
    severity_none: str = "#5a6370"
    badge_text: str = "#ffffff"
    font_family: str = "DejaVu Sans, Segoe UI, Helvetica Neue, Arial, sans-serif"
    font_size: float = 13.0
    small_font_size: float = 12.0
    stroke_width: float = 1.6
    boundary_width: float = 1.8
    text_scale: float = 1.0
    line_scale: float = 1.0

    def enlarged(self, text: float, lines: float) -> "CanvasTheme":
        """The same with larger letters and lines, also where an element has its own: for a projector."""
        return replace(self, text_scale=text, line_scale=lines)

    @classmethod
    def from_tokens(cls, tokens: Mapping[str, Any], *, dark: bool | None = None) -> "CanvasTheme":
        """A theme from colours by name; unknown names and values that are no colour are passed over.

        Severity colours may come under their own word ("critical") or with `severity_` before it.
        What is not given comes from DARK or LIGHT, by `dark` or else by the background's brightness.
        """
        if dark is None:
            dark = _is_dark(str(tokens.get("background", "")))
        given = {SEVERITY_FIELDS.get(key, key): value for key, value in tokens.items()}
        known = {field.name for field in fields(cls)}
        taken: dict[str, Any] = {}
        for key, value in given.items():
            if key not in known:
                continue
            if key in ("name", "font_family"):
                if isinstance(value, str) and value:
                    taken[key] = value
            elif key.endswith(("_size", "_width")):
                if isinstance(value, int | float) and 0.1 <= value <= 200:
                    taken[key] = float(value)
            elif isinstance(value, str) and _COLOUR.match(value):
                taken[key] = value
        return replace(DARK if dark else LIGHT, **taken)


def _is_dark(colour: str) -> bool:
    if not _COLOUR.match(colour):
        return False
    red, green, blue = (int(colour[-6:][i : i + 2], 16) for i in (0, 2, 4))
    return red * 0.299 + green * 0.587 + blue * 0.114 < 128


LIGHT: Final = CanvasTheme()
DARK: Final = CanvasTheme(
    name="dark",
    background="#16181d",
    grid="#262a31",
    node_fill="#252a32",
    node_stroke="#b4bdca",
    process_fill="#20304f",
    store_fill="#1b372a",
    external_fill="#40321b",
    boundary_stroke="#f07b6e",
    boundary_fill="#14f07b6e",
    boundary_text="#ffa79c",
    flow_stroke="#aab4c2",
    label_text="#e9ecf1",
    label_backplate="#e616181d",
    muted_fill="#20252c",
    muted_stroke="#77818f",
    muted_text="#a2acb9",
    selection_outline="#8fa6ff",
    guide="#f779c8",
    handle_fill="#16181d",
    remote_marker="#4fd1c1",
    severity_critical="#ff8aa5",
    severity_high="#ff9d6b",
    severity_medium="#e5c04e",
    severity_low="#7db8f5",
    severity_none="#a4adb9",
    badge_text="#12161b",
)
