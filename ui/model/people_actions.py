"""What can be done with the people of a session, as actions."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ui.actions import Action
from ui.panels.people.situation import What, Wish, why_not
from ui.panels.people.words import FOLLOW_KEY

if TYPE_CHECKING:
    from ui.model.window import ModelWindow

MENU = "Share"


def _blocked(what: What) -> Callable[["ModelWindow"], str]:
    return lambda window: why_not(window.gathering.now, what)


def _wish(window: "ModelWindow", what: What, whom: str = "") -> None:
    window.gathering.wish(Wish(what, whom))


def _wishing(id: str, title: str, what: What, *keys: str, group: bool = False) -> Action["ModelWindow"]:
    return Action(
        id, title, MENU, lambda window: _wish(window, what), keys, blocked=_blocked(what),
        starts_group=group, changes=False,
    )  # fmt: skip


def _invite(window: "ModelWindow") -> None:
    _wish(window, What.INVITE if window.gathering.now.link is not None else What.SHARE)


def _follow(window: "ModelWindow") -> None:
    now = window.gathering.now
    _wish(window, What.LOOK_AROUND if now.following and not now.held else What.FOLLOW)


def _ask(window: "ModelWindow") -> None:
    _wish(window, What.WITHDRAW if window.gathering.now.asked else What.ASK)


def _cannot_ask(window: "ModelWindow") -> str:
    now = window.gathering.now
    return why_not(now, What.WITHDRAW if now.asked else What.ASK)


def _answer(what: What) -> Callable[["ModelWindow"], None]:
    def answer(window: "ModelWindow") -> None:
        asking = window.gathering.now.asking
        if asking:
            _wish(window, what, asking[0].participant_id)

    return answer


def _not_hosted(window: "ModelWindow") -> str:
    return "" if window.shell.hosts_model(window) else "This model is not shared from this computer"


def _nobody_asks(window: "ModelWindow") -> str:
    return "" if window.gathering.now.asking else "Nobody asks you to present"


def _mute(window: "ModelWindow") -> None:
    _wish(window, What.UNMUTE if window.gathering.now.company.muted else What.MUTE)


def _cannot_mute(window: "ModelWindow") -> str:
    now = window.gathering.now
    return why_not(now, What.UNMUTE if now.company.muted else What.MUTE)


PEOPLE_ACTIONS: tuple[Action["ModelWindow"], ...] = (
    Action("people", "&People", MENU, lambda w: w.around.show("people"), ("Ctrl+Shift+E",), icon="people",
           changes=False),
    Action("invite", "&Invite…", MENU, _invite, icon="share", changes=False),
    Action("follow", "&Follow the presenter", MENU, _follow, (FOLLOW_KEY,), icon="eye",
           blocked=_blocked(What.FOLLOW), checked=lambda w: w.gathering.now.following, starts_group=True,
           changes=False),
    Action("ask_to_present", "&Ask to present", MENU, _ask, (f"Shift+{FOLLOW_KEY}",), blocked=_cannot_ask,
           checked=lambda w: w.gathering.now.asked, changes=False),
    _wishing("take_back", "&Take presenting back", What.TAKE_BACK),
    _wishing("stop_presenting", "&Stop presenting", What.STOP),
    Action("grant_request", "&Grant the request to present", MENU, _answer(What.LET), blocked=_nobody_asks,
           starts_group=True, changes=False),
    Action("deny_request", "&Deny the request to present", MENU, _answer(What.DENY), blocked=_nobody_asks,
           changes=False),
    Action("mute_edits", "&Mute edits of all others", MENU, _mute, blocked=_cannot_mute,
           checked=lambda w: w.gathering.now.company.muted, starts_group=True, changes=False),
    _wishing("end_session", "&End the session for all…", What.END),
    Action("stop_hosting", "Stop sharing from this &computer", MENU, lambda w: w.shell.stop_hosting(w),
           blocked=_not_hosted, starts_group=True, changes=False),
    Action("server_log", "Show the server’s &log", MENU,
           lambda w: w.shell.show_server_log(w), blocked=_not_hosted, changes=False),
    _wishing("connect_now", "Connect &now", What.RETRY, group=True),
)  # fmt: skip
