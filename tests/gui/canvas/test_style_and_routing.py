"""Copying the style, routing flows, and what a copy puts on the clipboard and when."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication, QImage

from app.domain.patch import update
from canvas import clipboard, commands
from canvas.clipboard_pictures import PicturedMime, settle
from canvas.pictures import render_svg
from tests.gui.canvas.bench import CTRL, Bench

ROOT = Path(__file__).resolve().parents[3]


def test_a_pasted_style_is_exactly_the_copied_one(bench: Bench) -> None:
    one, two, three = bench.node("A", 0, 0), bench.node("B", 300, 0), bench.node("C", 600, 0, "datastore")
    bench.apply((update("cell", one, style={"fill": "#ffcc00", "dash": "dot"}),))
    bench.apply((update("cell", two, style={"stroke": "#ff0000", "dash": "dash"}),))
    bench.select(one)
    assert commands.copy_style(bench.view)
    bench.select(two, three)
    before, steps = bench.cells(), bench.steps
    commands.paste_style(bench.view)
    assert bench.cell(two).style == bench.cell(three).style == {"fill": "#ffcc00", "dash": "dot"}
    assert bench.cell(two).label == "B"
    assert bench.document.undo_title == "Paste style"
    assert bench.steps == steps + 1
    assert bench.undone(before)


def test_a_style_needs_to_be_copied_first(bench: Bench) -> None:
    bench.select(bench.node("A", 0, 0))
    QGuiApplication.clipboard().setText("nothing")
    commands.paste_style(bench.view)
    assert bench.refusals == ["Copy a style first"]


@pytest.mark.parametrize("raw", [b"\xff", b"[1]", b'{"a": 1}', b"[" * 100_000])
def test_a_broken_style_is_refused_in_words(bench: Bench, raw: bytes) -> None:
    bench.select(bench.node("A", 0, 0))
    mime = QMimeData()
    mime.setData(clipboard.STYLE_MIME, raw)
    QGuiApplication.clipboard().setMimeData(mime)
    commands.paste_style(bench.view)
    assert bench.refusals == ["The clipboard holds no style that a diagram can take"]


def test_a_style_that_no_model_may_hold_is_refused(bench: Bench) -> None:
    node = bench.node("A", 0, 0)
    bench.select(node)
    mime = QMimeData()
    mime.setData(clipboard.STYLE_MIME, b'{"fill": "' + b"x" * 100_000 + b'"}')
    QGuiApplication.clipboard().setMimeData(mime)
    commands.paste_style(bench.view)
    assert len(bench.refusals) == 1
    assert bench.cell(node).style == {}


def test_routing_is_chosen_per_flow(bench: Bench) -> None:
    one, two = bench.node("A", 0, 0), bench.node("B", 400, 300)
    line, other = bench.flow(one, two), bench.flow(two, one)
    bench.select(one, line)
    before, steps = bench.cells(), bench.steps
    assert commands.routing_of(bench.view) == "smooth"
    commands.set_routing(bench.view, "orthogonal")
    assert bench.cell(line).routing == "orthogonal"
    assert bench.document.undo_title == "Route at right angles"
    commands.set_routing(bench.view, "orthogonal")
    assert bench.steps == steps + 1
    first, second, *_ = bench.scene.route_points(line)
    assert first.y() == second.y()
    bench.select(line, other)
    assert commands.routing_of(bench.view) == ""
    assert bench.undone(before)
    bench.select(one)
    commands.set_routing(bench.view, "straight")
    assert bench.refusals == ["Choose a flow first"]


def test_pictures_are_drawn_when_they_are_taken_and_as_it_was(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []

    def drawing(*given: Any) -> bytes:
        drawn.append("svg")
        return render_svg(*given)

    monkeypatch.setattr(clipboard, "render_svg", drawing)
    node = bench.node("Till", 0, 0)
    bench.select(node)
    bench.key(Qt.Key.Key_C, CTRL)
    mime = QGuiApplication.clipboard().mimeData()
    assert mime.hasFormat("image/svg+xml")
    assert mime.hasImage()
    assert drawn == []
    bench.apply((update("cell", node, label="Changed"),))
    for _ in range(2):
        assert b"Till" in bytes(mime.data("image/svg+xml").data())
    assert drawn == ["svg"]
    image = mime.imageData()
    assert isinstance(image, QImage)
    assert (image.width(), image.height()) > (240, 160)
    assert bytes(mime.data("image/png").data()).startswith(b"\x89PNG")


def test_the_program_ends_well_with_a_copy_on_the_clipboard() -> None:
    script = (
        "from tests.gui.canvas.bench import Bench\n"
        "from PySide6.QtGui import QGuiApplication\n"
        "from PySide6.QtWidgets import QApplication\n"
        "from canvas import clipboard\n"
        "app = QApplication([])\n"
        "bench = Bench()\n"
        "bench.select(bench.node('A', 0, 0))\n"
        "assert clipboard.copy(bench.view)\n"
        "bench.close()\n"
        "print(QGuiApplication.clipboard().mimeData().hasImage())\n"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


def test_what_stays_at_the_end_holds_the_same(bench: Bench) -> None:
    bench.select(bench.node("A", 0, 0))
    commands.copy(bench.view)
    cells = bytes(QGuiApplication.clipboard().mimeData().data(clipboard.CELLS_MIME).data())
    settle()
    mime = QGuiApplication.clipboard().mimeData()
    assert not isinstance(mime, PicturedMime)
    assert mime.text() == "A"
    assert bytes(mime.data(clipboard.CELLS_MIME).data()) == cells
    assert mime.hasImage()
    assert b"<svg" in bytes(mime.data("image/svg+xml").data())
    commands.paste(bench.view)
    assert [c.label for c in bench.cells()] == ["A", "A"]
