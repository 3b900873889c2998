"""Killed at any moment, a model is attached or it is not, and nothing that was on the disk is lost."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.domain.patch import update
from app.ports import Attachment, LoadedModel
from storage import open_library
from tests.domain.sound import content
from tests.manners import ROOT, count
from tests.simulation.dice import MODEL
from tests.wiring.table import NODE, OTHER, Person, Table

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the driver forks")
MOST = 200

Act = Callable[[str, Path, int], str]


@pytest.fixture(scope="module")
def act() -> Iterator[Act]:
    """Asks the driver for one action, killed before a statement; tells how it ended."""
    driver = subprocess.Popen(
        [sys.executable, "-m", "tests.wiring.attach_driver"], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert driver.stdin is not None
    assert driver.stdout is not None

    def ask(action: str, path: Path, number: int) -> str:
        assert driver.stdin is not None
        assert driver.stdout is not None
        driver.stdin.write(f"{action} {path} {number}\n")
        driver.stdin.flush()
        return driver.stdout.readline().strip()

    yield ask
    _, said = driver.communicate()
    assert (driver.returncode, said) == (0, "")


def prepared(folder: Path) -> Path:
    """A library with a model that a server orders, of which two operations wait and one is to be decided."""
    table = Table()
    ann, ben = Person(table, "ann", folder), Person(table, "ben", folder)
    ann.do(*table.node(NODE, "Shop"), *table.node(OTHER, "Orders"))
    ann.send()
    ann.connected = False
    ann.do(update("cell", OTHER, label="Ann's"))
    ben.do(update("cell", OTHER, label="Ben's"))
    ben.send()
    ann.come_back(after_long=True)
    ann.connected = False
    ann.do(update("cell", NODE, label="Waits"))
    ann.do(update("cell", NODE, label="Waits too"))
    for one in (ann, ben):
        one.library.close()
    return ann.path


def look(path: Path) -> LoadedModel:
    """What is there when the program comes up again; all of it sound."""
    library = open_library(path)
    assert (library.notices, library.read_only) == ((), "")
    assert library.verify().broken == ()
    loaded = library.load(MODEL)
    library.close()
    return loaded


def each(act: Act, action: str, source: Path, folder: Path) -> Iterator[tuple[LoadedModel, bool]]:
    """The outcome of being killed before one statement after the other, and at last of not being killed."""
    for number in range(1, MOST, count(3, 1)):
        path = folder / f"{number}.db"
        shutil.copy(source, path)
        how = act(action, path, number)
        assert how in ("killed", "done")
        yield look(path), how == "done"
        if how == "done":
            assert number > 5
            return
    raise AssertionError("it never ends")


def test_detaching(act: Act, tmp_path: Path) -> None:
    """ATTACH-1, NOLOSS-1: what waits does so still, or is in the log, each once."""
    source = prepared(tmp_path)
    before = look(source)
    assert before.attachment is not None
    states = set()
    for loaded, done in each(act, "detach", source, tmp_path):
        labels = [one.patch[0].data["label"] for one in loaded.pending]
        more = loaded.sequence_number - before.sequence_number
        states.add((loaded.attachment is not None, len(labels), more))
        assert loaded.conflicts == before.conflicts
        if loaded.attachment is not None:
            assert more == 0
            assert labels in (["Waits", "Waits too"], ["Waits", "Waits too", "Just now"])
            assert content(loaded.state) == content(before.state)
        else:
            assert (labels, more) in (([], 3), ([], 4))
            cell = loaded.state.cell(NODE)
            assert cell is not None
            assert cell.label == ("Just now" if more == 3 else "Detached")
        assert not done or more == 4
    assert {(True, 2, 0), (False, 0, 4)} <= states <= {
        (True, 2, 0), (True, 3, 0), (False, 0, 3), (False, 0, 4),
    }  # fmt: skip


def test_going_on_with_a_server_that_was_set_back(act: Act, tmp_path: Path) -> None:
    """BACK-4: the old log or the new one, with all that waits; what is lost is kept from then on."""
    source = prepared(tmp_path)
    library = open_library(source)
    old = [event.hash for event in library.log(MODEL)]
    library.close()
    before = look(source)
    states = set()
    for loaded, _ in each(act, "set-back", source, tmp_path):
        states.add(bool(loaded.lost))
        assert loaded.attachment is not None
        labels = [one.patch[0].data["label"] for one in loaded.pending]
        assert labels == ["Waits", "Waits too"]
        if loaded.lost:
            assert (loaded.attachment.epoch, loaded.sequence_number) == ("epoch 2", 3)
            assert [one.event.hash for one in loaded.lost] == old[2:]
            shown = loaded.state.cell(OTHER)
            assert shown is not None
            assert shown.label == "Since"
        else:
            assert (loaded.attachment, loaded.sequence_number) == (before.attachment, len(old))
            assert content(loaded.state) == content(before.state)
    assert states == {False, True}


def test_attaching(act: Act, tmp_path: Path) -> None:
    """ATTACH-1: what came before is in the log, what comes after waits for the server."""
    source = prepared(tmp_path)
    library = open_library(source)
    library.detach(MODEL, (), ())
    library.close()
    before = look(source)
    states = set()
    for loaded, done in each(act, "attach", source, tmp_path):
        more = loaded.sequence_number - before.sequence_number
        states.add((loaded.attachment is not None, len(loaded.pending), more))
        assert not done or loaded.attachment == Attachment(server="s", epoch="epoch")
    assert {(False, 0, 0), (True, 1, 1)} <= states <= {
        (False, 0, 0), (False, 0, 1), (True, 0, 1), (True, 1, 1),
    }  # fmt: skip
