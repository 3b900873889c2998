"""A theme's colours as a QPalette, for whatever Fusion draws without the style sheet."""

from PySide6.QtGui import QColor, QPalette

from ui.theme.tokens import Theme

_Role = QPalette.ColorRole
_Group = QPalette.ColorGroup


def qpalette(theme: Theme) -> QPalette:
    """Return a palette with every role set, so that nothing of the system's colours shines in."""
    tokens = theme.palette
    palette = QPalette()
    for role, colour in {
        _Role.Window: tokens.window,
        _Role.WindowText: tokens.text,
        _Role.Base: tokens.surface,
        _Role.AlternateBase: tokens.alternate,
        _Role.ToolTipBase: tokens.tool_tip,
        _Role.ToolTipText: tokens.tool_tip_text,
        _Role.PlaceholderText: tokens.muted_text,
        _Role.Text: tokens.text,
        _Role.Button: tokens.raised,
        _Role.ButtonText: tokens.text,
        _Role.BrightText: tokens.danger_text,
        _Role.Light: tokens.raised,
        _Role.Midlight: tokens.hover,
        _Role.Mid: tokens.border,
        _Role.Dark: tokens.border_strong,
        _Role.Shadow: tokens.sunken,
        _Role.Highlight: tokens.selection,
        _Role.HighlightedText: tokens.selection_text,
        _Role.Accent: tokens.accent,
        _Role.Link: tokens.link,
        _Role.LinkVisited: tokens.link,
    }.items():
        palette.setColor(role, QColor(colour))
    for role in (_Role.WindowText, _Role.Text, _Role.ButtonText, _Role.HighlightedText):
        palette.setColor(_Group.Disabled, role, QColor(tokens.disabled_text))
    palette.setColor(_Group.Disabled, _Role.Base, QColor(tokens.window))
    palette.setColor(_Group.Disabled, _Role.Highlight, QColor(tokens.pressed))
    return palette
