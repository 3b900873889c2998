"""What a server offers to one account, in the program's own words: `app.ports_network.Gateway`."""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Sequence
from typing import TypeGuard, cast

from app.domain.patch import Event
from app.ports_live import Audience, Follower, History, Session
from app.ports_live import Replica as AnyReplica
from app.ports_network import Account, Invitation, RemoteModel, RemoteModels, RoleName, Share
from sync.client.api import ServerApi
from sync.client.seeding import seed
from sync.client.session import Session as LiveSession
from sync.client.shapes import Invite, ModelEntry
from sync.replica import Replica


class ServerGateway:
    """One account's door to a server."""

    def __init__(self, account: Account, api: ServerApi) -> None:
        self.account = account
        self.api = api

    async def models(self, *, page: int = 1, search: str = "", deleted: bool = False) -> RemoteModels:
        """A page of the models that the account may see."""
        found = await self.api.models(page=page, search=search, deleted=deleted)
        return RemoteModels(
            models=tuple(map(_listed, found.models)), page=found.page, pages=found.pages, total=found.total
        )

    async def delete(self, model_id: str) -> None:
        """Move a model to the server's bin."""
        await self.api.delete(model_id)

    async def restore(self, model_id: str) -> None:
        """Take a model out of the server's bin."""
        await self.api.restore(model_id)

    def log(self, model_id: str, after: int = 0) -> AsyncIterator[tuple[Event, ...]]:
        """A model's log in pages."""
        return self.api.log(model_id, after)

    async def role(self, model_id: str) -> RoleName:
        """What the account may do with a model."""
        return _role((await self.api.model(model_id)).permissions.current_user_role)

    async def version(self, model_id: str) -> int:
        """The number of a model's last event on the server."""
        return (await self.api.model(model_id)).version

    async def seed(
        self, model_id: str, pages: AsyncIterable[Sequence[Event]], progress: Callable[[int], object]
    ) -> int:
        """Send a model's own log; returns the number of the last event that the server has."""
        kept = await seed(self.api, model_id, pages, progress=progress)
        return kept.sequence_number if kept is not None else 0

    async def people(self, model_id: str) -> dict[str, str]:
        """The names of those who ever wrote in a model or may."""
        return dict(await self.api.people(model_id))

    async def shares(self, model_id: str) -> tuple[Share, ...]:
        """Who may do what with a model."""
        return tuple(
            Share(subject_id=one.subject_id, name=one.name or one.subject_id[:8], role=one.role,
                  is_group=one.subject_type == "group")
            for one in await self.api.access(model_id)
        )  # fmt: skip

    async def set_role(self, model_id: str, user_id: str, role: RoleName) -> None:
        """Give somebody another role."""
        await self.api.grant(model_id, user_id, role)

    async def invitations(self, model_id: str) -> tuple[Invitation, ...]:
        """The invites to a model, newest first."""
        return tuple(_invitation(one) for one in await self.api.invites(model_id))

    async def invite(
        self, model_id: str, role: RoleName, *, hours: float = 8.0, uses: int | None = None, label: str = ""
    ) -> Invitation:
        """Make an invite."""
        made = await self.api.invite(
            model_id, role, expires_in=max(60, round(hours * 3600)), uses=uses, label=label
        )
        return _invitation(made.invite, made.link, await self._links(made.link))

    async def _links(self, link: str) -> tuple[tuple[str, str], ...]:
        """The link by every address that leads to the server."""
        return (("", link),)

    async def withdraw_invitation(self, model_id: str, invitation_id: str) -> None:
        """Let an invite admit nobody more."""
        await self.api.revoke_invite(model_id, invitation_id)

    async def end_session(self, model_id: str) -> None:
        """End the live session of a model for everybody."""
        for one in await self.api.sessions():
            if one.threat_model_id == model_id:
                await self.api.end_session(model_id, one.diagram_id)

    def session(
        self, model_id: str, replica: AnyReplica, follower: Follower, audience: Audience, history: History,
        away_seconds: float,
    ) -> Session:  # fmt: skip
        """Follow a model."""
        return LiveSession(
            self.api,
            model_id,
            cast("Replica", replica),
            follower,
            audience,
            away_seconds=away_seconds,
            history=history,
        )


def _is_role(text: str) -> TypeGuard[RoleName]:
    return text in ("reader", "writer", "owner")


def _role(text: str) -> RoleName:
    return text if _is_role(text) else "reader"


def _listed(entry: ModelEntry) -> RemoteModel:
    return RemoteModel(
        id=entry.id, name=entry.name, version=entry.version, description=entry.description,
        framework=entry.threat_model_framework, role=_role(entry.permissions.current_user_role),
        updated_at=entry.updated_at, diagrams=entry.diagram_count, threats=entry.threat_count,
        open_threats=entry.open_threat_count,
    )  # fmt: skip


def _invitation(invite: Invite, link: str = "", links: tuple[tuple[str, str], ...] = ()) -> Invitation:
    over = invite.revoked or invite.uses_left == 0
    return Invitation(
        id=invite.id, role=invite.role, label=invite.label, link=links[0][1] if links else link,
        links=links, expires_at=invite.expires_at,
        uses=invite.uses, is_over=over,
    )  # fmt: skip
