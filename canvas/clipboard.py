"""Copying cells to the system's clipboard, as cells, text and pictures, and pasting them back."""

import math
from typing import TYPE_CHECKING, Final

import msgspec
from PySide6.QtCore import QByteArray, QMimeData, QPointF
from PySide6.QtGui import QGuiApplication, QImage

from app.domain import edits, order
from app.domain import vocabulary as v
from app.domain.checks import clean_text
from app.domain.edits.clipboard import Clip
from app.domain.errors import TmiError
from app.domain.patch import Patch
from app.domain.rect import Rect, rect_of, united
from app.domain.state import ModelState
from app.domain.values import Point, Size
from canvas.clipboard_pictures import SVG_MIME, Draw, Form, OwnMime, PicturedMime, put
from canvas.pictures.png import render_png
from canvas.pictures.svg import render_svg
from canvas.theme import LIGHT
from canvas.tools import naming
from canvas.tools.composing import housed

if TYPE_CHECKING:
    from canvas.view import DiagramView

CELLS_MIME: Final = "application/x-tmi-cells"
STYLE_MIME: Final = "application/x-tmi-style"
OFFSET: Final = 20.0
MAX_LINES: Final = 500
MAX_LABEL: Final = 1000
ROOM: Final = 30.0
PICTURE_SCALE: Final = 2.0
QUICKLY_DRAWN: Final = 300


def mime_of(view: "DiagramView") -> PicturedMime | None:
    """The selection as cells, as its names line by line, and as pictures; None when empty."""
    scene = view.diagram_scene
    clip = edits.copy_cells(scene.editor.state, view.desk.order)
    if not clip.cells:
        return None
    ids = [c.id for c in clip.cells]
    mime = PicturedMime(_drawer(view, ids), quick=len(ids) <= QUICKLY_DRAWN)
    mime.setData(CELLS_MIME, QByteArray(edits.encode_clip(clip)))
    labels = [" ".join(str(c.data.get("label", "")).split()) for c in clip.cells]
    mime.setText("\n".join(label for label in labels if label))
    return mime


def _drawer(view: "DiagramView", cell_ids: list[str]) -> Draw:
    """Draws the cells as they are now, whenever it is asked; draws nothing when that cannot be."""
    scene = view.diagram_scene
    state, diagram_id = scene.editor.state, scene.diagram_id
    found = [r for i in (diagram_id, *cell_ids) if (r := state.get(i)) is not None]

    def draw(form: Form) -> bytes:
        part = ModelState.of(state.model_id, found)
        try:
            if form == "svg":
                return render_svg(part, diagram_id, LIGHT)
            return render_png(part, diagram_id, PICTURE_SCALE, LIGHT)
        except TmiError:
            return b""

    return draw


def copy(view: "DiagramView") -> bool:
    """Put the selection on the clipboard. False when there is nothing to copy."""
    mime = mime_of(view)
    if mime is None:
        return False
    put(mime)
    view.desk.pastes.clear()
    return True


def copy_picture(view: "DiagramView", form: Form) -> bool:
    """Put only a picture of the selection on the clipboard. False when there is none."""
    clip = edits.copy_cells(view.diagram_scene.editor.state, view.desk.order)
    picture = _drawer(view, [c.id for c in clip.cells])(form) if clip.cells else b""
    if not picture:
        return False
    mime = OwnMime()
    if form == "png":
        mime.setImageData(QImage.fromData(picture))
    else:
        mime.setData(SVG_MIME, QByteArray(picture))
        mime.setText(picture.decode())
    put(mime)
    return True


def copy_style(view: "DiagramView") -> bool:
    """Put the style of the first selected cell on the clipboard. False when nothing is selected."""
    cells = view.desk.selected_cells()
    if not cells:
        return False
    mime = OwnMime()
    mime.setData(STYLE_MIME, QByteArray(msgspec.json.encode(cells[0].style)))
    put(mime)
    view.announce(f"Copied the style of {naming.of(cells[0])}")
    return True


def paste_style(view: "DiagramView") -> None:
    """Give the selected cells exactly the style that was copied."""
    desk = view.desk
    cells = [c for c in desk.selected_cells() if not c.locked]
    if not desk.order or desk.refuses():
        return
    mime: QMimeData | None = QGuiApplication.clipboard().mimeData()
    if mime is None or not mime.hasFormat(STYLE_MIME):
        desk.refuse("Copy a style first")
        return
    try:
        style = msgspec.json.decode(bytes(mime.data(STYLE_MIME).data()), type=dict[str, str])
    except (msgspec.MsgspecError, ValueError, RecursionError):
        desk.refuse("The clipboard holds no style that a diagram can take")
        return
    if not cells:
        desk.refuse(f"{naming.of_all(desk.selected_cells())} cannot be changed: locked")
        return
    patch: Patch = ()
    for cell in cells:
        patch += edits.set_metadata(cell, style, "style")
    desk.commit(patch, "Paste style")


