"""Two texts word by word: which words of each the other does not have."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from html import escape
from typing import Final, TypeAlias

Run: TypeAlias = tuple[bool, str]  # whether the other side has it otherwise, and the text
MOST: Final = 1500
_TOKENS = re.compile(r"\s+|\w+|[^\w\s]")


def differing(one: str, other: str) -> tuple[list[Run], list[Run]]:
    """Both texts in runs, those that differ marked.

    Of texts that differ in very many words, everything between the first and the last is marked.
    """
    left, right = _TOKENS.findall(one), _TOKENS.findall(other)
    start = _alike(left, right)
    most = min(len(left), len(right)) - start
    stop = min(most, _alike(left[::-1], right[::-1]))
    middles = left[start : len(left) - stop], right[start : len(right) - stop]
    runs: tuple[list[Run], list[Run]] = ([], [])
    for found, tokens in zip(runs, (left, right), strict=True):
        _put(found, False, tokens[:start])
    if max(map(len, middles)) > MOST:
        for found, middle in zip(runs, middles, strict=True):
            _put(found, True, middle)
    else:
        for tag, a, b, c, d in SequenceMatcher(None, *middles, autojunk=False).get_opcodes():
            _put(runs[0], tag != "equal", middles[0][a:b])
            _put(runs[1], tag != "equal", middles[1][c:d])
    for found, tokens in zip(runs, (left, right), strict=True):
        _put(found, False, tokens[len(tokens) - stop :])
    return runs


def _alike(one: list[str], other: list[str]) -> int:
    for place, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return place
    return min(len(one), len(other))


def _put(runs: list[Run], differs: bool, tokens: list[str]) -> None:
    text = "".join(tokens)
    if text and runs and runs[-1][0] == differs:
        runs[-1] = (differs, runs[-1][1] + text)
    elif text:
        runs.append((differs, text))


def marked(runs: Iterable[Run], *, ink: str, paper: str) -> str:
    """Runs as rich text: what differs underlined, in these colours."""
    parts = []
    for differs, text in runs:
        words = escape(text).replace("\n", "<br>").replace("  ", " &nbsp;")
        if differs:
            look = f"color:{ink}; background-color:{paper}; text-decoration:underline"
            words = f'<span style="{look}">{words}</span>'
        parts.append(words)
    return "".join(parts)
