"""While you were away: what others did, and what both sides changed, to be decided one by one or at once."""

from ui.panels.review.panel import ReviewPanel

__all__ = ["ReviewPanel"]