def cut(view: "DiagramView") -> None:
    """Copy the selection and remove it, as one undo step."""
    desk = view.desk
    if desk.refuses():
        return
    cells = [c for c in desk.selected_cells() if not c.locked]
    if copy(view) and cells:
        desk.commit(edits.remove_records(cells), f"Cut {naming.of_all(cells)}")


def paste(view: "DiagramView") -> None:
    """Paste cells, or text as one node a line: at the pointer, or beside where they came from."""
    if view.desk.refuses():
        return
    mime: QMimeData | None = QGuiApplication.clipboard().mimeData()
    if mime is None:  # another program holds it
        view.desk.refuse("The clipboard is empty")
    elif mime.hasFormat(CELLS_MIME):
        try:
            clip = edits.decode_clip(bytes(mime.data(CELLS_MIME).data()))
            paste_clip(view, clip)
        except TmiError as error:
            view.desk.refuse(str(error))
    elif mime.hasText():
        paste_text(view, mime.text())
    else:
        view.desk.refuse("The clipboard holds nothing that a diagram can take")


def paste_clip(view: "DiagramView", clip: Clip) -> None:
    """Paste copied cells and select them. InvalidData when they cannot be."""
    scene, desk = view.diagram_scene, view.desk
    state = scene.editor.state
    ids, patch = edits.paste_cells(state, scene.diagram_id, clip)
    there = desk.staged(patch)
    box = united(rect_of(there[i]) for i in ids if i in there)
    if box is None:
        desk.refuse("The clipboard holds no elements that fit here")
        return
    corner = _corner(view, box)
    at = Point(clip.x + corner.x() - box.x, clip.y + corner.y() - box.y)
    ids, patch = edits.paste_cells(state, scene.diagram_id, clip, at)
    patch = housed(state, scene.diagram_id, patch)
    cells = [c for c in desk.staged(patch).values() if c.id in ids]
    if desk.commit(patch, f"Paste {naming.of_all(cells)}"):
        scene.select(ids)
        view.reveal(ids)
        if clip.severed:
            some = "A flow" if clip.severed == 1 else f"{clip.severed} flows"
            view.announced.emit(f"{some} to elements that were not copied stayed behind")


def _corner(view: "DiagramView", box: Rect) -> QPointF:
    """The top left corner for a box: around the pointer, else in sight; each repeat a bit further."""
    pointer = view.pointer_place()
    if pointer is not None:
        corner = QPointF(pointer.x() - box.width / 2, pointer.y() - box.height / 2)
    else:
        seen = view.visible_area()
        corner = QPointF(box.x + OFFSET, box.y + OFFSET)
        if not seen.contains(corner):
            corner = seen.center() - QPointF(box.width / 2, box.height / 2)
    grid = 10.0 if view.grid_snap else 1.0
    corner = QPointF(round(corner.x() / grid) * grid, round(corner.y() / grid) * grid)
    pastes = view.desk.pastes
    while any((corner - other).manhattanLength() < OFFSET / 2 for other in pastes):
        corner += QPointF(OFFSET, OFFSET)
    pastes.append(corner)
    return corner


def paste_text(view: "DiagramView", text: str) -> None:
    """One process a line, in rows and columns, as one undo step."""
    scene, desk = view.diagram_scene, view.desk
    lines = [line.strip()[:MAX_LABEL] for line in clean_text(text).splitlines() if line.strip()]
    if not lines:
        desk.refuse("The clipboard holds no text")
        return
    if len(lines) > MAX_LINES:
        desk.refuse(f"That text has {len(lines)} lines; at most {MAX_LINES} become elements at once")
        return
    width, height = v.DEFAULT_SIZES[v.PROCESS]
    columns = math.ceil(math.sqrt(len(lines)))
    rows = math.ceil(len(lines) / columns)
    whole = Rect(0, 0, columns * (width + ROOM) - ROOM, rows * (height + ROOM) - ROOM)
    corner = _corner(view, whole)
    ids: list[str] = []
    patch: Patch = ()
    for place, line in enumerate(lines):
        x = corner.x() + place % columns * (width + ROOM)
        y = corner.y() + place // columns * (height + ROOM)
        new_id, added = _node(view, line, Point(round(x, 2), round(y, 2)), Size(width, height))
        ids.append(new_id)
        patch += added
    if desk.commit(_restacked(view, patch), "Paste text"):
        scene.select(ids)
        view.reveal(ids)


def _node(view: "DiagramView", label: str, place: Point, size: Size) -> tuple[str, Patch]:
    scene = view.diagram_scene
    return edits.create_node(scene.editor.state, scene.diagram_id, v.PROCESS, place, size, label=label)


def _restacked(view: "DiagramView", patch: Patch) -> Patch:
    """Nodes made one by one all got the same order key: give them keys in a row."""
    found, key = [], ""
    for operation in patch:
        key = order.after(key) if key else str(operation.data.get("order", ""))
        found.append(msgspec.structs.replace(operation, data={**operation.data, "order": key}))
    return tuple(found)
