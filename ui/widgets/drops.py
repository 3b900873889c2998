"""Files dragged on to a window."""

from PySide6.QtGui import QDragEnterEvent, QDropEvent


def welcome_files(event: QDragEnterEvent) -> None:
    """Let files in."""
    if event.mimeData().hasUrls():
        event.acceptProposedAction()


def dropped_files(event: QDropEvent) -> list[str]:
    """The local files that were dropped."""
    files = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
    if files:
        event.acceptProposedAction()
    return files
