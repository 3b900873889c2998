"""What the server's own chain is told about people: sign-ins, refusals, changes of role, exports."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Final

from app.domain.errors import LibraryError
from app.ports_server import ServerChain

SIGNED_IN: Final = "sign_in"
SIGN_IN_FAILED: Final = "sign_in_failed"
SIGNED_OUT: Final = "sign_out"
DENIED: Final = "denied"
TOKEN_REUSED: Final = "token_reused"  # noqa: S105 - a kind of event
PASSWORD_CHANGED: Final = "password_changed"  # noqa: S105 - a kind of event
ROLLED_BACK: Final = "rolled_back"
INVITE_CREATED: Final = "invite_created"
INVITE_REVOKED: Final = "invite_revoked"
INVITE_USED: Final = "invite_used"
EXPORTED: Final = "exported"
ACCOUNT_CREATED: Final = "account_created"
ACCOUNT_DISABLED: Final = "account_disabled"
ACCOUNT_ENABLED: Final = "account_enabled"
PASSWORD_RESET: Final = "password_reset"  # noqa: S105 - a kind of event
KEY_ROTATED: Final = "key_rotated"
BACKED_UP: Final = "backed_up"
RESTORED: Final = "restored"
LONGEST: Final = 200

log = logging.getLogger(__name__)


# What a client can bring about as often as it likes is noted once in so many seconds a kind.
SELDOM: Final[Mapping[str, float]] = {DENIED: 60.0, EXPORTED: 600.0}
MOST_REMEMBERED: Final = 10_000


class Journal:
    """Writes to the chain; what was done or refused stays so when the chain cannot be written."""

    def __init__(self, chain: ServerChain, clock: Callable[[], float]) -> None:
        self._chain = chain
        self._clock = clock
        self._lock = threading.Lock()
        self._noted: OrderedDict[tuple[object, ...], float] = OrderedDict()

    def note(
        self, type: str, /, *, actor: str = "", subject: str = "", model_id: str = "",
        address: str = "", request_id: str = "", **details: Any,
    ) -> None:  # fmt: skip
        """Write an event. `details` are cut to a length that a stranger cannot abuse.

        What is `SELDOM` noted is passed over when the same was noted a moment ago.
        """
        if self._is_known(type, (type, actor, subject, model_id, *sorted(map(str, details.values())))):
            return
        short = {key: value[:LONGEST] if isinstance(value, str) else value for key, value in details.items()}
        try:
            self._chain.append(
                type, now=self._clock(), actor=actor, subject=subject[:LONGEST], model_id=model_id,
                address=address, request_id=request_id[:LONGEST], details=short,
            )  # fmt: skip
        except LibraryError as error:
            log.error("an event of the server's chain was not written: %s: %s", type, error)

    def _is_known(self, type: str, key: tuple[object, ...]) -> bool:
        """Whether the same was noted a moment ago; it is, from now on."""
        pause, now = SELDOM.get(type), self._clock()
        if pause is None:
            return False
        with self._lock:
            before = self._noted.get(key, float("-inf"))
            if now - before < pause:
                return True
            self._noted[key] = now
            self._noted.move_to_end(key)
            while len(self._noted) > MOST_REMEMBERED:
                self._noted.popitem(last=False)
        return False
