"""What a server offers to one account, as methods."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final, Literal, TypeVar

import msgspec

from app.domain.ids import new_id
from app.domain.patch import Event
from sync.client.errors import NotFound, Refused, ServerError, ServerFault, SignInNeeded
from sync.client.http import ServerHttp, Tokens
from sync.client.shapes import (
    Capabilities,
    Grant,
    Health,
    Invite,
    LogKept,
    Made,
    ModelEntry,
    ModelPage,
    Named,
    NewInvite,
    Paging,
    Person,
    ServerInfo,
    SessionEntry,
    SignInPlaces,
    Snapshot,
    Ticket,
    Wrapper,
)
from sync.protocol import ProtocolError, event_of, placed
from sync.protocol.messages import PlacedOperation

T = TypeVar("T")
RoleName = Literal["reader", "writer", "owner"]
PAGE: Final = 100
EVENTS_A_PAGE: Final = 500
DISCOVERY: Final = "/.well-known/oauth-authorization-server"
Nothing = dict[str, Any]


async def capabilities(http: ServerHttp) -> Capabilities:
    """What a server is and can, asked before anybody signs in. ServerFault when it is none of ours."""
    try:
        info = await http.fetch(ServerInfo, "GET", "/")
        health = await http.fetch(Health, "GET", "/health")
    except (ServerFault, Refused) as error:
        raise ServerFault(f"{http.name}: there is no TMI server at this address") from error
    try:
        places = await http.fetch_plain(SignInPlaces, "GET", DISCOVERY)
    except ServerError:
        return Capabilities(info, health, None)
    return Capabilities(info, health, places)


class ServerApi:
    """One server as one account sees it."""

    def __init__(self, http: ServerHttp, tokens: Tokens) -> None:
        self.http = http
        self._tokens = tokens

    # Models

    async def models(
        self, *, page: int = 1, limit: int = PAGE, search: str = "", deleted: bool = False, sort: str = ""
    ) -> ModelPage:
        """A page of the models that one may see, last modified first; `search` is a part of the name."""
        query: dict[str, Any] = {"page": page, "limit": limit}
        query |= {"name": search} if search else {}
        query |= {"deleted": "true"} if deleted else {}
        query |= {"sort": sort} if sort else {}
        found, paging = await self._page(tuple[ModelEntry, ...], "GET", "/threat_models", query=query)
        where = paging or Paging(page, limit, len(found), 1)
        return ModelPage(found, where.page, where.pages, where.total)

    async def create(self, name: str, model_id: str = "") -> Made:
        """A new model with nothing in it."""
        body = {"name": name, "id": model_id or new_id()}
        return await self._ask(Made, "POST", "/threat_models", body=body, headers=_once(), again=True)

    async def model(self, model_id: str) -> Made:
        """A model's name and version."""
        return await self._ask(Made, "GET", _model(model_id))

    async def delete(self, model_id: str) -> None:
        """Move a model to the bin."""
        try:
            await self._ask(Nothing, "DELETE", _model(model_id), headers={"If-Match": "*"})
        except NotFound:
            # It may have gone with a request whose answer was lost: then it can be read in the bin.
            await self.model(model_id)

    async def restore(self, model_id: str) -> Made:
        """Take a model out of the bin."""
        return await self._ask(Made, "POST", f"{_model(model_id)}/restore", headers=_once(), again=True)

    async def state(self, model_id: str) -> Snapshot:
        """A model as it is now, with the sequence number that it stands for."""
        return await self._ask(Snapshot, "GET", f"{_model(model_id)}/state")

    # The log

    async def events(self, model_id: str, after: int = 0, limit: int = EVENTS_A_PAGE) -> tuple[Event, ...]:
        """Events after a sequence number, their bytes as they were hashed; fewer than `limit` at the end.

        ServerFault when one is not what was written, or they are not in a row.
        """
        query = {"after": after, "limit": limit}
        reply = await self._reply("GET", f"{_model(model_id)}/events", query=query)
        try:
            found: tuple[Event, ...] = await self.http.decoded(reply, _events, after)
        except ProtocolError as error:
            raise ServerFault(f"{self.http.name}: the log cannot be trusted: {error}") from None
        return found

    async def log(self, model_id: str, after: int = 0) -> AsyncIterator[tuple[Event, ...]]:
        """The rest of the log in pages."""
        while page := await self.events(model_id, after):
            yield page
            if len(page) < EVENTS_A_PAGE:
                return
            after = page[-1].sequence_number

    async def put_log(self, model_id: str, events: Sequence[Event]) -> LogKept:
        """Send a part of a model's own log, the first part first; what is there already does no harm.

        Conflict when the server has another log, or the model was edited there.
        """
        body = {"events": [placed(event) for event in events]}
        return await self._ask(LogKept, "PUT", f"{_model(model_id)}/log", body=body)

    # Who may

    async def access(self, model_id: str) -> tuple[Grant, ...]:
        """The access list of a model."""
        return await self._ask(tuple[Grant, ...], "GET", f"{_model(model_id)}/access")

    async def people(self, model_id: str) -> tuple[tuple[str, str], ...]:
        """Ids and names of all who have had to do with a model, whoever wrote in it among them."""
        found = await self._ask(tuple[Named, ...], "GET", f"{_model(model_id)}/people")
        return tuple((one.id, one.name) for one in found)

    async def grant(
        self, model_id: str, subject_id: str, role: RoleName, subject_type: str = "user"
    ) -> Grant:
        """Give somebody a role, or another one; in a session it counts at once.

        Conflict when a guest would be owner, or nobody would.
        """
        body = {"subject_type": subject_type, "subject_id": subject_id, "role": role}
        return await self._ask(Grant, "POST", f"{_model(model_id)}/access", body=body, again=True)

    async def revoke(self, model_id: str, subject_id: str, subject_type: str = "user") -> None:
        """Take somebody's role away."""
        path = f"{_model(model_id)}/access/{subject_type}/{subject_id}"
        await self._ask(Nothing, "DELETE", path, headers=_once())

    async def invites(self, model_id: str) -> tuple[Invite, ...]:
        """The invites to a model, newest first."""
        return await self._ask(tuple[Invite, ...], "GET", f"{_model(model_id)}/invites")

    async def invite(
        self, model_id: str, role: RoleName = "writer", *, expires_in: int = 8 * 3600,
        uses: int | None = None, label: str = "",
    ) -> NewInvite:  # fmt: skip
        """Make an invite; its link is told only now."""
        body = {"role": role, "expires_in": expires_in, "uses": uses, "label": label}
        return await self._ask(NewInvite, "POST", f"{_model(model_id)}/invites", body=body)

    async def revoke_invite(self, model_id: str, invite_id: str) -> None:
        """Let an invite admit nobody more."""
        await self._ask(Nothing, "DELETE", f"{_model(model_id)}/invites/{invite_id}", headers=_once())

    # Sessions

    async def sessions(self) -> tuple[SessionEntry, ...]:
        """The sessions that go on in models that one may see."""
        return await self._ask(tuple[SessionEntry, ...], "GET", "/collaboration/sessions")

    async def end_session(self, model_id: str, diagram_id: str) -> None:
        """End a model's session for everybody, as its host or an owner. NotFound when there is none."""
        path = f"{_model(model_id)}/diagrams/{diagram_id}/collaborate"
        await self._ask(Nothing, "DELETE", path, headers=_once())

    async def ticket(self, model_id: str, *, fresh: bool = False) -> Ticket:
        """What opens one socket of a model; with `fresh` one that lasts as long as a new access token."""
        if fresh:
            await self._tokens.renewed(await self._tokens.access_token())
        return await self._ask(Ticket, "POST", f"{_model(model_id)}/tickets", body={}, again=True)

    async def who(self) -> Person:
        """Who is signed in."""
        reply = await self._reply("GET", "/oauth2/userinfo")
        person: Person = await self.http.decoded(reply, _plain, Person)
        return person

    # How it is asked

    async def _ask(self, shape: type[T], method: str, path: str, **asked: Any) -> T:
        return (await self._page(shape, method, path, **asked))[0]

    async def _page(self, shape: type[T], method: str, path: str, **asked: Any) -> tuple[T, Paging | None]:
        token = await self._tokens.access_token()
        try:
            return await self.http.fetch_page(shape, method, path, **_signed(token, asked))
        except SignInNeeded:
            # Nothing was done, so whatever it was may be sent again.
            token = await self._tokens.renewed(token)
            return await self.http.fetch_page(shape, method, path, **_signed(token, asked))

    async def _reply(self, method: str, path: str, **asked: Any) -> Any:
        token = await self._tokens.access_token()
        reply = await self.http.ask(method, path, **_signed(token, asked))
        if reply.status == 401:
            token = await self._tokens.renewed(token)
            reply = await self.http.ask(method, path, **_signed(token, asked))
        if reply.status >= 300:
            raise self.http.error_of(reply)
        return reply


def _signed(token: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    headers = {**(asked.get("headers") or {}), "Authorization": f"Bearer {token}"}
    return {**asked, "headers": headers}


def _once() -> dict[str, str]:
    """What is sent again under the same key, because an answer was lost, is done once."""
    return {"Idempotency-Key": new_id()}


def _model(model_id: str) -> str:
    return f"/threat_models/{model_id}"


def _plain(body: bytes, shape: Any) -> Any:
    return msgspec.json.decode(body, type=shape)


def _events(body: bytes, after: int) -> tuple[Event, ...]:
    wrapper = msgspec.json.decode(body, type=Wrapper)
    found: list[Event] = []
    for wire in msgspec.json.decode(wrapper.data, type=tuple[PlacedOperation, ...]):
        event = event_of(wire)
        expected = found[-1].hash if found else None
        if event.sequence_number != after + 1 or expected not in (None, event.previous_hash):
            raise ProtocolError("broken_chain", f"event {event.sequence_number} does not follow {after}")
        found.append(event)
        after += 1
    return tuple(found)
