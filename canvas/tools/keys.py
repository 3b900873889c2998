"""What keys do when no gesture is going on."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from app.domain import edits
from app.domain import vocabulary as v
from app.domain.rect import rect_of
from canvas import commands
from canvas.tools import naming, places, targets, walking
from canvas.tools.desk import BOUNDARY_LINE, COMMENT, HAND, SELECT
from canvas.tools.editing import start_editing
from canvas.tools.keyboard_connecting import KeyboardConnecting
from canvas.tools.new_nodes import place_at_centre
from canvas.tools.offering import offer_by_key
from canvas.tools.places import Side
from canvas.tools.resizing import least_size
from canvas.tools.sprouting import sprout

if TYPE_CHECKING:
    from canvas.tools.desk import Desk

_Key, _Mod = Qt.Key, Qt.KeyboardModifier
NUDGE: Final = 1.0
BIG_NUDGE: Final = 10.0
SCROLL_PIXELS: Final = 60
ARROWS: Final[dict[int, Side]] = {
    _Key.Key_Left: (-1, 0), _Key.Key_Right: (1, 0), _Key.Key_Up: (0, -1), _Key.Key_Down: (0, 1),
}  # fmt: skip
TOOL_KEYS: Final = {
    _Key.Key_V: SELECT,
    _Key.Key_H: HAND,
    _Key.Key_P: v.PROCESS,
    _Key.Key_S: v.DATASTORE,
    _Key.Key_A: v.EXTERNAL_ENTITY,
    _Key.Key_E: v.EXTERNAL_ENTITY,
    _Key.Key_B: v.TRUST_BOUNDARY,
    _Key.Key_L: BOUNDARY_LINE,
    _Key.Key_F: v.DATA_FLOW,
    _Key.Key_T: v.TEXT,
    _Key.Key_K: COMMENT,
}


def handle(desk: "Desk", event: QKeyEvent) -> bool:
    """Do what a key means. Tells whether it meant anything."""
    key = Qt.Key(event.key())
    held = event.modifiers() & ~_Mod.KeypadModifier & ~_Mod.GroupSwitchModifier
    if key in ARROWS:
        return _arrow(desk, ARROWS[key], held)
    if key in (_Key.Key_Tab, _Key.Key_Backtab):
        back = key == _Key.Key_Backtab or bool(held & _Mod.ShiftModifier)
        return not held & _Mod.ControlModifier and _walk(desk, -1 if back else 1)
    if key in (_Key.Key_Return, _Key.Key_Enter, _Key.Key_F2) and not held:
        single = desk.single()
        if single is not None:
            start_editing(desk, single.id)
        return single is not None
    if key in (_Key.Key_Delete, _Key.Key_Backspace) and held in (_Mod.NoModifier, _Mod.ShiftModifier):
        commands.delete_healing(desk.view) if held else commands.delete_selection(desk.view)
        return True
    if (key == _Key.Key_Space and held == _Mod.ControlModifier) or (key == _Key.Key_Insert and not held):
        return _keep(desk)
    if held & _Mod.ControlModifier:
        return _control(desk, key, held)
    return _letter(desk, key, held, event.text())


# --- arrows ------------------------------------------------------------------------------------
def _arrow(desk: "Desk", side: Side, held: Qt.KeyboardModifier) -> bool:
    alt, shift = bool(held & _Mod.AltModifier), bool(held & _Mod.ShiftModifier)
    ctrl = bool(held & _Mod.ControlModifier)
    if alt and (shift or ctrl):
        return _resize(desk, side)
    if alt:
        return _follow(desk, side)
    if ctrl and shift:
        return False  # aligning is the menus' business
    if ctrl:
        return _sprout(desk, side)
    if not desk.order:
        desk.view.scroll_pixels(side[0] * SCROLL_PIXELS, side[1] * SCROLL_PIXELS)
        return True
    return _nudge(desk, side, BIG_NUDGE if shift else NUDGE)


def _nudge(desk: "Desk", side: Side, step: float) -> bool:
    cells = desk.selected_cells()
    if desk.refuses():
        return True
    if all(c.locked for c in cells):
        desk.refuse(f"{naming.of_all(cells)} cannot be moved: locked")
        return True
    patch = edits.move_cells(desk.scene.editor.state, [c.id for c in cells], side[0] * step, side[1] * step)
    desk.commit(patch, f"Move {naming.of_all(cells)}", desk.spell("nudge"))
    desk.view.reveal(desk.order)
    return True


def _resize(desk: "Desk", side: Side) -> bool:
    cells = [c for c in desk.selected_cells() if not c.is_line and not c.locked]
    if not cells or desk.refuses():
        return bool(cells)
    rects = {}
    for cell in cells:
        box = places.box_of(cell)
        grown = (side[0] * BIG_NUDGE, side[1] * BIG_NUDGE)
        least = least_size(cell)
        old = rect_of(cell)
        width, height = max(least[0], box.width() + grown[0]), max(least[1], box.height() + grown[1])
        rects[cell.id] = type(old)(old.x, old.y, width, height)
    patch = edits.resize_cells(desk.scene.editor.state, rects)
    desk.commit(patch, f"Resize {naming.of_all(cells)}", desk.spell("resize"))
    return True


def _follow(desk: "Desk", side: Side) -> bool:
    cell = desk.single()
    if cell is None:
        return False
    found = walking.towards(desk.scene.editor.state, cell, side, desk.view.bounds_of)
    if found is None:
        desk.refuse("No flow leads that way")
    else:
        desk.scene.select([found])
        desk.view.reveal([found])
    return True


def _sprout(desk: "Desk", side: Side) -> bool:
    cell = desk.single()
    if cell is None or cell.is_line or targets.why_not_connect(cell):
        return False
    if not desk.refuses():
        sprout(desk, cell.id, side)
    return True


def _walk(desk: "Desk", step: int) -> bool:
    order = walking.reading_order(desk.scene.shown_cells(), desk.view.bounds_of)
    found = walking.after(order, desk.walker or (desk.order[-1] if desk.order else None), step)
    if found is None:
        return False  # beyond the last one the keyboard leaves the diagram
    desk.walk_to(found)
    desk.view.reveal([found])
    desk.view.announce(desk.scene.hint(found))
    return True


def _keep(desk: "Desk") -> bool:
    """Tab and Shift+Tab leave what is kept selected."""
    here = desk.toggle_kept()
    if here is not None:
        word = "Kept" if here in desk.kept else "Let go"
        desk.view.announce(f"{word}: {desk.scene.hint(here)}. {len(desk.kept)} kept")
    return here is not None


# --- letters -----------------------------------------------------------------------------------
def _letter(desk: "Desk", key: Qt.Key, held: Qt.KeyboardModifier, text: str) -> bool:
    if held & ~_Mod.ShiftModifier:
        return False
    shift = bool(held & _Mod.ShiftModifier)
    single = desk.single()
    if shift and _fits(desk, key):
        return True
    if single is not None and text.isupper():
        start_editing(desk, single.id, text)  # names begin with a capital, tools are small letters
        return True
    if shift and key in TOOL_KEYS:
        return _place_by_key(desk, TOOL_KEYS[key])
    if not shift and key in TOOL_KEYS:
        desk.choose(TOOL_KEYS[key])
        return True
    if not shift and key == _Key.Key_Q:
        desk.lock_tool(not desk.tool_locked)
        return True
    if not shift and key == _Key.Key_C:
        return connect_selected(desk)
    if not shift and key == _Key.Key_N:
        return offer(desk)
    if not shift and key == _Key.Key_M:
        desk.view.toggle_overview()
        return True
    if single is not None and text and text.isprintable() and not text.isspace():
        start_editing(desk, single.id, text)
        return True
    return False


def _fits(desk: "Desk", key: Qt.Key) -> bool:
    """Shift with 1 and 2, which come as other signs on some keyboards."""
    if key in (_Key.Key_1, _Key.Key_Exclam):
        desk.view.fit_all()
    elif key in (_Key.Key_2, _Key.Key_At, _Key.Key_QuoteDbl):
        desk.view.fit_selection()
    elif key in (_Key.Key_0, _Key.Key_ParenRight, _Key.Key_Equal):
        desk.view.zoom_to(1.0)
    else:
        return False
    return True


def _place_by_key(desk: "Desk", tool: str) -> bool:
    if tool not in v.NODE_TYPES:
        return False
    place_at_centre(desk, tool)
    return True


def offer(desk: "Desk") -> bool:
    """Open the quick menu: for a neighbour of the only selected element, else for a new one."""
    cell = desk.single()
    if not desk.refuses():
        grows = cell is not None and not cell.is_line and not targets.why_not_connect(cell)
        offer_by_key(desk, cell if grows else None)
    return True


def connect_selected(desk: "Desk") -> bool:
    """Two nodes: a flow from the first to the second. One: choose the other end by keyboard."""
    cells = [c for c in desk.selected_cells() if not c.is_line]
    if not cells or desk.refuses():
        return bool(cells)
    reasons = [reason for c in cells if (reason := targets.why_not_connect(c))]
    if reasons:
        desk.refuse(reasons[0])
    elif len(cells) == 1:
        desk.go(KeyboardConnecting(desk, cells[0].id))
    elif len(cells) == 2:
        line_id, patch = edits.connect(desk.scene.editor.state, cells[0].id, cells[1].id)
        if desk.commit(patch, "Draw flow"):
            desk.scene.select([line_id])
    else:
        desk.refuse("Select one element or two to connect")
    return True


# --- with Ctrl: only where no menu has taken the key -------------------------------------------
def _control(desk: "Desk", key: Qt.Key, held: Qt.KeyboardModifier) -> bool:
    shift = bool(held & _Mod.ShiftModifier)
    if held & _Mod.AltModifier:
        return False
    action = _CONTROL_SHIFT.get(key) if shift else _CONTROL.get(key)
    if action is None:
        return False
    action(desk)
    return True


_Action = Callable[["Desk"], object]
_CONTROL: Final[dict[int, _Action]] = {
    _Key.Key_A: lambda desk: commands.select_all(desk.view),
    _Key.Key_B: lambda desk: commands.wrap_selection(desk.view),
    _Key.Key_C: lambda desk: commands.copy(desk.view),
    _Key.Key_D: lambda desk: commands.duplicate_selection(desk.view),
    _Key.Key_V: lambda desk: commands.paste(desk.view),
    _Key.Key_X: lambda desk: commands.cut(desk.view),
    _Key.Key_0: lambda desk: desk.view.zoom_to(1.0),
    _Key.Key_Plus: lambda desk: desk.view.zoom_in(),
    _Key.Key_Equal: lambda desk: desk.view.zoom_in(),
    _Key.Key_Minus: lambda desk: desk.view.zoom_out(),
    _Key.Key_Apostrophe: lambda desk: desk.view.set_grid_snap(not desk.view.grid_snap),
    _Key.Key_BracketRight: lambda desk: commands.restack(desk.view, "forward"),
    _Key.Key_BracketLeft: lambda desk: commands.restack(desk.view, "backward"),
}
_CONTROL_SHIFT: Final[dict[int, _Action]] = {
    _Key.Key_H: lambda desk: desk.view.fit_all(),
    _Key.Key_L: lambda desk: commands.toggle_lock(desk.view),
    _Key.Key_Plus: lambda desk: desk.view.zoom_in(),
    _Key.Key_BracketRight: lambda desk: commands.restack(desk.view, "front"),
    _Key.Key_BraceRight: lambda desk: commands.restack(desk.view, "front"),
    _Key.Key_BracketLeft: lambda desk: commands.restack(desk.view, "back"),
    _Key.Key_BraceLeft: lambda desk: commands.restack(desk.view, "back"),
}
