"""Undo in company over restarts: a restart makes no difference, and nobody's value is overwritten."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.changes import ChangeSet
from app.domain.patch import add, remove, update
from app.domain.records import Cell
from app.services.workspace import Workspace
from storage import open_library
from tests.manners import count, seed
from tests.simulation.dice import CELLS
from tests.wiring.table import NODE, OTHER, Person, Table, agree

SHARED = CELLS[:4]


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def two(table: Table, tmp_path: Path) -> Iterator[tuple[Person, Person]]:
    ann, ben = Person(table, "ann", tmp_path), Person(table, "ben", tmp_path)
    ann.do(*table.node(NODE, "Shop"), *table.node(OTHER, "Orders"))
    ann.send()
    yield ann, ben
    for one in (ann, ben):
        one.library.close()


def done(one: Person, *patch: object) -> None:
    one.do(*patch)
    one.send()


def test_deeper_steps_over_my_own_values(two: tuple[Person, Person]) -> None:
    """UNDO-2: each value was mine, and a restart does not make it somebody else's."""
    ann, ben = two
    for label in ("1", "2", "3"):
        done(ann, update("cell", NODE, label=label))
    for expected in ("2", "1", "Shop"):
        ann.restart()
        ann.document.undo()
        ann.send()
        assert ben.label(NODE) == expected
    for expected in ("1", "2", "3"):
        ann.restart()
        ann.document.redo()
        ann.send()
        assert ben.label(NODE) == expected


def test_a_value_of_theirs_that_undo_has_brought_back(two: tuple[Person, Person]) -> None:
    """UNDO-1: also when nothing but the log is left of what brought it back."""
    ann, ben = two
    done(ann, update("cell", NODE, label="Ann 1"))
    done(ben, update("cell", NODE, label="Ben"))
    done(ann, update("cell", NODE, label="Ann 2"))
    ann.restart()
    ann.document.undo()
    ann.send()
    assert ben.label(NODE) == "Ben"
    done(ann, update("cell", OTHER, label="Else"))  # and with it what could be redone is gone
    ann.restart()
    ann.document.undo()
    assert ann.label(OTHER) == "Orders"
    ann.document.undo()
    ann.send()
    assert (ann.label(NODE), ben.label(NODE)) == ("Ben", "Ben")


def test_a_value_of_theirs_in_what_i_removed_and_brought_back(two: tuple[Person, Person]) -> None:
    """UNDO-1: the whole record has come back by me, the value in it is theirs."""
    ann, ben = two
    done(ann, update("cell", NODE, label="Ann", description="Ann"))
    done(ben, update("cell", NODE, label="Ben"))
    done(ann, remove("cell", NODE))
    ann.document.undo()
    ann.send()
    ann.restart()
    ann.document.undo()
    ann.send()
    cell = ben.document.state.cell(NODE)
    assert cell is not None
    assert (cell.label, cell.description) == ("Ben", "")
    ann.document.undo()
    ann.send()
    assert ben.label(NODE) == "Ben", "her addition of it would take his value along"


def test_alone_again_after_company(table: Table, two: tuple[Person, Person]) -> None:
    """UNDO-1: of a model that was detached, the log tells who was who."""
    ann, ben = two
    done(ann, update("cell", NODE, label="Ann 1"))
    done(ben, update("cell", NODE, label="Ben"))
    ann.document.detach()
    ann.library.flush()
    ann.library.close()
    ann.library = open_library(ann.path)
    ann.document = Workspace(ann.library, "ann").open(table.model_id)
    ann.document.undo()
    assert ann.label(NODE) == "Ben"


class Hands:
    """What a person does by the dice; each value says who has written it."""

    def __init__(
        self, table: Table, one: Person, rolls: random.Random, restarts: random.Random | None
    ) -> None:
        self.table, self.one, self.rolls, self.restarts = table, one, rolls, restarts
        self.number = 0
        self.steps: set[tuple[str, str, str | None, str | None]] = set()

    def act(self) -> None:
        """An edit, an undo or a redo; before it perhaps another start."""
        if self.restarts is not None and self.restarts.random() < 0.3:
            self.one.restart()
        self.number += 1
        what = self.rolls.choice(("label", "label", "description", "add", "remove", "undo", "undo", "redo"))
        cell = self.rolls.choice(SHARED)
        text = f"{self.one.name} {self.number}"
        if what in ("undo", "redo"):
            self.check(self.one.document.undo() if what == "undo" else self.one.document.redo())
        elif what == "add":
            data = {"diagram_id": self.table.diagram, "type": "process", "label": text, "description": text}
            self.one.do(add("cell", cell, data))
        elif what == "remove":
            self.one.do(remove("cell", cell))
        else:
            self.one.do(update("cell", cell, **{what: text}))
        self.one.send()

    def check(self, changes: ChangeSet) -> None:
        """UNDO-1: only own values were replaced; or a step was taken that leads back where one was."""
        for change in changes.changes:
            if not isinstance(change.before or change.after, Cell):
                continue
            for name in ("label", "description"):
                old, new = getattr(change.before, name, None), getattr(change.after, name, None)
                mine = not old or old.startswith(self.one.name)
                assert old == new or mine or (change.id, name, new, old) in self.steps, (old, new)
                self.steps.add((change.id, name, old, new))


def played(folder: Path, name: str, *, restarting: bool) -> dict[str, tuple[str, str]]:
    """What a schedule comes to."""
    table = Table()
    people = [Person(table, one, folder) for one in ("ann", "ben")]
    rolls = random.Random(name)
    hands = [
        Hands(table, one, rolls, random.Random(f"{name} restarts") if restarting else None) for one in people
    ]
    for _ in range(40):
        rolls.choice(hands).act()
    agree(table)
    found = {c.id: (c.label, c.description) for c in people[0].document.state.all(Cell)}
    for one in people:
        one.library.close()
    return found


@pytest.mark.parametrize("number", range(count(4, 200)))
def test_a_restart_makes_no_difference(number: int, tmp_path: Path) -> None:
    """UNDO-1, UNDO-2: the same edits, undone and done again, with restarts between them and without."""
    name = f"{seed()}-undo-{number}"
    for folder in ("on", "off"):
        (tmp_path / folder).mkdir()
    straight = played(tmp_path / "on", name, restarting=False)
    assert played(tmp_path / "off", name, restarting=True) == straight
