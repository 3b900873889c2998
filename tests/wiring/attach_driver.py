"""A program that attaches or detaches a model, or goes on with a server that was set back, and is killed.

Reads `ACTION PATH N` a line, forks somebody who does it and is killed before the statement number N that
they send to the database, and says `killed`, or `done` when there were not that many.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.domain.patch import Operation, place, update
from app.ports import Attachment
from app.services.document import Document
from app.services.history import DocumentHistory
from app.services.workspace import Workspace
from app.wiring.desktop import replica_of
from storage import SqlLibrary, open_library
from sync.client.setting_back import go_on
from sync.replica import Replica
from sync.replica.set_back import part
from tests.simulation.dice import CELLS, MODEL
from tests.wiring.table import NODE, OTHER


def killed_before(number: int) -> None:
    """End this process, from now on, before it sends its statement of this number, a commit being one."""
    left = number

    def count(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(sa.Engine, "before_cursor_execute", count)
    sa.event.listen(sa.Engine, "commit", count)


def act(action: str, path: Path, number: int) -> None:
    """Edit the model, and attach or detach it at once."""
    library = open_library(path)
    workspace = Workspace(library, "ann", replicas=replica_of)
    document = workspace.open(MODEL)
    library.flush()
    killed_before(number)
    if action == "set-back":
        begin_again(library, document)
        return
    document.apply((update("cell", NODE, label="Just now"),))
    if action == "attach":
        workspace.attach(MODEL, Attachment(server="s", epoch="epoch"))
        document.apply((update("cell", NODE, label="Attached"),))
    else:
        workspace.detach(MODEL)
        document.apply((update("cell", NODE, label="Detached"),))
    library.flush()


def begin_again(library: SqlLibrary, document: Document) -> None:
    """The server has only two of the model's events, and one of somebody else's since."""
    assert isinstance(document.replica, Replica)
    log, history = library.log(MODEL), DocumentHistory(library, document)
    since = Operation(
        operation_id=CELLS[0], model_id=MODEL, author="ben", patch=(update("cell", OTHER, label="Since"),)
    )
    new = place(since, 3, log[1].hash)
    go_on(document.replica, history, part(history.state_at(2), 2, log[2:], [new], history.is_mine), "epoch 2")
    library.flush()


def main() -> None:
    """One after the other."""
    for line in sys.stdin:
        action, path, number = line.split()
        child = os.fork()
        if child == 0:
            try:
                act(action, Path(path), int(number))
            except BaseException as error:
                sys.stderr.write(f"{error!r}\n")
                os._exit(2)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        said = {0: "done", signal.SIGKILL: "killed"}.get(status, f"failed {status}")
        sys.stdout.write(f"{said}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
