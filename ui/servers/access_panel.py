"""Inviting people to a model on a server, and seeing who is in: pages for the share dialog."""

from PySide6.QtWidgets import QFrame, QScrollArea, QTabWidget, QVBoxLayout, QWidget

from app.ports_network import RoleName
from ui.servers.access import Access
from ui.servers.access_lists import InviteList, PeopleList
from ui.servers.inviting import InviteForm
from ui.servers.labels import label, say, sentence
from ui.widgets.tasks import Tasks

NO_OWNER = "Only its owners invite people to this model and give roles. You see who is in."


class AccessPanel(QWidget):
    """Asks the server what one may oneself, and shows what that allows."""

    def __init__(self, access: Access) -> None:
        super().__init__()
        self._access = access
        self._tasks = Tasks(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.line = label("Asking the server who may…", "muted")
        layout.addWidget(self.line)
        self.tabs = QTabWidget()
        self.form = InviteForm(access)
        self.invites = InviteList(access)
        self.people = PeopleList(access)
        self.tabs.addTab(_padded(self.form), "Invite")
        self.tabs.addTab(_scrolled(self.invites), "Invites")
        self.tabs.addTab(_scrolled(self.people), "People")
        self.tabs.hide()
        layout.addWidget(self.tabs, 1)
        self.form.made.connect(self.invites.refresh)
        self.tabs.currentChanged.connect(self._turned)
        self._tasks.run(access.role(), self._show, lambda why: say(self.line, sentence(why), "error"))

    def _turned(self, index: int) -> None:
        """What stands on the page may have changed meanwhile."""
        if index == 1:
            self.invites.refresh()
        elif index == 2:
            self.people.refresh()

    def _show(self, role: RoleName) -> None:
        owns = role == "owner"
        say(self.line, "" if owns else NO_OWNER, "muted")
        self.people.may_change = owns
        for index in (0, 1):
            self.tabs.setTabVisible(index, owns)
        self.tabs.setCurrentIndex(0 if owns else 2)
        self.tabs.show()
        self.people.refresh()
        if owns:
            self.invites.refresh()
            self.form.make.setFocus()


def _padded(inner: QWidget) -> QWidget:
    outer = QWidget()
    layout = QVBoxLayout(outer)
    layout.addWidget(inner)
    return outer


def _scrolled(inner: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidget(_padded(inner))
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.viewport().setAutoFillBackground(False)
    return area
