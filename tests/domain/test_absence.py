"""What others did is told once for each person and record, in one go or bit by bit."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import absence
from app.domain.absence import Absence, digest, from_text, to_text
from app.domain.changes import ChangeSet
from app.domain.errors import InvalidData
from app.domain.ids import new_id
from app.domain.patch import Patch, add, remove, update
from app.domain.stage import apply
from app.domain.state import ModelState
from tests.simulation.dice import MODEL, Dice, beginning

NOTE = new_id()


def done(*patches: tuple[str, Patch]) -> list[tuple[str, ChangeSet]]:
    """What patches by these people do to a fresh model; those that may not stand are left out."""
    state, found = ModelState(MODEL), []
    apply(state, beginning(), "start")
    for author, patch in patches:
        try:
            found.append((author, apply(state, patch, "x")))
        except InvalidData:
            continue
    return found


def note(name: str) -> Patch:
    return (add("note", NOTE, {"name": name, "content": "x"}, restore=True),)


def renamed(name: str) -> Patch:
    return (update("note", NOTE, name=name),)


GONE: Patch = (remove("note", NOTE),)


@pytest.mark.parametrize(
    ("patches", "expected"),
    [
        ((("a", note("1")), ("a", renamed("2"))), [("a", "added", "2", "2")]),
        ((("a", note("1")), ("a", GONE)), []),
        ((("a", note("1")), ("b", renamed("2")), ("b", renamed("3"))),
         [("a", "added", "1", "1"), ("b", "changed", "3", "1")]),
        ((("a", note("1")), ("b", renamed("2")), ("b", GONE)),
         [("a", "added", "1", "1"), ("b", "removed", "2", "2")]),
        ((("a", note("1")), ("b", GONE), ("b", note("4"))),
         [("a", "added", "1", "1"), ("b", "changed", "4", "1")]),
    ],
)  # fmt: skip
def test_one_line_for_each_person_and_record(
    patches: tuple[tuple[str, Patch], ...], expected: list[tuple[str, str, str, str]]
) -> None:
    found = digest(done(*patches), Absence())
    assert [(one.author, one.what, one.name, one.was_called) for one in found.edits] == expected


@given(st.integers(0, 10**9), st.integers(0, 12))
def test_in_one_go_or_bit_by_bit_and_stored_between(number: int, cut: int) -> None:
    source = random.Random(number)
    dice = Dice(source)
    changes = done(*((source.choice("ab"), dice.patch()) for _ in range(12)))
    whole = digest(changes, Absence(), "then")
    first = from_text(to_text(digest(changes[:cut], Absence(), "then")))
    assert digest(changes[cut:], first, "then").edits == whole.edits
    assert len({(one.author, one.record_id) for one in whole.edits}) == len(whole.edits)


def test_it_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(absence, "MOST", 3)
    patches = [("a", (add("note", new_id(), {"name": "n" * 150, "content": "x"}),)) for _ in range(5)]
    found = digest(done(*patches), Absence())
    assert (len(found.edits), found.more) == (3, 2)
    assert all(len(one.name) == absence.LONGEST_NAME for one in found.edits)


def test_what_cannot_be_read_is_nothing_missed() -> None:
    assert not from_text("{")
    assert not from_text('{"edits": 3}')
    assert to_text(Absence()) == ""
