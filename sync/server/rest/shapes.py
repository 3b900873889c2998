"""The JSON Schemas of the API, made from the field table, and the check of a value against one.

What is documented is what is enforced: bodies and parameters are checked against the very schemas that the
OpenAPI document shows. Only the keywords that are used here are known.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, TypeAlias

from app.domain.checks import FARTHEST, MAX_KEYS
from app.domain.fields import Field, FieldType
from app.domain.records import fields_of_kind

Shape: TypeAlias = dict[str, Any]
_FORBIDDEN: Final = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff"
CLEAN: Final = f"^[^{_FORBIDDEN}]*$"
NOT_BLANK: Final = rf"^[^{_FORBIDDEN}]*[^{_FORBIDDEN}\s][^{_FORBIDDEN}]*$"
KEY: Final = "^[a-zA-Z0-9_-]{1,128}$"
ID: Final[Shape] = {
    "type": "string",
    "format": "uuid",
    "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
}
VERSION: Final[Shape] = {"type": "integer", "minimum": 0}
MOMENT: Final[Shape] = {"type": "string", "description": "ISO 8601, UTC; empty when unknown"}
ANY: Final[Shape] = {}


def ref(name: str) -> Shape:
    """A reference to a named schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def listed(item: Shape, most: int | None = None, least: int = 0) -> Shape:
    """A list of something."""
    found: Shape = {"type": "array", "items": item}
    if most is not None:
        found["maxItems"] = most
    if least:
        found["minItems"] = least
    return found


def thing(properties: Mapping[str, Shape], required: tuple[str, ...] = (), *, open: bool = False) -> Shape:
    """An object; with `open` it may have more properties than these."""
    found: Shape = {"type": "object", "properties": dict(properties), "additionalProperties": open}
    if required:
        found["required"] = list(required)
    return found


def words(*some: str) -> Shape:
    """One of some texts."""
    return {"type": "string", "enum": list(some)}


def text(most: int, least: int = 0) -> Shape:
    """Text that every store can hold; with `least` it may not be blank."""
    return {
        "type": "string", "minLength": least, "maxLength": most, "pattern": NOT_BLANK if least else CLEAN
    }  # fmt: skip


def nullable(shape: Shape) -> Shape:
    """Something or null."""
    return {"anyOf": [shape, {"type": "null"}]}


_NUMBER: Final[Shape] = {"type": "number", "minimum": -FARTHEST, "maximum": FARTHEST}
POINT: Final = thing({"x": _NUMBER, "y": _NUMBER}, ("x", "y"))
_SIDE: Final[Shape] = {"type": "number", "minimum": 1, "maximum": FARTHEST}
_SIZE: Final = thing({"width": _SIDE, "height": _SIDE}, ("width", "height"))
_END: Final[Shape] = {
    "anyOf": [
        thing({"cell": ID, "port": nullable(text(64))}, ("cell",)),
        thing({"x": _NUMBER, "y": _NUMBER}, ("x", "y")),
    ]
}
_LABEL: Final = thing(
    {"at": {"type": "number", "minimum": 0, "maximum": 1}, "dx": _NUMBER, "dy": _NUMBER}, ("at",)
)


def _map(rule: Field, *, clearing: bool) -> Shape:
    value = text(int(rule.max or 65_535), 1)
    return {
        "type": "object",
        "propertyNames": {"pattern": KEY},
        "additionalProperties": nullable(value) if clearing else value,
        "maxProperties": MAX_KEYS,
    }


def _text_field(rule: Field) -> Shape:
    found = text(int(rule.max or FARTHEST), int(rule.min or 0))
    if rule.pattern:
        found["pattern"] = f"^(?:{rule.pattern})$".replace(r"\d", "[0-9]").replace(r"\Z", "")
    if rule.words:
        found["examples"] = list(rule.words)
    return found


def _set_field(rule: Field) -> Shape:
    item = ID if rule.type is FieldType.REFERENCE_SET else text(256, 1)
    return listed(item, int(rule.max or 1000))


_OF_TYPE: Final[Mapping[FieldType, Callable[[Field], Shape]]] = {
    FieldType.TEXT: _text_field,
    FieldType.FLAG: lambda rule: {"type": "boolean"},
    FieldType.NUMBER: lambda rule: {"type": "number", "minimum": rule.min, "maximum": rule.max},
    FieldType.INTEGER: lambda rule: {"type": "integer", "minimum": rule.min, "maximum": rule.max},
    FieldType.CHOICE: lambda rule: words(*rule.words),
    FieldType.REFERENCE: lambda rule: ID,
    FieldType.SET: _set_field,
    FieldType.REFERENCE_SET: _set_field,
    FieldType.LIST: lambda rule: listed(text(256, 1), int(rule.max or 1000)),
    FieldType.MAP: lambda rule: _map(rule, clearing=False),
    FieldType.POINT: lambda rule: POINT,
    FieldType.SIZE: lambda rule: _SIZE,
    FieldType.POINTS: lambda rule: listed(POINT, int(rule.max or 1000)),
    FieldType.END: lambda rule: _END,
    FieldType.LABEL_POSITION: lambda rule: _LABEL,
    FieldType.JSON: lambda rule: {},
}


