"""What the server's own chain is told about people: sign-ins, refusals, changes of role, exports."""

import logging
from collections.abc import Callable
from typing import Any, Final

from app.domain.errors import LibraryError
from app.ports_server import ServerChain

SIGNED_IN: Final = "sign_in"
SIGN_IN_FAILED: Final = "sign_in_failed"
SIGNED_OUT: Final = "sign_out"
DENIED: Final = "denied"
TOKEN_REUSED: Final = "token_reused"  # noqa: S105 - a kind of event
PASSWORD_CHANGED: Final = "password_changed"  # noqa: S105 - a kind of event
ROLE_CHANGED: Final = "role_changed"
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


class Journal:
    """Writes to the chain; a refusal stays a refusal when the chain cannot be written."""

    def __init__(self, chain: ServerChain, clock: Callable[[], float]) -> None:
        self._chain = chain
        self._clock = clock

    def note(
        self, type: str, *, actor: str = "", subject: str = "", model_id: str = "",
        address: str = "", request_id: str = "", **details: Any,
    ) -> None:  # fmt: skip
        """Write an event. `details` are cut to a length that a stranger cannot abuse."""
        short = {key: value[:LONGEST] if isinstance(value, str) else value for key, value in details.items()}
        try:
            self._chain.append(
                type, now=self._clock(), actor=actor, subject=subject[:LONGEST], model_id=model_id,
                address=address, request_id=request_id[:LONGEST], details=short,
            )  # fmt: skip
        except LibraryError as error:
            log.error("an event of the server's chain was not written: %s: %s", type, error)
