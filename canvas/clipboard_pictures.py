"""What lies on the clipboard, with pictures that are drawn only when somebody takes them."""

import atexit
from collections.abc import Callable
from typing import Any, Final, Literal

from PySide6.QtCore import QByteArray, QMimeData
from PySide6.QtGui import QGuiApplication, QImage

Form = Literal["svg", "png"]
Draw = Callable[[Form], bytes]  # b"" when it cannot be drawn

SVG_MIME: Final = "image/svg+xml"
PNG_MIME: Final = "image/png"
IMAGE_MIME: Final = "application/x-qt-image"  # what Qt turns into every image format of the platform
_FORMS: Final[dict[str, Form]] = {SVG_MIME: "svg", PNG_MIME: "png", IMAGE_MIME: "png"}


class OwnMime(QMimeData):
    """What this program put on the clipboard."""


class PicturedMime(OwnMime):
    """Offers SVG and PNG besides what is set; each is drawn once, when it is first asked for."""

    def __init__(self, draw: Draw, *, quick: bool) -> None:
        super().__init__()
        self.is_quick = quick
        self._draw = draw
        self._drawn: dict[Form, bytes] = {}

    def formats(self) -> list[str]:
        """See QMimeData."""
        return [*super().formats(), *_FORMS]

    def hasFormat(self, mimetype: str) -> bool:
        """See QMimeData."""
        return mimetype in _FORMS or super().hasFormat(mimetype)

    def retrieveData(self, mimetype: str, preferred: Any) -> Any:
        """See QMimeData."""
        form = _FORMS.get(mimetype)
        if form is None:
            return super().retrieveData(mimetype, preferred)
        if form not in self._drawn:
            self._drawn[form] = self._draw(form)
        if mimetype == IMAGE_MIME:
            return QImage.fromData(self._drawn[form])
        return QByteArray(self._drawn[form])


def put(mime: OwnMime) -> None:
    """Put it on the clipboard, which at the end of the program keeps what is there without Python.

    The platform asks for the data, and drops it, while Python is being taken down or after: what
    Python made would then take the program down with it.
    """
    atexit.unregister(settle)
    atexit.register(settle)
    QGuiApplication.clipboard().setMimeData(mime)


def settle() -> None:
    """Replace what we put on the clipboard by plain data; pictures that would take long stay out."""
    running = QGuiApplication.instance() is not None
    mime: QMimeData | None = QGuiApplication.clipboard().mimeData() if running else None
    if not isinstance(mime, OwnMime):
        return
    draws = not isinstance(mime, PicturedMime) or mime.is_quick
    formats = [f for f in mime.formats() if f != IMAGE_MIME and (draws or f not in _FORMS)]
    kept = {f: QByteArray(mime.data(f)) for f in formats}
    image = mime.imageData() if draws and mime.hasImage() else None
    # Only what the clipboard makes by itself is free of Python.
    QGuiApplication.clipboard().setText(mime.text())
    plain = QGuiApplication.clipboard().mimeData()
    for mimetype, data in kept.items():
        plain.setData(mimetype, data)
    if image is not None:
        plain.setImageData(image)
