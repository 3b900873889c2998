"""Sharing as use cases: following open models, bringing models to servers and back, hosting one oneself."""

from app.services.sharing.joining import found, join
from app.services.sharing.shared import SharedModel
from app.services.sharing.sharing import Sharing
from app.services.sharing.watching import Watcher

__all__ = ["SharedModel", "Sharing", "Watcher", "found", "join"]
