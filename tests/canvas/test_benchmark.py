"""The benchmark runs and says what it promises."""

from PySide6.QtWidgets import QApplication

from tests.benchmarks import canvas_many
from tests.benchmarks.canvas import measure


def test_it_measures_all_figures(qapp: QApplication) -> None:
    found = measure(qapp, 40)
    assert list(found) == ["n", "open_ms", "pan_ms", "drag_ms", "rss_mb"]
    assert found["n"] == 40
    assert isinstance(found["pan_ms"], dict)
    assert list(found["pan_ms"]) == ["1", "0.3", "0.1"]


def test_it_measures_very_many(qapp: QApplication) -> None:
    found = canvas_many.measure(qapp, 120)
    assert list(found) == ["n", "overview", "drag 100", "drag 120", "selecting", "hub 500"]
    drag = found["drag 120"]
    assert isinstance(drag, dict)
    assert {"step", "release", "undo", "shown"} <= drag.keys()
