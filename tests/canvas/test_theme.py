"""Themes from tokens: what is wrong is passed over."""

from canvas.items.look import Look
from canvas.theme import DARK, LIGHT, CanvasTheme
from tests.canvas.support import Sketch


def test_tokens_are_taken_and_nonsense_is_not() -> None:
    theme = CanvasTheme.from_tokens(
        {"background": "#101010", "grid": "no colour", "critical": "#ff0000", "unheard_of": "#000000",
         "font_size": 15, "stroke_width": "thick", "font_family": "Inter"}
    )  # fmt: skip
    assert theme.background == "#101010"
    assert theme.grid == DARK.grid
    assert theme.severity_critical == "#ff0000"
    assert (theme.font_size, theme.stroke_width) == (15.0, DARK.stroke_width)
    assert theme.font_family == "Inter"


def test_brightness_of_the_background_decides_what_fills_the_gaps() -> None:
    assert CanvasTheme.from_tokens({"background": "#fefefe"}).node_stroke == LIGHT.node_stroke
    assert CanvasTheme.from_tokens({}) == LIGHT
    assert CanvasTheme.from_tokens({}, dark=True) == DARK


def test_own_styles_are_honoured_and_nonsense_in_them_is_not(qapp: object) -> None:
    look, sketch = Look(LIGHT), Sketch()
    own = {"fill": "#102030", "stroke": "red", "stroke_width": "4", "dash": "6 2", "font_size": "20"}
    styled = look.style(sketch.node("process", "A", 0, 0, style=own))
    assert (styled.fill, styled.stroke, styled.width) == ("#102030", "#ff0000", 4.0)
    assert styled.dash == (6.0, 2.0)
    assert styled.face.size == 20
    assert styled.text == "#ffffff"
    wild = {"fill": "url(x)", "stroke_width": "nan", "dash": "-1 x", "font_size": "1e999"}
    plain = look.style(sketch.node("process", "B", 0, 0, style=wild))
    assert (plain.fill, plain.width, plain.dash) == (LIGHT.process_fill, LIGHT.stroke_width, ())
    assert plain.face.size == 96
    assert look.style(sketch.node("process", "C", 0, 0)) is look.style(sketch.node("process", "D", 9, 9))


def test_out_of_scope_shows_without_colour_too(qapp: object) -> None:
    style = Look(LIGHT).style(Sketch().node("process", "A", 0, 0, out_of_scope=True))
    assert style.dash
    assert style.hatched
