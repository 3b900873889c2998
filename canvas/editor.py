"""What the canvas needs of the document that it shows and edits."""

from collections.abc import Callable
from typing import Protocol

from app.domain.changes import ChangeSet
from app.domain.patch import Origin, Patch
from app.domain.state import ModelState


class Editor(Protocol):
    """One open model: its state, and the only way to change it."""

    @property
    def state(self) -> ModelState:
        """The model as it is now. Never changed but by `apply`."""

    @property
    def read_only(self) -> str:
        """Why nothing may be changed, in words for the user; empty when it may."""

    def apply(
        self, patch: Patch, origin: Origin = Origin.LOCAL, *, title: str = "", step: str = ""
    ) -> ChangeSet:
        """Apply a patch at once; operations of one `step` are undone together. InvalidData."""

    def listen(self, fn: Callable[[ChangeSet, Origin], None]) -> Callable[[], None]:
        """Be told of every change, in the same turn. Returns the function that ends it."""
