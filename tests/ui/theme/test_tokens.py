"""The shipped colours: complete, alike in both themes, and readable."""

import tomllib
from dataclasses import asdict
from pathlib import Path

import pytest

from ui.theme.contrast import contrast, over
from ui.theme.tokens import Theme, ThemeError, load_theme, parse_theme

_STYLES = Path(__file__).parents[3] / "resources" / "styles"
_NAMES = ("light", "dark")


@pytest.fixture(params=_NAMES)
def theme(request: pytest.FixtureRequest) -> Theme:
    return load_theme(str(request.param))


def _text(name: str) -> str:
    return (_STYLES / f"{name}.toml").read_text(encoding="utf-8")


def test_both_themes_have_the_same_keys() -> None:
    light, dark = (tomllib.loads(_text(name)) for name in _NAMES)
    assert light.keys() == dark.keys()
    for section in ("palette", "severity", "canvas"):
        assert light[section].keys() == dark[section].keys()


def test_dark_says_that_it_is_dark() -> None:
    assert [load_theme(name).dark for name in _NAMES] == [False, True]


@pytest.mark.parametrize(
    ("first", "second", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#ff0000", "#00ff00", 2.91)],
)
def test_contrast_agrees_with_published_values(first: str, second: str, ratio: float) -> None:
    assert contrast(first, second) == pytest.approx(ratio, abs=0.01)
    assert contrast(second, first) == contrast(first, second)


def test_translucent_colour_mixes_with_its_ground() -> None:
    assert over("#80ff0000", "#ffffff") == "#ff7f7f"
    assert over("#123456", "#ffffff") == "#123456"


def test_text_reads_on_every_ground(theme: Theme) -> None:
    p = theme.palette
    grounds = (p.window, p.surface, p.raised, p.sunken, p.alternate)
    inks = (p.text, p.muted_text, p.link, p.warning, p.success, p.info)
    pairs = [(ink, ground) for ink in inks for ground in grounds]
    pairs += [(p.text, ground) for ground in (p.hover, p.pressed, p.accent_soft)]
    pairs += [(p.link, p.accent_soft), (p.selection_text, p.selection)]
    pairs += [(p.accent_text, p.accent), (p.accent_text, p.accent_hover)]
    pairs += [(p.danger_text, p.danger), (p.danger_text, p.danger_hover)]
    pairs += [(p.tool_tip_text, p.tool_tip)]
    assert [pair for pair in pairs if contrast(*pair) < 4.5] == []


def test_severities_read_as_text(theme: Theme) -> None:
    p = theme.palette
    pairs = [
        (colour, ground)
        for colour in asdict(theme.severity).values()
        for ground in (p.window, p.surface, p.raised, p.alternate)
    ]
    assert [pair for pair in pairs if contrast(*pair) < 4.5] == []


def test_outlines_and_focus_can_be_seen(theme: Theme) -> None:
    p = theme.palette
    pairs = [
        (line, ground)
        for line in (p.border_strong, p.focus_ring)
        for ground in (p.window, p.surface, p.raised)
    ]
    pairs += [(p.focus_ring, p.selection), (p.accent, p.surface), (p.danger, p.surface)]
    assert [pair for pair in pairs if contrast(*pair) < 3.0] == []


def test_disabled_text_can_still_be_made_out(theme: Theme) -> None:
    p = theme.palette
    assert min(contrast(p.disabled_text, g) for g in (p.window, p.surface)) >= 3.0


def test_canvas_text_reads_on_every_fill(theme: Theme) -> None:
    c = theme.canvas
    fills = [c.background, c.node_fill, c.process_fill, c.store_fill, c.external_fill]
    fills += [over(c.boundary_fill, c.background), over(c.label_backplate, c.flow_stroke)]
    pairs = [(c.label_text, fill) for fill in fills]
    pairs += [(c.boundary_text, ground) for ground in (c.background, fills[-2])]
    pairs += [(c.muted_text, ground) for ground in (c.background, c.muted_fill)]
    pairs += [(c.badge_text, colour) for colour in asdict(theme.severity).values()]
    assert [pair for pair in pairs if contrast(*pair) < 4.5] == []


def test_canvas_strokes_stand_out(theme: Theme) -> None:
    c = theme.canvas
    strokes = (
        *(c.node_stroke, c.boundary_stroke, c.flow_stroke),
        *(c.selection_outline, c.guide, c.remote_marker),
    )
    grounds = (c.background, over(c.boundary_fill, c.background))
    pairs = [(stroke, ground) for stroke in strokes for ground in grounds]
    fills = (c.node_fill, c.process_fill, c.store_fill, c.external_fill)
    pairs += [(c.node_stroke, fill) for fill in fills]
    pairs += [(c.selection_outline, c.handle_fill)]
    pairs += [(c.muted_stroke, ground) for ground in (c.background, c.muted_fill)]
    assert [pair for pair in pairs if contrast(*pair) < 3.0] == []


def test_glyphs_show_on_both_themes(theme: Theme) -> None:
    inks = {
        word.split('"')[0]
        for file in (_STYLES / "glyphs").glob("*.svg")
        for word in file.read_text(encoding="utf-8").split('="')
        if word.startswith("#")
    }
    p = theme.palette
    for ink in inks:
        grounds = (p.accent,) if ink == "#ffffff" else (p.window, p.surface, p.raised)
        assert min(contrast(ink, ground) for ground in grounds) >= 3.0, ink


def test_canvas_tokens_are_plain_strings(theme: Theme) -> None:
    tokens = theme.canvas_tokens()
    assert tokens["background"] == theme.canvas.background
    assert tokens["severity_high"] == theme.severity.high
    assert {name for name, value in tokens.items() if len(value) == 9} == {
        "boundary_fill",
        "label_backplate",
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("window = ", "wndow = ", r"x\.toml: palette\.window is missing"),
        ("[severity]", '[severity]\nworst = "#000000"', r"x\.toml: severity\.worst is unknown"),
        ('grid = "#', 'grid = "', r"x\.toml: canvas\.grid is not #rrggbb"),
        ("[canvas]", "[painting]", r"x\.toml: section \[canvas\] is missing"),
        ("dark = false", 'dark = "no"', r"x\.toml: needs `name`"),
        ("[palette]", "[palette", r"x\.toml: .*line"),
    ],
)
def test_a_broken_theme_is_refused_with_the_reason(old: str, new: str, message: str) -> None:
    with pytest.raises(ThemeError, match=message):
        parse_theme(_text("light").replace(old, new, 1), "x.toml")


def test_an_unknown_theme_is_refused() -> None:
    with pytest.raises(ThemeError, match=r"sepia\.toml: cannot be read"):
        load_theme("sepia")
