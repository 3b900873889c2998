"""A library in memory, faithful to `app.ports.Library`, for tests of windows that need no disk."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from app.domain.conflicts import Conflict
from app.domain.errors import LibraryError
from app.domain.patch import GENESIS, Event, Operation, Patch
from app.domain.records import Record
from app.domain.stage import patch_of
from app.domain.state import ModelState
from app.ports import (
    Attachment,
    Commit,
    Failed,
    LoadedModel,
    ModelSummary,
    Rewrite,
    Saved,
    UndoEntry,
    Verification,
    Waiting,
)
from app.services.document import Document


class MemoryLibrary:
    """Keeps every commit; says that it is saved when it is flushed."""

    def __init__(self, read_only: str = "") -> None:
        self.read_only = read_only
        self.path = Path("memory")
        self.notices: tuple[str, ...] = ()
        self.commits: dict[str, list[Commit]] = {}
        self.drafts: dict[str, dict[str, str]] = {}
        self.settings: dict[str, str] = {}
        self.bin: set[str] = set()
        self._saved: dict[str, int] = {}
        self._listeners: list[tuple[Saved, Failed]] = []

    def summaries(self, *, deleted: bool = False) -> list[ModelSummary]:
        found = []
        for model_id in self.commits:
            model = self._state(model_id).model
            if (model_id in self.bin) == deleted and model is not None:
                found.append(ModelSummary(id=model_id, name=model.name))
        return found

    def _state(self, model_id: str) -> ModelState:
        if model_id not in self.commits:
            raise LibraryError(f"there is no model {model_id}")
        state = ModelState(model_id)
        for commit in self.commits[model_id]:
            state.commit(commit.changes, commit.operation.operation_id)
        return state

    def load(self, model_id: str) -> LoadedModel:
        state = self._state(model_id)
        commits = self.commits[model_id]
        dropped = {step for commit in commits for step in commit.dropped_steps}
        undo: list[UndoEntry] = [c.undo for c in commits if c.undo and c.undo.step not in dropped]
        return LoadedModel(
            state=state,
            sequence_number=len(commits),
            undo=tuple(undo),
            drafts=dict(self.drafts.get(model_id, {})),
        )

    def append(self, commit: Commit) -> None:
        if self.read_only:
            raise LibraryError(self.read_only)
        log = self.commits.setdefault(commit.operation.model_id, [])
        assert commit.sequence_number == len(log) + 1, "operations out of order"
        log.append(commit)

    def flush(self) -> None:
        for model_id, log in self.commits.items():
            if self._saved.get(model_id, 0) < len(log):
                self._saved[model_id] = len(log)
                for saved, _ in tuple(self._listeners):
                    saved(model_id, len(log))

    def retry(self) -> None:
        """Nothing fails here."""

    def listen(self, saved: Saved, failed: Failed) -> Callable[[], None]:
        pair = (saved, failed)
        self._listeners.append(pair)
        return lambda: self._listeners.remove(pair) if pair in self._listeners else None

    def pending(self, model_id: str) -> int:
        return len(self.commits.get(model_id, ())) - self._saved.get(model_id, 0)

    def keep_draft(self, model_id: str, key: str, text: str) -> None:
        drafts = self.drafts.setdefault(model_id, {})
        if text:
            drafts[key] = text
        else:
            drafts.pop(key, None)

    def set_thumbnail(self, model_id: str, diagram_id: str, svg: str, sequence_number: int) -> None:
        """Pictures are not kept."""

    def attach(self, model_id: str, attachment: Attachment | None) -> None:
        raise LibraryError("there is no server here")

    def detach(self, model_id: str, commits: Sequence[Commit], conflicts: Sequence[Conflict]) -> None:
        raise LibraryError("there is no server here")

    def rewrite(self, log: Rewrite) -> None:
        raise LibraryError("there is no server here")

    def forget_lost(self, model_id: str) -> None:
        """No server has lost anything."""

    def note_attachment(self, model_id: str, attachment: Attachment) -> None:
        raise LibraryError("there is no server here")

    def state_at(self, model_id: str, sequence_number: int) -> ModelState:
        raise LibraryError("states of long ago are not kept")

    def head(self, model_id: str) -> tuple[int, bytes]:
        return len(self.commits.get(model_id, ())), GENESIS

    def authors(self, model_id: str, operation_ids: Iterable[str]) -> dict[str, str]:
        return {}

    def log(self, model_id: str, after: int = 0, limit: int = 0) -> Sequence[Event]:
        raise LibraryError("there are no bytes here")

    def set_outbox(self, model_id: str, pending: Sequence[Operation], conflicts: Sequence[Conflict]) -> None:
        raise LibraryError("there is no server here")

    def listen_outbox(self, kept: Waiting) -> Callable[[], None]:
        return lambda: None

    def touch(self, model_id: str) -> None:
        """Times are not kept."""

    def delete(self, model_id: str) -> None:
        self.bin.add(model_id)

    def restore(self, model_id: str) -> None:
        self.bin.discard(model_id)

    def purge(self, model_ids: Iterable[str]) -> None:
        for model_id in model_ids:
            self.commits.pop(model_id, None)
            self.bin.discard(model_id)

    def events(self, model_id: str, after: int = 0) -> Iterable[tuple[int, Operation]]:
        return [
            (c.sequence_number, c.operation)
            for c in self.commits.get(model_id, ())
            if c.sequence_number > after
        ]

    def verify(self) -> Verification:
        return Verification(models=len(self.commits), events=sum(map(len, self.commits.values())))

    def setting(self, key: str, default: str = "") -> str:
        return self.settings.get(key, default)

    def set_setting(self, key: str, value: str) -> None:
        self.settings[key] = value

    def close(self) -> None:
        self.flush()


def document_of(
    model_id: str, records: Sequence[Record] | Patch, library: MemoryLibrary | None = None
) -> Document:
    """A document that holds these records, added as its first operation."""
    library = library or MemoryLibrary()
    document = Document(library, LoadedModel(state=ModelState(model_id), sequence_number=0), "Ada")
    patch = tuple(r for r in records if not isinstance(r, Record))
    document.apply(patch + patch_of(r for r in records if isinstance(r, Record)))
    return document
