"""Models between this computer and servers: what can be done with them, what is asked and what is said."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from app.ports_network import Account, Invited, RemoteModel
from app.services.sharing import found, join
from app.services.workspace import ModelSummary
from ui.dialogs.ask import ask
from ui.servers.transfers import Progress
from ui.servers.uploading import Choice, UploadDialog
from ui.servers.words import count, server_name

if TYPE_CHECKING:
    from ui.servers.connections import Connections

Done = Callable[[], object]


class Moves:
    """What the library offers for its models and for those of servers."""

    def __init__(self, connections: "Connections") -> None:
        self._connections = connections
        self._sharing = connections.sharing
        self._workspace = connections.sharing.workspace

    # From a server

    def open(self, key: str, remote: RemoteModel) -> None:
        """Show a server's model; the first time it is fetched."""
        shell = self._connections.shell
        self._back_from_bin(remote.id)
        if self._workspace.has(remote.id):
            shell.open_model(remote.id)
            return
        self._run(
            f"Fetching “{remote.name}”…", lambda progress: self._sharing.download(key, remote, progress),
            lambda _nothing: shell.open_model(remote.id), lambda: self.open(key, remote),
        )  # fmt: skip

    def keep(self, key: str, remote: RemoteModel) -> None:
        """Have a server's model here, too."""
        self._back_from_bin(remote.id)
        if self._workspace.has(remote.id):
            self._connections.states_changed.emit()
            return
        self._run(
            f"Fetching “{remote.name}”…", lambda progress: self._sharing.download(key, remote, progress),
            lambda _nothing: self._connections.say(f"“{remote.name}” is kept on this computer, too."),
            lambda: self.keep(key, remote),
        )  # fmt: skip

    def copy_here(self, key: str, remote: RemoteModel) -> None:
        """A copy of a server's model that is only this computer's."""
        self._run(
            f"Copying “{remote.name}”…", lambda progress: self._sharing.copy_down(key, remote, progress),
            lambda _id: self._connections.say(f"“{remote.name} (copy)” is on this computer only."),
            lambda: self.copy_here(key, remote),
        )  # fmt: skip

    def move_here(self, key: str, remote: RemoteModel) -> None:
        """Have this computer order a server's model again; the server's goes to the bin there."""

        async def work(progress: Progress) -> None:
            self._back_from_bin(remote.id)
            if not self._workspace.has(remote.id):
                await self._sharing.download(key, remote, progress)
            await self._bring_home(key, remote.id, progress, delete=True)

        self._run(
            f"Moving “{remote.name}” here…", work,
            lambda _nothing: self._moved_home(key, [remote], f"“{remote.name}” is on this computer only."),
            lambda: self.move_here(key, remote),
        )  # fmt: skip

    def delete_there(self, key: str, remotes: Sequence[RemoteModel], done: Done) -> None:
        """Move models to the server's bin; the toast takes it back."""

        async def work() -> None:
            gateway = await self._connections.network.gateway(key)
            for remote in remotes:
                await gateway.delete(remote.id)

        what = f"“{remotes[0].name}”" if len(remotes) == 1 else f"{len(remotes)} models"
        where = server_name(self._connections.network, key)

        def told(_nothing: object) -> None:
            done()
            self._offer_undo(key, remotes, f"Moved {what} to the bin of {where}.", done)

        self._do(work, told, lambda: self.delete_there(key, remotes, done))

    def restore_there(self, key: str, remotes: Sequence[RemoteModel], done: Done) -> None:
        """Take models out of the server's bin."""

        async def work() -> None:
            gateway = await self._connections.network.gateway(key)
            for remote in remotes:
                await gateway.restore(remote.id)

        self._do(work, lambda _nothing: done(), lambda: self.restore_there(key, remotes, done))

    # From this computer

    def upload(self, summary: ModelSummary, parent: QWidget) -> UploadDialog | None:
        """Ask to which server a model shall go, and what stays here."""
        accounts = self._connections.accounts
        if not accounts:
            self._connections.show_servers(add=True)
            return None
        dialog = UploadDialog(self._connections, summary, parent)
        dialog.chosen.connect(lambda key, choice: self.upload_to(summary, key, choice))
        dialog.open()
        return dialog

    def upload_to(self, summary: ModelSummary, key: str, choice: Choice) -> None:
        """Bring a model to a server."""
        where = server_name(self._connections.network, key)
        said = {
            Choice.KEEP: f"“{summary.name}” is on {where}, and stays here for working offline.",
            Choice.MOVE: f"“{summary.name}” is on {where} now.",
            Choice.COPY: f"A copy of “{summary.name}” is on {where}.",
        }[choice]
        self._run(
            f"Sending “{summary.name}” to {where}…",
            lambda progress: self._upload(summary, key, choice, progress),
            lambda _nothing: self._connections.say(said),
            lambda: self.upload_to(summary, key, choice),
        )  # fmt: skip

    async def _upload(self, summary: ModelSummary, key: str, choice: Choice, progress: Progress) -> None:
        workspace = self._workspace
        if choice is Choice.COPY:
            document = workspace.duplicate(summary.id, summary.name)
        else:
            document = workspace.open(summary.id)
        model_id = document.model_id
        has_window = self._connections.has_window(model_id)
        try:
            await self._sharing.upload(document, key, progress)
        except BaseException:
            if choice is Choice.COPY:
                workspace.purge([model_id])
            elif not has_window:
                workspace.release(model_id)
            raise
        if self._connections.has_window(model_id):
            self._connections.opened(document)
        else:
            await self._sharing.closed(model_id)
        if choice is not Choice.KEEP:
            await self._connections.settled(model_id)
            await asyncio.to_thread(workspace.purge, [model_id])

    def bring_home(self, summary: ModelSummary, parent: QWidget) -> None:
        """Have this computer order a model again, after asking what becomes of the server's."""
        key, name = summary.server, summary.name
        where = server_name(self._connections.network, key)
        remote = RemoteModel(id=summary.id, name=name, version=0)

        def run(*, delete: bool) -> None:
            after = f"“{name}” is on this computer only."
            self._run(
                f"Moving “{name}” here…",
                lambda progress: self._bring_home(key, summary.id, progress, delete=delete),
                lambda _nothing: self._moved_home(key, [remote] if delete else [], after),
                lambda: run(delete=delete),
            )

        answers: list[tuple[str, Callable[[], object]]] = [
            ("Leave it on the server", lambda: run(delete=False)),
        ]
        if summary.role == "owner":
            answers.append(("Move it to the server's bin", lambda: run(delete=True)))
        ask(
            parent, f"Have only this computer keep “{name}”?",
            f"It is no longer followed on {where}: what you do from then on is not sent there, and what "
            "others do there does not come here.",
            answers,
        )  # fmt: skip

    async def _bring_home(self, key: str, model_id: str, progress: Progress, *, delete: bool) -> None:
        gateway = await self._connections.network.gateway(key) if delete else None
        await self._connections.bring_home(model_id)
        if gateway is not None:
            await gateway.delete(model_id)

    def _moved_home(self, key: str, deleted: Sequence[RemoteModel], text: str) -> None:
        if deleted:
            where = server_name(self._connections.network, key)
            self._offer_undo(key, deleted, f"{text} The server's is in the bin of {where}.", lambda: None)
        else:
            self._connections.say(text)

    def forget_here(self, summaries: Sequence[ModelSummary], parent: QWidget) -> None:
        """Remove models from this computer that a server has; asks when something would be lost."""
        waiting = sum(self._connections.waiting_of(one) for one in summaries)
        undecided = sum(one.undecided for one in summaries)
        what = f"“{summaries[0].name}”" if len(summaries) == 1 else f"{len(summaries)} models"
        if not waiting and not undecided:
            self._forget_here(summaries, f"{what} is no longer kept here." if len(summaries) == 1
                              else f"{what} are no longer kept here.")  # fmt: skip
            return
        lost = [*([count(waiting, "change") + " of yours still to be sent"] if waiting else []),
                *([count(undecided, "change") + " of yours to be decided"] if undecided else [])]  # fmt: skip
        ask(
            parent, f"Remove {what} from this computer?",
            f"There {'is' if waiting + undecided == 1 else 'are'} {' and '.join(lost)}. The server does not "
            "have them: they would be lost. Open the model while the server can be reached to send them.",
            [("Remove and lose them", lambda: self._forget_here(summaries, f"{what}: removed from here."))],
            grave=True,
        )  # fmt: skip

    def _forget_here(self, summaries: Sequence[ModelSummary], text: str) -> None:
        async def work() -> None:
            for one in summaries:
                await self._connections.settled(one.id)
            await asyncio.to_thread(self._workspace.purge, [one.id for one in summaries])

        def done(_nothing: object) -> None:
            one = summaries[0]
            account = self._connections.network.account(one.server)
            if len(summaries) == 1 and account is not None:
                self._connections.say_with(text, "Keep it again", lambda: self._keep_again(one))
            else:
                self._connections.say(text)
            self._connections.states_changed.emit()

        self._do(work, done, lambda: self._forget_here(summaries, text))

    def _keep_again(self, one: ModelSummary) -> None:
        async def work() -> RemoteModel:
            return await found(await self._connections.network.gateway(one.server), one.id)

        self._do(work, lambda remote: self.keep(one.server, remote), lambda: self._keep_again(one))

    # By a link, and out

    async def join(self, link: str, invited: Invited, name: str, progress: Progress) -> str:
        """Come in by a link; a model that is here already is closed meanwhile."""
        if self._workspace.has(invited.model_id):
            await self._connections.settled(invited.model_id)
        return await join(self._sharing, link, name, progress)

    def signed_out(self, account: Account, server: str, was_told: bool) -> None:
        """Say what signing out has done."""
        text = f"{account.name} is signed out of {server}."
        if not was_told:
            text += (
                " The server could not be told: this computer has forgotten the sign-in, but there it ends "
                "only by itself, or when one of its administrators ends it."
            )
        self._connections.say(text)

    # How it is done

    def _back_from_bin(self, model_id: str) -> None:
        if any(one.id == model_id for one in self._workspace.summaries(deleted=True)):
            self._workspace.restore(model_id)

    def _offer_undo(self, key: str, remotes: Sequence[RemoteModel], text: str, done: Done) -> None:
        self._connections.say_with(text, "Undo", lambda: self.restore_there(key, remotes, done))

    def _run(
        self, title: str, work: Callable[[Progress], Any], done: Callable[[Any], object], again: Done
    ) -> None:
        def told(result: object) -> None:
            self._connections.states_changed.emit()
            done(result)

        self._connections.transfers.run(title, work, told, self._connections.fails_with(again))

    def _do(self, work: Callable[[], Any], done: Callable[[Any], object], again: Done) -> None:
        self._connections.tasks.run(work(), done, self._connections.fails_with(again))
