"""What this machine knows of a model's history, for when its server turns out to have another one."""

from collections.abc import Callable, Sequence

from app.domain.changes import ChangeSet
from app.domain.patch import Event, Operation
from app.domain.state import ModelState
from app.ports import Library, LostEvent
from app.ports_live import BegunAgain
from app.services.document import Document

__all__ = ["DocumentHistory", "LostEvent"]


class DocumentHistory:
    """`app.ports_live.History` of an open document in its library."""

    def __init__(
        self, library: Library, document: Document, told: Callable[[str], object] = lambda _line: None
    ) -> None:
        """`told` gets the line for people when a server was set back and something is lost there."""
        self._library = library
        self._document = document
        self._told = told

    def log(self, after: int, limit: int) -> Sequence[Event]:
        """Events after a number, once all that was taken in is on the disk; waits for it."""
        self._library.flush()
        return self._library.log(self._document.model_id, after, limit)

    def state_at(self, sequence_number: int) -> ModelState:
        """The model after an event; may take a while."""
        model_id = self._document.model_id
        return self._library.state_at(model_id, sequence_number) if sequence_number else ModelState(model_id)

    def is_mine(self, operation: Operation) -> bool:
        """Whether an operation of the log is this user's."""
        return self._document.is_mine(operation)

    def met(self, epoch: str) -> None:
        """The server's history goes by this name."""
        self._document.met(epoch)

    def begun_again(self, changes: ChangeSet, found: BegunAgain) -> None:
        """The server's log is the one that counts from now on."""
        self._document.begun_again(changes, found)
        if found.line:
            self._told(found.line)
