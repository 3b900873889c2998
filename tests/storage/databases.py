"""A fresh database for a test: a file, or one of its own on the PostgreSQL that the tests were given."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest
import sqlalchemy as sa

from storage.database import Database
from storage.server import open_postgresql

BACKENDS = ("sqlite", "postgresql")
ADDRESS = "TMI_TEST_POSTGRESQL"


def server_address() -> sa.URL:
    """Where PostgreSQL listens, with a user who may create databases; skips the test where there is none."""
    address = os.environ.get(ADDRESS, "")
    if not address:
        pytest.skip(f"no PostgreSQL to test with: {ADDRESS} is not set (packaging/test sets it)")
    return sa.make_url(address).set(drivername="postgresql+psycopg")


def run(statement: str) -> None:
    """Execute a statement that no transaction may hold."""
    engine = sa.create_engine(server_address(), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)


def fresh_name() -> str:
    """The name of a database that is not there."""
    return f"tmi_test_{secrets.token_hex(6)}"


def url_of(name: str) -> str:
    """The address of a database on the server for tests."""
    return server_address().set(drivername="postgresql", database=name).render_as_string(hide_password=False)


@cache
def _template() -> str:
    """A database with all tables that others are copied from: quicker than making the tables each time."""
    name = fresh_name()
    run(f'CREATE DATABASE "{name}" TEMPLATE template0 ENCODING UTF8')
    open_postgresql(url_of(name)).close()
    return name


def drop_template() -> None:
    """Remove what `_template` made, when the tests are over."""
    if _template.cache_info().currsize:
        run(f'DROP DATABASE IF EXISTS "{_template()}" WITH (FORCE)')
        _template.cache_clear()


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of a database of its own with all tables, gone afterwards."""
    server_address()
    template, name = _template(), fresh_name()
    run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield url_of(name)
    finally:
        run(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def postgresql_database() -> Iterator[Database]:
    """`postgresql`, opened."""
    with postgresql() as url:
        database = open_postgresql(url)
        try:
            yield database
        finally:
            database.close()
