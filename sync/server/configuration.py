"""Settings from a YAML file and the environment. Whatever is wrong becomes one line that says what and where.

A variable is the path of a key in capitals: TMI_SERVER_PORT, TMI_DATABASE_POSTGRES_PASSWORD,
TMI_AUTH_JWT_SECRET. Variables win over the file. Lists are separated by commas.
"""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, get_args, get_origin, get_type_hints

import msgspec
import yaml

from app.domain.errors import TmiError
from sync.server.settings import (
    PostgresSettings,
    ProviderSettings,
    RedisSettings,
    Section,
    ServerSettings,
    Settings,
)

PREFIX: Final = "TMI_"
LARGEST: Final = 1_000_000
_OPTIONAL: Final[Mapping[tuple[str, ...], type[Section]]] = {
    ("database", "postgres"): PostgresSettings,
    ("database", "redis"): RedisSettings,
}
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)\Z")
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_TIMES: Final = frozenset(
    name for name in ServerSettings.__struct_fields__ if name.endswith(("_timeout", "_seconds"))
)


class BadSettings(TmiError):
    """The settings are not what they must be."""


def _sections(made: type[Section], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every key with a plain value: its path and the type that it has."""
    for name, hint in get_type_hints(made).items():
        here = (*path, name)
        inner = _OPTIONAL.get(here, hint)
        if isinstance(inner, type) and issubclass(inner, Section):
            yield from _sections(inner, here)
        else:
            yield here, hint


def variables() -> dict[str, tuple[str, ...]]:
    """The name of every environment variable that is understood, and the key that it sets."""
    return {
        PREFIX + "_".join(path).upper(): path for path, _ in _sections(Settings)
        if path != ("auth", "oauth", "providers")
    }  # fmt: skip


_UNKNOWN: Final = re.compile(r"Object contains unknown field `(.*)`\Z")
_WRONG: Final = re.compile(r"Expected `([^`]*)`(?: (<=|>=|<|>) ([\d.e+]+))?(?:, got .*)?\Z")
_NAMES: Final = {
    "int": "a whole number", "float": "a number", "bool": "true or false", "str": "a text",
    "object": "a section", "array": "a list", "int | null": "a whole number",
}  # fmt: skip


def _set(tree: dict[str, Any], path: tuple[str, ...], value: object, source: str) -> None:
    for name in path[:-1]:
        inner = tree.setdefault(name, {})
        if inner is None:
            inner = tree[name] = {}
        if not isinstance(inner, dict):
            raise BadSettings(f"{source}: {'.'.join(path[:-1])} is not a section")
        tree = inner
    tree[path[-1]] = value


def _of_environment(tree: dict[str, Any], environment: Mapping[str, str]) -> None:
    known = variables()
    types = dict(_sections(Settings))
    sections = tuple(f"{PREFIX}{name.upper()}_" for name in Settings.__struct_fields__)
    providers = re.compile(PREFIX + r"AUTH_OAUTH_PROVIDERS_([A-Z0-9]+)_(\w+)\Z")
    for name in sorted(environment):
        text = environment[name]
        found = providers.match(name)
        if name in known:
            path = known[name]
            many = get_origin(types[path]) is tuple or get_args(types[path])[:1] == (str,)
            value: object = [one.strip() for one in text.split(",") if one.strip()] if many else text
            _set(tree, path, value, name)
        elif found and found[2].lower() in ProviderSettings.__struct_fields__:
            _set(tree, ("auth", "oauth", "providers", found[1].lower(), found[2].lower()), text, name)
        elif name.startswith(sections):
            raise BadSettings(f"{name}: there is no such setting")


def _read(file: Path) -> dict[str, Any]:
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise BadSettings(f"{file}: {error.strerror or error}") from None
    if len(raw) > LARGEST:
        raise BadSettings(f"{file}: is larger than {LARGEST:,} bytes")
    try:
        tree = yaml.safe_load(raw)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or "cannot be read"
        raise BadSettings(f"{file}{where}: {problem}") from None
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise BadSettings(f"{file}: must hold the sections server, database, auth and logging")
    return tree


def _seconds(value: object) -> object:
    """A duration as the file may have it ("30s") in seconds; anything else as it is."""
    found = _DURATION.match(value.strip()) if isinstance(value, str) else None
    return float(found[1]) * _UNITS[found[2]] if found else value


def _settle(tree: dict[str, Any]) -> None:
    """Durations in words to seconds, and sections that are written but empty to none."""
    for name in [name for name, value in tree.items() if value is None]:
        del tree[name]
    server = tree.get("server")
    if isinstance(server, dict):
        for name in _TIMES & server.keys():
            server[name] = _seconds(server[name])
    for value in tree.values():
        if isinstance(value, dict):
            _settle(value)


def _place(error: str) -> tuple[str, str]:
    reason, _, place = error.partition(" - at `$")
    return reason, place.rstrip("`").lstrip(".").replace("[...]", "")


def _in_words(reason: str, place: str, tree: Mapping[str, Any]) -> str:
    """What a decoder says is wrong, as somebody who writes a file of settings would say it."""
    unknown = _UNKNOWN.match(reason)
    if unknown:
        section: Any = Settings
        for name in filter(None, place.split(".")):
            section = dict(_fields(section)).get(name, section)
        near = get_close_matches(unknown[1], [name for name, _ in _fields(section)], 1)
        return f"there is no setting {unknown[1]!r}" + (f"; did you mean {near[0]}?" if near else "")
    wrong = _WRONG.match(reason)
    if wrong:
        held: Any = tree
        for name in filter(None, place.split(".")):
            held = held.get(name) if isinstance(held, Mapping) else None
        what = _NAMES.get(wrong[1], wrong[1])
        told = f", not {str(held)[:60]!r}" if isinstance(held, str | int | float) else ""
        bound = {"<=": " of at most ", ">=": " of at least ", "<": " below ", ">": " above "}
        return f"must be {what}" + (f"{bound[wrong[2]]}{wrong[3]}" if wrong[2] else "") + told
    return reason


def _fields(section: Any) -> list[tuple[str, Any]]:
    if not (isinstance(section, type) and issubclass(section, msgspec.Struct)):
        return []
    return [(one.name, _section_of(one.type)) for one in msgspec.structs.fields(section)]


def _section_of(kind: Any) -> Any:
    """The section that a field holds, also where it may be missing."""
    return next((one for one in (kind, *get_args(kind)) if isinstance(one, type)), kind)


def _check(settings: Settings, source: str) -> Settings:
    server, jwt = settings.server, settings.auth.jwt
    if server.tls_enabled and bool(server.tls_cert_file) != bool(server.tls_key_file):
        raise BadSettings(f"{source}: server.tls_cert_file and server.tls_key_file go together")
    if jwt.signing_method == "HS256" and len(jwt.secret.encode()) < 32:
        raise BadSettings(f"{source}: auth.jwt.secret must have at least 32 bytes for HS256")
    if server.public_url and not re.fullmatch(r"https?://[^/?#\s]+/?", server.public_url):
        raise BadSettings(f"{source}: server.public_url must be http(s)://host[:port]")
    for origin in server.cors_origins:
        if not re.fullmatch(r"https?://[^/?#\s*]+", origin):
            raise BadSettings(f"{source}: server.cors_origins: {origin[:60]!r} is not http(s)://host[:port]")
    return settings


def read_settings(
    file: Path | None, environment: Mapping[str, str], given: Mapping[tuple[str, ...], object] | None = None
) -> Settings:
    """The settings from a file (None: none), the environment, and `given` keys that win over both.

    BadSettings with one line for whatever is wrong.
    """
    source = str(file) if file is not None else "settings"
    tree = _read(file) if file is not None else {}
    _of_environment(tree, environment)
    for path, value in (given or {}).items():
        _set(tree, path, value, "settings")
    _settle(tree)
    try:
        settings = msgspec.convert(tree, Settings, strict=False)
    except (msgspec.ValidationError, RecursionError) as error:
        reason, place = _place(str(error))
        reason = _in_words(reason, place, tree)
        raise BadSettings(f"{source}: {place + ': ' if place else ''}{reason}") from None
    return _check(settings, source)
