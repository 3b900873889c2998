"""Who is named in a comment's text, and where its links are."""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from app.domain.records import Comment
from app.domain.state import ModelState

_AT: Final = re.compile(r"(?<![\w@.])@(?=\w)")
_LINK: Final = re.compile(r"\bhttps?://[^\s<>\"'`]+", re.IGNORECASE)
_BEGUN: Final = re.compile(r"(?<![\w@.])@([\w .\-]{0,40})\Z")
_AFTER_LINKS: Final = ".,;:!?)]}"


class Span(NamedTuple):
    """A part of a text: plain words, a mention of `target`, or a link to `target`."""

    text: str
    kind: str = "plain"
    target: str = ""


def people(state: ModelState, others: Iterable[str] = ()) -> list[str]:
    """The names known to a model, by letter: owner, reviewer, contributors, authors, and `others`."""
    model = state.model
    named = [model.owner, model.reviewer, *model.contributors] if model is not None else []
    named += [comment.author for comment in state.all(Comment)]
    found: dict[str, str] = {}
    for name in (*named, *others):
        if name.strip():
            found.setdefault(name.strip().casefold(), name.strip())
    return sorted(found.values(), key=lambda name: (name.casefold(), name))


def mentions(text: str, known: Iterable[str]) -> list[tuple[int, int, str]]:
    """Where known people are named as `@name`: start, end and name. The longest name wins."""
    longest_first = sorted(known, key=lambda name: (-len(name), name))
    found = []
    for at in _AT.finditer(text):
        for name in longest_first:
            end = at.end() + len(name)
            same = text[at.end() : end].casefold() == name.casefold()
            if name and same and not (end < len(text) and _goes_on(text, end)):
                found.append((at.start(), end, name))
                break
    return found


def _goes_on(text: str, place: int) -> bool:
    """Whether a word goes on: a letter, or a point or hyphen with a letter behind it."""
    if text[place].isalnum() or text[place] == "_":
        return True
    return text[place] in ".-@" and place + 1 < len(text) and text[place + 1].isalnum()


def names_in(text: str, known: Iterable[str]) -> frozenset[str]:
    """The known people who are named in a text."""
    return frozenset(name for _, _, name in mentions(text, known))


def spans(text: str, known: Iterable[str]) -> list[Span]:
    """A text in parts, in order; put together again they are the text. Only http and https are links."""
    marks: list[tuple[int, int, str, str]] = []
    for link in _LINK.finditer(text):
        address = link.group().rstrip(_AFTER_LINKS)
        if len(address) > len("https://"):
            marks.append((link.start(), link.start() + len(address), "link", address))
    links = [(start, end) for start, end, _, _ in marks]
    for start, end, name in mentions(text, known):
        if not any(a < end and start < b for a, b in links):
            marks.append((start, end, "mention", name))
    found, place = [], 0
    for start, end, kind, target in sorted(marks):
        if start > place:
            found.append(Span(text[place:start]))
        found.append(Span(text[start:end], kind, target))
        place = end
    if place < len(text):
        found.append(Span(text[place:]))
    return found


def begun(text: str, known: Iterable[str]) -> tuple[str, list[str]] | None:
    """The mention that is being typed at the end of a text and who may be meant; None for none."""
    found = _BEGUN.search(text)
    if found is None:
        return None
    typed = found.group(1)
    key = typed.casefold()
    first = [name for name in known if name.casefold().startswith(key)]
    later = [
        name for name in known
        if name not in first and any(word.startswith(key) for word in name.casefold().split())
    ]  # fmt: skip
    return (typed, [*first, *later]) if first or later else None
