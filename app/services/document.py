"""One open threat model: the only door through which it changes."""

from collections import deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Final

import msgspec

from app.domain.absence import Absence, digest, from_text, to_text
from app.domain.changes import ChangeSet
from app.domain.checks import clean_text
from app.domain.conflicts import Choice, Conflict, settle, settling
from app.domain.errors import LibraryError, TmiError
from app.domain.ids import new_id
from app.domain.intent import intended
from app.domain.patch import Operation, Origin, Patch
from app.domain.stage import stage
from app.domain.state import ModelState
from app.ports import Attachment, Commit, Library, LoadedModel, LostEvent, UndoEntry
from app.ports_live import Applied, BegunAgain, News, Replica
from app.services.attaching import check_can_attach, ordered_here, rewritten
from app.services.undecided import Undecided
from app.services.undo import IsForeign, Owners, Step, UndoStack, still_mine

Listener = Callable[[ChangeSet, Origin], None]
# Kept beside the model as unfinished texts are.
ABSENCE: Final = "absence"


class ReadOnly(TmiError):
    """The document may only be read; the text says why."""


def now() -> str:
    """The time as ISO 8601 in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Document:
    """A model in memory that is written to the library as it changes.

    Every change goes through `apply`, `undo` or `redo`; listeners hear of it in the same turn.
    """

    def __init__(
        self, library: Library, loaded: LoadedModel, author: str, clock: Callable[[], str] = now,
        replica: Replica | None = None,
    ) -> None:  # fmt: skip
        """`replica` holds the model where a server orders it: then its view is what one sees."""
        self._library = library
        self._author = clean_text(author)
        self._clock = clock
        self._replica = replica
        self._state = replica.view if replica is not None else loaded.state
        self._sequence = loaded.sequence_number
        self._place = max(loaded.place, loaded.sequence_number + len(loaded.pending))
        self.attachment = loaded.attachment
        self.lost: tuple[LostEvent, ...] = loaded.lost
        # Why a session takes no edits just now, in words for the user.
        self.held = ""
        self._stack = UndoStack(loaded.undo)
        own = [*(entry.operation_id for entry in loaded.undo), *(one.operation_id for one in loaded.pending)]
        self._owners = Owners(
            own, in_company=replica is not None, foreign=loaded.foreign,
            authors=lambda ids: library.authors(self.model_id, ids),
            user_id=self.attachment.user_id if self.attachment is not None else "",
        )  # fmt: skip
        self._coalescing = False
        self._listeners: list[Listener] = []
        self._news: deque[tuple[ChangeSet, Origin]] = deque()
        self._telling = False
        self.drafts: dict[str, str] = dict(loaded.drafts)
        self._undecided = Undecided(loaded.conflicts, from_text(self.drafts.pop(ABSENCE, "")))

    @property
    def state(self) -> ModelState:
        """The model as it is now. Changed only through this document."""
        return self._state

    @property
    def author(self) -> str:
        """The name under which this document's changes are made: on a server, the account's."""
        return (self.attachment.author if self.attachment is not None else "") or self._author

    def now(self) -> str:
        """The time as the document's operations carry it: ISO 8601 in UTC."""
        return self._clock()

    @property
    def model_id(self) -> str:
        """The id of the model."""
        return self._state.model_id

    @property
    def name(self) -> str:
        """The model's name."""
        model = self._state.model
        return model.name if model is not None else ""

    @property
    def sequence_number(self) -> int:
        """The sequence number of the last event."""
        return self._sequence

    @property
    def read_only(self) -> str:
        """Why nothing may be changed, in words for the user; empty when all may."""
        if self.attachment is not None and self.attachment.role == "reader":
            return "you may read this model, not change it"
        if self.held:
            return self.held
        return self._library.read_only

    @property
    def frozen(self) -> str:
        """Why nothing at all can be kept, not even that others' version counts; empty when it can."""
        return self._library.read_only

    @property
    def replica(self) -> Replica | None:
        """The copy that follows a server; None of a model that only this library orders."""
        return self._replica

    @property
    def pending(self) -> int:
        """How many operations wait to be written to the disk."""
        return self._library.pending(self.model_id)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Be told of every change, in order. Returns the function that ends it."""
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    def apply(
        self, patch: Patch, origin: Origin = Origin.LOCAL, *, title: str = "", step: str = ""
    ) -> ChangeSet:
        """Change the model. InvalidData or ReadOnly leave it as it was.

        `title` is what menus show for undoing it. Operations in a row with the same non-empty `step`
        are undone together.
        """
        if self.read_only:
            raise ReadOnly(self.read_only)
        changes = stage(self._state, patch)
        if not changes:
            return changes
        operation_id = new_id()
        title = clean_text(title)
        if origin is Origin.REMOTE:
            self._owners.met(operation_id)
        entry, dropped = self._recorded(operation_id, changes, origin, title, step)
        self._write(operation_id, patch, changes, origin, entry, dropped, title)
        return changes

    def _recorded(
        self, operation_id: str, changes: ChangeSet, origin: Origin, title: str, step: str
    ) -> tuple[UndoEntry | None, tuple[str, ...]]:
        if origin not in (Origin.LOCAL, Origin.IMPORT) or self._sequence == 0:
            return None, ()
        last = self._stack.open_step()
        joins = bool(step) and self._coalescing and last is not None and _spell(last.key) == step
        key = last.key if joins and last is not None else f"{operation_id}/{step}"
        entry = UndoEntry(
            operation_id=operation_id,
            step=key,
            title=last.title if joins and last is not None else title,
            inverse=changes.inverse,
        )
        self._coalescing = True
        return entry, self._stack.record(entry, coalesce=joins)

    def _write(
        self,
        operation_id: str,
        patch: Patch,
        changes: ChangeSet,
        origin: Origin,
        entry: UndoEntry | None,
        dropped: tuple[str, ...],
        title: str = "",
    ) -> None:
        operation = Operation(
            operation_id=operation_id,
            model_id=self.model_id,
            author=self.author,
            patch=changes.effective if self._replica is None else intended(patch, changes),
            origin=origin,
            base_sequence=self._sequence,
            timestamp=self._clock(),
            step=entry.step if entry is not None else "",
            title=entry.title if entry is not None else title,
        )
        if origin is not Origin.REMOTE:
            self._owners.wrote(self._state, changes, operation_id)
        self._state.commit(changes, operation_id)
        if self._replica is None:
            self._place = self._sequence = self._sequence + 1
        else:
            self._replica.propose(operation, changes)
            self._place = max(self._place, self._sequence) + 1
        self._library.append(
            Commit(
                sequence_number=self._place,
                operation=operation,
                changes=changes,
                writers={c.id: self._state.writers_of(c.id) for c in changes.changes if c.after},
                undo=entry,
                dropped_steps=dropped,
                waits=self._replica is not None,
                foreign=self._owners.known_of(operation_id),
            )
        )
        self._tell(changes, origin)

    # With a server and without

    def attach(self, attachment: Attachment, replica: Replica) -> None:
        """Have a server order the model from now on; `replica` holds it, and begins where the log here ends.

        What one sees, and can undo, stays as it is. LibraryError when it cannot be, nothing has changed then.
        """
        if self._replica is not None:
            raise LibraryError("a server orders this model already")
        check_can_attach(self._library, self.model_id, replica)
        self._library.attach(self.model_id, attachment)
        self._owners.into_company(self._state)
        self.attachment, self._replica, self._state = attachment, replica, replica.view
        self.seal()

    def detach(self) -> None:
        """Have this library order the model again; whoever followed the server has ended before.

        What the server has not ordered becomes part of the log here. What is still to be decided stays so:
        that takes no server. LibraryError when it cannot be written, nothing has changed then.
        """
        if self._replica is None:
            return
        state, commits = ordered_here(self._replica.base, self._sequence, self._replica.pending)
        self._library.detach(self.model_id, commits, self.conflicts)
        self.attachment, self._replica, self._state = None, None, state
        self._place = self._sequence = self._sequence + len(commits)
        self.seal()

    def news(self, news: News) -> None:
        """The server has said something: its events go to the log as they are, what they did to the view."""
        if self._replica is None:
            return  # said before the model was detached
        for one in news.applied:
            self._sequence = one.event.sequence_number
            self._library.append(
                Commit(
                    sequence_number=self._sequence,
                    operation=one.event.operation,
                    changes=one.changes,
                    writers=one.writers,
                    event=one.event,
                )
            )
        if set(news.through) - {event.operation.operation_id for event in news.events}:
            self._keep_outbox()
        if news.changes:
            self._tell(news.changes, Origin.REMOTE)

    def reviewed(
        self, changes: ChangeSet, conflicts: Iterable[Conflict], missed: Iterable[Applied] = ()
    ) -> None:
        """After a long absence: what waits now is what the replica says, and this is to be decided.

        `missed` is what the server brought meanwhile; what of it is one's own is no news.
        """
        foreign = [
            (one.event.operation.author, one.changes) for one in missed
            if not self._owners.is_mine(one.event.operation.operation_id)
        ]  # fmt: skip
        self._undecided.put(conflicts)
        if foreign:
            since = self.attachment.seen_at if self.attachment is not None else ""
            self._keep_absence(digest(foreign, self.absence, since))
        self._keep_outbox()
        try:
            if changes:
                self._tell(changes, Origin.REMOTE)
        finally:
            self._undecided.tell()

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """What both sides changed while one was away, and nobody has decided yet."""
        return self._undecided.conflicts

    @property
    def absence(self) -> Absence:
        """What others did while one was away, until it is dismissed."""
        return self._undecided.absence

    def listen_conflicts(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Be told when `conflicts` or `absence` are others. Returns the function that ends it."""
        return self._undecided.listen(listener)

    def dismiss_absence(self) -> None:
        """What others did has been read."""
        self._keep_absence(Absence())
        self._undecided.tell()

    def _keep_absence(self, absence: Absence) -> None:
        self._undecided.absence = absence
        if not self._library.read_only:
            self._library.keep_draft(self.model_id, ABSENCE, to_text(absence))

    def decide(self, conflict: Conflict, choice: Choice) -> ChangeSet:
        """Settle a conflict by an ordinary edit, or by leaving it as it is. InvalidData leaves it open."""
        if conflict not in self.conflicts:
            return ChangeSet()
        patch = settling(conflict, choice, self._state)
        return self._settle(patch, (conflict,), choice)

    def decide_all(self, conflicts: Iterable[Conflict], choice: Choice) -> ChangeSet:
        """Settle many by one edit. Those that cannot be settled so stay open."""
        open_ones = [one for one in conflicts if one in self.conflicts]
        patch, settled = settle(open_ones, choice, self._state)
        return self._settle(patch, settled, choice)

    def _settle(self, patch: Patch, conflicts: tuple[Conflict, ...], choice: Choice) -> ChangeSet:
        if self.frozen:
            raise ReadOnly(self.frozen)
        changes = self.apply(patch, title=f"keep {choice}") if patch else ChangeSet()
        self._undecided.take_out(conflicts, self.undo_key if changes else "")
        self._keep_outbox()
        self._undecided.tell()
        return changes

    def reopen(self, conflicts: Iterable[Conflict]) -> None:
        """Ask again about what was decided without an edit."""
        self._undecided.put(conflicts)
        self._keep_outbox()
        self._undecided.tell()

    def begun_again(self, changes: ChangeSet, found: BegunAgain) -> None:
        """The server was set back: its log counts, and what it has lost of one's own is sent again."""
        if self._replica is None or self.attachment is None:
            return
        self.attachment = msgspec.structs.replace(self.attachment, epoch=found.epoch)
        self._undecided.put(found.conflicts)
        self._sequence = found.sequence_number
        self._library.rewrite(rewritten(self.model_id, found, self.attachment, self.conflicts))
        self.lost = (*self.lost, *found.lost)
        self.seal()
        if changes:
            self._tell(changes, Origin.REMOTE)
        self._undecided.tell()

    def met(self, epoch: str) -> None:
        """The server's history goes by this name."""
        if self.attachment is not None and self.attachment.epoch != epoch:
            self.attachment = msgspec.structs.replace(self.attachment, epoch=epoch)
            self._library.note_attachment(self.model_id, self.attachment)

    def is_mine(self, operation: Operation) -> bool:
        """Whether an operation of the log is this user's."""
        user_id = self.attachment.user_id if self.attachment is not None else ""
        known = bool(user_id) and operation.author == user_id
        return known or self._owners.is_mine(operation.operation_id)

    def forget_lost(self) -> None:
        """What servers have lost has been read."""
        self.lost = ()
        self._library.forget_lost(self.model_id)

    def _keep_outbox(self) -> None:
        waiting = self._replica.pending if self._replica is not None else ()
        self._library.set_outbox(self.model_id, waiting, self._undecided.conflicts)

    def _tell(self, changes: ChangeSet, origin: Origin) -> None:
        """Listeners hear of changes one after the other, also when one of them makes another change.

        The change stands and is being saved; a listener that fails does not keep it from the others.
        """
        self._news.append((changes, origin))
        if self._telling:
            return
        self._telling = True
        failures: list[Exception] = []
        while self._news:
            news = self._news.popleft()
            for listener in tuple(self._listeners):
                try:
                    listener(*news)
                except Exception as error:
                    failures.append(error)
        self._telling = False
        if failures:
            raise failures[0]

    def seal(self) -> None:
        """End the current run of coalescing operations: the next one starts an undo step of its own."""
        self._coalescing = False

    @property
    def undo_title(self) -> str | None:
        """The title of what `undo` would take back, None when there is nothing."""
        return self._stack.undo[-1].title if self._stack.undo else None

    @property
    def undo_key(self) -> str:
        """What tells the step that `undo` would take back from all others; "" when there is none."""
        return self._stack.undo[-1].key if self._stack.undo else ""

    @property
    def redo_title(self) -> str | None:
        """The title of what `redo` would do again, None when there is nothing."""
        return self._stack.redo[-1].title if self._stack.redo else None

    @property
    def undo_titles(self) -> tuple[str, ...]:
        """The titles of all steps that can be undone, the next one first."""
        return tuple(step.title for step in reversed(self._stack.undo))

    def undo(self) -> ChangeSet:
        """Take back the last step that still has something to take back; an empty change set if none."""
        return self._step_back(self._stack.undo, Origin.UNDO)

    def redo(self) -> ChangeSet:
        """Do again what was undone last."""
        return self._step_back(self._stack.redo, Origin.REDO)

    def _step_back(self, side: list[Step], origin: Origin) -> ChangeSet:
        if self.read_only:
            raise ReadOnly(self.read_only)
        self.seal()
        spent: list[str] = []
        while side:
            step = side.pop()
            spent.append(step.key)
            patch, _ = still_mine(self._state, step.patch, self._foreign_to(step))
            changes = stage(self._state, patch)
            if not changes:
                continue
            operation_id = new_id()
            entry = UndoEntry(
                operation_id=operation_id,
                step=f"{operation_id}/",
                title=step.title,
                inverse=changes.inverse,
                undone=origin is Origin.UNDO,
            )
            self._stack.moved(entry)
            self._owners.brought_back(operation_id, step.entries)
            self._write(operation_id, patch, changes, origin, entry, tuple(spent))
            if self._undecided.stepped_back(step.key, entry.step, undone=origin is Origin.UNDO):
                self._keep_outbox()
                self._undecided.tell()
            return changes
        return ChangeSet()

    def _foreign_to(self, step: Step) -> IsForeign:
        """Whether somebody else's value stands in a merge group, for who takes a step back.

        Where nothing has been written since the step, it is the step's own to take back.
        """
        own = {entry.operation_id for entry in step.entries}
        state = self._state
        self._owners.learn(writer for one in step.patch for writer in state.writers_of(one.id).values())
        owners = self._owners
        return lambda writer, record, group: writer not in own and owners.is_foreign(writer, record, group)

    def keep_draft(self, key: str, text: str) -> None:
        """Keep unfinished text outside of the model, so that a crash cannot take it; "" drops it."""
        if text:
            self.drafts[key] = text
        else:
            self.drafts.pop(key, None)
        if not self.read_only:
            self._library.keep_draft(self.model_id, key, text)


def _spell(step: str) -> str:
    return step.partition("/")[2]
