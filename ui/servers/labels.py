"""Labels that show other people's words as they are."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel


def label(text: str = "", role: str = "") -> QLabel:
    """A label of plain text that breaks where it must."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(True)
    if role:
        made.setProperty("role", role)
    return made


def say(where: QLabel, text: str, role: str = "") -> None:
    """Another text in another role; none hides it."""
    where.setText(text)
    if where.property("role") != role:
        where.setProperty("role", role)
        where.style().unpolish(where)
        where.style().polish(where)
    where.setVisible(bool(text))


def sentence(reason: str) -> str:
    """A reason as a sentence of its own."""
    text = reason.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
