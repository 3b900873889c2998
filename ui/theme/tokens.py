"""Colour tokens of a theme, read from `resources/styles/<name>.toml`."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from importlib.resources import files

_COLOUR = re.compile(r"#(?:[0-9a-f]{2})?[0-9a-f]{6}")


class ThemeError(ValueError):
    """A theme's data cannot be used; the message names the file, the key and the reason."""


@dataclass(frozen=True, slots=True)
class PaletteTokens:
    """Colours of windows and widgets, all opaque, `#rrggbb`."""

    window: str
    surface: str
    raised: str
    sunken: str
    alternate: str
    hover: str
    pressed: str
    text: str
    muted_text: str
    disabled_text: str
    border: str
    border_strong: str
    accent: str
    accent_hover: str
    accent_text: str
    accent_soft: str
    link: str
    selection: str
    selection_text: str
    danger: str
    danger_hover: str
    danger_text: str
    warning: str
    success: str
    info: str
    focus_ring: str
    tool_tip: str
    tool_tip_text: str


@dataclass(frozen=True, slots=True)
class SeverityTokens:
    """One text-safe colour a severity, `#rrggbb`."""

    critical: str
    high: str
    medium: str
    low: str
    none: str


@dataclass(frozen=True, slots=True)
class CanvasTokens:
    """Colours of a diagram, `#rrggbb`, or `#aarrggbb` where translucent."""

    background: str
    grid: str
    node_fill: str
    node_stroke: str
    process_fill: str
    store_fill: str
    external_fill: str
    boundary_stroke: str
    boundary_fill: str
    flow_stroke: str
    label_text: str
    label_backplate: str
    selection_outline: str
    guide: str
    handle_fill: str
    remote_marker: str
    boundary_text: str
    muted_fill: str
    muted_stroke: str
    muted_text: str
    badge_text: str


@dataclass(frozen=True, slots=True)
class Theme:
    """All colours of one look."""

    name: str
    dark: bool
    palette: PaletteTokens
    severity: SeverityTokens
    canvas: CanvasTokens

    def canvas_tokens(self) -> dict[str, str]:
        """Return the diagram's colours, `#rrggbb` or `#aarrggbb`, and `severity_<name>` by name."""
        severities = {f"severity_{key}": value for key, value in asdict(self.severity).items()}
        return asdict(self.canvas) | severities


def load_theme(name: str) -> Theme:
    """Read the shipped theme `name` ("light" or "dark"); ThemeError if it is missing or broken."""
    source = files("resources") / "styles" / f"{name}.toml"
    try:
        text = source.read_text(encoding="utf-8")
    except OSError as error:
        raise ThemeError(f"{name}.toml: cannot be read: {error.strerror}") from error
    return parse_theme(text, f"{name}.toml")


def parse_theme(text: str, source: str) -> Theme:
    """Build a theme from TOML text; ThemeError names `source` and the key at fault."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ThemeError(f"{source}: {error}") from error
    name, dark = data.get("name"), data.get("dark")
    if not isinstance(name, str) or not isinstance(dark, bool):
        raise ThemeError(f"{source}: needs `name` (text) and `dark` (true or false)")
    return Theme(
        name=name,
        dark=dark,
        palette=PaletteTokens(**_colours(data, "palette", PaletteTokens, source)),
        severity=SeverityTokens(**_colours(data, "severity", SeverityTokens, source)),
        canvas=CanvasTokens(**_colours(data, "canvas", CanvasTokens, source)),
    )


def _colours(
    data: Mapping[str, object],
    section: str,
    shape: type[PaletteTokens | SeverityTokens | CanvasTokens],
    source: str,
) -> dict[str, str]:
    """Check that a section has exactly the colours of `shape`."""
    found = data.get(section)
    if not isinstance(found, dict):
        raise ThemeError(f"{source}: section [{section}] is missing")
    wanted = {field.name for field in fields(shape)}
    for key in sorted(wanted ^ found.keys()):
        what = "is missing" if key in wanted else "is unknown"
        raise ThemeError(f"{source}: {section}.{key} {what}")
    for key, value in found.items():
        if not isinstance(value, str) or not _COLOUR.fullmatch(value):
            raise ThemeError(f"{source}: {section}.{key} is not #rrggbb or #aarrggbb: {value!r}")
    return {key: str(value) for key, value in found.items()}
