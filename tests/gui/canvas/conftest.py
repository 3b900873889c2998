"""The bench that every canvas test works at."""

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.canvas.bench import Bench


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    """A shown, empty diagram."""
    made = Bench()
    made.show()
    yield made
    made.close()
