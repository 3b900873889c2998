"""The tables of a library that are not generated from the field table: heads, log, people, the rest."""

from typing import Any, Final

import sqlalchemy as sa

from app.domain.vocabulary import ROLES
from storage.columns import ID, key_check, quoted

METADATA: Final = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
BLANK: Final = ""
ZERO: Final = sa.text("0")
FALSE: Final = sa.text("(FALSE)")


def words(column: str, *allowed: str) -> sa.CheckConstraint:
    """A CHECK that a column holds one of some words."""
    listed = ", ".join(quoted(word) for word in allowed)
    return sa.CheckConstraint(f'"{column}" IN ({listed})', name=column)


def text_column(name: str) -> sa.Column[Any]:
    """A text that is empty where there is none."""
    return sa.Column(name, sa.Text, nullable=False, server_default=BLANK)


def count_column(name: str) -> sa.Column[Any]:
    """A whole number that begins at 0."""
    return sa.Column(name, sa.BigInteger, nullable=False, server_default=ZERO)


def model_column(*, primary: bool = True, index: bool = False) -> sa.Column[Any]:
    """The column that ties a row to a model's head; the row goes when the model is purged."""
    return sa.Column(
        "model_id",
        ID,
        sa.ForeignKey("heads.model_id", ondelete="CASCADE", deferrable=True, initially="DEFERRED"),
        primary_key=primary,
        nullable=False,
        index=index,
    )