def field_shape(rule: Field, *, update: bool = False) -> Shape:
    """What a property of a record may be; in an update also null, and a set as `{add, remove}`."""
    found = _map(rule, clearing=True) if update and rule.per_key else _OF_TYPE[rule.type](rule)
    if update and rule.is_set:
        found = {"anyOf": [found, thing({"add": found, "remove": found})]}
    optional = rule.default is None and not rule.required
    if optional or (update and not rule.required):
        found = nullable(found)
    return {**found, "title": rule.label}


def kind_shapes(kind: str, name: str) -> dict[str, Shape]:
    """The schemas of a kind of record: what is given, what creates one, what changes one."""
    rules = fields_of_kind(kind)
    shown = {n: field_shape(rule) for n, rule in rules.items()}
    given = {
        "id": ID, "threat_model_id": ID, "version": VERSION, "created_at": MOMENT, "updated_at": MOMENT,
        "extra": {"type": "object"}, **shown,
    }  # fmt: skip
    if kind == "threat_model":
        given |= {"owner_id": {"type": "string"}}
    required = tuple(n for n, rule in rules.items() if rule.required)
    changes = {n: field_shape(rule, update=True) for n, rule in rules.items() if not rule.fixed}
    return {
        name: thing(given, tuple(given), open=True),
        f"{name}Create": thing({"id": ID, **shown}, required),
        f"{name}Update": thing(changes),
    }


# Checking


class Mismatch(ValueError):
    """A value is not of a shape: where in it, and why."""

    def __init__(self, place: str, reason: str) -> None:
        self.place = place
        self.reason = reason
        super().__init__(f"{place or 'the body'} {reason}")


_TYPES: Final[Mapping[str, Callable[[object], bool]]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: (
        not isinstance(value, bool)
        and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))
    ),
}


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.removesuffix("$") + r"\Z")


def _check_text(value: str, shape: Shape, place: str) -> None:
    if len(value) < shape.get("minLength", 0):
        raise Mismatch(place, "may not be empty")
    if len(value) > shape.get("maxLength", len(value)):
        raise Mismatch(place, f"is {len(value)} characters long, at most {shape['maxLength']} are allowed")
    if "pattern" in shape and not _compiled(shape["pattern"]).match(value):
        blank = shape["pattern"] == NOT_BLANK and not value.strip()
        raise Mismatch(place, "may not be blank" if blank else "is not of the form that is asked for")


def _check_object(value: dict[str, Any], shape: Shape, place: str, names: Mapping[str, Shape]) -> None:
    for name in shape.get("required", ()):
        if name not in value:
            raise Mismatch(f"{place}.{name}".lstrip("."), "is missing")
    known = shape.get("properties", {})
    others = shape.get("additionalProperties", True)
    if len(value) > shape.get("maxProperties", len(value)):
        raise Mismatch(place, f"may have at most {shape['maxProperties']} keys")
    for name, inner in value.items():
        here = f"{place}.{name[:60]}".lstrip(".")
        if name in known:
            check(inner, known[name], here, names)
            continue
        if "propertyNames" in shape:
            _check_text(name, shape["propertyNames"], here)
        if others is False:
            raise Mismatch(here, "is not a property")
        if isinstance(others, dict):
            check(inner, others, here, names)


def _check_any(value: object, choices: list[Shape], place: str, names: Mapping[str, Shape]) -> None:
    first: Mismatch | None = None
    for choice in choices:
        try:
            check(value, choice, place, names)
        except Mismatch as error:
            first = first or error
        else:
            return
    if first is not None:
        raise first


def check(value: Any, shape: Shape, place: str = "", names: Mapping[str, Shape] | None = None) -> None:
    """Mismatch when a value is not of the shape; `names` are the schemas that `$ref` may name."""
    known = names or {}
    if "$ref" in shape:
        shape = known[shape["$ref"].rpartition("/")[2]]
    wanted = shape.get("type")
    if wanted is not None and not _TYPES[wanted](value):
        raise Mismatch(place, f"must be {'an' if wanted[0] in 'aio' else 'a'} {wanted}")
    if "enum" in shape and value not in shape["enum"]:
        raise Mismatch(place, f"must be one of {', '.join(map(str, shape['enum']))}")
    if isinstance(value, str):
        _check_text(value, shape, place)
    elif isinstance(value, dict):
        _check_object(value, shape, place, known)
    elif isinstance(value, list):
        _check_list(value, shape, place, known)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        low, high = shape.get("minimum"), shape.get("maximum")
        if (low is not None and not value >= low) or (high is not None and not value <= high):
            bounds = f"from {low} to {high}" if high is not None else f"at least {low}"
            raise Mismatch(place, f"must be {bounds}")
    if "anyOf" in shape:
        _check_any(value, shape["anyOf"], place, known)


def _check_list(value: list[Any], shape: Shape, place: str, names: Mapping[str, Shape]) -> None:
    if len(value) > shape.get("maxItems", len(value)):
        raise Mismatch(place, f"may have at most {shape['maxItems']} entries")
    if len(value) < shape.get("minItems", 0):
        raise Mismatch(place, f"must have at least {shape['minItems']} entries")
    for number, one in enumerate(value):
        check(one, shape.get("items", {}), f"{place}[{number}]", names)
