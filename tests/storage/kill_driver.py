"""A program that writes to a library until it is killed, and says of each operation that it is saved.

Reads `PATH SEED` a line, forks a writer for it, says `pid N`, and `gone` once that writer is dead. The
writer says `saved MODEL OPERATION` from the listener, straight into the pipe.
"""

import os
import random
import sys
from pathlib import Path

from app.domain.ids import new_id
from app.domain.patch import remove, update
from storage import open_library
from tests.storage.building import Pen, flow, large_patch, node


def say(line: str) -> None:
    """Into the pipe at once; lines this short are never mixed."""
    os.write(1, f"{line}\n".encode())


def edit(pen: Pen, rng: random.Random) -> None:
    """One random edit."""
    state = pen.state
    diagrams = state.diagrams()
    cells = [c for d in diagrams for c in state.cells(d.id)]
    nodes = [c.id for c in cells if c.can_connect]
    choice = rng.randrange(10)
    if not diagrams or choice == 0:
        pen.diagram(f"Diagram {len(diagrams)}")
    elif choice == 1 and len(nodes) < 300:
        pen.write(*large_patch(diagrams[-1].id, 40, 40))
    elif choice == 2 and nodes:
        pen.write(remove("cell", rng.choice(nodes)))
    elif choice == 3 and nodes:
        pen.write(flow(new_id(), state.cell(nodes[0]).diagram_id, nodes[0], nodes[0]))  # type: ignore[union-attr]
    elif choice in (4, 5) and nodes:
        pen.write(update("cell", rng.choice(nodes), label=f"Label {rng.random()}"))
    elif choice == 6:
        pen.library.keep_draft(pen.model_id, "label", "x" * rng.randrange(2000))
        pen.library.set_thumbnail(pen.model_id, diagrams[0].id, "<svg/>", pen.sequence)
    elif choice == 7:
        pen.write(node(new_id(), diagrams[-1].id, "Node"))
    else:
        pen.rename(f"Model {rng.random()}")


def write(path: Path, seed: int) -> None:
    """Open the library and edit one of its models until the process is killed."""
    rng = random.Random(seed)
    library = open_library(path)
    if library.notices or library.read_only:
        say(f"notice {library.notices} {library.read_only}")
    models = [summary.id for summary in library.summaries()]
    pen = Pen.of(library, rng.choice(models)) if models and rng.random() < 0.8 else Pen(library)
    first = pen.sequence + 1

    def saved(model_id: str, sequence: int) -> None:
        say(f"saved {model_id} {pen.written[sequence - first]}")

    library.listen(saved, lambda model_id, reason: say(f"notice {reason}"))
    if not pen.sequence:
        pen.start()
    while True:
        edit(pen, rng)
        if library.pending(pen.model_id) > 20:
            library.flush()


def main() -> None:
    """One writer after the other."""
    for line in sys.stdin:
        path, seed = line.rsplit(maxsplit=1)
        pid = os.fork()
        if pid == 0:
            try:
                write(Path(path), int(seed))
            except BaseException as error:
                say(f"notice {error!r}")
            os._exit(1)
        say(f"pid {pid}")
        os.waitpid(pid, 0)
        say("gone")


if __name__ == "__main__":
    main()
