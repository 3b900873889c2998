"""What every panel shares: it hears of changes until it is closed, and it knows the theme."""

import weakref
from collections.abc import Callable

import shiboken6
from PySide6.QtCore import QObject
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QWidget

from app.domain.changes import ChangeSet
from app.domain.patch import Origin
from app.services.document import Document
from ui.theme import Theme, ThemeManager

Heard = Callable[[ChangeSet, Origin], None]


def listen_weakly(document: Document, method: Heard) -> Callable[[], None]:
    """Let a widget's method hear of changes for as long as the widget is there.

    Returns the function that ends it; a widget that Qt has deleted is forgotten by itself.
    """
    reference = weakref.WeakMethod(method)

    def heard(changes: ChangeSet, origin: Origin) -> None:
        target = reference()
        owner = getattr(target, "__self__", None)
        if target is None or (isinstance(owner, QObject) and not shiboken6.isValid(owner)):
            stop()
        else:
            target(changes, origin)

    stop = document.listen(heard)
    return stop


class Panel(QWidget):
    """A view of one document, kept in step with it."""

    def __init__(self, document: Document, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.theme = theme
        self._stop = listen_weakly(document, self._heard)
        theme.changed.connect(self._theme_changed)

    def _heard(self, changes: ChangeSet, origin: Origin) -> None:
        self.update_from(changes)

    def _theme_changed(self, theme: Theme) -> None:
        self.rethemed(theme)

    def update_from(self, changes: ChangeSet) -> None:
        """Show what has changed, and touch nothing else."""

    def rethemed(self, theme: Theme) -> None:
        """Take over the colours of another theme."""

    def show_rights(self) -> None:
        """What may be done with the model has changed: offer what can be done."""

    def flush(self) -> None:
        """Write what is being typed into the model."""

    def detach(self) -> None:
        """Write what is being typed and stop listening. Safe to call twice."""
        self.flush()
        self._stop()

    def closeEvent(self, event: QCloseEvent) -> None:
        """A closed panel is done with the document."""
        self.detach()
        super().closeEvent(event)
