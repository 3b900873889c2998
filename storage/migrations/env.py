"""Runs the scripts on the connection that the caller holds, in the caller's transaction."""

from alembic import context

import storage.server_tables  # noqa: F401  Its tables join the metadata, as the generated ones do.
from storage.kinds import METADATA

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
context.run_migrations()
