"""How often a sign-in may be tried: failures are counted, successes are not."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

MOST_KEYS: Final = 10_000
WINDOW_SECONDS: Final = 300.0
FAILURES_OF_PAIR: Final = 10
FAILURES_OF_ADDRESS: Final = 30
FAILURES_OF_NAME: Final = 100


class Throttle:
    """Counts failures by key over a sliding window, in memory; thread-safe and bounded.

    The oldest keys are forgotten first when there are too many.
    """

    def __init__(self, limit: int, window: float, clock: Callable[[], float]) -> None:
        self._limit = limit
        self._window = window
        self._clock = clock
        self._failures: OrderedDict[str, list[float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, key: str) -> float:
        """Seconds until the key may try again; 0 when it may now."""
        with self._lock:
            times = self._fresh(key)
            if len(times) < self._limit:
                return 0.0
            return max(0.0, times[-self._limit] + self._window - self._clock())

    def failed(self, key: str) -> None:
        """Note a failure."""
        with self._lock:
            times = self._fresh(key)
            times.append(self._clock())
            self._failures[key] = times[-self._limit :]
            self._failures.move_to_end(key)
            while len(self._failures) > MOST_KEYS:
                self._failures.popitem(last=False)

    def succeeded(self, key: str) -> None:
        """Forget the failures of a key."""
        with self._lock:
            self._failures.pop(key, None)

    def _fresh(self, key: str) -> list[float]:
        since = self._clock() - self._window
        return [time for time in self._failures.get(key, ()) if time > since]


class Limits:
    """Failed sign-ins by name and address together, by address, and by name.

    The limit by name alone is far off, so that a stranger cannot easily lock somebody out.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._throttles = (
            Throttle(FAILURES_OF_PAIR, WINDOW_SECONDS, clock),
            Throttle(FAILURES_OF_ADDRESS, WINDOW_SECONDS, clock),
            Throttle(FAILURES_OF_NAME, WINDOW_SECONDS, clock),
        )

    def wait(self, name: str, address: str) -> float:
        """Seconds until this name may be tried again from this address; 0 when it may now."""
        return max(t.wait(key) for t, key in zip(self._throttles, _keys(name, address), strict=True))

    def failed(self, name: str, address: str) -> None:
        """Note a failure."""
        for throttle, key in zip(self._throttles, _keys(name, address), strict=True):
            throttle.failed(key)

    def succeeded(self, name: str, address: str) -> None:
        """Forget the failures of this name from this address."""
        self._throttles[0].succeeded(_keys(name, address)[0])


def _keys(name: str, address: str) -> tuple[str, str, str]:
    short = name[:200].casefold()
    return f"{short}\n{address}", address, short
