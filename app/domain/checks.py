"""Raw JSON to a property's value and back. Every refusal is a ValueError with a readable reason."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from app.domain.fields import Field, FieldType
from app.domain.ids import is_id
from app.domain.values import End, LabelPosition, Point, Size

FARTHEST: Final = 1_000_000.0
SMALLEST_SIDE: Final = 1.0
METADATA_KEY: Final = re.compile(r"[a-zA-Z0-9_-]{1,128}\Z")
MAX_KEYS: Final = 200
MAX_DEPTH: Final = 16
MAX_NODES: Final = 20_000
WHOLE: Final = 2**53
_UNSTORABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def is_clean_text(value: str) -> bool:
    """Whether every store can hold the text: no control characters, no lone surrogates."""
    return _UNSTORABLE.search(value) is None


def clean_text(value: str) -> str:
    """The text without what no store can hold; for readers of foreign files."""
    return _UNSTORABLE.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))


def coordinate(raw: object) -> float:
    """A finite number rounded to 1/100. ValueError otherwise."""
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise ValueError("must be a number")
    try:
        value = float(raw)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value) or abs(value) > FARTHEST:
        raise ValueError(f"must be a number from -{FARTHEST:.0f} to {FARTHEST:.0f}")
    return round(value, 2) + 0.0


def _text(rule: Field, raw: object) -> str:
    if not isinstance(raw, str):
        raise ValueError("must be text")
    low, high = int(rule.min or 0), int(rule.max or FARTHEST)
    if len(raw) > high:
        raise ValueError(f"is {len(raw)} characters long, at most {high} are allowed")
    if low and not raw.strip():
        raise ValueError("may not be empty")
    if not is_clean_text(raw):
        raise ValueError("has a character that cannot be stored")
    if rule.pattern and not re.fullmatch(rule.pattern, raw, re.ASCII):
        raise ValueError(f"{raw[:40]!r} is not of the form that is asked for")
    return raw


def _flag(rule: Field, raw: object) -> bool:
    if not isinstance(raw, bool):
        raise ValueError("must be true or false")
    return raw


def _number(rule: Field, raw: object) -> float:
    value = coordinate(raw)
    if not (rule.min or 0) <= value <= (rule.max or FARTHEST):
        raise ValueError(f"must be from {rule.min:g} to {rule.max:g}")
    return value


def _integer(rule: Field, raw: object) -> int:
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise ValueError("must be a whole number")
    low, high = int(rule.min or 0), int(rule.max or WHOLE)
    if not low <= raw <= high:
        raise ValueError(f"must be from {low} to {high}")
    return raw


def _choice(rule: Field, raw: object) -> str:
    if not isinstance(raw, str) or raw not in rule.words:
        raise ValueError(f"must be one of {', '.join(rule.words)}")
    return raw


def _reference(rule: Field, raw: object) -> str:
    if not is_id(raw):
        raise ValueError("must be an id")
    return str(raw)


def item(rule: Field, raw: object) -> str:
    """One member of a set-valued property."""
    if rule.type is FieldType.REFERENCE_SET:
        return _reference(rule, raw)
    if not isinstance(raw, str) or not raw.strip() or len(raw) > 256 or not is_clean_text(raw):
        raise ValueError("must hold texts of 1 to 256 characters")
    return raw


def _set(rule: Field, raw: object) -> frozenset[str]:
    if not isinstance(raw, list | tuple | frozenset):
        raise ValueError("must be a list")
    found = frozenset(item(rule, one) for one in raw)
    check_set_size(rule, found)
    return found


def check_set_size(rule: Field, found: frozenset[str]) -> None:
    """ValueError when a set has too many members."""
    if len(found) > (rule.max or 1000):
        raise ValueError(f"may have at most {rule.max:g} entries")


def _list(rule: Field, raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list | tuple):
        raise ValueError("must be a list")
    if len(raw) > (rule.max or 1000):
        raise ValueError(f"may have at most {rule.max:g} entries")
    return tuple(item(rule, one) for one in raw)


def map_entry(rule: Field, key: object, raw: object) -> tuple[str, str]:
    """One key and value of a map property."""
    if not isinstance(key, str) or not METADATA_KEY.match(key):
        raise ValueError("keys are 1 to 128 letters, digits, - or _")
    limit = int(rule.max or 65_535)
    if not isinstance(raw, str) or not raw.strip() or len(raw) > limit or not is_clean_text(raw):
        raise ValueError(f"the value of {key} must be a text of 1 to {limit} characters")
    return key, raw


def _map(rule: Field, raw: object) -> dict[str, str]:
    if not isinstance(raw, Mapping):
        raise ValueError("must be an object")
    found = dict(map_entry(rule, k, value) for k, value in raw.items())
    check_map_size(found)
    return found


def check_map_size(found: Mapping[str, object]) -> None:
    """ValueError when a map has too many keys."""
    if len(found) > MAX_KEYS:
        raise ValueError(f"may have at most {MAX_KEYS} keys")


def _object(raw: object, known: tuple[str, ...], needed: tuple[str, ...]) -> Mapping[str, object]:
    if not isinstance(raw, Mapping):
        raise ValueError("must be an object")
    missing = [name for name in needed if name not in raw]
    if missing:
        raise ValueError(f"lacks {missing[0]}")
    strange = [name if isinstance(name, str) else type(name).__name__ for name in raw if name not in known]
    if strange:
        raise ValueError(f"has an unknown part {strange[0][:40]!r}")
    return raw


def _point(rule: Field, raw: object) -> Point:
    if isinstance(raw, Point):
        return Point(coordinate(raw.x), coordinate(raw.y))
    parts = _object(raw, ("x", "y"), ("x", "y"))
    return Point(coordinate(parts["x"]), coordinate(parts["y"]))


def _size(rule: Field, raw: object) -> Size:
    parts = _object(raw, ("width", "height"), ("width", "height"))
    width, height = coordinate(parts["width"]), coordinate(parts["height"])
    if width < SMALLEST_SIDE or height < SMALLEST_SIDE:
        raise ValueError("width and height must be at least 1")
    return Size(width, height)


def _points(rule: Field, raw: object) -> tuple[Point, ...]:
    if not isinstance(raw, list | tuple):
        raise ValueError("must be a list of points")
    if len(raw) > (rule.max or 1000):
        raise ValueError(f"may have at most {rule.max:g} points")
    return tuple(_point(rule, one) for one in raw)


def _end(rule: Field, raw: object) -> End:
    parts = _object(raw, ("cell", "port", "x", "y"), ())
    if parts.get("cell") is not None:
        if not is_id(parts["cell"]):
            raise ValueError("cell must be an id")
        port = parts.get("port")
        if port is not None and (not isinstance(port, str) or len(port) > 64 or not is_clean_text(port)):
            raise ValueError("port must be a text of at most 64 characters")
        return End(cell=str(parts["cell"]), port=port)
    if "x" not in parts or "y" not in parts:
        raise ValueError("needs either a cell or x and y")
    return End(x=coordinate(parts["x"]), y=coordinate(parts["y"]))


def _label_position(rule: Field, raw: object) -> LabelPosition:
    parts = _object(raw, ("at", "dx", "dy"), ("at",))
    at = coordinate(parts["at"])
    if not 0.0 <= at <= 1.0:
        raise ValueError("at must be from 0 to 1")
    return LabelPosition(at, coordinate(parts.get("dx", 0)), coordinate(parts.get("dy", 0)))


def plain_json(raw: object) -> Any:
    """Any JSON value within bounds of size and depth, numbers finite. ValueError otherwise."""
    budget = [MAX_NODES]

    def walk(value: object, depth: int) -> Any:
        budget[0] -= 1
        if depth > MAX_DEPTH or budget[0] < 0:
            raise ValueError("is too large or too deeply nested")
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            if len(value) > 1_000_000 or not is_clean_text(value):
                raise ValueError("has a text that cannot be stored")
            return value
        if isinstance(value, int | float):
            if not -WHOLE <= value <= WHOLE:
                raise ValueError("has a number that cannot be stored")
            return int(value) if float(value).is_integer() else float(value)
        if isinstance(value, list | tuple):
            return [walk(one, depth + 1) for one in value]
        if isinstance(value, Mapping):
            if not all(isinstance(key, str) for key in value):
                raise ValueError("has a key that is not text")
            return {walk(key, depth): walk(one, depth + 1) for key, one in value.items()}
        raise ValueError("is not plain data")

    return walk(raw, 0)


_CHECKS: Final[dict[FieldType, Callable[[Field, object], Any]]] = {
    FieldType.TEXT: _text,
    FieldType.FLAG: _flag,
    FieldType.NUMBER: _number,
    FieldType.INTEGER: _integer,
    FieldType.CHOICE: _choice,
    FieldType.REFERENCE: _reference,
    FieldType.SET: _set,
    FieldType.REFERENCE_SET: _set,
    FieldType.LIST: _list,
    FieldType.MAP: _map,
    FieldType.POINT: _point,
    FieldType.SIZE: _size,
    FieldType.POINTS: _points,
    FieldType.END: _end,
    FieldType.LABEL_POSITION: _label_position,
    FieldType.JSON: lambda rule, raw: plain_json(raw),
}


def checked(rule: Field, raw: object) -> Any:
    """The value of a property from raw JSON. ValueError with the reason when it may not stand."""
    return _CHECKS[rule.type](rule, raw)


def _short(value: float) -> int | float:
    return int(value) if float(value).is_integer() else value


def to_json(value: Any) -> Any:
    """A property's value as JSON, the same bytes for equal values: whole numbers as integers, sets sorted."""
    if isinstance(value, float):
        return _short(value)
    if isinstance(value, Point):
        return {"x": _short(value.x), "y": _short(value.y)}
    if isinstance(value, Size):
        return {"width": _short(value.width), "height": _short(value.height)}
    if isinstance(value, End):
        if value.cell is None:
            return {"x": _short(value.x), "y": _short(value.y)}
        return {"cell": value.cell} | ({"port": value.port} if value.port is not None else {})
    if isinstance(value, LabelPosition):
        return {"at": _short(value.at), "dx": _short(value.dx), "dy": _short(value.dy)}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple | list):
        return [to_json(one) for one in value]
    if isinstance(value, Mapping):
        return {k: to_json(value[k]) for k in sorted(value)}
    return value
