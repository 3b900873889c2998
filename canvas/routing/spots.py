"""Which of a few spots along its line each label takes that nobody has placed.

Labels choose one after the other in a fixed order: the first spot that is free of what is fixed and of
the labels before. After a change only those choose again whose choice it may concern, then those
after them that this concerns in turn. So it ends where choosing all anew would end.
"""

from collections.abc import Callable, Collection, Iterable
from heapq import heappop, heappush
from math import floor
from typing import Final, TypeAlias

# Edges in 1/64 unit. The odd offset keeps edges on the grid of the model, or half a step beside it,
# away from where rounding turns: they may differ in the last digit by the way they were worked out.
Box: TypeAlias = tuple[int, int, int, int]
Key: TypeAlias = tuple[str, str]
Tile: TypeAlias = tuple[int, int]
_FINE: Final = 64.0
_ODD: Final = 0.3137
_SHIFT: Final = 14
_MOST_TILES: Final = 256


def box_of(x: float, y: float, width: float, height: float) -> Box:
    """A rectangle in scene units in the grain in which spots are compared: left, top, right, bottom."""
    x, y = x * _FINE + _ODD, y * _FINE + _ODD
    return floor(x), floor(y), floor(x + width * _FINE), floor(y + height * _FINE)


class Fixed:
    """Something that labels keep clear of and that stays where it is."""

    __slots__ = ("boxes", "taken")

    def __init__(self, box: Box) -> None:
        self.taken = box
        self.boxes: tuple[Box, ...] = (box,)


class Floating:
    """A label that chooses: `spot` counts the spots from 0, `boxes` are those it has looked at."""

    __slots__ = ("boxes", "key", "spot", "taken")

    def __init__(self, key: Key, box: Box) -> None:
        self.key = key
        self.spot = 0
        self.taken = box
        self.boxes: tuple[Box, ...] = (box,)


