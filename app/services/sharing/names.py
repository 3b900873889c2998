"""The names of people by their ids on servers, remembered: a log says who wrote what by id only."""

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

    def __getitem__(self, user_id: str) -> str:
        """A name, or the beginning of the id of somebody who was never met."""
        return self._known.get(user_id) or user_id[:SHOWN]

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
