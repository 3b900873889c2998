"""What the program remembers about its windows, in the user's settings folder."""

from collections.abc import Sequence

from PySide6.QtCore import QByteArray, QSettings


class Settings:
    """Typed access to QSettings."""

    def __init__(self) -> None:
        self.forgetful = False  # a program that only leaves a picture changes nothing of its user's
        self._store = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "TMI", "TMI Desktop")

    def text(self, key: str, default: str = "") -> str:
        """A remembered text."""
        value = self._store.value(key, default)
        return value if isinstance(value, str) else default

    def flag(self, key: str, default: bool) -> bool:
        """A remembered yes or no."""
        return self.text(key, "true" if default else "false") == "true"

    def number(self, key: str, default: float) -> float:
        """A remembered number."""
        try:
            return float(self.text(key, str(default)))
        except ValueError:
            return default

    def texts(self, key: str) -> list[str]:
        """A remembered list of texts."""
        text = self.text(key)
        return text.split("\n") if text else []

    def data(self, key: str) -> QByteArray:
        """Remembered bytes, such as a window's geometry."""
        value = self._store.value(key)
        return value if isinstance(value, QByteArray) else QByteArray()

    def set(self, key: str, value: str | bool | float | QByteArray | Sequence[str]) -> None:
        """Remember a value."""
        if self.forgetful:
            return
        if isinstance(value, bool):
            self._store.setValue(key, "true" if value else "false")
        elif isinstance(value, str | QByteArray):
            self._store.setValue(key, value)
        elif isinstance(value, int | float):
            self._store.setValue(key, str(value))
        else:
            self._store.setValue(key, "\n".join(value))

    def sync(self) -> None:
        """Write what is remembered to the disk."""
        self._store.sync()
