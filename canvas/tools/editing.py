"""A label is being typed: a text editor lies over the cell, the model hears of it at the end."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from app.domain import edits
from canvas.overlays.rival import RivalText
from canvas.text_editor import LabelEditor
from canvas.tools import naming
from canvas.tools.hovering import Hovering
from canvas.tools.pointer import Pointer

if TYPE_CHECKING:
    from canvas.tools.desk import Desk


class Editing(Hovering):
    """Ends by committing, unless Esc or the loss of the cell ends it. `step`: see Editor.apply."""

    def __init__(self, desk: "Desk", cell_id: str, typed: str | None = None, step: str = "") -> None:
        super().__init__(desk)
        self.cell_id, self._step = cell_id, step
        self._typed = typed
        self._over = False
        self.editor: LabelEditor | None = None
        self._was = ""
        self._rival: RivalText | None = None
        self._rival_name = ""

    def holds(self) -> Collection[str]:
        """See State."""
        return (self.cell_id,)

    def enter(self) -> None:
        """See State."""
        cell = self.desk.scene.editor.state.cell(self.cell_id)
        if cell is None:
            self.desk.home()
            return
        self._was = cell.label
        self.desk.scene.set_label_editing(self.cell_id)
        self.editor = LabelEditor(self.desk.view, cell, self._typed)
        self.editor.committed.connect(self.commit)
        self.editor.cancelled.connect(self.cancel)
        self.editor.text_changed.connect(self._tell_draft)
        self.editor.open()

    def leave(self) -> None:
        """See State."""
        super().leave()
        self._over = True
        self.desk.scene.set_label_editing(None)
        if self._rival is not None:
            self.desk.view.company.changed.disconnect(self._tell_rival)
            self._rival.hide()
            self._rival.deleteLater()
            self._rival = None
        if self.editor is not None:
            self.editor.end()
            self.editor = None
        self.desk.view.draft_changed.emit(self.cell_id, None)

    def _tell_draft(self, text: str) -> None:
        self.desk.view.draft_changed.emit(self.cell_id, text)

    def follow(self) -> None:
        """The view moved or the cell did: the editor follows, with its text untouched."""
        if self.editor is not None:
            self.editor.place()
            self._place_rival()

    def cells_changed(self) -> None:
        """Somebody else may have named the cell: show it before it is written over."""
        cell = self.desk.scene.editor.state.cell(self.cell_id)
        if self.editor is None or cell is None:
            return
        if cell.label == self._was:
            if self._rival is not None:
                self._rival.hide()
            return
        if self._rival is None:
            self._rival = RivalText(self.desk.view.viewport(), self.editor)
            self._rival.kept.connect(self._keep)
            self._rival.taken.connect(self.cancel)
            self.desk.view.company.changed.connect(self._tell_rival)
        self._rival.show()
        self._tell_rival()

    def _tell_rival(self) -> None:
        cell = self.desk.scene.editor.state.cell(self.cell_id)
        if self._rival is None or cell is None or cell.label == self._was:
            return
        self._rival_name = self.desk.view.company.author_of(self.cell_id) or self._rival_name
        self._rival.tell(self._rival_name, cell.label)
        self._place_rival()

    def _place_rival(self) -> None:
        if self._rival is not None:
            self._rival.place()

    def _keep(self) -> None:
        """Typing goes on, and what is typed counts, even if it is the name from before."""
        cell = self.desk.scene.editor.state.cell(self.cell_id)
        if cell is not None and self._rival is not None:
            self._was = cell.label
            self._rival.hide()

    def close(self) -> None:
        """See State."""
        self.commit()

    def commit(self) -> None:
        """Write what was typed, if it differs."""
        if self._over or self.editor is None:
            return
        text = self.editor.text
        state = self.desk.scene.editor.state
        cell = state.cell(self.cell_id)
        self.desk.home()
        if cell is not None and text not in (self._was, cell.label):
            title = f"Rename {naming.of(cell)}" if cell.label else "Name " + naming.of(cell)
            self.desk.commit(edits.set_property([cell], "label", text), title, self._step)

    def cancel(self) -> bool:
        """Drop what was typed. When the cell went away under it, say what was typed."""
        if self._over:
            return False
        gone = self.desk.scene.editor.state.cell(self.cell_id) is None
        text = self.editor.text if self.editor is not None else ""
        self.desk.home()
        if gone and text != self._was:
            self.desk.refuse(f"The element was removed while its name was typed: “{text}”")
        return True

    def press(self, pointer: Pointer) -> None:
        """A click outside commits, and then does what it does, also on a grip that was in sight."""
        hovered = self.desk.scene.hovered
        self.commit()
        self.desk.scene.set_hovered(hovered)
        self.desk.state.press(pointer)

    def double_click(self, pointer: Pointer) -> None:
        """See press."""
        self.commit()
        self.desk.state.double_click(pointer)


def start_editing(desk: "Desk", cell_id: str, typed: str | None = None, *, step: str = "") -> None:
    """Open the label of a cell in place; `typed` replaces what stands there."""
    cell = desk.scene.editor.state.cell(cell_id)
    if cell is None or desk.refuses():
        return
    if cell.locked:
        desk.refuse(f"{naming.of(cell)} is locked")
        return
    desk.scene.select([cell_id])
    desk.go(Editing(desk, cell_id, typed, step))
