"""Pictures are complete, valid and searchable, whatever the diagram holds."""

import io
import itertools
from pathlib import Path

import pytest
from defusedxml import ElementTree as ET
from PySide6.QtGui import QColor, QImage
from PySide6.QtSvg import QSvgRenderer

from app.domain.errors import InvalidData, TmiError
from app.domain.ids import new_id
from app.domain.stage import apply
from app.domain.state import ModelState
from app.domain.values import Point
from app.exchange import threat_dragon
from canvas.pictures import render_pdf, render_png, render_svg, thumbnail_svg
from canvas.theme import DARK, LIGHT, CanvasTheme
from tests.canvas.support import Sketch
from tests.manners import corpus_files

pypdf = pytest.importorskip("pypdf")
pytestmark = pytest.mark.usefixtures("qapp")
SVG = "{http://www.w3.org/2000/svg}"


def everything() -> Sketch:
    """A diagram with one of everything that reaches far out on all sides."""
    sketch = Sketch("All & <sundry>")
    zone = sketch.node("trust_boundary", "Outer zone", -300, -200, 800, 500)
    a = sketch.node("process", "Web & <application> \"x\" 'y'", 0, 0, 120, 120)
    b = sketch.node("datastore", "A name much too long for a store so small " * 4, 300, 0, 120, 50)
    c = sketch.node("external_entity", "Two\nlines", 300, 200, out_of_scope=True, locked=True)
    sketch.node("text", "Free text", 600, 600)
    for one, other in itertools.product((a, b), (b, c)):
        sketch.flow(one, other, f"from {one.label[:3]}", is_bidirectional=one is a)
    sketch.flow(a, a, "loop")
    sketch.flow(a, c, "corner", routing="orthogonal", vertices=(Point(-500, 400),))
    sketch.flow(Point(-700, -400), Point(900, 900), "Edge", type="trust_boundary", form="line")
    sketch.flow(Point(1100, 40), c, "unattached end")
    for cell, severity in ((a, "Critical"), (zone, ""), (b, "low")):
        sketch.threat(cell, severity)
    return sketch


def ink_on_border(image: QImage, background: str) -> int:
    """How many pixels of the outermost two rows and columns are not background."""
    plain = QColor(background).rgb()
    width, height = image.width(), image.height()
    border = {(x, y) for x in range(width) for y in (0, 1, height - 2, height - 1)}
    border |= {(x, y) for y in range(height) for x in (0, 1, width - 2, width - 1)}
    return sum(image.pixel(x, y) != plain for x, y in border)


def texts(svg: bytes) -> str:
    return " ".join("".join(ET.fromstring(svg).itertext()).split())


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
@pytest.mark.parametrize("scale", [0.4, 1.0, 2.5])
def test_png_is_complete(theme: CanvasTheme, scale: float) -> None:
    sketch = everything()
    image = QImage.fromData(render_png(sketch.state(), sketch.diagram_id, scale, theme))
    assert image.width() > 1600 * scale
    assert ink_on_border(image, theme.background) == 0


def test_svg_is_complete_and_looks_like_the_canvas() -> None:
    sketch = everything()
    svg = render_svg(sketch.state(), sketch.diagram_id)
    renderer = QSvgRenderer(svg)
    assert renderer.isValid()
    png = QImage.fromData(render_png(sketch.state(), sketch.diagram_id))
    size = renderer.defaultSize()
    assert abs(size.width() - png.width()) <= 1
    assert abs(size.height() - png.height()) <= 1


def test_svg_names_every_element_and_text_stays_text() -> None:
    sketch = everything()
    svg = render_svg(sketch.state(), sketch.diagram_id)
    found = texts(svg)
    for cell in sketch.state().cells(sketch.diagram_id):
        assert " ".join(cell.label.split()) in found
    root = ET.fromstring(svg)
    lines = {element.text for element in root.iter(f"{SVG}text")}
    assert {"Outer zone", "Two", "lines", "Free text", "Edge"} <= lines
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))


def test_svg_holds_characters_that_xml_does_not_allow() -> None:
    sketch = Sketch("a\x00b\ud800\uffff")
    sketch.node("process", "\x01bell\x07 \ufffe \x1b[31m", 0, 0)
    assert "bell" in texts(render_svg(sketch.state(), sketch.diagram_id))


def test_pdf_is_one_page_with_text_and_its_own_fonts() -> None:
    sketch = everything()
    reader = pypdf.PdfReader(io.BytesIO(render_pdf(sketch.state(), sketch.diagram_id)))
    assert len(reader.pages) == 1
    page = reader.pages[0]
    found = page.extract_text()
    assert "Outer zone" in found
    assert "Free text" in found
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    assert fonts
    for font in fonts:
        descendant = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        assert any(k.startswith("/FontFile") for k in descendant["/FontDescriptor"].get_object())
    assert float(page.mediabox.width) == pytest.approx(
        QSvgRenderer(render_svg(sketch.state(), sketch.diagram_id)).defaultSize().width() * 0.75, abs=2
    )


def test_an_empty_diagram_says_so() -> None:
    sketch = Sketch("Nothing")
    state = sketch.state()
    assert "Empty diagram" in texts(render_svg(state, sketch.diagram_id))
    assert not QImage.fromData(render_png(state, sketch.diagram_id)).isNull()
    page = pypdf.PdfReader(io.BytesIO(render_pdf(state, sketch.diagram_id))).pages[0]
    assert "Empty diagram" in page.extract_text()
    assert thumbnail_svg(state, sketch.diagram_id) == ""


def test_absurd_sizes_are_refused_with_a_size_that_works() -> None:
    sketch = Sketch()
    sketch.node("process", "A", -900_000, 0)
    sketch.node("process", "B", 900_000, 0)
    with pytest.raises(TmiError, match=r"largest scale for this diagram is 0\.01"):
        render_png(sketch.state(), sketch.diagram_id)
    assert render_png(sketch.state(), sketch.diagram_id, 0.01)
    assert render_pdf(sketch.state(), sketch.diagram_id)
    for scale in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(TmiError, match="scale"):
            render_png(sketch.state(), sketch.diagram_id, scale)


def test_a_diagram_that_is_not_there_is_named() -> None:
    missing = new_id()
    with pytest.raises(InvalidData, match=missing):
        render_svg(Sketch().state(), missing)


def test_thumbnails_are_small_and_bounded() -> None:
    sketch = Sketch()
    for i in range(400):
        sketch.node("process", f"Name {i}", i % 20 * 200, i // 20 * 200)
    svg = thumbnail_svg(sketch.state(), sketch.diagram_id, 50)
    root = ET.fromstring(svg)
    assert len(list(root)) == 50
    assert "Name" not in svg
    assert QSvgRenderer(svg.encode()).isValid()


@pytest.mark.parametrize("path", corpus_files("threat-dragon", "*.json"), ids=lambda path: path.stem)
def test_real_models_give_whole_pictures(path: Path) -> None:
    try:
        imported = threat_dragon.read(path.read_bytes(), path.name)
    except TmiError:
        return
    state = ModelState(imported.model_id)
    apply(state, imported.patch)
    for diagram in state.diagrams():
        found = texts(render_svg(state, diagram.id))
        assert [c.label for c in state.cells(diagram.id) if " ".join(c.label.split()) not in found] == []
        image = QImage.fromData(render_png(state, diagram.id, 0.5, DARK))
        assert ink_on_border(image, DARK.background) == 0
