"""The schema's version: known, older or newer, and the way from an older one to the present one."""

import warnings
from pathlib import Path
from typing import Final

import sqlalchemy as sa

import storage.server_tables  # noqa: F401  Its tables join the metadata.
from app.domain.errors import LibraryError
from app.domain.ids import new_id
from storage.adopting import adopt
from storage.clock import now
from storage.dialect import reason_of
from storage.tables import METADATA, SETTINGS, USERS

SCRIPTS: Final = Path(__file__).parent / "migrations"
# The newest script's name. Alembic takes longer to load than a library to open: it is only asked
# when a library has another version.
REVISION: Final = "0005"
_VERSION: Final = sa.Table(
    "alembic_version",
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def version_of(engine: sa.Engine) -> str:
    """The version that a library says it has; empty when it says none."""
    with engine.begin() as connection:
        return version_in(connection)


def version_in(connection: sa.Connection) -> str:
    """`version_of` in the transaction at hand."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(sa.select(_VERSION.c.version_num)).scalar() or "")


def make_schema(engine: sa.Engine, *, local_user: bool = True) -> None:
    """All tables at the present version, and the local user of a laptop, in an empty database."""
    with engine.begin() as connection:
        make_tables(connection)
        if local_user:
            add_local_user(connection)


def make_tables(connection: sa.Connection) -> None:
    """All tables at the present version, in the transaction at hand."""
    METADATA.create_all(connection)
    _VERSION.create(connection)
    connection.execute(sa.insert(_VERSION), {"version_num": REVISION})


def add_local_user(connection: sa.Connection) -> None:
    """The user who owns what is made on this machine before any sign-in."""
    user_id, time = new_id(), now()
    user = {
        "internal_uuid": user_id,
        "email": "local@localhost",
        "name": "Local user",
        "provider": "local",
        "provider_user_id": user_id,
        "created_at": time,
        "modified_at": time,
    }
    connection.execute(sa.insert(USERS), user)
    connection.execute(sa.insert(SETTINGS), {"key": "local_user", "value": user_id})


def revisions(scripts: Path = SCRIPTS) -> list[str]:
    """The versions that the scripts lead through, oldest first."""
    from alembic.script import ScriptDirectory

    directory = ScriptDirectory(str(scripts))
    return [script.revision for script in reversed(list(directory.walk_revisions()))]


def check_known(version: str, name: str) -> None:
    """LibraryError when a version is not one that leads to the present one."""
    if version not in revisions():
        raise LibraryError(f"{name} was written by a newer version of this program (its form is {version})")


def upgrade(engine: sa.Engine, scripts: Path = SCRIPTS) -> None:
    """Bring a library to the newest version, all steps in one transaction. LibraryError if one fails."""
    try:
        with engine.begin() as connection:
            run_scripts(connection, scripts)
    except Exception as error:
        raise LibraryError(f"the library could not be brought to this version: {reason_of(error)}") from error


def run_scripts(connection: sa.Connection, scripts: Path = SCRIPTS) -> None:
    """Run the scripts that are still due, in the transaction at hand; then every kind is in its table."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with warnings.catch_warnings():
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    adopt(connection)
