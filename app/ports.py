"""What the rooms below must fulfil: storage, and later pictures, PDF and sync."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from app.domain.changes import ChangeSet, Dropped
from app.domain.conflicts import Conflict
from app.domain.patch import GENESIS, Event, Operation, Patch
from app.domain.state import ModelState


class ModelSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A model as the library lists it. Times are ISO 8601 UTC; `thumbnail` is an SVG or empty.

    Of a model that a server orders: `server` and `role` as in its attachment, `seen_at` when the server was
    last followed, how many own operations are `waiting` for it, how many conflicts are `undecided`.
    """

    id: str
    name: str
    description: str = ""
    framework: str = "STRIDE"
    diagrams: int = 0
    threats: int = 0
    open_threats: int = 0
    created_at: str = ""
    modified_at: str = ""
    opened_at: str = ""
    deleted_at: str = ""
    source: str = ""
    thumbnail: str = ""
    server: str = ""
    role: str = ""
    seen_at: str = ""
    waiting: int = 0
    undecided: int = 0


class UndoEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What takes one stored operation back; entries of one `step` are undone together.

    Entries are kept in the order of their operations; `undone` ones make up the redo side.
    """

    operation_id: str
    step: str
    title: str
    inverse: Patch
    undone: bool = False


class Foreign(msgspec.Struct, frozen=True, kw_only=True):
    """Where an own operation has replaced, or brought back, values: record, group, whether another's."""

    replaced: tuple[tuple[str, str, bool], ...] = ()
    left: tuple[tuple[str, str, bool], ...] = ()


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """Which server orders a model. `server` names an account, `epoch` its history; times are ISO 8601 UTC.

    `seen_at` is when the server was last followed, `role` what one may do there. `author` is the name under
    which one works there, `user_id` what the server calls one as the author of events.
    """

    server: str
    epoch: str
    role: str = "owner"
    seen_at: str = ""
    author: str = ""
    user_id: str = ""


class Commit(msgspec.Struct, frozen=True, kw_only=True):
    """One applied operation on its way to disk.

    `operation.patch` is the effective patch; `changes` are its records old and new; `writers` maps
    each changed record's id to its last writers by merge group. `undo` is None where it must not be
    undone. `dropped_steps` are steps whose entries left the undo or redo stack with this operation
    (an undo drops the step and brings a new entry with `undone` set; a redo the other way round).
    `remote_address` is where it came from, on a server. `foreign` is there where values of others had part.

    Of a model that a server orders there are two sorts. `waits`: an own operation for the outbox, as it was
    meant, its place there in `sequence_number`; the projections do not move. With `event`: an event of the
    server, appended as it is; an own operation of that id leaves the outbox.
    """

    sequence_number: int
    operation: Operation
    changes: ChangeSet
    writers: Mapping[str, Mapping[str, str]]
    undo: UndoEntry | None = None
    dropped_steps: tuple[str, ...] = ()
    remote_address: str = ""
    waits: bool = False
    event: Event | None = None
    foreign: Foreign | None = None


class LostEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event that a server does not have any more since it was set back; times are ISO 8601 UTC."""

    event: Event
    own: bool
    lost_at: str = ""


class Rewrite(msgspec.Struct, frozen=True, kw_only=True):
    """A model's log as it is to be since its server was set back: up to event `common` it stays what it is.

    `commits` are the server's events from there; `pending` is what waits for the server then, `conflicts`
    what is to be decided, `lost` what the server has lost, which is kept beside the log.
    """

    model_id: str
    common: int
    commits: tuple[Commit, ...]
    attachment: Attachment
    pending: tuple[Operation, ...]
    conflicts: tuple[Conflict, ...]
    lost: tuple[LostEvent, ...]


class LoadedModel(msgspec.Struct, frozen=True, kw_only=True):
    """A model as it lies on disk: its state, the sequence of its last event, and its undo entries.

    Of a model that a server orders, the state is the server's; `pending` are own operations that it has not
    ordered yet, `conflicts` what is to be decided after an absence. `place` is the highest number that an
    own operation or undo entry has been given.
    """

    state: ModelState
    sequence_number: int
    undo: tuple[UndoEntry, ...] = ()
    drafts: Mapping[str, str] = {}
    head_hash: bytes = GENESIS
    attachment: Attachment | None = None
    pending: tuple[Operation, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    place: int = 0
    lost: tuple[LostEvent, ...] = ()
    foreign: Mapping[str, Foreign] = {}


class BrokenEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The first event of a model's chain that is not what it was when it was written."""

    model_id: str
    model_name: str
    sequence_number: int
    reason: str


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of checking every chain of a library."""

    models: int
    events: int
    broken: tuple[BrokenEvent, ...] = ()


Saved = Callable[[str, int], None]
Waiting = Callable[[str, str], None]
Failed = Callable[[str, str], None]


class Library(Protocol):
    """The models on this machine. Reads may block for milliseconds; `append` never waits for the disk."""

    @property
    def path(self) -> Path:
        """The library file."""

    @property
    def read_only(self) -> str:
        """Why nothing can be written, in words for the user; empty when all is well."""

    @property
    def notices(self) -> tuple[str, ...]:
        """What the user should be told about opening it: a recovery, a backup, a newer version."""

    def summaries(self, *, deleted: bool = False) -> list[ModelSummary]:
        """The models, last modified first; with `deleted` those in the bin instead."""

    def load(self, model_id: str) -> LoadedModel:
        """A model with everything queued for it already in. LibraryError when there is none."""

    def append(self, commit: Commit) -> None:
        """Queue an operation. It is on disk when `on_saved` has been called with its sequence number."""

    def flush(self) -> None:
        """Wait until all that is queued is on disk or has failed. LibraryError when it has failed."""

    def attach(self, model_id: str, attachment: Attachment | None) -> None:
        """Note which server orders a model from now on, None for none. LibraryError when that cannot be."""

    def detach(self, model_id: str, commits: Sequence[Commit], conflicts: Sequence[Conflict]) -> None:
        """Have this library order a model again: all of it at once, or LibraryError.

        `commits` are the operations that waited for the server, as the next events of the log; nothing waits
        any more then, and `conflicts` is what is still to be decided.
        """

    def rewrite(self, log: Rewrite) -> None:
        """Put a server's log in place of one's own, whole or not at all, queued like an operation."""

    def forget_lost(self, model_id: str) -> None:
        """Drop what was kept of what a server has lost."""

    def note_attachment(self, model_id: str, attachment: Attachment) -> None:
        """Keep what has become known of a model's server, queued like an operation."""

    def state_at(self, model_id: str, sequence_number: int) -> ModelState:
        """A model as it was after an event. LibraryError when the log does not reach it."""

    def head(self, model_id: str) -> tuple[int, bytes]:
        """Number and hash of a model's last event on the disk; (0, GENESIS) when there is none."""

    def set_outbox(self, model_id: str, pending: Sequence[Operation], conflicts: Sequence[Conflict]) -> None:
        """Make a model's outbox exactly this, queued like an operation."""

    def retry(self) -> None:
        """Try now what has failed, instead of when it is due again."""

    def listen_outbox(self, kept: Waiting) -> Callable[[], None]:
        """Be told, on the writer's thread, `kept(model_id, operation_id)` of what waits for a server."""

    def listen(self, saved: Saved, failed: Failed) -> Callable[[], None]:
        """Be told, on the writer's thread, `saved(model_id, sequence)` or `failed(model_id, reason)`.

        Returns the function that ends it. What has failed stays queued and is tried again.
        """

    def pending(self, model_id: str) -> int:
        """How many operations of a model wait to be written."""

    def keep_draft(self, model_id: str, key: str, text: str) -> None:
        """Keep unfinished text, queued like an operation; empty text drops it."""

    def set_thumbnail(self, model_id: str, diagram_id: str, svg: str, sequence_number: int) -> None:
        """Keep a diagram's picture and the sequence that it shows; never part of the log."""

    def touch(self, model_id: str) -> None:
        """Note that the model has just been opened."""

    def delete(self, model_id: str) -> None:
        """Move a model to the bin."""

    def restore(self, model_id: str) -> None:
        """Take a model out of the bin."""

    def purge(self, model_ids: Iterable[str]) -> None:
        """Remove models from the disk for good."""

    def events(self, model_id: str, after: int = 0) -> Iterable[tuple[int, Operation]]:
        """Sequence numbers and operations of a model's log after a sequence number, in order."""

    def authors(self, model_id: str, operation_ids: Iterable[str]) -> dict[str, str]:
        """The authors of those of these operations that are in a model's log on the disk."""

    def log(self, model_id: str, after: int = 0, limit: int = 1000) -> Sequence[Event]:
        """Events of a model's log after a sequence number, as they were written; fewer at its end."""

    def verify(self) -> Verification:
        """Check every hash chain and every projection against its log."""

    def setting(self, key: str, default: str = "") -> str:
        """A remembered value of this library."""

    def set_setting(self, key: str, value: str) -> None:
        """Remember a value."""

    def close(self) -> None:
        """Write what is queued and let go of the file. LibraryError when something could not be written."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an operation: its place in the log, or the head that it found when it did nothing."""

    operation_id: str
    sequence_number: int
    had_effect: bool = True
    digest: bytes = b""
    dropped: tuple[Dropped, ...] = ()


class Staged(msgspec.Struct, frozen=True, kw_only=True):
    """An operation that a room has judged, on its way to the log.

    `operation.patch` is the effective patch, empty when there is nothing to do. `writers` are the last
    writers of each changed record by merge group, as they will be. `digest` tells the operation as it
    was sent from another one with the same id. `remote_address` is kept beside the log, never in it.
    """

    operation: Operation
    changes: ChangeSet
    writers: Mapping[str, Mapping[str, str]]
    digest: bytes = b""
    remote_address: str = ""


class LoadedRoom(msgspec.Struct, frozen=True, kw_only=True):
    """A model as the server keeps it, with the outcomes of its latest operations."""

    state: ModelState
    sequence_number: int
    head_hash: bytes
    outcomes: tuple[Outcome, ...] = ()


class RoomStore(Protocol):
    """Where rooms keep their logs. Blocking; called from a room's own writer, never from an event loop."""

    def load(self, model_id: str) -> LoadedRoom:
        """A model's state and head. LibraryError when there is no such model."""

    def append(self, model_id: str, base_sequence: int, staged: Sequence[Staged]) -> list[Event]:
        """Write operations in one transaction under the lock of the model's head: all of them, or none.

        Returns the events of those with an effect, numbered from `base_sequence` + 1; the others are
        remembered. LibraryError when the head has moved on or nothing can be written.
        """

    def outcome(self, model_id: str, operation_id: str) -> Outcome | None:
        """What became of an operation, however long ago; None when it was never written."""

    def events(self, model_id: str, after: int, limit: int) -> list[Event]:
        """Events after a sequence number, in order, with the bytes that were hashed."""