# The last event of each model, what a list of models shows, and where the next snapshot is due.
HEADS: Final = sa.Table(
    "heads",
    METADATA,
    sa.Column("model_id", ID, primary_key=True),
    sa.Column("sequence_number", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    count_column("log_bytes"),
    count_column("snapshot_log_bytes"),
    count_column("snapshot_bytes"),
    count_column("diagrams"),
    count_column("threats"),
    count_column("open_threats"),
    text_column("created_at"),
    text_column("modified_at"),
    text_column("opened_at"),
    text_column("deleted_at"),
    text_column("source"),
    sa.CheckConstraint("sequence_number >= 1", name="sequence_number"),
)

# The log. `body` is what is hashed and is never encoded anew; the other columns repeat parts of it.
EVENTS: Final = sa.Table(
    "events",
    METADATA,
    model_column(),
    sa.Column("sequence_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("operation_id", ID, nullable=False),
    text_column("author"),
    text_column("origin"),
    text_column("title"),
    count_column("base_sequence"),
    text_column("correlation_id"),
    text_column("causation_id"),
    text_column("timestamp"),
    text_column("recorded_at"),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("previous_hash", sa.LargeBinary, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    # Not in the body: that is sent to everybody who follows.
    text_column("remote_address"),
    sa.UniqueConstraint("model_id", "operation_id"),
    sa.CheckConstraint("sequence_number >= 1", name="sequence_number"),
)

SNAPSHOTS: Final = sa.Table(
    "snapshots",
    METADATA,
    model_column(),
    sa.Column("sequence_number", sa.BigInteger, primary_key=True, autoincrement=False),
    text_column("recorded_at"),
    sa.Column("state", sa.LargeBinary, nullable=False),
)

TOMBSTONES: Final = sa.Table(
    "tombstones",
    METADATA,
    model_column(),
    sa.Column("record_id", ID, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    text_column("created_at"),
    count_column("update_vector"),
)

UNDO_STEPS: Final = sa.Table(
    "undo_steps",
    METADATA,
    model_column(),
    sa.Column("operation_id", ID, primary_key=True),
    count_column("sequence_number"),
    text_column("step"),
    text_column("title"),
    sa.Column("inverse", sa.LargeBinary, nullable=False),
    sa.Column("undone", sa.Boolean, nullable=False, server_default=FALSE),
    sa.Index("ix_undo_steps_step", "model_id", "step"),
)

DRAFTS: Final = sa.Table(
    "drafts",
    METADATA,
    sa.Column("model_id", ID, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    text_column("text"),
    text_column("modified_at"),
)

# Operations of a model that a server orders, until the server has acknowledged them.
OUTBOX: Final = sa.Table(
    "outbox",
    METADATA,
    model_column(),
    sa.Column("operation_id", ID, primary_key=True),
    count_column("position"),
    count_column("base_sequence"),
    text_column("state"),
    text_column("created_at"),
    sa.Column("body", sa.LargeBinary, nullable=False),
    words("state", "pending", "sent", "review"),
    sa.Index("ix_outbox_position", "model_id", "position"),
)

# The models of this machine that a server orders.
ATTACHMENTS: Final = sa.Table(
    "attachments",
    METADATA,
    model_column(),
    sa.Column("server", sa.Text, nullable=False),
    text_column("epoch"),
    text_column("role"),
    text_column("seen_at"),
    text_column("author"),
    text_column("user_id"),
)

# Events that a server has lost by being set back, as they were: one occasion after the other.
LOST_EVENTS: Final = sa.Table(
    "lost_events",
    METADATA,
    model_column(),
    sa.Column("occasion", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("sequence_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("operation_id", ID, nullable=False),
    text_column("lost_at"),
    sa.Column("own", sa.Boolean, nullable=False, server_default=FALSE),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("previous_hash", sa.LargeBinary, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
)

# Where own operations have replaced, or brought back, values of somebody else: undo leaves those alone.
# It outlives the undo steps, since what an undo has brought back stands until somebody overwrites it.
UNDO_OWNERS: Final = sa.Table(
    "undo_owners",
    METADATA,
    model_column(),
    sa.Column("operation_id", ID, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

SETTINGS: Final = sa.Table(
    "settings",
    METADATA,
    sa.Column("key", sa.Text, primary_key=True),
    text_column("value"),
)


def _timestamps() -> tuple[sa.Column[Any], sa.Column[Any]]:
    return text_column("created_at"), text_column("modified_at")


def moment(name: str) -> sa.Column[Any]:
    """A moment that is compared with the present one: seconds since 1970, 0 for never."""
    return sa.Column(name, sa.Double, nullable=False, server_default=ZERO)


def user_column(name: str, ondelete: str, **more: Any) -> sa.Column[Any]:
    """A column that names a user; what becomes of the row with the user is `ondelete`."""
    return sa.Column(name, ID, sa.ForeignKey("users.internal_uuid", ondelete=ondelete), **more)


USERS: Final = sa.Table(
    "users",
    METADATA,
    sa.Column("internal_uuid", ID, primary_key=True),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("provider", sa.Text, nullable=False),
    sa.Column("provider_user_id", sa.Text, nullable=False),
    sa.Column("email_verified", sa.Boolean, nullable=False, server_default=FALSE),
    sa.Column("access_token", sa.Text),
    sa.Column("refresh_token", sa.Text),
    sa.Column("token_expiry", sa.Text),
    *_timestamps(),
    sa.Column("last_login", sa.Text),
    sa.Column("disabled", sa.Boolean, nullable=False, server_default=FALSE),
    sa.Column("administrator", sa.Boolean, nullable=False, server_default=FALSE),
    sa.UniqueConstraint("provider", "provider_user_id"),
)

GROUPS: Final = sa.Table(
    "groups",
    METADATA,
    sa.Column("internal_uuid", ID, primary_key=True),
    sa.Column("provider", sa.Text, nullable=False),
    sa.Column("group_name", sa.Text, nullable=False),
    sa.Column("name", sa.Text),
    sa.Column("description", sa.Text),
    text_column("first_used"),
    text_column("last_used"),
    sa.Column("usage_count", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.UniqueConstraint("provider", "group_name"),
)

# One row a subject and model. Taking the kind of subject into the unique constraint, nulls not
# distinct, would leave room for a single group per model; that is not what it is for.
ACCESS: Final = sa.Table(
    "threat_model_access",
    METADATA,
    sa.Column("id", ID, primary_key=True),
    sa.Column(
        "threat_model_id",
        ID,
        sa.ForeignKey("threat_models.id", ondelete="CASCADE"),
        nullable=False,
    ),
    user_column("user_internal_uuid", "CASCADE", index=True),
    sa.Column(
        "group_internal_uuid", ID, sa.ForeignKey("groups.internal_uuid", ondelete="CASCADE"), index=True
    ),
    sa.Column("subject_type", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    user_column("granted_by_internal_uuid", "SET NULL"),
    moment("expires_at"),
    *_timestamps(),
    words("subject_type", "user", "group"),
    words("role", *ROLES),
    sa.CheckConstraint(
        "(subject_type = 'user' AND user_internal_uuid IS NOT NULL AND group_internal_uuid IS NULL)"
        " OR (subject_type = 'group' AND group_internal_uuid IS NOT NULL"
        " AND user_internal_uuid IS NULL)",
        name="exactly_one_subject",
    ),
    sa.UniqueConstraint("threat_model_id", "user_internal_uuid"),
    sa.UniqueConstraint("threat_model_id", "group_internal_uuid"),
)

# Keys and values of every record. Records are unique within a model, not across models: the same
# file opened twice gives two models with the same cells.
METADATA_ROWS: Final = sa.Table(
    "metadata",
    METADATA,
    sa.Column(
        "threat_model_id",
        ID,
        sa.ForeignKey("threat_models.id", ondelete="CASCADE", deferrable=True, initially="DEFERRED"),
        nullable=False,
    ),
    sa.Column("id", ID, primary_key=True),
    sa.Column("entity_type", sa.Text, nullable=False),
    sa.Column("entity_id", ID, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    *_timestamps(),
    sa.UniqueConstraint("threat_model_id", "entity_type", "entity_id", "key"),
    sa.CheckConstraint(key_check("key"), name="key"),
    sa.CheckConstraint('LENGTH(TRIM("value")) > 0 AND LENGTH("value") <= 65535', name="value"),
)
