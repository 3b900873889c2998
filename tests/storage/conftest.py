"""A library of its own for each test, and a server's store on each kind of database."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from storage import SqlLibrary, open_library
from storage.migrating import add_local_user
from storage.server import ServerStore, open_server
from tests.storage import databases


@pytest.fixture(scope="session", autouse=True)
def _no_databases_are_left() -> Iterator[None]:
    yield
    databases.drop_template()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the library of the test lies; nothing is there yet."""
    return tmp_path / "data" / "library.db"


@pytest.fixture
def library(path: Path) -> Iterator[SqlLibrary]:
    """An open, empty library."""
    found = open_library(path)
    yield found
    found.close()


@contextmanager
def postgresql_library() -> Iterator[SqlLibrary]:
    """An open, empty library on PostgreSQL."""
    with databases.postgresql_database() as database:
        database.write(add_local_user)
        found = SqlLibrary(Path(database.name), database.readers, database.writers)
        try:
            yield found
        finally:
            found.close()


@pytest.fixture(params=databases.BACKENDS)
def any_library(request: pytest.FixtureRequest) -> Iterator[SqlLibrary]:
    """An open, empty library on each kind of database."""
    if request.param == "postgresql":
        with postgresql_library() as found:
            yield found
    else:
        yield request.getfixturevalue("library")


@contextmanager
def server_store(backend: str, path: Path) -> Iterator[ServerStore]:
    """An open, empty server's store."""
    with ExitStack() as stack:
        where = stack.enter_context(databases.postgresql()) if backend == "postgresql" else path
        found = open_server(where)
        stack.callback(found.close)
        yield found


@pytest.fixture(params=databases.BACKENDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ServerStore]:
    """An open, empty server's store on each kind of database."""
    with server_store(request.param, tmp_path / "server.db") as found:
        yield found


@pytest.fixture(params=databases.BACKENDS, scope="module")
def shared_store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerStore]:
    """One store on each kind of database for all examples of a property; each purges what it has made."""
    with server_store(request.param, tmp_path_factory.mktemp("shared") / "server.db") as found:
        yield found
