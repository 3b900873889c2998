"""The status line: what is saved, what is chosen, how large the diagram is shown."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QStatusBar, QToolButton, QWidget

from app.domain import vocabulary as v
from app.domain.records import title_of
from app.domain.state import ModelState


class StatusLine(QStatusBar):
    """Says "Saved" only when it is so."""

    zoom_asked = Signal()
    comments_asked = Signal()
    link_asked = Signal()
    review_asked = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.saved = QLabel("Saved")
        self.saved.setAccessibleName("Save state")
        self.saved.setMinimumWidth(self.saved.fontMetrics().horizontalAdvance("Saving 0000 changes…"))
        self.chosen = QLabel()
        self.zoom = QToolButton()
        self.zoom.setAutoRaise(True)
        self.zoom.setText("100 %")
        self.zoom.setToolTip("Zoom; click for 100 % (Ctrl+0)")
        self.zoom.setAccessibleName("Zoom")
        self.zoom.clicked.connect(self.zoom_asked)
        self.unread = QToolButton()
        self.unread.setAutoRaise(True)
        self.unread.setToolTip("Go to the next unread comment (F8)")
        self.unread.clicked.connect(self.comments_asked)
        self.unread.hide()
        self.link = QToolButton()
        self.link.setAutoRaise(True)
        self.link.setAccessibleName("Connection")
        self.link.clicked.connect(self.link_asked)
        self.link.hide()
        self.to_decide = QToolButton()
        self.to_decide.setAutoRaise(True)
        self.to_decide.setToolTip("What both you and others changed while you were away (Ctrl+Shift+Y)")
        self.to_decide.clicked.connect(self.review_asked)
        self.to_decide.hide()
        self.addWidget(self.saved)
        self.addWidget(self.link)
        self.addWidget(self.chosen, 1)
        self.addPermanentWidget(self.to_decide)
        self.addPermanentWidget(self.unread)
        self.addPermanentWidget(self.zoom)
        self.setSizeGripEnabled(False)

    def show_saved(self, pending: int, read_only: str) -> None:
        """All is on disk, or `pending` changes are on their way there."""
        self._paint("muted" if not pending else "")
        if read_only:
            self.saved.setText("Read only")
            self.saved.setToolTip(read_only)
        elif pending:
            self.saved.setText(f"Saving {pending} change{'' if pending == 1 else 's'}…")
            self.saved.setToolTip("")
        else:
            self.saved.setText("Saved")
            self.saved.setToolTip("Everything is on the disk")

    def show_failed(self, reason: str, pending: int) -> None:
        """Nothing is lost, but it is not on disk either."""
        self._paint("error")
        self.saved.setText(f"Not saved ({pending} waiting): {reason}")
        self.saved.setToolTip("Your changes are kept in memory and are tried again until they are saved.")

    def show_link(self, text: str, explained: str, *, alarming: bool = False) -> None:
        """How the connection to the model's server is; nothing at all when no server orders it."""
        self.link.setText(text)
        self.link.setToolTip(explained)
        self.link.setAccessibleDescription(explained)
        self._paint("error" if alarming else "", self.link)
        self.link.setVisible(bool(text))

    def _paint(self, role: str, widget: QWidget | None = None) -> None:
        target = widget or self.saved
        if target.property("role") != role:
            target.setProperty("role", role)
            target.style().unpolish(target)
            target.style().polish(target)

    def show_chosen(self, state: ModelState, ids: frozenset[str]) -> None:
        """Name the one chosen cell, or count them."""
        cells = [c for c in map(state.cell, ids) if c is not None]
        if len(cells) == 1:
            name = title_of(cells[0]) or "unnamed"
            text = f"{v.CELL_TYPE_NAMES[cells[0].type]}: {name}"
        else:
            text = f"{len(cells)} elements selected" if cells else ""
        self.chosen.setText(text)
        self.chosen.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)

    def show_unread(self, count: int) -> None:
        """How many comments are unread; nothing at all when none is."""
        self.unread.setText(f"{count} unread comment{'' if count == 1 else 's'}")
        self.unread.setVisible(bool(count))

    def show_to_decide(self, count: int) -> None:
        """How much waits for a decision; nothing at all when nothing does."""
        self.to_decide.setText(f"{count} to decide")
        self.to_decide.setVisible(bool(count))

    def show_zoom(self, zoom: float) -> None:
        """The scale of the diagram, 1 for 100 %."""
        self.zoom.setText(f"{zoom * 100:.0f} %")
