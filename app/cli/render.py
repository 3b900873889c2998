"""Draw a diagram of a model into a file: SVG, PNG or PDF by its ending. Needs no display."""

import argparse
import math
from pathlib import Path
from typing import Final

from app.cli.outcome import DONE, Usage
from app.domain.errors import UnreadableFile
from app.domain.records import Diagram
from app.domain.state import ModelState
from app.exchange.files import save
from app.exchange.formats import FORMATS, read_file

HELP: Final = "draw a diagram as SVG, PNG or PDF"
ENDINGS: Final = (".svg", ".png", ".pdf")
SCALES: Final = (0.01, 20.0)


def _scale(text: str) -> float:
    value = float(text)
    if not math.isfinite(value) or not SCALES[0] <= value <= SCALES[1]:
        raise argparse.ArgumentTypeError(f"must be from {SCALES[0]:g} to {SCALES[1]:g}")
    return value


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    readable = [f.key for f in FORMATS if f.read is not None]
    parser.add_argument("input", type=Path, metavar="IN", help="the model to read")
    parser.add_argument("output", type=Path, metavar="OUT", help="a file ending in .svg, .png or .pdf")
    parser.add_argument("--from", dest="source_format", choices=readable, help="the format of IN")
    parser.add_argument(
        "--diagram",
        metavar="NAME|N",
        help="which diagram, by name or number from 1; else the first",
    )
    parser.add_argument(
        "--scale",
        type=_scale,
        default=1.0,
        metavar="X",
        help="pixels per unit, PNG only (default 1)",
    )


def chosen(diagrams: list[Diagram], wanted: str | None, source: str) -> Diagram:
    """The diagram of that name, or else of that number. An error names those there are."""
    if not diagrams:
        raise UnreadableFile(source, "has no diagram")
    if wanted is None:
        return diagrams[0]
    folded = wanted.strip().casefold()
    for fits in (
        [d for d in diagrams if d.name == wanted],
        [d for d in diagrams if d.name.strip().casefold() == folded],
    ):
        if fits:
            return fits[0]
    if folded.isascii() and folded.isdigit() and 1 <= int(folded[:9]) <= len(diagrams):
        return diagrams[int(folded[:9]) - 1]
    names = ", ".join(f"{n} {d.name!r}" for n, d in enumerate(diagrams[:20], 1))
    raise Usage(f"{source} has no diagram {wanted[:100]!r}; it has {names}")


def picture(state: ModelState, diagram_id: str, ending: str, scale: float) -> bytes:
    """The diagram as the bytes of an .svg, .png or .pdf file."""
    from canvas import pictures  # Qt only where something is drawn

    application = pictures.headless_application()
    try:
        if ending == ".svg":
            return pictures.render_svg(state, diagram_id)
        if ending == ".png":
            return pictures.render_png(state, diagram_id, scale)
        return pictures.render_pdf(state, diagram_id)
    finally:
        del application


def run(given: argparse.Namespace) -> int:
    """Draw, and say what."""
    ending = given.output.suffix.lower()
    if ending not in ENDINGS:
        raise Usage(f"{given.output}: must end in {', '.join(ENDINGS)}")
    state = read_file(given.input, given.source_format or "").state()
    diagrams = state.diagrams()
    diagram = chosen(diagrams, given.diagram, str(given.input))
    if given.diagram is None and len(diagrams) > 1:
        print(f"drawing the first of {len(diagrams)} diagrams; --diagram NAME or N draws another")
    save(given.output, picture(state, diagram.id, ending, given.scale))
    print(f"{given.output}: diagram {diagram.name!r}")
    return DONE
