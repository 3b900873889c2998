"""The pin of PySide6: a version that loses references to None ends the program after some thousand paints."""

import subprocess
import sys

import pytest

SCRIPT = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QGraphicsItem, QGraphicsScene, QGraphicsView, QWidget
from PySide6.QtCore import QRectF

app = QApplication([])

class Item(QGraphicsItem):
    def boundingRect(self):
        return QRectF(0, 0, 10, 10)

    def paint(self, painter, option, widget=None):
        painter.drawLine(0, 0, 10, 10)

class Plain(QWidget):
    def paintEvent(self, event):
        QPainter(self).drawLine(0, 0, 10, 10)

scene = QGraphicsScene()
items = [Item() for _ in range(40)]
for item in items:
    scene.addItem(item)
view, plain = QGraphicsView(scene), Plain()
ticks = [0]
timer = QTimer()
timer.timeout.connect(lambda: ticks.__setitem__(0, ticks[0] + 1))
timer.start(0)
before = sys.getrefcount(None)
for _ in range(50):
    view.grab()
    plain.grab()
    app.processEvents()
while ticks[0] < 2000:
    app.processEvents()
timer.stop()
print(before - sys.getrefcount(None))
"""


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from Python 3.12 on")
def test_painting_and_timers_do_not_use_up_none() -> None:
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode == 0, result.stderr
    assert int(result.stdout) < 500
