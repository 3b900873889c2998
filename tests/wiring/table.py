"""A room and people at it, each with a real library and a document, who come, go and come back."""

from pathlib import Path

from app.domain.patch import Patch, add
from app.ports import Attachment, LoadedModel
from app.ports_live import BegunAgain
from app.services.attaching import take_over
from app.services.document import Document
from app.services.history import DocumentHistory
from app.services.workspace import Workspace
from app.wiring.desktop import replica_of
from storage import open_library
from sync.client.setting_back import go_on
from sync.protocol import messages as m
from sync.replica import Replica
from sync.replica.review import review
from sync.replica.set_back import part
from sync.room import Answer, Broadcast, Request, Room
from sync.room.turn import judge_all, write
from tests.domain.sound import content
from tests.simulation.dice import CELLS, MODEL
from tests.simulation.starting import in_memory

NODE, OTHER, FLOW = CELLS[:3]
SEEN_AT = "2026-01-01T08:00:00.000Z"


class Table:
    """A room, and everybody at it."""

    def __init__(self) -> None:
        self.store = in_memory()
        self.model_id = MODEL
        self.room = Room(self.store.load(self.model_id), "epoch")
        self.people: dict[str, Person] = {}
        (self.diagram,) = [d.id for d in self.room.state.diagrams() if d.name == "one"]

    def set_back(self, number: int) -> None:
        """The server forgets all after an event; nobody is connected then."""
        self.store.log = self.store.log[:number]
        kept = {one.operation.operation_id for one in self.store.log}
        self.store.outcomes = {i: one for i, one in self.store.outcomes.items() if i in kept}
        self.room = Room(self.store.load(self.model_id), f"epoch after {number}")
        for person in self.people.values():
            person.connected = False

    def node(self, cell_id: str, label: str) -> Patch:
        return (add("cell", cell_id, {"diagram_id": self.diagram, "type": "process", "label": label}),)


class Person:
    """Somebody with a library of their own, connected or not."""

    def __init__(self, table: Table, name: str, folder: Path, role: str = "writer") -> None:
        self.table, self.name, self.path = table, name, folder / f"{name}.db"
        self.connected = True
        table.people[name] = self
        self.library = open_library(self.path)
        events = table.store.events(table.model_id, 0, 10_000)
        attachment = Attachment(server="s", epoch="epoch", role=role, seen_at=SEEN_AT, user_id=self.name)
        take_over(self.library, table.model_id, events, attachment)
        self.open()

    def open(self) -> None:
        self.workspace = Workspace(self.library, self.name, replicas=replica_of)
        self.sit_down(self.workspace.open(self.table.model_id))

    def sit_down(self, document: Document) -> None:
        """Work on a document that is open."""
        self.saved: set[str] = set()
        self.library.listen_outbox(lambda _model, operation_id: self.saved.add(operation_id))
        self.document = document
        assert isinstance(self.document.replica, Replica)
        self.replica: Replica = self.document.replica
        self.saved |= {one.operation_id for one in self.replica.pending}
        self.heard: list[str] = []
        self.document.listen(lambda changes, origin: self.heard.append(f"{origin}"))

    def text(self, record_id: str, name: str) -> str | None:
        found = self.document.state.get(record_id)
        return str(getattr(found, name)) if found is not None else None

    def restart(self) -> None:
        self.library.close()
        self.library = open_library(self.path)
        self.open()

    def do(self, *patch: object) -> None:
        self.document.apply(tuple(patch), title="edit")  # type: ignore[arg-type]

    def label(self, cell_id: str) -> str:
        found = self.document.state.cell(cell_id)
        return found.label if found is not None else "-"

    def hear(self, message: object) -> None:
        if isinstance(message, m.Ack):
            self.document.news(self.replica.acknowledged(message))
        elif isinstance(message, m.Rejected):
            self.document.news(self.replica.rejected(message))

    def send(self) -> None:
        """Everything that waits, until it has its answer."""
        self.library.flush()
        # They are on the disk now, even where the writer's thread has not come to say so.
        self.saved |= {one.operation_id for one in self.replica.pending}
        while self.connected and (operations := self.replica.to_send(self.saved)):
            for one in operations:
                role = m.Role(self.document.attachment.role if self.document.attachment else "reader")
                outputs = judge_all(
                    self.table.room, self.table.store, [Request(operation=one, sender=self.name, role=role)]
                )
                for output in [*outputs, *write(self.table.room, self.table.store)]:
                    if isinstance(output, Broadcast):
                        for person in self.table.people.values():
                            if person.connected:
                                news = person.replica.receive([e.event for e in output.events])
                                person.document.news(news)
                    elif isinstance(output, Answer):
                        self.table.people[output.to].hear(output.message)

    def begin_again(self) -> BegunAgain | None:
        """The server was set back: go on from what it has."""
        self.library.flush()
        old, new = self.library.log(self.table.model_id), self.table.store.log
        same = [one.hash == other.hash for one, other in zip(old, new, strict=False)]
        common = same.index(False) if False in same else len(same)
        found = None
        if common < len(old):
            history = DocumentHistory(self.library, self.document)
            was = history.state_at(common)
            parting = part(was, common, old[common:], new[common:], history.is_mine)
            found = go_on(self.replica, history, parting, self.table.room.epoch)
            self.saved |= {one.event.operation.operation_id for one in found.lost}
        self.connected = True
        self.replica.window.disconnected()
        return found

    def come_back(self, *, after_long: bool = False) -> None:
        """Catch up, compare where it was long, and send."""
        was = self.replica.base.copy()
        events = self.table.store.events(self.table.model_id, self.replica.sequence_number, 10_000)
        news = self.replica.receive(events)
        self.document.news(news)
        if after_long:
            writers = {
                one.id: (event.operation.author, event.sequence_number)
                for event in news.events for one in event.operation.patch
            }  # fmt: skip
            pending = self.replica.pending
            found = review(was, self.replica.base, pending, lambda i, _g: writers.get(i, ("", 0)))
            view = self.replica.substitute(found.pending)
            self.document.reviewed(view, found.conflicts, news.applied)
        self.connected = True
        self.replica.window.disconnected()
        self.send()


def agree(table: Table) -> None:
    """CONV-3: everybody sees the same, and has the same on the disk."""
    for person in table.people.values():
        person.library.flush()
        assert content(person.document.state) == content(table.room.state)
        loaded: LoadedModel = person.library.load(table.model_id)
        assert content(loaded.state) == content(table.room.state)
        assert (loaded.head_hash, loaded.pending) == (table.room.head_hash, ())
        assert person.library.verify().broken == ()
