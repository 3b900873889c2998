"""Every icon draws, in its own way, in the colours of the theme."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QImage
from PySide6.QtWidgets import QApplication

from ui.theme.icons import IconCache, application_icon, icon, icon_names, pixmap
from ui.theme.tokens import ThemeError, load_theme

_FOLDER = Path(__file__).parents[3] / "resources" / "icons"
_WANTED = """
select hand pan process store external-entity boundary-box boundary-line flow text undo redo cut
copy paste duplicate delete bring-front send-back bring-forward send-backward align-left
align-center align-right align-top align-middle align-bottom distribute-h distribute-v grid snap
zoom-in zoom-out zoom-fit zoom-100 new open save import export search threat-model diagram threat
asset document note repository mitigation assumption home settings sun moon info warning error
check close plus minus more lock eye recover keyboard share chevron-down chevron-right swap library
clock tag metadata
"""


def _ink(image: QImage) -> int:
    """Count the pixels that are more than half covered."""
    points = ((x, y) for x in range(image.width()) for y in range(image.height()))
    return sum(image.pixelColor(x, y).alpha() > 127 for x, y in points)


def _strongest(image: QImage) -> QColor:
    points = [(x, y) for x in range(image.width()) for y in range(image.height())]
    x, y = max(points, key=lambda point: image.pixelColor(*point).alpha())
    return image.pixelColor(x, y)


def test_the_set_is_complete() -> None:
    assert set(_WANTED.split()) <= set(icon_names())


@pytest.mark.parametrize("name", icon_names())
def test_icon_draws_inside_its_box(qapp: QApplication, name: str) -> None:
    image = pixmap(name, "#000000", 48).toImage()
    assert _ink(image) > 20
    edge = [image.pixelColor(i, j).alpha() for i in range(48) for j in (0, 47)]
    edge += [image.pixelColor(j, i).alpha() for i in range(48) for j in (0, 47)]
    assert max(edge) == 0, "the drawing touches the border"


def test_icons_share_one_grid_and_differ(qapp: QApplication) -> None:
    drawings = {}
    for name in icon_names():
        text = (_FOLDER / f"{name}.svg").read_text(encoding="utf-8")
        root = ElementTree.fromstring(text)  # noqa: S314 (a file of the project)
        shared = {"viewBox": "0 0 24 24", "stroke-width": "1.75", "stroke": "currentColor"}
        assert shared.items() <= root.attrib.items(), name
        drawings[name] = pixmap(name, "#000000", 20).toImage()
    names = list(drawings)
    twins = [
        (one, other)
        for index, one in enumerate(names)
        for other in names[index + 1 :]
        if drawings[one] == drawings[other]
    ]
    assert twins == []


@pytest.mark.parametrize("theme_name", ["light", "dark"])
def test_states_have_their_colours(qapp: QApplication, theme_name: str) -> None:
    theme = load_theme(theme_name)
    drawn = icon("plus", theme)
    for mode, state, colour in (
        (QIcon.Mode.Normal, QIcon.State.Off, theme.palette.text),
        (QIcon.Mode.Normal, QIcon.State.On, theme.palette.link),
        (QIcon.Mode.Disabled, QIcon.State.Off, theme.palette.disabled_text),
        (QIcon.Mode.Selected, QIcon.State.Off, theme.palette.selection_text),
    ):
        image = drawn.pixmap(QSize(24, 24), 1.0, mode, state).toImage()
        assert _strongest(image).name() == colour
    calm = icon("plus", theme, accent_on=False)
    image = calm.pixmap(QSize(24, 24), 1.0, QIcon.Mode.Normal, QIcon.State.On).toImage()
    assert _strongest(image).name() == theme.palette.text


@pytest.mark.parametrize(("ratio", "pixels"), [(1.0, 20), (2.0, 40)])
def test_icon_is_sharp_at_pixel_ratio(qapp: QApplication, ratio: float, pixels: int) -> None:
    drawn = icon("grid", load_theme("light"), ratios=(1.0, 2.0)).pixmap(QSize(20, 20), ratio)
    assert drawn.size() == QSize(pixels, pixels)
    assert drawn.devicePixelRatio() == ratio


def test_cache_renders_once(qapp: QApplication) -> None:
    cache = IconCache(load_theme("light"))
    assert cache.icon("save").cacheKey() == cache.icon("save").cacheKey()
    assert cache.icon("save").cacheKey() != cache.icon("open").cacheKey()


def test_application_icon_keeps_its_own_colours(qapp: QApplication) -> None:
    image = application_icon().pixmap(QSize(64, 64)).toImage()
    colours = {image.pixelColor(x, y).name() for x in range(64) for y in range(64)}
    assert len(colours) > 20


def test_a_missing_icon_is_named() -> None:
    with pytest.raises(ThemeError, match="no icon named 'unicorn'"):
        IconCache(load_theme("light")).icon("unicorn")
