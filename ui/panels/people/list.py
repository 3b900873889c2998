"""The list of people: Enter, the menu key, a right click or the dots at the end of a row open its menu."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QMenu, QWidget

from app.domain.presence import Person
from ui.panels.people.menus import fill_menu
from ui.panels.people.painting import PersonDelegate
from ui.panels.people.rows import PeopleModel, rows_of
from ui.panels.people.situation import Situation, Wish
from ui.theme import ThemeManager


class PeopleList(QListView):
    """Everybody in the session."""

    wished = Signal(Wish)

    def __init__(self, theme: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self._now = Situation()
        self.people = PeopleModel(self)
        self.setModel(self.people)
        self.delegate = PersonDelegate(theme, self)
        self.delegate.menu_asked.connect(self._open_menu)
        self.setItemDelegate(self.delegate)
        self.setAccessibleName("People")
        self.setAccessibleDescription("Enter opens what can be done about somebody")
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_people(self, now: Situation) -> None:
        """Show who is there."""
        self._now = now
        self.people.show(rows_of(now))
        if not self.currentIndex().isValid() and self.people.rows:
            self.setCurrentIndex(self.people.index(0))

    @property
    def current(self) -> Person | None:
        """Who is selected."""
        return self.people.person_at(self.currentIndex())

    def open_menu(self) -> None:
        """Open the menu of who is selected."""
        index = self.currentIndex()
        if index.isValid():
            self._open_menu(index.row(), self.delegate.more_box(self.visualRect(index)).bottomLeft())

    def _open_menu(self, row: int, at: QPoint) -> None:
        index = self.people.index(row)
        person = self.people.person_at(index)
        if person is None:
            return
        self.setCurrentIndex(index)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fill_menu(menu, self._now, person, self.wished.emit)
        if not menu.isEmpty():
            menu.popup(self.viewport().mapToGlobal(at))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """See the class."""
        if event.reason() is not QContextMenuEvent.Reason.Mouse:
            self.open_menu()
        elif (index := self.indexAt(event.pos())).isValid():
            self._open_menu(index.row(), event.pos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """See the class."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open_menu()
        else:
            super().keyPressEvent(event)
