"""What every test run owes the machine and the next test: own folders, no leaks, full counts."""

import asyncio
import atexit
import gc
import inspect
import logging
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "corpus"
FULL = os.environ.get("TMI_TEST_FULL", "") not in ("", "0")
FAILED = pytest.StashKey[bool]()
SESSION_FOLDER = Path(tempfile.mkdtemp(prefix="tmi-tests-"))
FOLDER_VARIABLES = {
    "HOME": "home",
    "USERPROFILE": "home",
    "APPDATA": "roaming",
    "LOCALAPPDATA": "local",
    "WIN_PD_OVERRIDE_APPDATA": "roaming",
    "WIN_PD_OVERRIDE_LOCAL_APPDATA": "local",
    "XDG_CACHE_HOME": "cache",
    "XDG_CONFIG_HOME": "config",
    "XDG_DATA_HOME": "data",
    "XDG_RUNTIME_DIR": "runtime",
    "XDG_STATE_HOME": "state",
}


def count(quick: int, full: int) -> int:
    """How often to repeat: `quick` in an ordinary run, `full` under `packaging/test --full`."""
    return full if FULL else quick


def seed() -> int:
    """The number that every random schedule of this run grows from (`TMI_TEST_SEED`)."""
    return int(os.environ["TMI_TEST_SEED"])


def corpus_folder(format_name: str) -> Path:
    """The folder of real files in that format, or a skip with the reason."""
    folder = CORPUS / format_name
    if not folder.is_dir():
        pytest.skip(f"no real {format_name} files beside the project (../shared/corpus)")
    return folder


def corpus_files(format_name: str, pattern: str = "*") -> list[Path]:
    """The real files in that format, for parametrize: empty where there are none."""
    return sorted(path for path in (CORPUS / format_name).glob(pattern) if path.is_file())


def user_folder_environment(folder: Path) -> dict[str, str]:
    """Make user folders inside `folder`; return the variables that point programs at them."""
    environment = {}
    for variable, name in FOLDER_VARIABLES.items():
        place = folder / name
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        environment[variable] = str(place)
    return environment


def prepare_process() -> None:
    """Set this process up before the first test: folders, platform, locale, counts, seed."""
    atexit.register(shutil.rmtree, SESSION_FOLDER, ignore_errors=True)
    os.environ.update(user_folder_environment(SESSION_FOLDER))
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    # Workers of a parallel run inherit it, so that one number repeats the whole run.
    os.environ.setdefault("TMI_TEST_SEED", str(int.from_bytes(os.urandom(3))))
    if sys.platform == "linux":
        os.environ["LC_ALL"] = "C.UTF-8"
    # Every test gets its folders from an automatic fixture, which is as good for each example.
    calm = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    settings.register_profile(
        "default", max_examples=40, deadline=None, print_blob=True, suppress_health_check=calm
    )
    settings.register_profile("full", settings.get_profile("default"), max_examples=1000)
    settings.load_profile("full" if FULL else "default")


prepare_process()


def pytest_report_header() -> str:
    """Say what it takes to repeat this run."""
    profile = "full" if FULL else "default"
    return f"tmi: counts {profile}, TMI_TEST_SEED={seed()}"


@pytest.fixture(name="corpus")
def corpus_fixture() -> Callable[[str], Path]:
    """`corpus("threat-dragon")` is the folder of real files, or a skip with the reason."""
    return corpus_folder


