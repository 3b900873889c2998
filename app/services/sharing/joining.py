"""Coming into a model by an invite link: it is fetched, or what is here of it is in touch again."""

import asyncio
from collections.abc import Callable

import msgspec

from app.domain.errors import LibraryError
from app.ports_network import Account, Gateway, NetworkError, RemoteModel
from app.services.sharing.sharing import Sharing


async def join(sharing: Sharing, link: str, name: str, progress: Callable[[int, int], object]) -> str:
    """Redeem a link and keep its model here; returns the model's id. Nobody has it open meanwhile.

    A model that is here already and came from that server is followed by the new guest from now on, with
    what still waits; one that is this library's own is left alone.
    """
    invited = sharing.network.read_invite(link)
    held = _held(sharing, invited.model_id)
    if held is not None and held.partition(" ")[0] != invited.server:
        raise LibraryError(
            "this model is in your library already, and does not come from that server; duplicate it and "
            "remove the original if you want the shared one"
        )
    account = await sharing.network.redeem(link, name)
    gateway = await sharing.network.gateway(account.key)
    remote = await found(gateway, invited.model_id)
    if held is None:
        await sharing.download(account.key, remote, progress)
    else:
        await asyncio.to_thread(_follow_as, sharing, account, remote)
    return invited.model_id


async def found(gateway: Gateway, model_id: str) -> RemoteModel:
    """A model as its server lists it, or at least what one may do with it."""
    listed = await gateway.models()
    for one in listed.models:
        if one.id == model_id:
            return one
    return RemoteModel(id=model_id, name="", version=0, role=await gateway.role(model_id))


def _held(sharing: Sharing, model_id: str) -> str | None:
    """The account that a model here was followed through, "" of one's own; None when it is not here."""
    library = sharing.workspace.library
    for deleted in (False, True):
        for summary in library.summaries(deleted=deleted):
            if summary.id == model_id:
                if deleted:
                    library.restore(model_id)
                return summary.server
    return None


def _follow_as(sharing: Sharing, account: Account, remote: RemoteModel) -> None:
    library = sharing.workspace.library
    library.flush()
    before = library.load(remote.id).attachment
    if before is None:
        raise NetworkError("the model has left its server meanwhile")
    now = sharing.attachment_for(account, remote.role)
    library.attach(remote.id, msgspec.structs.replace(now, epoch=before.epoch, seen_at=before.seen_at))
