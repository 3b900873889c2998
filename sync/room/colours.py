"""A colour for each user, told apart on light and dark backgrounds."""

from collections.abc import Collection
from typing import Final

PALETTE: Final = (
    "#1f77d0", "#d9480f", "#2b8a3e", "#9c36b5", "#c2255c", "#0b7285", "#a0740c", "#5f3dc4",
    "#c92a2a", "#087f5b", "#364fc7", "#862e9c",
)  # fmt: skip


def next_colour(taken: Collection[str]) -> str:
    """The least used colour, the first of several."""
    counts = dict.fromkeys(PALETTE, 0)
    for colour in taken:
        counts[colour] = counts.get(colour, 0) + 1
    return min(PALETTE, key=lambda colour: counts[colour])
