"""A link as a QR code, for cameras."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPixmap
from PySide6.QtWidgets import QLabel

from app.services.qr_code import qr_matrix

LEAST = 3  # pixels a module


def qr_image(text: str) -> QImage:
    """One pixel a module, black on white, with its quiet zone."""
    rows = qr_matrix(text)
    side = len(rows)
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                image.setPixelColor(x, y, QColor("black"))
    return image


class QrCode(QLabel):
    """Shows one, in whole pixels a module; none hides it."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self._room = room
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hide()

    def show_text(self, text: str) -> None:
        """Another text."""
        self.setVisible(bool(text))
        if not text:
            return
        image = qr_image(text)
        ratio = self.devicePixelRatioF()
        module = max(LEAST, int(self._room * ratio) // image.width())
        pixmap = QPixmap.fromImage(image.scaledToWidth(image.width() * module))
        pixmap.setDevicePixelRatio(ratio)
        self.setPixmap(pixmap)
        self.setAccessibleName("The invite link as a QR code")
