"""Pictures of a diagram: SVG, PNG and PDF, complete and with the look of the canvas."""

from canvas.pictures.drawing import headless_application
from canvas.pictures.pdf import render_pdf
from canvas.pictures.png import render_png
from canvas.pictures.svg import render_svg
from canvas.pictures.thumbnail import thumbnail_svg

__all__ = ["headless_application", "render_pdf", "render_png", "render_svg", "thumbnail_svg"]
