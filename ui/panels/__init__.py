"""Panels around the diagram: tree, palette, inspector, registers, find, history."""

from ui.panels.comments import CommentsPanel
from ui.panels.find import FindBar
from ui.panels.history import HistoryPanel
from ui.panels.inspector import Inspector
from ui.panels.model_tree import ModelTree
from ui.panels.palette import STENCILS, Palette, Stencil
from ui.panels.panel import Panel, listen_weakly
from ui.panels.tables.register import Memory, RegisterTable

__all__ = [
    "STENCILS",
    "CommentsPanel",
    "FindBar",
    "HistoryPanel",
    "Inspector",
    "Memory",
    "ModelTree",
    "Palette",
    "Panel",
    "RegisterTable",
    "Stencil",
    "listen_weakly",
]
