"""The desk that all tools work at: which tool is in hand, which state is on, and the door to the model."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF

from app.domain import vocabulary as v
from app.domain.changes import ChangeSet
from app.domain.edits.move import with_contents
from app.domain.errors import TmiError
from app.domain.ids import new_id
from app.domain.patch import Patch
from app.domain.records import Cell
from app.domain.rect import rect_of, united
from app.domain.stage import stage
from canvas.overlays.marks import Frame, Look, Mark
from canvas.tools import places
from canvas.tools.pointer import Pointer
from canvas.tools.snapping import MAGNET, MAX_NEIGHBOURS, Snapping
from canvas.tools.state import State

if TYPE_CHECKING:
    from canvas.view import DiagramView

SELECT, HAND = "select", "hand"
BOUNDARY_LINE: Final = "boundary_line"
COMMENT: Final = "comment"
TOOLS: Final = (
    SELECT, HAND, v.PROCESS, v.DATASTORE, v.EXTERNAL_ENTITY, v.TRUST_BOUNDARY,
    BOUNDARY_LINE, v.DATA_FLOW, v.TEXT, COMMENT,
)  # fmt: skip
GRID_STEP: Final = 10.0
HIT_PIXELS: Final = 6.0
SPELL_SECONDS: Final = 1.5
COPY_OFFSET: Final = (20.0, 20.0)


class Desk:
    """Runs one state at a time. Whatever a state previews is gone when it ends."""

    def __init__(self, view: "DiagramView", resting: Callable[["Desk"], State]) -> None:
        self.view = view
        self._resting = resting
        self.scene = view.diagram_scene
        self.tool = SELECT
        self.tool_locked = False
        self.snaps = True
        self.keeps_parents = False
        self.order: list[str] = []
        self.kept: frozenset[str] = frozenset()
        self.walker: str | None = None
        self.pointer: Pointer | None = None
        self.chosen_marks: list[Mark] | None = None
        self.pastes: list[QPointF] = []
        self._repeat: tuple[frozenset[str], QPointF] = (frozenset(), QPointF())
        self._spell_key, self._spell_time = "", 0.0
        self._spell_about: tuple[str, tuple[str, ...]] = ("", ())
        self.state = State(self)

    # --- states ---------------------------------------------------------------------------------
    def go(self, state: State) -> None:
        """End the state that is on and begin another one."""
        old, self.state = self.state, state
        old.leave()
        state.enter()
        self.refresh()

    def home(self) -> None:
        """Back to what the tool in hand does when nothing is going on."""
        self.go(self._resting(self))

    def look_changed(self) -> None:
        """The view shows another part, or things lie elsewhere: marks are where they belong again."""
        self.chosen_marks = None
        self.state.follow()
        self.refresh()

    def end_all(self) -> None:
        """Commit what is being typed, drop any gesture, put the tool back."""
        self.state.close()
        self.choose(SELECT)

    def abandon(self) -> None:
        """Something went wrong in the state that is on: begin afresh, nothing was written."""
        self.tool = SELECT
        self.home()

    def refresh(self) -> None:
        """Show the marks and the cursor of the state that is on."""
        self.view.show_marks(self.state.marks())
        self.view.show_cursor(self.state.cursor)

    def choose(self, tool: str) -> None:
        """Take a tool in hand. A read-only model refuses those that would change it."""
        if tool not in (SELECT, HAND) and self.refuses():
            return
        changed, self.tool = tool != self.tool, tool
        self.home()
        if changed:
            self.view.tool_changed.emit(tool)

    def lock_tool(self, locked: bool) -> None:
        """Keep the tool in hand after use, or put it back each time."""
        if locked != self.tool_locked:
            self.tool_locked = locked
            self.view.tool_lock_changed.emit(locked)

    def tool_used(self) -> None:
        """A placing tool has done its work: back to selecting, unless it is locked."""
        if self.tool_locked:
            self.home()
        else:
            self.choose(SELECT)

    # --- measures -------------------------------------------------------------------------------
    def px(self, pixels: float) -> float:
        """A length on screen in scene units."""
        return pixels / self.view.zoom

    @property
    def reach(self) -> float:
        """How far beside a cell still counts as on it, in scene units."""
        return self.px(HIT_PIXELS)

    def snapping(self, without: Iterable[str] = (), *, active: bool = True) -> Snapping:
        """What moved things may snap to: the grid, and visible nodes other than `without`."""
        if not active:
            return Snapping()
        grid = GRID_STEP if self.view.grid_snap else 0.0
        if not self.snaps:
            return Snapping(grid=grid)
        left_out, seen = set(without), self.view.visible_area()
        boxes = []
        for cell in self.scene.shown_cells():
            if cell.is_line or cell.id in left_out:
                continue
            box = places.box_of(cell)
            if box.intersects(seen):
                boxes.append(box)
                if len(boxes) == MAX_NEIGHBOURS:
                    break
        return Snapping(tuple(boxes), self.px(MAGNET), grid)

    # --- selection ------------------------------------------------------------------------------
    def selection_changed(self) -> None:
        """Keep the order in which cells were selected: the first one leads."""
        selected = self.scene.selected
        self.order = [i for i in self.order if i in selected]
        known = set(self.order)
        self.order += sorted(i for i in selected if i not in known)
        self.chosen_marks = None
        self.kept, self.walker = frozenset(), None
        if not self.state.is_gesture:
            self.refresh()

    def walk_to(self, cell_id: str) -> None:
        """The keyboard goes to a cell: it is selected, besides what is kept."""
        kept = self.kept
        self.scene.select([*kept, cell_id])
        self.kept, self.walker = kept, cell_id
        self.refresh()

    def toggle_kept(self) -> str | None:
        """Keep the cell that the keyboard is at, or no longer. Returns it, None when it is at none."""
        here = self.walker or (self.order[-1] if self.order else None)
        if here is None:
            return None
        kept = (self.kept or frozenset(self.order) - {here}) ^ {here}
        self.scene.select(kept)
        self.kept, self.walker = kept, here
        self.refresh()
        return here

    def walker_marks(self) -> list[Mark]:
        """Where the keyboard is, when that is not plain from the selection."""
        cell = self.scene.shown(self.walker)
        if cell is None or self.scene.selected == {cell.id}:
            return []
        return [Frame(self.view.bounds_of(cell), Look.WALKED)]

    def selected_cells(self) -> list[Cell]:
        """The selected cells as stored, in the order of their selection."""
        found = (self.scene.editor.state.cell(i) for i in self.order)
        return [c for c in found if c is not None]

    def stored(self, cell_id: str) -> Cell:
        """The cell that a gesture is about: a gesture whose cells go is ended before its next event."""
        cell = self.scene.editor.state.cell(cell_id)
        if cell is None:
            raise LookupError(cell_id)
        return cell

    def single(self) -> Cell | None:
        """The only selected cell as it is on screen, or None."""
        return self.scene.shown(self.order[0]) if len(self.order) == 1 else None

    def duplicate_offset(self) -> tuple[float, float]:
        """How far to put a duplicate: as far as the last copy is from its original, if it is chosen."""
        copies, origin = self._repeat
        if not copies or copies != set(self.order):
            return COPY_OFFSET
        way = self._corner(copies) - origin
        return (way.x(), way.y()) if not way.isNull() else COPY_OFFSET

    def remember_duplicate(self, originals: Sequence[str], copies: Sequence[str]) -> None:
        """The next duplicate goes on from these copies by the same distance."""
        self._repeat = (frozenset(copies), self._corner(originals))

    def _corner(self, cell_ids: Collection[str]) -> QPointF:
        """The top left corner around nodes and what they hold."""
        cells = with_contents(self.scene.editor.state, cell_ids).values()
        whole = united(rect_of(c) for c in cells if not c.is_line)
        return QPointF(whole.x, whole.y) if whole is not None else QPointF()

    def spell(self, what: str) -> str:
        """The coalescing key of a run of key presses: a new one after a pause or another selection."""
        now, about = time.monotonic(), (what, tuple(self.order))
        if about != self._spell_about or now - self._spell_time > SPELL_SECONDS:
            self._spell_key = f"{what}/{new_id()}"
        self._spell_about, self._spell_time = about, now
        return self._spell_key

    # --- the model ------------------------------------------------------------------------------
    def refuses(self) -> bool:
        """Whether the model may not be changed; says why."""
        reason = self.scene.editor.read_only
        if reason:
            self.view.refused.emit(reason)
        return bool(reason)

    def refuse(self, reason: str) -> None:
        """Say why something is not done."""
        self.view.refused.emit(reason)

    def staged(self, patch: Patch) -> Mapping[str, Cell]:
        """The cells of this diagram as the patch would leave them."""
        try:
            changes = stage(self.scene.editor.state, patch)
        except TmiError:
            return {}
        return {
            c.id: c.after
            for c in changes.changes
            if isinstance(c.after, Cell) and c.after.diagram_id == self.scene.diagram_id
        }

    def preview(self, patch: Patch) -> Mapping[str, Cell]:
        """Show what the patch would do, and nothing else; return the cells that it would change."""
        cells = self.staged(patch)
        self.chosen_marks = None
        if cells:
            self.scene.preview(cells)
        else:
            self.scene.clear_preview()
        self.refresh()
        return cells

    def commit(self, patch: Patch, title: str, step: str = "") -> ChangeSet | None:
        """Write a patch as one undo step. None when there was nothing to do or it was refused."""
        if not patch or self.refuses():
            return None
        try:
            return self.scene.editor.apply(patch, title=title, step=step)
        except TmiError as error:
            self.view.refused.emit(str(error))
            return None

    def cells_changed(self, cell_ids: frozenset[str]) -> None:
        """The model changed: a state that lost its ground ends, the others repaint their marks."""
        self.chosen_marks = None
        state = self.scene.editor.state
        if any(state.cell(i) is None for i in self.state.holds()):
            in_hand = self.state.is_gesture
            self.state.cancel()
            if in_hand:
                self.refuse("What you were working on was removed meanwhile")
        else:
            self.state.cells_changed()
            self.refresh()
