"""What can be done about somebody in a session, as a menu. What never could be is left out."""

from collections.abc import Callable

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from app.domain.presence import Person
from app.ports_network import RoleName
from ui.panels.people.situation import Situation, What, Wish, why_not
from ui.panels.people.words import FOLLOW_KEY, ROLE_NAMES

Wished = Callable[[Wish], object]
ROLES: tuple[RoleName, ...] = ("owner", "writer", "reader")


def fill_menu(menu: QMenu, now: Situation, person: Person, wished: Wished) -> None:
    """Fill the menu of one person; for oneself, what one can do."""
    menu.setToolTipsVisible(True)
    if person.participant_id == now.company.me:
        _fill_own(menu, now, wished)
        return
    whom = person.participant_id
    if now.presenter is not None and now.presenter.participant_id == whom:
        if now.following:
            _add(menu, now, wished, f"Stop following\t{FOLLOW_KEY}", Wish(What.LOOK_AROUND))
        else:
            _add(menu, now, wished, f"Follow\t{FOLLOW_KEY}", Wish(What.FOLLOW))
    _add(menu, now, wished, "Show where they are", Wish(What.SHOW, whom))
    if now.company.i_host or now.company.i_present:
        menu.addSeparator()
        _add(menu, now, wished, "Let present", Wish(What.LET, whom))
        if whom in now.company.asking:
            _add(menu, now, wished, "Deny the request", Wish(What.DENY, whom))
    mine = now.me is not None and now.me.user_id == person.user_id
    if mine or now.me is None:
        return
    if now.me.role == "owner":
        _add_roles(menu.addMenu("Role"), now, wished, person)
    if now.me.role == "owner" or now.company.i_host:
        menu.addSeparator()
        _add(menu, now, wished, "Remove…", Wish(What.REMOVE, whom))


def _fill_own(menu: QMenu, now: Situation, wished: Wished) -> None:
    for title, wish in presenting_wishes(now):
        _add(menu, now, wished, title, wish)
    if now.company.i_host:
        menu.addSeparator()
        if now.company.muted:
            _add(menu, now, wished, "Let everybody edit again", Wish(What.UNMUTE))
        else:
            _add(menu, now, wished, "Mute edits of all others", Wish(What.MUTE))
    if not why_not(now, What.END):
        menu.addSeparator()
        _add(menu, now, wished, "End the session for all…", Wish(What.END))


def presenting_wishes(now: Situation) -> list[tuple[str, Wish]]:
    """What one can do about presenting oneself, the most likely first."""
    if now.company.i_present:
        return [("Stop presenting", Wish(What.STOP))]
    if now.company.i_host:
        if now.presenter is None:
            return [("Present", Wish(What.ASK))]
        return [("Take presenting back", Wish(What.TAKE_BACK)), ("Let nobody present", Wish(What.STOP))]
    if now.asked:
        return [("Withdraw request", Wish(What.WITHDRAW))]
    return [("Ask to present", Wish(What.ASK))]


def _add_roles(menu: QMenu, now: Situation, wished: Wished, person: Person) -> None:
    group = QActionGroup(menu)
    for role in ROLES:
        act = _add(menu, now, wished, ROLE_NAMES[role], Wish(What.ROLE, person.participant_id, role))
        act.setCheckable(True)
        act.setChecked(person.role == role)
        group.addAction(act)


def _add(menu: QMenu, now: Situation, wished: Wished, title: str, wish: Wish) -> QAction:
    act = menu.addAction(title)
    reason = why_not(now, wish.what, wish.whom)
    act.setEnabled(not reason)
    act.setToolTip(reason)
    act.triggered.connect(lambda _checked=False: wished(wish))
    return act
