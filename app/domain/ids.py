"""Identifiers: UUIDv7, so that ids sort by the time they were made."""

import re

import uuid_utils

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")


def new_id() -> str:
    """A fresh UUIDv7 in lower-case canonical form."""
    return str(uuid_utils.uuid7())


def is_id(value: object) -> bool:
    """Whether `value` is a UUID (of any version) in lower-case canonical form."""
    return isinstance(value, str) and _ID.match(value) is not None


def derived_id(namespace: str, name: str) -> str:
    """The same id for the same namespace id and name: a UUIDv5, for importers that must be stable."""
    return str(uuid_utils.uuid5(uuid_utils.UUID(namespace), name))
