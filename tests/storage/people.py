"""Users, groups and models for the tests of who may do what; moments are small numbers."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from app.domain.ids import new_id
from app.ports_server import Group, User
from storage.server import ServerStore
from tests.storage.staging import Room

T = TypeVar("T")


def user(store: ServerStore, name: str, provider: str = "local") -> User:
    """A user of this name."""
    return store.users.create(a_user(name, provider), 1.0)


def a_user(name: str, provider: str = "local") -> User:
    """A user who is not stored."""
    email = f"{name.lower()}@example.org"
    return User(id=new_id(), email=email, name=name, provider=provider, provider_user_id=name.lower())


def group(store: ServerStore, name: str, *members: User) -> Group:
    """A group with members."""
    made = store.groups.create(Group(id=new_id(), provider="local", group_name=name), 1.0)
    for one in members:
        store.groups.add_member(made.id, one.id, 1.0)
    return made


def model(store: ServerStore, owner: User, name: str = "Model") -> str:
    """The id of a model that a user has made."""
    return Room(store.rooms, author=owner.id).start(name).model_id


def digest(secret: str) -> bytes:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode()).digest()


def at_once(number: int, work: Callable[[int], T]) -> list[T]:
    """The same work on several threads, begun at the same moment."""
    together = Barrier(number)

    def one(which: int) -> T:
        together.wait()
        return work(which)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))
