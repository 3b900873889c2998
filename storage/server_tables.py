"""The tables that only a server fills: credentials, tokens, invites, sessions, its own chain, outcomes."""

from typing import Any, Final

import sqlalchemy as sa

from app.domain.vocabulary import ROLES
from storage.columns import ID
from storage.tables import (
    FALSE,
    METADATA,
    count_column,
    model_column,
    moment,
    text_column,
    user_column,
    words,
)


def _digest(*, primary: bool = True) -> sa.Column[Any]:
    """The digest of a secret that is itself stored nowhere."""
    return sa.Column("digest", sa.LargeBinary, primary_key=primary, nullable=False)


def _flag(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean, nullable=False, server_default=FALSE)


def _of_user(*, primary: bool = False, index: bool = True) -> sa.Column[Any]:
    return user_column(
        "user_internal_uuid", "CASCADE", nullable=False, primary_key=primary, index=index and not primary
    )


# What became of every operation that a room has taken, those without effect included.
OUTCOMES: Final = sa.Table(
    "outcomes",
    METADATA,
    model_column(),
    sa.Column("operation_id", ID, primary_key=True),
    count_column("sequence_number"),
    _flag("had_effect"),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("dropped", sa.Text),
    sa.Index("ix_outcomes_sequence_number", "model_id", "sequence_number"),
    sqlite_with_rowid=False,
)

# Which events touched a record: the audit trail of one thing.
TOUCHED: Final = sa.Table(
    "touched_records",
    METADATA,
    model_column(),
    sa.Column("record_id", ID, primary_key=True),
    sa.Column("sequence_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)

CREDENTIALS: Final = sa.Table(
    "credentials",
    METADATA,
    _of_user(primary=True),
    sa.Column("password_hash", sa.Text, nullable=False),
    text_column("changed_at"),
    _flag("must_change"),
)

MEMBERS: Final = sa.Table(
    "group_members",
    METADATA,
    sa.Column(
        "group_internal_uuid", ID, sa.ForeignKey("groups.internal_uuid", ondelete="CASCADE"), primary_key=True
    ),
    _of_user(primary=True),
    text_column("created_at"),
    sa.Index("ix_group_members_user_internal_uuid", "user_internal_uuid"),
)

REFRESH_TOKENS: Final = sa.Table(
    "refresh_tokens",
    METADATA,
    _digest(),
    sa.Column("family_id", ID, nullable=False, index=True),
    _of_user(),
    text_column("client_id"),
    text_column("scope"),
    moment("created_at"),
    moment("expires_at"),
    moment("rotated_at"),
    sa.Column("parent", sa.LargeBinary, index=True),
    _flag("revoked"),
)

AUTHORIZATION_CODES: Final = sa.Table(
    "authorization_codes",
    METADATA,
    _digest(),
    _of_user(),
    sa.Column("client_id", sa.Text, nullable=False),
    sa.Column("redirect_uri", sa.Text, nullable=False),
    sa.Column("challenge", sa.Text, nullable=False),
    sa.Column("family_id", ID, nullable=False),
    text_column("scope"),
    text_column("nonce"),
    moment("expires_at"),
    moment("used_at"),
)

REVOKED_TOKENS: Final = sa.Table(
    "revoked_tokens",
    METADATA,
    sa.Column("jti", sa.Text, primary_key=True),
    moment("expires_at"),
)

SIGNING_KEYS: Final = sa.Table(
    "signing_keys",
    METADATA,
    sa.Column("kid", sa.Text, primary_key=True),
    sa.Column("algorithm", sa.Text, nullable=False),
    sa.Column("jwk", sa.Text, nullable=False),
    moment("created_at"),
    moment("retired_at"),
    moment("expires_at"),
)

TICKETS: Final = sa.Table(
    "socket_tickets",
    METADATA,
    _digest(),
    _of_user(),
    model_column(primary=False, index=True),
    text_column("session_id"),
    moment("expires_at"),
    text_column("token_id"),
    text_column("sign_in_id"),
    moment("good_until"),
)

INVITES: Final = sa.Table(
    "invites",
    METADATA,
    sa.Column("id", ID, primary_key=True),
    _digest(primary=False),
    model_column(primary=False, index=True),
    sa.Column("role", sa.Text, nullable=False),
    user_column("created_by", "SET NULL"),
    text_column("label"),
    text_column("created_at"),
    moment("expires_at"),
    sa.Column("uses_left", sa.BigInteger),
    count_column("uses"),
    _flag("revoked"),
    words("role", *ROLES),
    sa.CheckConstraint("uses_left >= 0", name="uses_left"),
    sa.UniqueConstraint("digest"),
)

IDEMPOTENCY: Final = sa.Table(
    "idempotency_keys",
    METADATA,
    sa.Column("key", sa.Text, primary_key=True),
    _of_user(primary=True),
    sa.Column("method", sa.Text, primary_key=True),
    sa.Column("path", sa.Text, primary_key=True),
    _digest(primary=False),
    moment("expires_at"),
    sa.Column("status", sa.Integer),
    sa.Column("headers", sa.Text),
    sa.Column("body", sa.LargeBinary),
)

CHAIN_HEAD: Final = sa.Table(
    "server_chain",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    count_column("sequence_number"),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.CheckConstraint("id = 1", name="id"),
)

# `body` is what is hashed; the other columns repeat parts of it. What they name may be gone long since.
SERVER_EVENTS: Final = sa.Table(
    "server_events",
    METADATA,
    sa.Column("sequence_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("type", sa.Text, nullable=False),
    text_column("actor"),
    text_column("subject"),
    text_column("model_id"),
    text_column("address"),
    text_column("request_id"),
    text_column("timestamp"),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("previous_hash", sa.LargeBinary, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Index("ix_server_events_actor", "actor", "sequence_number"),
    sa.Index("ix_server_events_type", "type", "sequence_number"),
)

_OPEN: Final = sa.text("ended_at = ''")
_THERE: Final = sa.text("left_at = ''")

# The diagram is only the first one in view and may be removed while the session goes on: no key to it.
SESSIONS: Final = sa.Table(
    "collaboration_sessions",
    METADATA,
    sa.Column("id", ID, primary_key=True),
    sa.Column("threat_model_id", ID, sa.ForeignKey("threat_models.id", ondelete="CASCADE"), nullable=False),
    sa.Column("diagram_id", ID, nullable=False),
    sa.Column("websocket_url", sa.Text, nullable=False),
    user_column("host_internal_uuid", "SET NULL"),
    text_column("created_at"),
    moment("expires_at"),
    text_column("ended_at"),
    sa.CheckConstraint("LENGTH(TRIM(websocket_url)) > 0", name="websocket_url"),
    sa.Index(
        "uq_collaboration_sessions_present",
        "threat_model_id",
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    ),
)

PARTICIPANTS: Final = sa.Table(
    "session_participants",
    METADATA,
    sa.Column("id", ID, primary_key=True),
    sa.Column(
        "session_id", ID, sa.ForeignKey("collaboration_sessions.id", ondelete="CASCADE"), nullable=False
    ),
    _of_user(),
    text_column("joined_at"),
    text_column("left_at"),
    sa.Index(
        "uq_session_participants_present",
        "session_id",
        "user_internal_uuid",
        unique=True,
        sqlite_where=_THERE,
        postgresql_where=_THERE,
    ),
)
