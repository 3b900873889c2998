"""What others did while one was away, in words."""

from collections.abc import Iterable, Mapping
from typing import Final

from app.domain import vocabulary as v
from app.domain.absence import Edit
from app.domain.conflicts import GEOMETRY
from app.domain.records import KIND_NAMES, record_type
from app.domain.state import ModelState
from ui.panels.names import shown_title
from ui.panels.review.values import label_of

_NAMES: Final = {"cell": "label"}
_MOST_NAMED: Final = 2
_SIZES: Final = frozenset({"size"})
_STACK: Final = frozenset({"order"})


def kind_word(kind: str, type: str = "") -> str:
    """What sort of thing it is, in the midst of a sentence."""
    if kind == "cell" and type:
        return v.CELL_TYPE_NAMES.get(type, type).lower()
    return KIND_NAMES.get(kind, kind.replace("_", " ")).lower() if kind != "cell" else "element"


def plural(count: int, kind: str) -> str:
    """So many things of a kind: "3 elements", "2 repositories"."""
    word = "element" if kind == "cell" else kind_word(kind)
    if count == 1:
        return f"1 {word}"
    return f"{count} {word[:-1]}ies" if word.endswith("y") else f"{count} {word}s"


def name_now(state: ModelState, edit: Edit) -> str:
    """What the record is called by who reads this."""
    record = state.get(edit.record_id)
    name = shown_title(state, record) if record is not None and not edit.name else edit.name
    return f"“{name}”" if name else f"an unnamed {kind_word(edit.kind, edit.type)}"


def is_renamed(edit: Edit) -> bool:
    """Whether they gave it another name."""
    return edit.what == "changed" and _NAMES.get(edit.kind, "name") in edit.groups


def is_moved(edit: Edit) -> bool:
    """Whether they did nothing to it but put it elsewhere."""
    return edit.what == "changed" and bool(edit.groups) and GEOMETRY.issuperset(edit.groups)


def sentence(state: ModelState, edit: Edit) -> str:
    """All that somebody did to one record: "Renamed “Shop” to “Web shop”, moved it, changed Description"."""
    name = name_now(state, edit)
    if edit.what != "changed":
        named = f"{kind_word(edit.kind, edit.type)} {name}" if edit.name else name
        return f"{edit.what.capitalize()} {named}"
    parts: list[str] = []
    rest = [g for g in edit.groups if g not in GEOMETRY]
    if is_renamed(edit):
        was = f"“{edit.was_called}”" if edit.was_called else f"an unnamed {kind_word(edit.kind, edit.type)}"
        parts.append(f"renamed {was} to {name}" if edit.name else f"took the name {was} away")
        rest.remove(_NAMES.get(edit.kind, "name"))
    it = "it" if parts else name
    if placed := _placed(edit):
        parts.append(f"{placed} {it}")
        it = "it"
    if rest:
        titles = dict.fromkeys(label_of(record_type(edit.kind), group) for group in rest)
        parts.append(f"changed {_listed(titles)}" + (f" of {name}" if it != "it" else ""))
    text = ", ".join(parts) or f"took out and brought back {name}"
    return text[:1].upper() + text[1:]


def _placed(edit: Edit) -> str:
    groups = GEOMETRY.intersection(edit.groups)
    if not groups:
        return ""
    if groups <= _SIZES:
        return "resized"
    return "reordered" if groups <= _STACK else "moved"


def _listed(words: Iterable[str], most: int = 4) -> str:
    found = list(words)
    if len(found) > most:
        return f"{', '.join(found[: most - 1])} and {len(found) - most + 1} more"
    return " and ".join((", ".join(found[:-1]), found[-1])) if len(found) > 1 else "".join(found)


def summary(state: ModelState, edits: Iterable[Edit]) -> str:
    """All that one person did, in a sentence without its subject: "renamed …, added …, moved 3 elements"."""
    sorts: dict[tuple[str, str], list[Edit]] = {}
    for edit in edits:
        sorts.setdefault((_verb(edit), edit.kind), []).append(edit)
    ordered = sorted(sorts.items(), key=lambda item: _ORDER[item[0][0]])
    return ", ".join(_clause(state, verb, kind, found) for (verb, kind), found in ordered)


_ORDER: Final[Mapping[str, int]] = {"renamed": 0, "added": 1, "removed": 2, "changed": 3, "moved": 4}


def _verb(edit: Edit) -> str:
    if edit.what != "changed":
        return edit.what
    return "renamed" if is_renamed(edit) else "moved" if is_moved(edit) else "changed"


def _clause(state: ModelState, verb: str, kind: str, edits: list[Edit]) -> str:
    if verb == "renamed" and len(edits) <= _MOST_NAMED:
        return ", ".join(
            f"renamed “{one.was_called}” to “{one.name}”" if one.was_called and one.name
            else f"renamed {name_now(state, one)}"
            for one in edits
        )  # fmt: skip
    if len(edits) == 1:
        word = f"{kind_word(kind, edits[0].type)} " if verb in ("added", "removed") and edits[0].name else ""
        return f"{verb} {word}{name_now(state, edits[0])}"
    return f"{verb} {plural(len(edits), kind)}"
