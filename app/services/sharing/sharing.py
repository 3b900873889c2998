"""The open models that servers order, and the way of models between this library and servers."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from app.domain.errors import LibraryError
from app.domain.patch import Event
from app.domain.stage import apply
from app.domain.state import ModelState
from app.ports import Attachment, LoadedModel
from app.ports_network import Account, Gateway, Network, RemoteModel, RoleName
from app.services.attaching import Replicas, take_over
from app.services.document import Document
from app.services.sharing.names import Names
from app.services.sharing.shared import SharedModel
from app.services.workspace import Workspace

Progress = Callable[[int, int], object]
PAGE: Final = 500


class Sharing:
    """One for the program. Everything runs on the event loop."""

    def __init__(self, workspace: Workspace, network: Network, replicas: Replicas) -> None:
        self.workspace = workspace
        self.network = network
        self.names = Names(workspace.library)
        self._replicas = replicas
        self._shared: dict[str, SharedModel] = {}
        self._closing: dict[str, asyncio.Task[None]] = {}
        self._arriving: set[str] = set()
        self._loop = asyncio.get_running_loop()
        self._stop_listening = workspace.library.listen_outbox(self._kept)

    def shared(self, model_id: str) -> SharedModel | None:
        """The open model that a server orders; None of one that is not open, or only this library's."""
        return self._shared.get(model_id)

    def _kept(self, model_id: str, operation_id: str) -> None:
        """On the writer's thread: the loop is told, unless the program is just ending."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._tell_kept, model_id, operation_id)

    def _tell_kept(self, model_id: str, operation_id: str) -> None:
        shared = self._shared.get(model_id)
        if shared is not None:
            shared.kept(operation_id)

    # Open models

    def opened(self, document: Document) -> SharedModel | None:
        """A document is open: follow its model, if a server orders it."""
        return self._followed(document) if document.attachment is not None else None

    def _followed(self, document: Document) -> SharedModel:
        held = self._shared.get(document.model_id)
        if held is None:
            held = SharedModel(document, self.workspace.library, self.network, self.names)
            self._shared[document.model_id] = held
            held.start(after=self._closing.get(document.model_id))
        return held

    def leave(self, model_id: str) -> bool:
        """A document is no longer open: its model is followed no longer, and then it is let go of.

        Until then it stays the document of its model: what is on its way still comes to it, and whoever
        opens it meanwhile follows it anew. False when it is not followed.
        """
        shared = self._shared.pop(model_id, None)
        if shared is None:
            return False
        task = self._loop.create_task(shared.stop())
        self._closing[model_id] = task
        task.add_done_callback(lambda done: self._let_go(model_id, done))
        return True

    async def closed(self, model_id: str) -> None:
        """As `leave`, and wait until nobody follows it any more."""
        self.leave(model_id)
        closing = self._closing.get(model_id)
        if closing is not None:
            await asyncio.wait([closing])

    def _let_go(self, model_id: str, task: asyncio.Task[None]) -> None:
        if self._closing.get(model_id) is task:
            del self._closing[model_id]
            if model_id not in self._shared:
                self.workspace.release(model_id)

    async def close(self) -> None:
        """Follow nothing any more, and let go of all connections."""
        await asyncio.gather(*(self.closed(model_id) for model_id in {*self._shared, *self._closing}))
        self._stop_listening()
        await self.network.close()

    # Between library and server

    async def upload(self, document: Document, account_key: str, progress: Progress) -> SharedModel:
        """Bring an open model to a server with its whole log; from then on the server orders it.

        Edits may go on meanwhile. `progress` is told how many of how many events are there.
        """
        if document.attachment is not None:
            raise LibraryError("the model is on a server already")
        gateway = await self.network.gateway(account_key)
        library, model_id = self.workspace.library, document.model_id
        there = -1
        while there < document.sequence_number or library.pending(model_id):
            await asyncio.to_thread(library.flush)
            there = await gateway.seed(
                model_id, self._log(model_id), lambda number: progress(number, document.sequence_number)
            )
        attachment = self.attachment_for(gateway.account, "owner")
        head, head_hash = library.head(model_id)
        document.attach(attachment, self._replicas(LoadedModel(
            state=document.state, sequence_number=head, head_hash=head_hash, attachment=attachment,
        )))  # fmt: skip
        return self._followed(document)

    async def _log(self, model_id: str) -> AsyncIterator[Sequence[Event]]:
        after = 0
        while page := await asyncio.to_thread(self.workspace.library.log, model_id, after, PAGE):
            yield page
            after = page[-1].sequence_number

    async def download(self, account_key: str, remote: RemoteModel, progress: Progress) -> None:
        """Keep a server's model here, too, so that it can be opened and edited without the network."""
        if self.workspace.has(remote.id):
            raise LibraryError(f"“{remote.name}” is in your library already")
        gateway = await self.network.gateway(account_key)
        events = await self._fetched(gateway, remote, progress)
        attachment = self.attachment_for(gateway.account, remote.role)
        work = self._loop.create_task(self._kept_here(remote.id, events, attachment))
        self._arriving.add(remote.id)
        work.add_done_callback(lambda _done: self._arriving.discard(remote.id))
        await asyncio.shield(work)  # who calls it off now is too late: a thread is at it

    async def _kept_here(self, model_id: str, events: Sequence[Event], attachment: Attachment) -> None:
        library = self.workspace.library
        try:
            await asyncio.to_thread(take_over, library, model_id, events, attachment)
        except LibraryError:
            await asyncio.to_thread(library.purge, [model_id])
            raise

    def is_arriving(self, model_id: str) -> bool:
        """Whether a model is just being written to the library, so that it cannot be opened yet."""
        return model_id in self._arriving

    async def copy_down(self, account_key: str, remote: RemoteModel, progress: Progress) -> str:
        """A copy of a server's model that is only this library's; returns its id."""
        events = await self._fetched(await self.network.gateway(account_key), remote, progress)
        state = await asyncio.to_thread(_state_after, remote.id, events)
        document = self.workspace.add_copy(state, f"{remote.name} (copy)")
        self.workspace.release(document.model_id)
        return document.model_id

    @staticmethod
    def attachment_for(account: Account, role: RoleName) -> Attachment:
        """That an account's server orders a model from now on."""
        at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return Attachment(
            server=account.key, epoch="", role=role, seen_at=at, author=account.name, user_id=account.user_id
        )

    @staticmethod
    async def _fetched(gateway: Gateway, remote: RemoteModel, progress: Progress) -> list[Event]:
        events: list[Event] = []
        async for page in gateway.log(remote.id):
            events += page
            progress(len(events), max(remote.version, len(events)))
        return events

    async def bring_home(self, model_id: str) -> None:
        """Let this library order a model again. The server keeps what it has; what waited stays here.

        A document that is open stays so, and is the library's own.
        """
        shared = self._shared.pop(model_id, None)
        if shared is not None:
            await shared.stop()
        await asyncio.to_thread(self.workspace.library.flush)
        if shared is not None:
            shared.document.detach()
        else:
            self.workspace.detach(model_id)


def _state_after(model_id: str, events: Sequence[Event]) -> ModelState:
    state = ModelState(model_id)
    for event in events:
        apply(state, event.operation.patch, event.operation.operation_id)
    return state
