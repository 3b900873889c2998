"""Foreign JSON bytes to plain values: any Unicode encoding, bounded size and depth, one clear refusal."""

import json
import re
from typing import Any, Final

from app.domain.errors import UnreadableFile

MAX_BYTES: Final = 64_000_000
MAX_DEPTH: Final = 60
_CONFLICT: Final = re.compile(r"^(<{7}|>{7}) ", re.MULTILINE)
_BOMS: Final = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def text_of(data: bytes, source: str) -> str:
    """The text of a file in UTF-8, or in what its byte order mark says. UnreadableFile otherwise."""
    if len(data) > MAX_BYTES:
        raise UnreadableFile(source, f"is larger than {MAX_BYTES // 1_000_000} MB")
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableFile(source, "is not a text file", f"byte {error.start}") from None
    if "\0" in text:
        raise UnreadableFile(source, "is not a text file", f"character {text.index(chr(0))}")
    return text


def _check_depth(value: object, source: str) -> None:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return
    raise UnreadableFile(source, f"is nested deeper than {MAX_DEPTH} levels")


def load_json(data: bytes, source: str) -> Any:
    """The JSON value in `data`. UnreadableFile names line and column of what is wrong.

    Numbers that JSON does not have (NaN, Infinity) become null.
    """
    text = text_of(data, source)
    if not text.strip():
        raise UnreadableFile(source, "is empty")
    try:
        value = json.loads(text, parse_constant=lambda _: None)
    except json.JSONDecodeError as error:
        conflict = _CONFLICT.search(text)
        if conflict:
            line = text.count("\n", 0, conflict.start()) + 1
            reason, where = "has an unresolved merge conflict", f"line {line}"
        else:
            reason = f"is not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
            where = f"line {error.lineno}, column {error.colno}"
        raise UnreadableFile(source, reason, where) from None
    except RecursionError:
        raise UnreadableFile(source, f"is nested deeper than {MAX_DEPTH} levels") from None
    except ValueError as error:
        raise UnreadableFile(source, f"is not JSON: {error}") from None
    _check_depth(value, source)
    return value
