"""A question with named answers, never a nested event loop."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMessageBox, QWidget

Answer = tuple[str, Callable[[], object]]
WIDEST = 420


def ask(
    parent: QWidget, title: str, text: str, answers: Sequence[Answer], *, grave: bool = False
) -> QMessageBox:
    """Open a question; the chosen answer's function is called. Esc and Cancel choose none.

    In a `grave` one Enter cancels too: it asks about something that cannot be undone.
    """
    box = message_box(QMessageBox.Icon.Question, title, text, parent)
    buttons = {box.addButton(name, QMessageBox.ButtonRole.AcceptRole): act for name, act in answers}
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    if grave:
        box.setDefaultButton(cancel)

    def chosen() -> None:
        act = buttons.get(box.clickedButton())  # type: ignore[call-overload]
        if act is not None:
            act()

    box.finished.connect(lambda _code: chosen())
    box.open()
    return box


def tell(parent: QWidget | None, title: str, text: str) -> QMessageBox:
    """Open a message that has to be seen."""
    box = message_box(QMessageBox.Icon.Warning, title, text, parent)
    box.open()
    return box


def message_box(icon: QMessageBox.Icon, title: str, text: str, parent: QWidget | None) -> QMessageBox:
    """A message that is not open yet, as wide as its text wants to be."""
    box = QMessageBox(icon, title, title, parent=parent)
    box.setInformativeText(text)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setTextFormat(Qt.TextFormat.PlainText)
    informative = box.findChild(QLabel, "qt_msgbox_informativelabel")
    if informative is not None:
        # Else Qt breaks the text to the width of the title, a path into five lines.
        wanted = informative.fontMetrics().horizontalAdvance(max(text.splitlines() or [""], key=len))
        informative.setMinimumWidth(min(WIDEST, wanted + 4))
    return box
