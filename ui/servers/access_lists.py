"""The invites to a model, and the people who may do something with it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ports_network import Invitation, RoleName, Share
from ui.servers.access import Access
from ui.servers.labels import label, say, sentence
from ui.servers.words import ROLES, count, until
from ui.widgets.tasks import Tasks

CHOICES: tuple[RoleName, ...] = ("reader", "writer", "owner")


class _List(QWidget):
    """Rows that come from the server, with one line for what goes wrong and a way to try again."""

    def __init__(self, access: Access) -> None:
        super().__init__()
        self.access = access
        self.tasks = Tasks(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.line = label("", "muted")
        self.again = QPushButton("Try again")
        self.again.clicked.connect(self.refresh)
        self.again.hide()
        self._rows = QWidget()
        layout.addWidget(self._rows)
        layout.addWidget(self.line)
        layout.addWidget(self.again)
        layout.addStretch(1)
        self._layout = layout

    def refresh(self) -> None:
        """Ask the server."""
        raise NotImplementedError

    def ask(self, work: Any, done: Callable[[Any], object]) -> None:
        """Ask; what fails is said below the rows."""
        self.again.hide()
        self.tasks.run(work, done, self.failed)

    def failed(self, reason: str) -> None:
        """Say what went wrong; the rows stay."""
        say(self.line, sentence(reason), "error")
        self.again.show()

    def fresh(self, said: str) -> QGridLayout:
        """Rows anew."""
        rows = QWidget()
        grid = QGridLayout(rows)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(0, 1)
        self._layout.replaceWidget(self._rows, rows)
        self._rows.hide()
        self._rows.deleteLater()
        self._rows = rows
        say(self.line, said, "muted")
        return grid


class InviteList(_List):
    """The invites that still admit somebody, and those that are over."""

    def refresh(self) -> None:
        """Ask the server."""
        self.ask(self.access.invitations(), self._show)

    def _show(self, found: tuple[Invitation, ...]) -> None:
        grid = self.fresh("" if found else "No invites yet.")
        for row, one in enumerate(found):
            role = "may edit" if one.role == "writer" else "may read" if one.role == "reader" else one.role
            name = one.label or f"Whoever has the link {role}"
            grid.addWidget(label(name), row, 0)
            over = one.is_over or until(one.expires_at).startswith("ended")
            state = "over" if one.is_over else until(one.expires_at)
            used = f"used {one.uses} time{'' if one.uses == 1 else 's'}" if one.uses else "not used yet"
            words = [*([role] if one.label else []), used, *([state] if state else [])]
            grid.addWidget(_muted(" · ".join(words)), row, 1)
            withdraw = QPushButton("Withdraw")
            withdraw.setToolTip("The link admits nobody more; who is in stays in")
            withdraw.setAccessibleName(f"Withdraw: {name}")
            withdraw.setEnabled(not over)
            withdraw.clicked.connect(partial(self._withdraw, one.id))
            grid.addWidget(withdraw, row, 2)

    def _withdraw(self, invitation_id: str, _checked: bool = False) -> None:
        self.ask(self.access.withdraw(invitation_id), lambda _nothing: self.refresh())


class PeopleList(_List):
    """Who has which role; owners may give others another one."""

    may_change = False

    def refresh(self) -> None:
        """Ask the server."""
        self.ask(self.access.shares(), self._show)

    def _show(self, found: tuple[Share, ...]) -> None:
        grid = self.fresh(f"{count(len(found), 'person', 'people')} or groups." if len(found) != 1 else "")
        for row, one in enumerate(found):
            me = one.subject_id == self.access.user_id
            group = " (group)" if one.is_group else ""
            grid.addWidget(label(f"{one.name}{group}{' (you)' if me else ''}"), row, 0)
            if not self.may_change or me or one.is_group or one.role not in CHOICES:
                grid.addWidget(_muted(ROLES.get(one.role, one.role)), row, 1)
                continue
            combo = QComboBox()
            combo.setAccessibleName(f"Role of {one.name}")
            for role in CHOICES:
                combo.addItem(ROLES[role], role)
            combo.setCurrentIndex(combo.findData(one.role))
            combo.activated.connect(partial(self._give, one, combo))
            grid.addWidget(combo, row, 1)

    def _give(self, share: Share, combo: QComboBox, _index: int = 0) -> None:
        role: RoleName = combo.currentData()
        if role == share.role:
            return
        say(self.line, f"Giving {share.name} another role…", "muted")

        def done(_nothing: object) -> None:
            self.refresh()

        self.ask(self.access.set_role(share.subject_id, role), done)

    def failed(self, reason: str) -> None:
        """What was not given is not shown."""
        self.refresh_quietly()
        super().failed(reason)

    def refresh_quietly(self) -> None:
        """Show what the server has, whatever is being said."""
        self.tasks.run(self.access.shares(), self._show_below)

    def _show_below(self, found: tuple[Share, ...]) -> None:
        text, role = self.line.text(), str(self.line.property("role"))
        self._show(found)
        say(self.line, text, role)


def _muted(text: str) -> QLabel:
    made = label(text, "muted")
    made.setWordWrap(False)
    return made
