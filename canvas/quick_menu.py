"""The menu that a double click on empty canvas opens: what could stand here."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QMenu

from app.domain import vocabulary as v
from canvas import clipboard
from canvas.tools.new_nodes import place_node, usual_box
from canvas.tools.snapping import Snapping

if TYPE_CHECKING:
    from canvas.view import DiagramView

ENTRIES: Final = (
    (v.PROCESS, "&Process"),
    (v.DATASTORE, "&Store"),
    (v.EXTERNAL_ENTITY, "&External entity"),
    (v.TRUST_BOUNDARY, "Trust &boundary"),
    (v.TEXT, "&Text"),
)


def open_quick_menu(view: "DiagramView", at: QPointF, screen: QPoint) -> QMenu:
    """Show the menu at a place of the screen; what is chosen goes to `at`. Does not wait."""
    menu = QMenu(view)
    menu.setObjectName("quick-menu")
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for cell_type, title in ENTRIES:
        entry = menu.addAction(title)
        entry.triggered.connect(lambda _=False, kind=cell_type: _place(view, kind, at))
    menu.addSeparator()
    menu.addAction("Paste &here").triggered.connect(lambda: clipboard.paste(view))
    menu.setActiveAction(menu.actions()[0])
    menu.popup(screen)
    return menu


def _place(view: "DiagramView", cell_type: str, at: QPointF) -> None:
    """Put the element under the pointer, on the grid, and open its label."""
    box = usual_box(cell_type, at)
    if view.grid_snap:
        snap = Snapping(grid=10.0).moved(box)
        box = box.translated(snap.dx, snap.dy)
    place_node(view.desk, cell_type, box)
