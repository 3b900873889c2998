"""Structured logs: one JSON object a line, with request ids, and nothing in them that is secret.

What is logged of a request is its method, its route (the pattern, not the address with what stands in it),
status, time, user id and address; never headers, query or body.
"""

import json
import logging
import logging.handlers
import re
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sync.server.settings import LoggingSettings

HTTP: Final = logging.getLogger("tmi.http")
LEVELS: Final[Mapping[str, int]] = {
    "debug": logging.DEBUG, "info": logging.INFO, "warn": logging.WARNING, "error": logging.ERROR,
}  # fmt: skip
FILE: Final = "tmi-server.log"
# In case a library says it: tokens, and what follows a name that a secret goes by.
_SECRET: Final = re.compile(
    r"(?i)(eyJ[\w-]{8,}\.[\w-]+\.[\w-]*)"
    r"|((?:password|secret|token|ticket|code|authorization)[\"']?\s*[=:]\s*(?:bearer\s+)?[\"']?)[^\s\"'&,;}]+"
)


def without_secrets(text: str) -> str:
    """The text with tokens and passwords blotted out."""
    return _SECRET.sub(lambda found: f"{found[2] or ''}[hidden]", text)


class JsonLines(logging.Formatter):
    """A record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {
            "time": moment.replace("+00:00", "Z"), "level": record.levelname.lower(),
            "logger": record.name, "message": without_secrets(record.getMessage()),
        }  # fmt: skip
        line.update(getattr(record, "fields", {}))
        if record.exc_info:
            line["error"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


class ForPeople(logging.Formatter):
    """A record for somebody who watches."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and what went wrong after it."""
        fields = " ".join(f"{k}={v}" for k, v in getattr(record, "fields", {}).items() if v != "")
        said = without_secrets(record.getMessage())
        text = f"{self.formatTime(record)} {record.levelname:7} {said} {fields}"
        if record.exc_info:
            text += "\n" + without_secrets(self.formatException(record.exc_info))
        return text.rstrip()


def _drop_old(folder: Path, days: int) -> None:
    for file in folder.glob(f"{FILE}.*"):
        if file.stat().st_mtime < time.time() - days * 86_400:
            file.unlink(missing_ok=True)


def set_up(settings: LoggingSettings) -> None:
    """Send everything that is logged where the settings say. OSError when the folder cannot be used."""
    handlers: list[logging.Handler] = []
    if settings.log_dir:
        folder = Path(settings.log_dir)
        folder.mkdir(parents=True, exist_ok=True)
        _drop_old(folder, settings.max_age_days)
        handlers.append(
            logging.handlers.RotatingFileHandler(
                folder / FILE, maxBytes=settings.max_size_mb * 1_000_000,
                backupCount=settings.max_backups, encoding="utf-8",
            )
        )  # fmt: skip
    if settings.also_log_to_console or not handlers:
        handlers.append(logging.StreamHandler(sys.stderr))
    formatter = ForPeople() if settings.is_dev else JsonLines()
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
    for handler in handlers:
        handler.setFormatter(formatter)
        root.addHandler(handler)
    root.setLevel(LEVELS[settings.level])
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    logging.getLogger("uvicorn.access").disabled = True
    logging.getLogger("httpx").setLevel(logging.WARNING)
