"""The comments of a model: threads in a list, one of them open, and where they are written."""

from ui.panels.comments.panel import CommentsPanel

__all__ = ["CommentsPanel"]
