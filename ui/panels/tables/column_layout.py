"""Which columns a table shows, how wide, in which order and sorted by what: kept as text, and put back."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableView

from ui.panels.tables.columns import Column

_NARROWEST, _WIDEST = 24, 2000
_UNIT = 100  # widths are kept with what this length was then, as text may be larger later


def layout_of(view: QTableView, columns: Sequence[Column], px: Callable[[float], int]) -> str:
    """The layout of a table as JSON."""
    header = view.horizontalHeader()
    order = sorted(range(len(columns)), key=header.visualIndex)
    shown = [i for i in range(len(columns)) if not header.isSectionHidden(i)]
    kept = {
        "columns": [columns[i].name for i in order],
        "shown": [columns[i].name for i in shown],
        "widths": {columns[i].name: header.sectionSize(i) for i in shown},
        "unit": px(_UNIT),
        "sort": columns[header.sortIndicatorSection()].name,
        "descending": header.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder,
    }
    return json.dumps(kept)


def lay_out(view: QTableView, columns: Sequence[Column], text: str, px: Callable[[float], int]) -> None:
    """Lay a table out as `text` says, as far as it can be understood; otherwise as at first."""
    kept = _decoded(text)
    header = view.horizontalHeader()
    places = {c.name: i for i, c in enumerate(columns)}
    shown = _names(kept, "shown") or [c.name for c in columns if c.shown]
    widths = kept.get("widths")
    unit = kept.get("unit")
    grown = px(_UNIT) / unit if isinstance(unit, int) and unit > 0 else 1.0
    for name, place in places.items():
        view.setColumnHidden(place, name not in shown and name != "name")
        width = widths.get(name) if isinstance(widths, dict) else None
        wanted = round(width * grown) if isinstance(width, int) else px(columns[place].width)
        view.setColumnWidth(place, max(_NARROWEST, min(_WIDEST, wanted)))
    for visual, name in enumerate(n for n in _names(kept, "columns") if n in places):
        header.moveSection(header.visualIndex(places[name]), visual)
    orders = Qt.SortOrder
    down = orders.DescendingOrder if kept.get("descending") is True else orders.AscendingOrder
    view.sortByColumn(places.get(str(kept.get("sort")), 0), down)


def stretch(view: QTableView, factor: float) -> None:
    """Make every column that is shown wider or narrower by a factor."""
    header = view.horizontalHeader()
    for place in range(header.count()):
        if not header.isSectionHidden(place):
            view.setColumnWidth(place, round(header.sectionSize(place) * factor))


def _names(kept: dict[str, Any], key: str) -> list[str]:
    found = kept.get(key)
    return [n for n in found if isinstance(n, str)] if isinstance(found, list) else []


def _decoded(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
