"""Fractional indices: text keys that sort, with always room for another one in between."""

from typing import Final

DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BASE: Final = len(DIGITS)
_ROOM: Final = 4
PATTERN: Final = "([0-9A-Za-z]{0,199}[1-9A-Za-z])?"
_VALUE: Final = {digit: value for value, digit in enumerate(DIGITS)}


def _digits(key: str) -> list[int]:
    try:
        return [_VALUE[letter] for letter in key]
    except KeyError:
        raise ValueError(f"{key[:40]!r} is no key") from None


def between(low: str, high: str) -> str:
    """A key that sorts after `low` and before `high`; "" stands for no bound.

    ValueError when there is no such key or one is not a key. Keys made here never end in the lowest digit.
    """
    if high and low >= high:
        raise ValueError(f"{low!r} does not sort before {high!r}")
    if high.endswith(DIGITS[0]):
        raise ValueError(f"{high!r} ends in the lowest digit, nothing need fit before it")
    below, above = _digits(low), _digits(high)
    found: list[int] = []
    place = 0
    bounded = bool(high)
    while True:
        floor = below[place] if place < len(below) else 0
        ceiling = above[place] if bounded and place < len(above) else (_BASE if not bounded else 0)
        if ceiling - floor > 1:
            found.append((floor + ceiling) // 2)
            return "".join(DIGITS[d] for d in found)
        found.append(floor)
        if bounded and floor < ceiling:
            bounded = False
        place += 1


def after(key: str) -> str:
    """A key that sorts after `key`, short even when called a million times in a row."""
    if not key:
        return between("", "")
    digits = (_digits(key) + [0] * _ROOM)[:_ROOM]
    for place in range(_ROOM - 1, -1, -1):
        if digits[place] < _BASE - 1:
            digits[place] += 1
            return "".join(DIGITS[d] for d in digits[: place + 1])
    return key + DIGITS[1]


def before(key: str) -> str:
    """A key that sorts before `key`, short even when called a million times in a row."""
    if not key:
        return between("", "")
    digits = (_digits(key) + [0] * _ROOM)[:_ROOM]
    if len(key) <= _ROOM and any(digits):
        place = _ROOM - 1
        while place > 0 and digits[place] == 0:
            digits[place] = _BASE - 1
            place -= 1
        digits[place] -= 1
    found = "".join(DIGITS[d] for d in digits).rstrip(DIGITS[0])
    return found or between("", key)


def spread(count: int, low: str = "", high: str = "") -> list[str]:
    """`count` keys in order between two bounds, about equally far apart."""
    if count <= 0:
        return []
    if count == 1:
        return [between(low, high)]
    middle = between(low, high)
    left = (count - 1) // 2
    return [*spread(left, low, middle), middle, *spread(count - 1 - left, middle, high)]
