"""The pointer over elements: what is under it, with the grips that can be taken hold of."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from canvas.overlays.marks import Mark
from canvas.tools import targets
from canvas.tools.pointer import Pointer
from canvas.tools.state import State
from canvas.tools.targets import NOTHING, Part, Target

if TYPE_CHECKING:
    from canvas.tools.desk import Desk


class Hovering(State):
    """Shows hover and grips; what a press does is for others to say."""

    def __init__(self, desk: "Desk") -> None:
        super().__init__(desk)
        self.hot: Target = NOTHING

    def enter(self) -> None:
        """See State."""
        if self.desk.pointer is not None and self.desk.view.underMouse():
            self.move(self.desk.pointer)

    def leave(self) -> None:
        """See State."""
        self.desk.scene.set_hovered(None)

    def move(self, pointer: Pointer) -> None:
        """See State."""
        desk = self.desk
        self.hot = targets.target_at(desk, pointer)
        if self.hot.part is not Part.CONNECT and not (
            self.hot is NOTHING and targets.still_hovered(desk, pointer)
        ):
            desk.scene.set_hovered(self.hot.cell or None)
        self.cursor = targets.cursor_for(desk, self.hot)
        desk.view.show_tip(self._tip())
        desk.refresh()

    def _tip(self) -> str:
        words = {
            Part.CONNECT: "Drag to connect",
            Part.BEND: "Drag to bend",
            Part.VERTEX: "Drag to move, double-click to remove",
            Part.END: "Drag to reconnect",
            Part.RESIZE: "",
        }
        if self.hot.part in words:
            return words[self.hot.part]
        return self.desk.scene.hint(self.hot.cell) if self.hot.cell else ""

    def marks(self) -> Iterable[Mark]:
        """See State."""
        found = [*targets.connect_grips(self.desk), *targets.grips_of_single(self.desk)]
        return [
            *targets.selection_marks(self.desk, self.desk.scene.hovered),
            *targets.marks_of(found, self.hot),
            *self.desk.walker_marks(),
        ]
