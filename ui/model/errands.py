"""Does what is wished of a session: over its connection, roles and its end over the server's API."""

from collections.abc import Callable
from typing import Final, Protocol

from app.domain.presence import Sight
from app.ports_live import Session
from app.ports_network import RoleName
from app.services.sharing import SharedModel
from ui.panels.people.situation import What, Wish
from ui.widgets.tasks import Tasks

LOST: Final = "You are not connected just now."
ROLE_WORDS: Final[dict[RoleName, str]] = {
    "owner": "is an owner now", "writer": "may edit now", "reader": "only reads now",
}  # fmt: skip


class Says(Protocol):
    """A line to the user, with a button that does something about it."""

    def __call__(self, text: str, button: str = "", action: Callable[[], object] | None = None) -> object: ...


class Errands:
    """Of one shared model. What fails is said in one line."""

    def __init__(self, shared: SharedModel, tasks: Tasks, say: Says) -> None:
        self._shared, self._tasks, self._say = shared, tasks, say

    def tell(self, sight: Sight) -> None:
        """Pass on what one does oneself; without a connection nobody would see it."""
        session = self._shared.session
        if session is not None:
            session.show(sight)

    def do(self, wish: Wish) -> bool:
        """Do it; False for what is not done here: sharing and inviting."""
        if wish.what is What.RETRY:
            self._shared.retry()
        elif wish.what is What.ROLE:
            self._set_role(wish.whom, wish.role)
        elif wish.what is What.END:
            self._tasks.run(self._end(), failed=self._say)
        elif wish.what in _LIVE:
            session = self._shared.session
            if session is None:
                self._say(LOST)
            else:
                own = Wish(wish.what, self._shared.company_now.me)
                _LIVE[wish.what](session, own if wish.what is What.WITHDRAW else wish)
        else:
            return False
        return True

    async def _end(self) -> None:
        gateway = await self._shared.gateway()
        await gateway.end_session(self._shared.document.model_id)

    def _set_role(self, whom: str, role: RoleName) -> None:
        person = self._shared.company_now.person(whom)
        if person is None or person.role == role:
            return
        user_id, name, was = person.user_id, person.name, _role(person.role)

        def back() -> None:
            self._tasks.run(self._give(user_id, was), failed=self._say)

        self._tasks.run(
            self._give(user_id, role),
            lambda _none: self._say(f"{name} {ROLE_WORDS[role]}.", "Undo", back),
            self._say,
        )

    async def _give(self, user_id: str, role: RoleName) -> None:
        gateway = await self._shared.gateway()
        await gateway.set_role(self._shared.document.model_id, user_id, role)


def _role(text: str) -> RoleName:
    return "owner" if text == "owner" else "writer" if text == "writer" else "reader"


_LIVE: Final[dict[What, Callable[[Session, Wish], None]]] = {
    What.ASK: lambda session, _wish: session.ask_to_present(),
    What.LET: lambda session, wish: session.let_present(wish.whom),
    What.WITHDRAW: lambda session, wish: session.deny(wish.whom),
    What.DENY: lambda session, wish: session.deny(wish.whom),
    What.TAKE_BACK: lambda session, _wish: session.take_back(),
    What.STOP: lambda session, _wish: session.stop_presenting(),
    What.REMOVE: lambda session, wish: session.remove(wish.whom, wish.reason),
    What.MUTE: lambda session, _wish: session.mute(True),
    What.UNMUTE: lambda session, _wish: session.mute(False),
}