class Spots:
    """What is fixed, and the choices of all labels of one diagram, found by place."""

    def __init__(self, box_at: Callable[[str, int], Box], count_of: Callable[[str], int]) -> None:
        self._box_at, self._count_of = box_at, count_of
        self._known: dict[str, Fixed | Floating] = {}
        self._tiles: dict[Tile, dict[str, Fixed | Floating]] = {}
        self._wide: dict[str, Fixed | Floating] = {}
        self._is_first = True

    def settle(self, fixed: Iterable[tuple[str, Box]], floating: Iterable[tuple[str, Key]],
               gone: Iterable[str]) -> dict[str, int]:  # fmt: skip
        """Take in what has changed; `floating` comes with each label's place in the order.

        Returns the spots of all labels that have chosen, also of those that chose as before.
        """
        waiting: dict[str, Key] = {}
        self._is_first = not self._known
        for name in gone:
            self._leave(name, waiting)
        for name, box in fixed:
            known = self._known.get(name)
            if isinstance(known, Fixed) and known.taken == box:
                continue
            if known is not None:
                self._leave(name, waiting)
            self._enter(name, Fixed(box))
            if not self._is_first:
                self._wake(box, waiting)
        for name, key in floating:
            known = self._known.get(name)
            if known is not None and getattr(known, "key", None) != key:
                self._leave(name, waiting)
            waiting[name] = key
        return self._choose_all(waiting)

    def _choose_all(self, waiting: dict[str, Key]) -> dict[str, int]:
        queue = sorted([(key, name) for name, key in waiting.items()])
        chosen: dict[str, int] = {}
        if self._is_first:
            for key, name in queue:
                new = self._choose(name, key)
                chosen[name] = new.spot
                self._enter(name, new)
            return chosen
        while queue:
            key, name = heappop(queue)
            if name in chosen:
                continue
            old, new = self._known.get(name), self._choose(name, key)
            chosen[name] = new.spot
            if old is None or old.boxes != new.boxes:
                if old is not None:
                    self._forget(name, old)
                self._enter(name, new)
            taken = None if old is None else old.taken
            if taken != new.taken:
                after: dict[str, Key] = {}
                for box in (taken, new.taken):
                    if box is not None:
                        self._wake(box, after)
                for other, its_key in after.items():
                    if its_key > key and other not in chosen:
                        heappush(queue, (its_key, other))
        return chosen

    def _choose(self, name: str, key: Key) -> Floating:
        first = self._box_at(name, 0)
        new = Floating(key, first)
        least = whole = self._covered(first, name, key)
        if not whole:
            return new
        boxes = [first]
        for spot in range(1, self._count_of(name)):
            box = self._box_at(name, spot)
            boxes.append(box)
            covered = self._covered(box, name, key)
            # Where no spot is free, only one that is far better is worth leaving the middle for.
            if not covered or (covered < least and covered * 2 < whole):
                new.spot, new.taken, least = spot, box, covered
                if not covered:
                    break
        new.boxes = tuple(boxes)
        return new

    def _covered(self, box: Box, name: str, key: Key) -> int:
        """How much of a box is taken by what is fixed and by the labels before."""
        left, top, right, bottom = box
        found: dict[str, int] = {}
        for tile in self._around(box):
            for other, entry in tile.items():
                a, b, c, d = entry.taken
                if a < right and left < c and b < bottom and top < d and other != name:
                    if type(entry) is Floating and entry.key > key:
                        continue
                    found[other] = (min(right, c) - max(left, a)) * (min(bottom, d) - max(top, b))
        return sum(found.values())

    def _wake(self, box: Box, waiting: dict[str, Key]) -> None:
        """Add the labels that have looked at any part of a box."""
        left, top, right, bottom = box
        for tile in self._around(box):
            for name, entry in tile.items():
                if type(entry) is Floating and name not in waiting:
                    for a, b, c, d in entry.boxes:
                        if a < right and left < c and b < bottom and top < d:
                            waiting[name] = entry.key
                            break

    # --- places ---------------------------------------------------------------------------------------
    def _around(self, box: Box) -> list[dict[str, Fixed | Floating]]:
        places = _tiles_under(box)
        if places is None:
            return [self._known]
        tiles = self._tiles
        found = [tiles[place] for place in places if place in tiles]
        if self._wide:
            found.append(self._wide)
        return found

    def _enter(self, name: str, entry: Fixed | Floating) -> None:
        self._known[name] = entry
        places = _tiles_of(entry)
        if places is None:
            self._wide[name] = entry
            return
        tiles = self._tiles
        for place in places:
            tile = tiles.get(place)
            if tile is None:
                tiles[place] = {name: entry}
            else:
                tile[name] = entry

    def _forget(self, name: str, entry: Fixed | Floating) -> None:
        del self._known[name]
        places = _tiles_of(entry)
        if places is None:
            del self._wide[name]
            return
        for place in places:
            tile = self._tiles[place]
            tile.pop(name, None)
            if not tile:
                del self._tiles[place]

    def _leave(self, name: str, waiting: dict[str, Key]) -> None:
        """Take something out, and wake the labels that made room for it."""
        entry = self._known.get(name)
        waiting.pop(name, None)
        if entry is not None:
            self._forget(name, entry)
            self._wake(entry.taken, waiting)


def _tiles_of(entry: Fixed | Floating) -> Collection[Tile] | None:
    """The tiles that an entry is found in; None when there are too many of them."""
    if len(entry.boxes) == 1:
        return _tiles_under(entry.taken)
    found: set[Tile] = set()
    for box in entry.boxes:
        places = _tiles_under(box)
        if places is None:
            return None
        found.update(places)
    return found


def _tiles_under(box: Box) -> Collection[Tile] | None:
    left, top, right, bottom = box
    left, top, right, bottom = left >> _SHIFT, top >> _SHIFT, right >> _SHIFT, bottom >> _SHIFT
    if left == right and top == bottom:
        return ((left, top),)
    if (right - left + 1) * (bottom - top + 1) > _MOST_TILES:
        return None
    return [(x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]
