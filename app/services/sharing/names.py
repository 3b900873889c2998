"""The names of people by their ids on servers, remembered: a log says who wrote what by id only."""

from collections.abc import Collection

import msgspec

from app.ports import Library

SETTING = "sharing/names"
MOST = 5000
SHOWN = 8  # letters of an id that has no name


class Names:
    """What people call themselves, the latest that was heard."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._known = _read(library.setting(SETTING))
        self._asked: dict[str, set[str]] = {}

    def __getitem__(self, user_id: str) -> str:
        """A name, or the beginning of the id of somebody who was never met."""
        return self._known.get(user_id) or user_id[:SHOWN]

    def lacks(self, model_id: str, authors: Collection[str] = ()) -> bool:
        """Whether a model's server is to be asked for names now: once a run of the program, and once more
        for each author whom nobody has named yet. It counts as asked then.
        """
        asked = self._asked.get(model_id)
        strangers = {one for one in authors if one not in self._known} - (asked or set())
        if asked is not None and not strangers:
            return False
        self._asked.setdefault(model_id, set()).update(strangers)
        return True

    def ask_again(self, model_id: str, authors: Collection[str] = ()) -> None:
        """The server could not be asked."""
        asked = self._asked.get(model_id, set())
        asked.difference_update(authors)
        if not authors:
            self._asked.pop(model_id, None)

    def learn(self, names: dict[str, str]) -> None:
        """Remember names; the oldest are forgotten when there are too many."""
        news = {key: name for key, name in names.items() if name and self._known.get(key) != name}
        if not news:
            return
        for key in news:
            self._known.pop(key, None)
        self._known |= news
        for key in list(self._known)[: max(0, len(self._known) - MOST)]:
            del self._known[key]
        self._library.set_setting(SETTING, msgspec.json.encode(self._known).decode())


def _read(text: str) -> dict[str, str]:
    try:
        return msgspec.json.decode(text, type=dict[str, str]) if text else {}
    except (msgspec.MsgspecError, ValueError):
        return {}
