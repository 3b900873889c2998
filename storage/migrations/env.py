"""Runs the scripts on the connection that the caller holds, in the caller's transaction."""

from alembic import context

from storage.kinds import METADATA  # From here, since this is where the generated tables join it.

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
context.run_migrations()
