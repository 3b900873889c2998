"""What the actions of a model's window do, where it takes more than a line."""

from collections.abc import Iterable
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu, QMessageBox

from app.domain import vocabulary as v
from app.domain.errors import TmiError
from app.domain.ids import new_id
from app.domain.order import after, between
from app.domain.patch import add
from app.domain.records import Diagram, title_of
from app.services import files
from canvas import commands
from canvas.pictures import render_pdf, render_png, render_svg
from canvas.view import DiagramView
from ui.dialogs.ask import message_box
from ui.dialogs.export import ask_file
from ui.dialogs.palette import CommandPalette, Entry
from ui.dialogs.shortcuts import ShortcutSheet
from ui.panels.patches import new_record, threat_on

if TYPE_CHECKING:
    from ui.model.window import ModelWindow

PICTURES = [("SVG picture", ".svg"), ("PNG picture", ".png"), ("PDF page", ".pdf")]
PNG_SCALE = 2.0
VIEW_KEYS = (
    ("Diagram", "Move along chosen elements", "Tab, Shift+Tab"),
    ("Diagram", "Keep an element chosen while moving along", "Ctrl+Space, Insert"),
    ("Diagram", "Follow a flow", "Alt+arrow keys"),
    ("Diagram", "Add a connected element", "Ctrl+arrow keys"),
    ("Diagram", "Put an element into a flow", "Shift while dropping it there"),
    ("Diagram", "Nudge by 1, by 10", "Arrow keys, Shift+arrow keys"),
    ("Diagram", "Resize", "Ctrl+Alt+arrow keys"),
    ("Diagram", "Zoom about the pointer", "Ctrl+wheel"),
    ("Diagram", "Pan", "Space+drag, middle button"),
    ("Diagram", "Keep the tool in hand", "Q"),
    ("Diagram", "Laser pointer while held, or from tap to tap", "X"),
    ("Diagram", "Keep to one axis, keep the ratio", "Shift while dragging"),
    ("Diagram", "Duplicate while dragging", "Alt"),
    ("Diagram", "Do not snap", "Ctrl while dragging"),
    ("Diagram", "Give up a gesture, clear the selection", "Esc"),
    ("Diagram", "New line in a name", "Shift+Enter"),
    ("Views", "Show a view, rename it", "Enter, F2"),
    ("Views", "Move a view", "Ctrl+Up, Ctrl+Down"),
    ("Presentation", "Next view", "Space, PgDown, Right"),
    ("Presentation", "Previous view", "PgUp, Left, Backspace"),
    ("Presentation", "Spotlight on the next element", "Tab"),
    ("Presentation", "Black or white screen", "B, W"),
    ("Presentation", "All keys", "?"),
    ("While you were away", "Go to the place", "Enter"),
    ("While you were away", "Keep mine, theirs, both", "M, T, B"),
    ("While you were away", "Next, previous; with Shift choose several", "Down, Up"),
    ("Comments", "Send", "Ctrl+Enter"),
    ("Comments", "Mention somebody", "@"),
    ("Comments", "Keep as a draft, back to all threads", "Esc"),
)


def undo(window: "ModelWindow") -> None:
    """Take back the last step and say what it was."""
    window.inspector.flush()
    title = window.document.undo_title
    if not window.document.undo():
        window.toast.say("Nothing of it could be undone: others have changed it since.")
    elif title:
        window.statusBar().showMessage(f"Undone: {title}", 3000)


def redo(window: "ModelWindow") -> None:
    """Do the step again that was undone last."""
    window.inspector.flush()
    title = window.document.redo_title
    if window.document.redo() and title:
        window.statusBar().showMessage(f"Redone: {title}", 3000)


def save(window: "ModelWindow") -> None:
    """Save to the model's file, or ask for one. The library has every change already."""
    path = window.shell.workspace.file_of(window.document.model_id)
    if path is None:
        save_as(window)
    else:
        _write(window, path)


def save_as(window: "ModelWindow") -> None:
    """Ask for a file and save to it."""
    known = window.shell.workspace.file_of(window.document.model_id)
    start = str(known or Path(window.shell.settings.text("folder")) / f"{_file_name(window)}.tmi.json")
    filters = [(name, endings[0]) for _, name, endings in files.writable()]
    ask_file(window, "Save file", start, filters, lambda path: _write(window, path))


def _write(window: "ModelWindow", path: Path) -> None:
    try:
        files.write_model(window.document.state, path)
    except (TmiError, OSError) as error:
        window.toast.say(f"Not saved: {files.reason(error)}")
        return
    if files.is_native(path):
        window.shell.workspace.remember_file(window.document.model_id, path)
    window.toast.say(f"Saved {path.name}.")


def _file_name(window: "ModelWindow") -> str:
    kept = "".join(ch if ch.isalnum() or ch in " -_" else "_" for ch in window.document.name).strip()
    return kept[:80] or "model"


def export_picture(window: "ModelWindow") -> None:
    """Ask for a file and paint the diagram in front into it."""
    page = window.page
    if page is None:
        return
    diagram = window.document.state.get(page.diagram_id)
    name = title_of(diagram) if diagram is not None else "diagram"
    kept = "".join(ch if ch.isalnum() or ch in " -_" else "_" for ch in name)
    start = str(Path(window.shell.settings.text("folder")) / f"{kept}.svg")
    ask_file(window, "Export picture", start, PICTURES, lambda path: _paint(window, path))


