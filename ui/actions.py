"""The form of an action: one table of them is behind menus, tool bars, shortcuts, palette and help."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from ui.theme import ThemeManager

W = TypeVar("W")


@dataclass(frozen=True)
class Action(Generic[W]):
    """One thing that a window of type W can do.

    `blocked` gives the reason why it cannot be done now, "" when it can. `on_canvas` keeps its
    shortcuts to the diagram, so that text fields and tables keep theirs; `shown_keys` are keys that
    the diagram itself understands, listed in menus and help.
    """

    id: str
    title: str
    menu: str
    run: Callable[[W], object]
    shortcuts: tuple[str, ...] = ()
    shown_keys: str = ""
    icon: str = ""
    blocked: Callable[[W], str] = lambda window: ""
    checked: Callable[[W], bool] | None = None
    on_canvas: bool = False
    starts_group: bool = False
    changes: bool = True

    @property
    def plain_title(self) -> str:
        """The title without its mnemonic."""
        return self.title.replace("&", "").removesuffix("…")

    @property
    def keys_text(self) -> str:
        """The keys as people read them."""
        native = QKeySequence.SequenceFormat.NativeText
        keys = [QKeySequence(k).toString(native) for k in self.shortcuts]
        return ", ".join([*keys, *([self.shown_keys] if self.shown_keys else [])])


class ActionSet(Generic[W]):
    """The table of a window turned into QActions, with their state kept up to date."""

    def __init__(
        self, window: W, widget: QWidget, canvas: QWidget | None, table: Iterable[Action[W]],
        theme: ThemeManager,
    ) -> None:  # fmt: skip
        self._window = window
        self.table = {action.id: action for action in table}
        self.actions: dict[str, QAction] = {}
        for action in self.table.values():
            made = self._make(action, widget, theme)
            self.actions[action.id] = made
            (canvas if action.on_canvas and canvas is not None else widget).addAction(made)

    def _make(self, action: Action[W], widget: QWidget, theme: ThemeManager) -> QAction:
        # A tab brings words into the place of the shortcut, so only where there is none.
        words = action.shown_keys if not action.shortcuts else ""
        text = action.title + (f"\t{words}" if words else "")
        made = QAction(text, widget)
        made.setObjectName(action.id)
        if action.shortcuts:
            made.setShortcuts([QKeySequence(k) for k in action.shortcuts])
        if action.on_canvas:
            made.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        made.setCheckable(action.checked is not None)
        if action.icon:
            theme.bind_icon(made, action.icon)
        made.setIconVisibleInMenu(False)
        keys = action.keys_text
        made.setToolTip(action.plain_title + (f" ({keys})" if keys else ""))
        made.triggered.connect(lambda _checked=False, a=action: self.trigger(a.id))
        return made

    def trigger(self, action_id: str) -> None:
        """Do it, unless it is blocked."""
        action = self.table[action_id]
        if not action.blocked(self._window):
            action.run(self._window)
        self.refresh()

    def refresh(self) -> None:
        """Bring enabled and checked states and the reasons in tool tips up to date."""
        for action_id, made in self.actions.items():
            action = self.table[action_id]
            reason = action.blocked(self._window)
            made.setEnabled(not reason)
            made.setStatusTip(reason)
            if action.checked is not None:
                made.setChecked(action.checked(self._window))

    def fill_menu(self, menu: QMenu, name: str) -> None:
        """Put the actions of one menu into it, in the order of the table."""
        for action in self.table.values():
            if action.menu == name:
                if action.starts_group and menu.actions():
                    menu.addSeparator()
                menu.addAction(self.actions[action.id])
        menu.setToolTipsVisible(True)
