"""A week offline in fast motion: `python -m tests.benchmarks.review [EDITS]`.

So many edits here, so many at somebody else's, on as many elements; half of them meet. Prints one JSON
line, in milliseconds: `caught_up` takes in what others did, `compared` works out what is to be asked,
`told` is from then until the window shows it. `decided` is one key in the panel, `all_decided` one click,
`all_undone` the way back, each with its painting; `with_ghosts` paints the diagram with all of mine in it.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.domain.conflicts import Conflict
from app.domain.ids import new_id
from app.domain.patch import update
from app.services.workspace import Workspace
from app.wiring.desktop import application, replica_of
from storage import open_library
from sync.replica.review import Review, review
from tests.benchmarks.storage import fsync_time, milliseconds
from tests.gui.test_reviewing import Seat, node, share
from tests.wiring.table import Person, Table
from ui.program import Program


def settle() -> None:
    """Paint, and whatever else waits."""
    QApplication.processEvents()


def week(me: Seat, ids: list[str]) -> None:
    """The edits of both sides, one operation each. Even ones meet: a name or a place."""
    ben = me.table.people["ben"]
    me.connected = False
    for number, cell in enumerate(ids):
        if number % 2:
            me.do(update("cell", cell, technology="mine"))
            ben.do(update("cell", cell, description="theirs"))
        elif number % 4:
            me.do(update("cell", cell, position={"x": number, "y": 1}))
            ben.do(update("cell", cell, position={"x": number, "y": 2}))
        else:
            me.do(update("cell", cell, label=f"Mine {number}"))
            ben.do(update("cell", cell, label=f"Theirs {number}"))
    ben.send()


def come_back(me: Seat) -> dict[str, float]:
    """Catch up, compare, tell."""
    was, replica = me.replica.base.copy(), me.replica
    events = me.table.store.events(me.table.model_id, replica.sequence_number, 100_000)
    found: list[Review] = []
    news = []

    def caught_up() -> None:
        news.append(replica.receive(events))
        me.document.news(news[0])

    def compared() -> None:
        found.append(review(was, replica.base, replica.pending))

    def told() -> None:
        changes = replica.substitute(found[0].pending)
        me.document.reviewed(changes, found[0].conflicts, news[0].applied)
        me.window.reviewing.show()
        settle()

    return {one.__name__: milliseconds(one) for one in (caught_up, compared, told)}


def decide(me: Seat) -> dict[str, float]:
    """What the panel takes."""

    def decided() -> None:
        QTest.keyClick(me.tree, Qt.Key.Key_M)
        settle()

    def with_ghosts() -> None:
        me.window.reviewing.toggle_all()
        settle()
        me.window.grab()

    def all_decided() -> None:
        me.window.reviewing.keep("mine")
        settle()

    def all_undone() -> None:
        me.window.toast.act()
        settle()

    return {one.__name__: milliseconds(one) for one in (decided, with_ghosts, all_decided, all_undone)}


def main(edits: int) -> None:
    """Run it and print."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as name:
        folder, table = Path(name), Table()
        ben = Person(table, "ben", folder)
        ids = [new_id() for _ in range(edits)]
        ben.do(
            *(node(table.diagram, one, f"N {n}", n % 25 * 200, n // 25 * 120) for n, one in enumerate(ids))
        )
        ben.send()
        share(table, folder / "library.db")
        library = open_library(folder / "library.db")
        program = Program(application(), Workspace(library, "me", replicas=replica_of))
        window = program.open_model(table.model_id)
        assert window is not None
        window.open_diagram(table.diagram)
        settle()
        me = Seat(table, program, window)
        week(me, ids)
        times = come_back(me)
        conflicts: tuple[Conflict, ...] = me.document.conflicts
        times |= decide(me)
        disk = fsync_time(folder)
        program.close()
        for one in (library, ben.library):
            one.close()
    figures = {name: round(value, 1) for name, value in times.items()}
    print(json.dumps({"edits": edits, "conflicts": len(conflicts), **figures, "fsync_ms": round(disk, 2)}))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
