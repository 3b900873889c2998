"""Sharing from this computer through the windows: begin, a guest by the link, the log, the end."""

import os
import signal

import pytest
from PySide6.QtWidgets import QRadioButton

from app.domain.ids import new_id
from app.domain.patch import add
from app.services.sharing import Watcher
from tests.gui.servers.conftest import Sit
from tests.gui.servers.hands import Desk, answer, press, the, until
from ui.model.window import ModelWindow
from ui.servers.hosting import ServerLog
from ui.servers.share import ShareDialog

pytestmark = pytest.mark.usefixtures("windows_loop")


async def hosting(desk: Desk, name: str = "Workshop") -> tuple[ModelWindow, str]:
    """A model that is shared from its desk by the dialog; its window, and the invite link."""
    window = desk.program.open_model(desk.model(name))
    assert isinstance(window, ModelWindow)
    window.actions_set.trigger("share")
    dialog = await the(ShareDialog)
    (way,) = (one for one in dialog.findChildren(QRadioButton) if one.text() == "This computer")
    assert way.isChecked(), "nobody has to be signed in anywhere"
    await press(dialog.choice.begin)
    await until(lambda: dialog.access is not None and dialog.access.form.make.isVisible())
    assert dialog.access is not None
    form = dialog.access.form
    await press(form.make)
    await until(lambda: form.link.isVisible())
    link = form.link.text()
    assert "sha256=" in link
    assert form.qr.isVisible()
    dialog.reject()
    return window, link


async def guest(desk: Desk, link: str) -> ModelWindow:
    """Somebody who comes by the link."""
    join = desk.connections.join(link, desk.home)
    await press(join.join)
    await until(lambda: bool(desk.program.windows))
    (window,) = desk.program.windows.values()
    await until(lambda: "Live" in window.status.link.text())
    return window


class Told(Watcher):
    """Keeps what people are told."""

    def __init__(self, said: list[str]) -> None:
        self._said = said

    def notice(self, code: str, text: str) -> None:
        self._said.append(text)


def draw(window: ModelWindow) -> str:
    """A node; its id."""
    document, cell_id = window.document, new_id()
    data = {"diagram_id": document.state.diagrams()[0].id, "type": "process", "label": "Drawn"}
    document.apply((add("cell", cell_id, data),), title="draw")
    return cell_id


async def test_from_the_share_dialog_to_the_end(sit: Sit) -> None:
    desk = sit("ada")
    window, link = await hosting(desk)
    await until(lambda: window.status.link.text() == "Live, alone")
    visitor = sit("grace")
    theirs = await guest(visitor, link)
    await until(lambda: window.status.link.text() == "Live, 2 people")
    cell_id = draw(theirs)
    await until(lambda: window.document.state.cell(cell_id) is not None)
    window.actions_set.trigger("server_log")
    log = await the(ServerLog)
    assert log.line.text() == "The server runs."
    assert log.text.toPlainText()
    window.actions_set.trigger("stop_hosting")
    await until(lambda: window.document.attachment is None)
    assert log.line.text() == "The server does not run."
    log.reject()
    await until(lambda: "shared no longer" in window.toast.text)
    assert window.status.link.isHidden()
    assert window.document.state.cell(cell_id) is not None
    await until(lambda: theirs.status.link.text().startswith(("Offline", "Connecting")))
    window.document.undo()
    draw(window)
    desk.program.workspace.library.flush()
    assert desk.program.workspace.library.verify().broken == ()


async def test_closing_with_guests_is_asked_about(sit: Sit) -> None:
    desk = sit("ada")
    assert desk.home.isVisible(), "else the program would end with its last window"
    window, link = await hosting(desk)
    await guest(sit("grace"), link)
    await until(lambda: window.status.link.text() == "Live, 2 people")
    window.close()
    said = await answer("Stop sharing and close")
    assert "One other person" in said
    await until(lambda: not desk.program.windows)
    (summary,) = desk.program.workspace.summaries()
    assert summary.server == ""


async def test_a_server_that_is_killed_is_said_and_runs_again(sit: Sit) -> None:
    desk = sit("ada")
    window, _ = await hosting(desk)
    said: list[str] = []
    assert window.collaboration.shared is not None
    window.collaboration.shared.listen(Told(said))
    hosts = desk.connections.hosts
    assert hosts is not None
    (one,) = hosts.all
    assert one.server is not None
    os.kill(one.server._server.listening.pid, signal.SIGKILL)  # type: ignore[attr-defined]
    await until(lambda: any("runs again" in text for text in said))
    await until(lambda: window.status.link.text() == "Live, alone")


async def test_a_model_that_was_hosted_when_the_program_died_is_hosted_again(sit: Sit) -> None:
    """Its window is opened, and guests find it by the old link."""
    desk = sit("ada")
    window, link = await hosting(desk)
    model_id = window.document.model_id
    hosts = desk.connections.hosts
    assert hosts is not None
    await hosts.close()
    await desk.sharing.close()
    desk.program.close()
    desk.program.workspace.library.close()
    again = sit("ada")
    reopened = again.program.open_model(model_id)
    assert reopened is not None
    await until(lambda: reopened.status.link.text() == "Live, alone")
    await guest(sit("grace"), link)
