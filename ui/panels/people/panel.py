"""The panel of people: everybody in the session, who asks to present, and what can be done about it."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from app.services.document import Document
from ui.panels.panel import Panel
from ui.panels.people import words
from ui.panels.people.list import PeopleList
from ui.panels.people.menus import fill_menu, presenting_wishes
from ui.panels.people.requests import Requests
from ui.panels.people.situation import Situation, What, Wish, why_not
from ui.theme import Theme, ThemeManager
from ui.widgets.elided import ElidedLabel

QWIDGETSIZE_MAX = (1 << 24) - 1


class PeoplePanel(Panel):
    """Shows a situation and tells what is wished."""

    wished = Signal(Wish)

    def __init__(self, document: Document, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(document, theme, parent)
        self.now = Situation()
        self.state = ElidedLabel("", self)
        self.state.setProperty("role", "muted")
        self.invite_button = QPushButton("Invite…", self)
        self.invite_button.clicked.connect(self._invite)
        self.requests = Requests(theme, self)
        self.requests.wished.connect(self.wished)
        self.list = PeopleList(theme, self)
        self.list.wished.connect(self.wished)
        self.empty = QLabel(self)
        self.empty.setProperty("role", "muted")
        self.empty.setTextFormat(Qt.TextFormat.PlainText)
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.retry_button = QPushButton("Try again now", self)
        self.retry_button.clicked.connect(lambda: self.wished.emit(Wish(What.RETRY)))
        self.present_button = QPushButton(self)
        self.present_button.clicked.connect(lambda: self.wished.emit(presenting_wishes(self.now)[0][1]))
        self.mute_button = QPushButton("Mute edits", self)
        self.mute_button.setCheckable(True)
        self.mute_button.clicked.connect(self._mute)
        self.more_button = QToolButton(self)
        self.more_button.setToolTip("More for you")
        self.more_button.setAccessibleName("More for you")
        self.more_button.setProperty("kind", "quiet")
        theme.bind_icon(self.more_button, "more")
        self.more_button.clicked.connect(self._open_own_menu)
        self._lay_out()
        self.setFocusProxy(self.list)
        self.show_situation(self.now)

    def _lay_out(self) -> None:
        margin, gap = self.theme.px(6), self.theme.px(4)
        column = QVBoxLayout(self)
        column.setContentsMargins(margin, margin, margin, margin)
        column.setSpacing(margin)
        head, foot = QHBoxLayout(), QHBoxLayout()
        for row in (head, foot):
            row.setSpacing(gap)
        head.addWidget(self.state, 1)
        head.addWidget(self.invite_button)
        foot.addWidget(self.present_button, 1)
        foot.addWidget(self.mute_button)
        foot.addWidget(self.more_button)
        column.addLayout(head)
        column.addWidget(self.requests)
        column.addWidget(self.list, 1)
        column.addWidget(self.empty)
        column.addWidget(self.retry_button)
        self._rest = QWidget(self)
        column.addWidget(self._rest, 1)
        column.addLayout(foot)

    def show_situation(self, now: Situation) -> None:
        """Show how things are."""
        self.now = now
        live = now.is_live
        self.state.say(words.state_line(now))
        shared = now.link is not None
        self.invite_button.setText("Invite…" if shared else "Share…")
        self.invite_button.setToolTip("Let others in by a link" if shared else "Let others see this model")
        alone = live and not now.others
        self.invite_button.setEnabled(not shared or not why_not(now, What.INVITE))
        self.invite_button.setProperty("kind", "primary" if alone or not shared else "")
        self.invite_button.style().polish(self.invite_button)
        self.requests.show_requests(now)
        self.list.show_people(now)
        self.list.setVisible(live)
        row = self.list.sizeHintForRow(0) + 2 * self.list.frameWidth()
        self.list.setMaximumHeight(row if alone else QWIDGETSIZE_MAX)
        self._rest.setVisible(not live or alone)
        text = words.empty_text(now)
        self.empty.setText(text)
        self.empty.setVisible(bool(text))
        self.retry_button.setVisible(now.link is not None and now.link.state in ("waiting", "stopped"))
        self._show_foot(now)

    def _show_foot(self, now: Situation) -> None:
        live = now.is_live
        title, wish = presenting_wishes(now)[0]
        self.present_button.setText(title)
        reason = why_not(now, wish.what)
        self.present_button.setEnabled(not reason)
        self.present_button.setToolTip(reason or _PRESENT_TIPS.get(wish.what, ""))
        self.present_button.setVisible(live)
        self.mute_button.setVisible(live and now.company.i_host)
        self.mute_button.setChecked(now.company.muted)
        self.mute_button.setText("Edits muted" if now.company.muted else "Mute edits")
        self.mute_button.setToolTip(
            "Let everybody edit again" if now.company.muted else "Take only your edits and the presenter’s"
        )
        self.more_button.setVisible(live and not why_not(now, What.END))

    def rethemed(self, theme: Theme) -> None:
        """Other colours."""
        self.list.viewport().update()

    # --- what it does ----------------------------------------------------------------------------
    def _invite(self) -> None:
        self.wished.emit(Wish(What.INVITE if self.now.link is not None else What.SHARE))

    def _mute(self) -> None:
        muted = self.now.company.muted
        self.mute_button.setChecked(muted)  # until the server says so
        self.wished.emit(Wish(What.UNMUTE if muted else What.MUTE))

    def _open_own_menu(self) -> None:
        me = self.now.me
        if me is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fill_menu(menu, self.now, me, self.wished.emit)
        menu.popup(self.more_button.mapToGlobal(QPoint(0, self.more_button.height())))


_PRESENT_TIPS = {
    What.ASK: "Let everybody follow what you show",
    What.TAKE_BACK: "Present instead of who does now",
    What.STOP: "Let nobody present any more",
    What.WITHDRAW: "You have asked to present; the host has to answer",
}