def _paint(window: "ModelWindow", path: Path) -> None:
    page = window.page
    if page is None:
        return
    state = window.document.state
    try:
        ending = path.suffix.lower()
        if ending == ".png":
            data = render_png(state, page.diagram_id, PNG_SCALE)
        elif ending == ".pdf":
            data = render_pdf(state, page.diagram_id)
        else:
            data = render_svg(state, page.diagram_id)
        path.write_bytes(data)
    except (TmiError, OSError) as error:
        window.toast.say(f"Not exported: {files.reason(error)}")
        return
    window.shell.settings.set("folder", str(path.parent))
    window.toast.say(f"Exported {path.name}.")


def edit_label(view: DiagramView) -> None:
    """Open the label of the chosen element in place."""
    if view.desk.order:
        view.edit_label(view.desk.order[-1])


def find(window: "ModelWindow") -> None:
    """Show the find bar."""
    window.show_find()


def toggle_grid(window: "ModelWindow") -> None:
    """Show or hide the grid in every diagram."""
    if window.page is not None:
        window.shell.settings.set("canvas.grid", not window.page.view.grid_shown)
        window.dress_pages()


def toggle_snap(window: "ModelWindow") -> None:
    """Snap to grid and neighbours, or not, in every diagram."""
    if window.page is not None:
        window.shell.settings.set("canvas.snap", not window.page.view.grid_snap)
        window.dress_pages()


def toggle_full_screen(window: "ModelWindow") -> None:
    """Full screen and back."""
    window.setWindowState(window.windowState() ^ Qt.WindowState.WindowFullScreen)


def toggle_laser(window: "ModelWindow") -> None:
    """Point with the laser until it is switched off, by Esc too."""
    if window.page is not None:
        view = window.page.view
        view.laser.turn(not view.laser.is_on)
        view.setFocus()


def turn_tab(window: "ModelWindow", step: int) -> None:
    """Go to the next or the previous open diagram."""
    count = window.tabs.count()
    if count:
        window.tabs.setCurrentIndex((window.tabs.currentIndex() + step) % count)


def new_diagram(window: "ModelWindow") -> None:
    """Add a diagram behind the others and show it."""
    diagrams = window.document.state.diagrams()
    names = {d.name for d in diagrams}
    number = next(n for n in range(1, len(names) + 2) if f"Diagram {n}" not in names)
    order = after(diagrams[-1].order) if diagrams else between("", "")
    diagram_id = new_id()
    window.document.apply(
        (add("diagram", diagram_id, {"name": f"Diagram {number}", "order": order}),),
        title="new diagram",
    )
    window.open_diagram(diagram_id)
    window.around.show("model")
    window.tree.rename(diagram_id)


def new_threat(window: "ModelWindow") -> None:
    """Add a threat to the chosen element, or to the model, and show it ready to be named."""
    page = window.page
    chosen = sorted(page.scene.selected) if page is not None else []
    cell = window.document.state.cell(chosen[0]) if len(chosen) == 1 else None
    state = window.document.state
    threat_id, patch = new_record(state, "threat") if cell is None else threat_on(state, cell, "")
    window.document.apply(patch, title="new threat")
    window.open_threat(threat_id)
    window.inspector.ask_name(threat_id)


def change_kind(window: "ModelWindow") -> None:
    """Offer the kinds that the chosen nodes can become."""
    page = window.page
    if page is None:
        return
    menu = QMenu(window)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for kind in v.NODE_TYPES:
        menu.addAction(v.CELL_TYPE_NAMES[kind], partial(commands.change_kind, page.view, kind))
    menu.popup(QCursor.pos())


def command_palette(window: "ModelWindow") -> None:
    """Every action and every element by name."""
    table = window.actions_set.table
    entries = [
        Entry(a.plain_title, a.keys_text, partial(window.actions_set.trigger, a.id), a.blocked(window))
        for a in table.values()
        if a.id != "command_palette"
    ]
    state = window.document.state
    for diagram in state.all(Diagram):
        entries.append(Entry(diagram.name, "Diagram", partial(window.open_diagram, diagram.id)))
        entries += [
            Entry(title_of(c), f"{v.CELL_TYPE_NAMES[c.type]} in {diagram.name}",
                  partial(window.reveal, c.id))
            for c in state.cells(diagram.id)
            if c.label.strip()
        ]  # fmt: skip
    palette = CommandPalette(entries, window)
    palette.show()
    palette.edit.setFocus()


def shortcuts(window: "ModelWindow") -> None:
    """The sheet of all keys."""
    rows = [(a.menu, a.plain_title, a.keys_text) for a in window.actions_set.table.values() if a.keys_text]
    ShortcutSheet([*rows, *VIEW_KEYS], window).open()


def sample_entries() -> Iterable[tuple[str, str, str]]:
    """Key, title and file of each sample; none when they cannot be read."""
    try:
        found = files.samples()
    except TmiError:
        return ()
    return tuple((sample.file.partition(".")[0], sample.title, sample.file) for sample in found)


def about(window: "ModelWindow") -> None:
    """Name and version."""
    try:
        number = version("tmi-desktop")
    except PackageNotFoundError:
        number = "(not installed)"
    text = f"Threat modelling with data-flow diagrams.\nLibrary: {window.shell.workspace.library.path}"
    message_box(QMessageBox.Icon.NoIcon, f"TMI Desktop {number}", text, window).open()
