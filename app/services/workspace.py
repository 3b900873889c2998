"""The library as a person uses it: open, create, import, copy, delete and bring back models."""

import getpass
from collections.abc import Callable, Iterable
from pathlib import Path

from app.domain.errors import LibraryError
from app.domain.ids import new_id
from app.domain.order import spread
from app.domain.patch import Origin, Patch, add
from app.domain.state import ModelState
from app.exchange.imported import Imported
from app.ports import Attachment, Library, LoadedModel, ModelSummary
from app.services.attaching import Replicas, ordered_here
from app.services.document import Document, now
from app.services.merging import Comparison, Mode, compare, copied, merge_patch, replace_patch

__all__ = ["ModelSummary", "Workspace", "local_author"]


def local_author() -> str:
    """The name under which this machine's user writes."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "user"


class Workspace:
    """The open documents of a library. A model that is opened twice is one document."""

    def __init__(
        self, library: Library, author: str = "", clock: Callable[[], str] = now,
        replicas: Replicas | None = None,
    ) -> None:  # fmt: skip
        """`replicas` makes the copies of models that a server orders; without it they cannot be opened."""
        self._replicas = replicas
        self.library = library
        self.author = author or local_author()
        self._clock = clock
        self._open: dict[str, Document] = {}

    def summaries(self, *, deleted: bool = False) -> list[ModelSummary]:
        """The models of the library, or those in its bin."""
        return self.library.summaries(deleted=deleted)

    def open(self, model_id: str) -> Document:
        """The document of a model. LibraryError when there is none."""
        document = self._open.get(model_id)
        if document is None:
            document = self._started(self.library.load(model_id))
        if not self.library.read_only:
            self.library.touch(model_id)
        return document

    def _started(self, loaded: LoadedModel) -> Document:
        replica = None
        if loaded.attachment is not None:
            if self._replicas is None:
                raise LibraryError("the model is shared over a server, which this program cannot reach")
            replica = self._replicas(loaded)
        document = Document(self.library, loaded, self.author, self._clock, replica)
        self._open[document.model_id] = document
        return document

    def release(self, model_id: str) -> None:
        """Forget an open document whose last window has closed. What it wrote is queued already."""
        self._open.pop(model_id, None)

    def create(self, name: str, framework: str = "STRIDE") -> Document:
        """A new model with one empty diagram."""
        model_id = new_id()
        patch = (
            add("threat_model", model_id, {"name": name, "threat_model_framework": framework,
                                           "owner": self.author}),
            add("diagram", new_id(), {"name": "Diagram 1", "order": spread(1)[0]}),
        )  # fmt: skip
        return self._new(model_id, patch, Origin.LOCAL)

    def _new(self, model_id: str, patch: Patch, origin: Origin, title: str = "") -> Document:
        if self.library.read_only:
            raise LibraryError(self.library.read_only)
        document = self._started(LoadedModel(state=ModelState(model_id), sequence_number=0))
        document.apply(patch, origin, title=title)
        return document

    def attach(self, model_id: str, attachment: Attachment) -> None:
        """Have a server that has the model's whole log order it from now on.

        A document that is open goes on in place. LibraryError when that cannot be, nothing has changed then.
        """
        document = self._open.get(model_id)
        if document is None:
            self.library.flush()
            self.library.attach(model_id, attachment)
            return
        if self._replicas is None:
            raise LibraryError("this program cannot reach a server")
        self.library.flush()
        number, head_hash = self.library.head(model_id)
        begins = LoadedModel(
            state=document.state.copy(), sequence_number=number, head_hash=head_hash, attachment=attachment
        )
        document.attach(attachment, self._replicas(begins))

    def detach(self, model_id: str) -> None:
        """Have this library order a model again, with what has not reached its server; nothing for its own.

        Whoever followed the server has ended before. LibraryError when that cannot be written.
        """
        document = self._open.get(model_id)
        if document is not None:
            document.detach()
            return
        loaded = self.library.load(model_id)
        if loaded.attachment is not None:
            _, commits = ordered_here(loaded.state, loaded.sequence_number, loaded.pending)
            self.library.detach(model_id, commits, loaded.conflicts)

    def has(self, model_id: str) -> bool:
        """Whether the library holds a model of this id, in the bin or not."""
        return model_id in self._open or any(
            s.id == model_id for deleted in (False, True) for s in self.summaries(deleted=deleted)
        )

    def compare(self, imported: Imported) -> Comparison | None:
        """How a file's model differs from the library's; None when the library has no such model."""
        if not self.has(imported.model_id):
            return None
        return compare(self._state_of(imported.model_id), imported.state())

    def _state_of(self, model_id: str) -> ModelState:
        """What a model holds, without opening it: nobody would release it again."""
        document = self._open.get(model_id)
        return document.state if document is not None else self.library.load(model_id).state

    def take_in(self, imported: Imported, mode: Mode = "merge") -> Document:
        """Bring a file's model into the library.

        A model that is not there yet is added. One that is: `merge` adds and changes, `replace` makes
        it what the file says (both one undoable edit), `copy` adds a second model under new ids.
        """
        source = Path(imported.report.source).name
        if mode == "copy":
            model_id, patch = copied(imported.state())
            return self._new(model_id, patch, Origin.IMPORT, source)
        if not self.has(imported.model_id):
            return self._new(imported.model_id, imported.patch, Origin.IMPORT, source)
        if any(s.id == imported.model_id for s in self.summaries(deleted=True)):
            self.library.restore(imported.model_id)
        document = self.open(imported.model_id)
        theirs = imported.state()
        make = merge_patch if mode == "merge" else replace_patch
        title = "merge of a file" if mode == "merge" else "replacement by a file"
        document.apply(make(document.state, theirs), Origin.IMPORT, title=title)
        return document

    def duplicate(self, model_id: str, name: str) -> Document:
        """A copy of a model under new ids and another name."""
        return self.add_copy(self._state_of(model_id), name)

    def add_copy(self, state: ModelState, name: str) -> Document:
        """A model that holds the same under new ids and another name."""
        new_model_id, patch = copied(state)
        renamed = tuple(
            add(op.kind, op.id, {**op.data, "name": name}) if op.id == new_model_id else op for op in patch
        )
        return self._new(new_model_id, renamed, Origin.LOCAL)

    def delete(self, model_id: str) -> None:
        """Move a model to the bin."""
        self.library.delete(model_id)

    def restore(self, model_id: str) -> None:
        """Take a model out of the bin."""
        self.library.restore(model_id)

    def purge(self, model_ids: Iterable[str]) -> None:
        """Remove models from the disk for good."""
        doomed = list(model_ids)
        self.library.purge(doomed)
        for model_id in doomed:
            self.release(model_id)

    def file_of(self, model_id: str) -> Path | None:
        """The file that a model was last opened from or saved to, if it still has one."""
        text = self.library.setting(f"file.{model_id}")
        return Path(text) if text else None

    def remember_file(self, model_id: str, path: Path) -> None:
        """Remember where a model's file is."""
        if not self.library.read_only:
            self.library.set_setting(f"file.{model_id}", str(path.absolute()))
