"""A model followed in company: what `app.ports_live.Session` promises, over the live channel."""

import asyncio
from typing import Final

from app.domain.patch import Operation
from app.domain.presence import Sight
from app.ports_live import Audience, Follower, History, LinkStatus
from sync.client.api import ServerApi
from sync.client.gathering import Gathering
from sync.client.live import LiveModel
from sync.client.showing import Showing
from sync.client.sights import Sightings
from sync.protocol import messages as m
from sync.replica import Replica

OFFLINE: Final = "There is no connection to the session just now."


class Session:
    """A model, and the people around it. Made on the loop; all it tells comes on the loop."""

    def __init__(
        self, api: ServerApi, model_id: str, replica: Replica, follower: Follower, audience: Audience, *,
        away_seconds: float = 0.0, history: History | None = None,
    ) -> None:  # fmt: skip
        """`away_seconds`: how long ago the server was last followed, before this.

        Without a `history` it stops when the server was set back.
        """
        self._audience = audience
        self._people = Gathering()
        self._sightings = Sightings()
        self._live = LiveModel(api, model_id, replica, follower, self, away_seconds=away_seconds,
                               history=history)  # fmt: skip
        self._showing = Showing(self._live.say, lambda: self._live.is_busy)

    # Following

    async def run(self) -> None:
        """Follow until stopped, or until nothing gets better by itself."""
        showing = asyncio.get_running_loop().create_task(self._showing.run(), name="presence")
        try:
            await self._live.run()
        finally:
            showing.cancel()
            await asyncio.wait([showing])
        if not showing.cancelled():
            showing.result()

    async def stop(self) -> None:
        """End following; what waits stays in the outbox."""
        await self._live.stop()

    def kept(self, operation_id: str) -> None:
        """An own operation is on the disk."""
        self._live.kept(operation_id)

    def retry(self) -> None:
        """Connect now rather than later."""
        self._live.retry()

    # What one does

    def show(self, sight: Sight) -> None:
        """Tell others what one does; the latest of each sort counts, and none waits for a slow network."""
        self._showing.show(sight)

    def ask_to_present(self) -> None:
        """Ask the host; who hosts presents at once."""
        if self._order(m.PresenterRequest()):
            self._people.asked()
            self._tell_company()

    def let_present(self, participant_id: str) -> None:
        """As the host, grant a request; as host or presenter, hand over to somebody who did not ask."""
        company = self._people.company
        if company.i_host and participant_id in company.asking:
            self._order(m.PresenterGrant(participant_id=participant_id))
        else:
            self._order(m.PresenterHandOver(participant_id=participant_id))

    def deny(self, participant_id: str) -> None:
        """As the host, turn a request down; anybody may take back their own."""
        if self._order(m.PresenterDeny(participant_id=participant_id)):
            self._people.answered(participant_id)
            self._tell_company()

    def take_back(self) -> None:
        """As the host, present oneself again."""
        self._order(m.PresenterTakeBack())

    def stop_presenting(self) -> None:
        """As the presenter, or the host, have nobody present any more."""
        self._order(m.PresenterStop())

    def remove(self, participant_id: str, reason: str = "") -> None:
        """As the host, send somebody out."""
        self._order(m.RemoveParticipant(participant_id=participant_id, reason=reason[:1000]))

    def mute(self, muted: bool) -> None:
        """As the host, take nobody's edits but one's own and the presenter's, or everybody's again."""
        self._order(m.MuteEdits(muted=muted))

    def _order(self, message: m.ClientMessage) -> bool:
        if not self._people.company.people:
            self._audience.notice("offline", OFFLINE)
            return False
        self._showing.order(message)
        return True

    # What the connection brings: `sync.client.live.Listener`

    def status(self, status: LinkStatus) -> None:
        """The connection is in another state; without one nobody is there."""
        if status.state != "live":
            self._people.gone()
            self._live.hold(False)
            self._tell_company()
        self._audience.status(status)

    def refused(self, operation: Operation, reason: str) -> None:
        """An own edit was refused, and has been taken back."""
        self._audience.refused(operation, reason)

    def message(self, message: m.ServerMessage) -> None:
        """Something about people."""
        if isinstance(message, m.Presences):
            sights = self._sightings.of(message.entries, self._people.there)
            if sights:
                self._audience.sights(sights)
            return
        notices = self._people.hears(message)
        self._live.hold(self._people.company.i_am_muted)
        self._tell_company()
        if isinstance(message, m.Welcome) and self._people.asks:
            # The server may have forgotten, and it takes it once if it has not.
            self._showing.order(m.PresenterRequest())
        for code, text in notices:
            self._audience.notice(code, text)

    def _tell_company(self) -> None:
        company = self._people.company
        if self._showing.meet(company):
            self._sightings.keep(self._people.there)
            self._audience.company(company)
