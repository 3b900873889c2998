"""What waits for a person after a long absence: conflicts to decide, and what others did meanwhile."""

from collections.abc import Callable, Iterable

from app.domain.absence import Absence
from app.domain.conflicts import Conflict


class Undecided:
    """The conflicts of one document that nobody has decided yet.

    A decision that was an edit is remembered by its undo step: who takes the edit back is asked again, who
    does it again is not.
    """

    def __init__(self, conflicts: Iterable[Conflict], absence: Absence) -> None:
        self.conflicts = tuple(conflicts)
        self.absence = absence
        self._settled: dict[str, tuple[Conflict, ...]] = {}
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Be told when there is more, less or something else to decide or to read."""
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    def tell(self) -> None:
        """Tell the listeners."""
        for listener in tuple(self._listeners):
            listener()

    def put(self, conflicts: Iterable[Conflict]) -> None:
        """These are to be decided, once each."""
        self.conflicts = tuple({one.id: one for one in (*self.conflicts, *conflicts)}.values())

    def take_out(self, conflicts: Iterable[Conflict], step: str = "") -> None:
        """These are decided, by the edit of an undo step if one is named."""
        gone = {one.id: one for one in conflicts}
        self.conflicts = tuple(one for one in self.conflicts if one.id not in gone)
        if step and gone:
            self._settled[step] = tuple(gone.values())

    def stepped_back(self, step: str, becomes: str, *, undone: bool) -> bool:
        """An undo step was taken back (`undone`) or done again, and has another key now.

        Returns whether that made a difference to what is to be decided.
        """
        settled = self._settled.pop(step, ())
        if not settled:
            return False
        if undone:
            self.put(settled)
            self._settled[becomes] = settled
        else:
            self.take_out(settled, becomes)
        return True
