"""Writing SVG by hand: numbers, colours, text that any XML reader accepts."""

import re
from collections.abc import Iterable
from html import escape
from typing import Final

from app.domain.geometry import XY, Route

_NOT_XML: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def words(text: str) -> str:
    """Text as XML content: escaped, and without characters that XML does not allow."""
    return escape(_NOT_XML.sub("", text), quote=False)


def quoted(text: str) -> str:
    """Text as the value of an attribute, in one line, with its quotation marks."""
    return '"' + escape(" ".join(_NOT_XML.sub("", text).split()), quote=True) + '"'


def num(value: float) -> str:
    """A number in at most two decimals."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def paint(name: str, colour: str) -> str:
    """A `fill` or `stroke` attribute from `#rrggbb` or `#aarrggbb`; "" is none."""
    if not colour:
        return f' {name}="none"'
    if len(colour) == 9:
        opacity = num(int(colour[1:3], 16) / 255)
        return f' {name}="#{colour[3:]}" {name}-opacity="{opacity}"'
    return f' {name}="{colour}"'


def stroke(colour: str, width: float, dash: Iterable[float] = ()) -> str:
    """The attributes of an outline; widths and dashes in scene units."""
    pattern = " ".join(num(part) for part in dash)
    dashes = f' stroke-dasharray="{pattern}"' if pattern else ""
    return f'{paint("stroke", colour)} stroke-width="{num(width)}"{dashes}'


def path_data(route: Route) -> str:
    """The `d` of a path along a route."""
    parts = [f"M{num(route.start[0])} {num(route.start[1])}"]
    for segment in route.segments:
        letter = "L" if len(segment) == 2 else "C"
        parts.append(letter + " ".join(num(value) for value in segment))
    return "".join(parts)


def polygon(points: Iterable[XY], fill: str) -> str:
    """A filled polygon."""
    corners = " ".join(f"{num(x)},{num(y)}" for x, y in points)
    return f'<polygon points="{corners}"{paint("fill", fill)}/>'
