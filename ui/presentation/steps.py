"""What a presentation goes through: the saved views, or every diagram where there are none."""

from dataclasses import dataclass

from app.domain.edits.views import saved_views
from app.domain.records import SavedView, title_of
from app.domain.state import ModelState


@dataclass(frozen=True)
class Step:
    """One step: a saved view, or a whole diagram (`view` is None)."""

    id: str
    title: str
    diagram_id: str
    view: SavedView | None = None


def steps_of(state: ModelState) -> list[Step]:
    """The steps of a model, in order."""
    views = saved_views(state)
    if views:
        return [
            Step(v.id, title_of(v) or f"View {n}", v.diagram_id or "", v)
            for n, v in enumerate(views, start=1)
        ]
    return [Step(d.id, title_of(d), d.id) for d in state.diagrams()]