@pytest.fixture(autouse=True)
def user_folders(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Fresh user folders for each test: its own home, settings and data."""
    folder = Path(tempfile.mkdtemp(dir=SESSION_FOLDER))
    for variable, value in user_folder_environment(folder).items():
        monkeypatch.setenv(variable, value)
    core = sys.modules.get("PySide6.QtCore")
    if core is not None:  # Qt reads the variables once a process; later tests need telling.
        for kind in (core.QSettings.Format.NativeFormat, core.QSettings.Format.IniFormat):
            core.QSettings.setPath(kind, core.QSettings.Scope.UserScope, str(folder / "config"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def application() -> Any:
    """The running QApplication, or None; never imports Qt by itself."""
    widgets = sys.modules.get("PySide6.QtWidgets")
    return widgets.QApplication.instance() if widgets is not None else None


def top_level_windows() -> list[Any]:
    """Windows that stand by themselves; tool tips belong to Qt."""
    if application() is None:
        return []
    return [
        widget
        for widget in sys.modules["PySide6.QtWidgets"].QApplication.topLevelWidgets()
        if widget.parentWidget() is None and widget.metaObject().className() != "QTipLabel"
    ]


def alive(objects: Iterable[Any], kind: type[Any], is_active: Callable[[Any], bool]) -> list[Any]:
    """Those of the `objects` that are of the kind and still at work."""
    valid = sys.modules["shiboken6"].isValid if "shiboken6" in sys.modules else lambda _: True
    return [o for o in objects if issubclass(type(o), kind) and valid(o) and is_active(o)]


def pending_tasks(objects: Iterable[Any]) -> list[asyncio.Task[Any]]:
    """Tasks among the objects that nobody has seen through."""
    return alive(objects, asyncio.Task, lambda task: not task.done())


def leaked_windows(before: list[Any]) -> list[str]:
    """Close the windows that were not there before; return a line for each."""
    lines = []
    for window in top_level_windows():
        if not any(window is known for known in before):
            title = window.windowTitle() or window.objectName()
            lines.append(f"window {type(window).__name__} {title!r}".rstrip())
            window.close()
            window.deleteLater()
    return lines


def leaked_qt_workers(created: list[Any]) -> dict[str, list[str]]:
    """Stop timers and threads that the test left running; return lines by kind."""
    core = sys.modules.get("PySide6.QtCore")
    found: dict[str, list[str]] = {"timer": [], "thread": []}
    if core is None:
        return found
    for timer in alive(created, core.QTimer, lambda timer: timer.isActive()):
        found["timer"].append(f"QTimer {timer.objectName()!r}, every {timer.interval()} ms")
        timer.stop()
    for thread in alive(created, core.QThread, lambda thread: thread.isRunning()):
        found["thread"].append(f"QThread {thread.objectName()!r}")
        thread.quit()
        thread.wait(2000)
    return found


def leaked_threads(before: set[threading.Thread]) -> list[str]:
    """Threads that would keep the program from ending; one that is just ending may end."""
    lines = []
    for thread in set(threading.enumerate()) - before:
        if not thread.daemon and thread is not threading.current_thread():
            thread.join(timeout=1)
            if thread.is_alive():
                lines.append(f"thread {thread.name!r}")
    return lines


@pytest.fixture(autouse=True)
def no_leaks(request: pytest.FixtureRequest, user_folders: Path) -> Iterator[None]:
    """Fail a test that leaves a window, an active timer, a thread or a task behind.

    Objects of wider fixtures are set aside by `gc.freeze`, so that only what came into being
    since is looked at, which also keeps the look quick.
    """
    marker = request.node.get_closest_marker("may_leak")
    allowed = set(marker.args) if marker else set()
    windows = top_level_windows()
    threads = set(threading.enumerate())
    gc.freeze()
    try:
        yield
        if application() is not None:
            core = sys.modules["PySide6.QtCore"]
            core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete)
        gc.collect()
        created = gc.get_objects()
    finally:
        gc.unfreeze()
    found = leaked_qt_workers(created)
    found["task"] = [f"asyncio task {task!r}" for task in pending_tasks(created)]
    del created
    found["window"] = leaked_windows(windows)
    found["thread"] += leaked_threads(threads)
    lines = [line for kind, them in found.items() if kind not in allowed for line in them]
    # A failed test's traceback holds on to its objects; one failure is enough.
    if lines and not request.node.stash.get(FAILED, False):
        pytest.fail("the test left behind: " + "; ".join(lines), pytrace=False)


def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Remember which tests failed by themselves."""
    if call.excinfo is not None:
        item.stash[FAILED] = True


class LoopErrors(logging.Handler):
    """Collects what an event loop could tell nobody but its log."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the message, with the error that caused it."""
        error = record.exc_info[1] if record.exc_info else None
        self.messages.append(f"{record.getMessage()} {error!r}")


@pytest.fixture(autouse=True)
def no_loop_errors() -> Iterator[None]:
    """Fail a test in whose event loops an exception went unheard."""
    handler = LoopErrors()
    loggers = [logging.getLogger(name) for name in ("asyncio", "qasync")]
    for logger in loggers:
        logger.addHandler(handler)
    yield
    for logger in loggers:
        logger.removeHandler(handler)
    if handler.messages:
        pytest.fail("in the event loop: " + "; ".join(handler.messages), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Look for tasks before the asyncio plugin ends its loop, which cancels them unseen."""
    if not inspect.iscoroutinefunction(inspect.unwrap(pyfuncitem.obj)):
        return (yield)
    before = pending_tasks(gc.get_objects())
    result = yield
    marker = pyfuncitem.get_closest_marker("may_leak")
    left = [task for task in pending_tasks(gc.get_objects()) if task not in before]
    if left and not (marker and "task" in marker.args):
        pytest.fail(f"the test left behind: {left}", pytrace=False)
    return result
