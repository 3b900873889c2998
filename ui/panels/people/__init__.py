"""The people of a session: who is there, what each of them may, and what one can do about it."""

from ui.panels.people.bar import PresenterBar
from ui.panels.people.panel import PeoplePanel
from ui.panels.people.situation import Situation, What, Wish

__all__ = ["PeoplePanel", "PresenterBar", "Situation", "What", "Wish"]
