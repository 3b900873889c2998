"""What fifty cursors cost: `python -m tests.benchmarks.canvas_company` prints one JSON line.

Fifty people move their pointers thirty times a second over a diagram of 2,000 cells;
`thread_ms_per_second` is the time of the GUI thread for it, as CPU time, idle running taken off.
"""

import json
import math
import os
import time

from PySide6.QtCore import QEventLoop, QPointF, QTimer
from PySide6.QtWidgets import QApplication

from app.domain.presence import CursorAt, Person
from app.domain.values import Point
from canvas.scene import DiagramScene
from canvas.theme import LIGHT
from canvas.view import DiagramView
from tests.benchmarks.canvas_setup import MemoryEditor, model_of

PEOPLE, CELLS, SECONDS = 50, 2000, 4.0


def spend(application: QApplication, seconds: float) -> float:
    """Let the program run; return the CPU time of this thread, in milliseconds per second."""
    # A loop of its own: quitting the application would close the window that is to be painted.
    loop, start = QEventLoop(application), time.thread_time()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()
    return (time.thread_time() - start) * 1000 / seconds


def measure(application: QApplication) -> dict[str, float]:
    """Show the diagram, let the fifty in, and measure."""
    state, diagram_id = model_of(CELLS // 2)
    scene = DiagramScene(MemoryEditor(state), diagram_id, LIGHT)
    view = DiagramView(scene)
    view.resize(1600, 1000)
    view.show()
    application.processEvents()
    view.look_at(scene.content_rect().center(), 0.5)
    spend(application, 2.0)
    idle = spend(application, SECONDS)
    people = [
        Person(participant_id=str(n), user_id=str(n), name=f"Person {n}", colour="#0072b2")
        for n in range(PEOPLE)
    ]
    view.company.set_people(people)
    middle, turn, timer = scene.content_rect().center(), 0, QTimer()

    def tell() -> None:
        nonlocal turn
        turn += 1
        for n, person in enumerate(people):
            angle, far = turn / 20 + n, 60.0 + 14 * n
            at = middle + QPointF(math.cos(angle), math.sin(angle)) * far
            place = Point(at.x(), at.y())
            view.company.hear_cursor(
                CursorAt(participant_id=person.participant_id, diagram_id=diagram_id, position=place)
            )

    timer.timeout.connect(tell)
    timer.start(33)
    busy = spend(application, SECONDS)
    timer.stop()
    view.close_tools()
    view.close()
    scene.close()
    return {"idle_ms_per_second": round(idle, 1), "thread_ms_per_second": round(busy - idle, 1)}


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    print(json.dumps({"people": PEOPLE, "cells": CELLS} | measure(QApplication([]))))
