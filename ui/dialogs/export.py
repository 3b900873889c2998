"""Saving pictures and files: which format, which diagrams, how large."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget


def ask_file(
    parent: QWidget,
    title: str,
    start: str,
    filters: list[tuple[str, str]],
    chosen: Callable[[Path], object],
) -> QFileDialog:
    """Open a save dialog. `filters` are (name, ending); a bare name gets the ending of the chosen one."""
    dialog = QFileDialog(parent, title, start)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    names = {f"{name} (*{ending})": ending for name, ending in filters}
    dialog.setNameFilters(list(names))
    dialog.setDefaultSuffix(filters[0][1].lstrip("."))
    dialog.filterSelected.connect(lambda name: dialog.setDefaultSuffix(names[name].lstrip(".")))
    endings = tuple(ending for _, ending in filters)

    def accepted(name: str) -> None:
        known = name.lower().endswith(endings)  # "Diagram 1.2" has an ending, but none of ours
        chosen(Path(name if known else f"{name}.{dialog.defaultSuffix()}"))

    dialog.fileSelected.connect(accepted)
    dialog.open()
    return dialog
