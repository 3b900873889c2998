"""The menus over chosen models of the library."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from app.ports_network import RemoteModel

if TYPE_CHECKING:
    from ui.home.remote_page import RemotePage
    from ui.home.window import HomeWindow
    from ui.servers.connections import Connections


def _each(models: list[RemoteModel], act: Callable[[RemoteModel], None]) -> None:
    for one in models:
        act(one)


def _menu(parent: QWidget) -> QMenu:
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return menu


def local_menu(home: "HomeWindow", connections: "Connections | None", *, in_bin: bool) -> QMenu:
    """Over models of this computer."""
    menu = _menu(home)
    if in_bin:
        menu.addAction("Restore", home.restore_chosen)
        menu.addAction("Remove for good…", home.purge_chosen)
        return menu
    menu.addAction("Open\tEnter", home.open_chosen)
    menu.addAction("Duplicate", home.duplicate_chosen)
    if connections is not None:
        _add_server_actions(menu, home, connections)
    menu.addSeparator()
    menu.addAction("Move to bin\tDel", home.delete_chosen)
    return menu


def _add_server_actions(menu: QMenu, home: "HomeWindow", connections: "Connections") -> None:
    chosen, moves = home.chosen(), connections.moves
    menu.addSeparator()
    if len(chosen) == 1:
        one = chosen[0]
        if one.server:
            menu.addAction("Share…", lambda: home.share(one))
            menu.addAction("Have only this computer keep it…", lambda: moves.bring_home(one, home))
        else:
            menu.addAction("Upload to a server…", lambda: moves.upload(one, home))
    shared = [one for one in chosen if one.server]
    if shared and len(shared) == len(chosen):
        menu.addAction("Remove from this computer", lambda: moves.forget_here(shared, home))


def remote_menu(page: "RemotePage", connections: "Connections") -> QMenu:
    """Over models of a server."""
    menu = _menu(page)
    if page.in_bin:
        menu.addAction("Restore", page.restore_chosen)
        return menu
    chosen, moves, key = page.chosen(), connections.moves, page.key
    here = [found for one in chosen if (found := page.model.here(one.id)) is not None and found.server]
    away = [one for one in chosen if page.model.here(one.id) is None]
    menu.addAction("Open\tEnter", page.open_chosen)
    menu.addSeparator()
    if away:
        menu.addAction("Keep on this computer", partial(_each, away, partial(moves.keep, key)))
    if here:
        menu.addAction("Remove from this computer", lambda: moves.forget_here(here, page.window()))
    menu.addAction("Copy to this computer", partial(_each, chosen, partial(moves.copy_here, key)))
    if all(one.role == "owner" for one in chosen):
        menu.addAction("Move to this computer", partial(_each, chosen, partial(moves.move_here, key)))
        menu.addSeparator()
        menu.addAction("Move to the server's bin\tDel", page.delete_chosen)
    return menu
