"""Saved views: their order, and the patches that add, move and change them."""

from typing import Any

from app.domain.ids import new_id
from app.domain.order import after, between, spread
from app.domain.patch import Patch, add, update
from app.domain.records import Diagram, SavedView
from app.domain.state import ModelState
from app.domain.values import Point, Size


def saved_views(state: ModelState) -> list[SavedView]:
    """The views that can be shown, in the order in which they are presented."""
    found = [v for v in state.all(SavedView) if state.find(Diagram, v.diagram_id) is not None]
    return sorted(found, key=lambda view: (view.order, view.id))


def place_of(diagram_id: str, centre: Point, zoom: float, seen: Size) -> dict[str, Any]:
    """The properties of a view that say what it shows."""
    return {
        "diagram_id": diagram_id, "centre": {"x": round(centre.x, 2), "y": round(centre.y, 2)},
        "zoom": round(min(max(zoom, 0.05), 8.0), 4),
        "width": round(seen.width, 2), "height": round(seen.height, 2),
    }  # fmt: skip


def add_view(
    state: ModelState, name: str, place: dict[str, Any], spotlight: str | None = None
) -> tuple[str, Patch]:
    """A view behind all others; returns its id too."""
    view_id, views = new_id(), saved_views(state)
    data = {"name": name[:200], "order": after(views[-1].order) if views else between("", ""), **place}
    if spotlight is not None:
        data["spotlight"] = spotlight
    return view_id, (add("saved_view", view_id, data),)


def move_view(state: ModelState, view_id: str, row: int) -> Patch:
    """Put a view at a row of the order; the rows are counted without the view itself."""
    views = saved_views(state)
    before = [view.id for view in views]
    others = [view for view in views if view.id != view_id]
    if len(others) == len(views):
        return ()
    row = min(max(row, 0), len(others))
    if before.index(view_id) == row:
        return ()
    low = others[row - 1].order if row else ""
    high = others[row].order if row < len(others) else ""
    try:
        return (update("saved_view", view_id, order=between(low, high) if high else after(low)),)
    except ValueError:
        # Two had the same key, from edits at the same time: all get keys of their own.
        wanted = [v.id for v in others]
        wanted.insert(row, view_id)
        keys = spread(len(wanted))
        return tuple(update("saved_view", i, order=key) for i, key in zip(wanted, keys, strict=True))


def free_name(state: ModelState, wanted: str) -> str:
    """A name for a view that no other view has."""
    taken = {view.name for view in saved_views(state)}
    if wanted and wanted not in taken:
        return wanted
    stem = wanted or "View"
    return next(
        name for n in range(2 if wanted else 1, len(taken) + 3) if (name := f"{stem} {n}") not in taken
    )
