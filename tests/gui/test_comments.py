"""Comments from the first click to the next start, with real events on real windows."""

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from app.domain.patch import Origin, add, remove
from app.domain.records import Cell, Comment
from app.services.comments import Anchor, start_thread
from canvas.pins.layer import PinLayer
from tests.gui import hands
from tests.gui.conftest import Start
from ui.model.window import ModelWindow
from ui.panels.comments.words import marked_up
from ui.program import Program

ENTER, ESC = Qt.Key.Key_Return, Qt.Key.Key_Escape


@pytest.fixture
def window(program: Program, qtbot: QtBot) -> ModelWindow:
    """A window on the first sample."""
    program.open_sample("tmi.tmi.json")
    return hands.shown(qtbot, next(iter(program.windows.values())))


def node(window: ModelWindow) -> Cell:
    """A node that nothing covers."""
    assert window.page is not None
    cells = window.document.state.cells(window.page.diagram_id)
    return next(c for c in cells if not c.is_line and not c.is_boundary)


def comments(window: ModelWindow) -> list[Comment]:
    """All comments of the model, oldest first."""
    return sorted(window.document.state.all(Comment), key=lambda c: (c.written_at, c.id))


def layer(window: ModelWindow) -> PinLayer:
    """The pins of the diagram in front."""
    assert window.page is not None
    return window.commenting.layers[window.page.diagram_id]


def pin_place(window: ModelWindow, root: Comment) -> QPoint:
    """Where the pin of a thread is in the viewport."""
    box = layer(window).box_of(root.id)
    assert not box.isNull()
    return box.center().toPoint()


def click_pin(window: ModelWindow, root: Comment) -> None:
    """Click the pin of a thread."""
    assert window.page is not None
    viewport = window.page.view.viewport()
    QTest.mouseMove(viewport, pin_place(window, root))
    QTest.mouseClick(viewport, hands.LEFT, Qt.KeyboardModifier.NoModifier, pin_place(window, root))


def write(text: str) -> None:
    """Type into the composer and send."""
    hands.type_text(text)
    hands.press(hands.focus(), ENTER, hands.CTRL)


def comment_on(window: ModelWindow, cell: Cell, text: str) -> Comment:
    """Take the tool, click the element, write."""
    assert window.page is not None
    view = window.page.view
    view.setFocus()
    hands.press(view, Qt.Key.Key_K)
    hands.click(view, *hands.middle(cell))
    write(text)
    return comments(window)[-1]


def from_bob(window: ModelWindow, cell: Cell | None, text: str, reply_to: str = "") -> str:
    """A comment that comes from somebody else."""
    diagram = window.page.diagram_id if window.page is not None else None
    anchor = Anchor(diagram, cell.id if cell is not None else None, None, 10, 10)
    new_id, patch = start_thread(anchor, text, "bob", "2026-01-01T10:00:00Z")
    if reply_to:
        data = {"text": text, "author": "bob", "written_at": "2999-01-01", "reply_to": reply_to}
        patch = (add("comment", new_id, data),)
    window.document.apply(patch, Origin.REMOTE)
    QApplication.processEvents()
    return new_id


def test_a_thread_from_the_first_click_to_resolved_and_back(window: ModelWindow, qtbot: QtBot) -> None:
    cell = node(window)
    root = comment_on(window, cell, "Who may call this?")
    assert (root.text, root.author, root.cell_id) == ("Who may call this?", "tester", cell.id)
    assert root.written_at.endswith("Z")
    assert window.commenting.panel.shows_thread
    write("Only the gateway")
    reply = comments(window)[-1]
    assert reply.reply_to == root.id
    assert window.page is not None
    assert window.page.view.desk.tool == "select"
    QTest.mouseClick(window.commenting.panel.view.resolve_button, hands.LEFT)
    assert [c.resolved for c in comments(window)] == [True, False]
    window.actions_set.trigger("undo")
    assert [c.resolved for c in comments(window)] == [False, False]
    window.actions_set.trigger("undo")
    window.actions_set.trigger("undo")
    assert comments(window) == []
    qtbot.waitUntil(lambda: not window.commenting.panel.shows_thread)


def test_names_are_offered_and_taken_by_keyboard(window: ModelWindow, qtbot: QtBot) -> None:
    from_bob(window, None, "hello")
    comment_on(window, node(window), "x")
    hands.type_text("ask @b")
    text = window.commenting.panel.view.composer.text
    qtbot.waitUntil(lambda: text.offers)
    hands.press(text, ENTER)
    assert text.toPlainText() == "ask @bob "
    assert not text.offers
    hands.press(text, ENTER, hands.CTRL)
    assert "ask @bob" in [c.text for c in comments(window)]


def test_esc_keeps_a_draft_and_the_thread_offers_it_again(window: ModelWindow) -> None:
    root = comment_on(window, node(window), "first")
    hands.type_text("half a rep")
    hands.press(hands.focus(), ESC)
    panel = window.commenting.panel
    assert not panel.shows_thread
    assert hands.focus() is panel.threads.list
    hands.press(panel.threads.list, ENTER)
    assert panel.view.composer.text.toPlainText() == "half a rep"
    assert window.document.drafts == {f"{root.id}.reply": "half a rep"}
    write("ly")
    assert window.document.drafts == {}
    assert comments(window)[-1].text == "half a reply"


def test_own_comments_are_edited_and_deleted_with_a_way_back(window: ModelWindow) -> None:
    root = comment_on(window, node(window), "first")
    bubble = window.commenting.panel.view.bubbles[root.id]
    QTest.mouseClick(bubble.edit_button, hands.LEFT)
    write(", better")
    assert comments(window)[0].text == "first, better"
    assert "edited" in bubble.when.text()
    QTest.mouseClick(bubble.delete_button, hands.LEFT)
    assert comments(window) == []
    assert window.toast.text == "Deleted a comment."
    window.toast.act()
    assert [c.text for c in comments(window)] == ["first, better"]


def test_others_comments_cannot_be_edited(window: ModelWindow) -> None:
    other = from_bob(window, node(window), "from afar")
    window.commenting.open_thread(other)
    bubble = window.commenting.panel.view.bubbles[other]
    assert bubble.edit_button.isHidden()
    assert bubble.delete_button.isHidden()


def test_a_pin_opens_its_thread_and_leaves_the_selection_alone(window: ModelWindow) -> None:
    other = from_bob(window, node(window), "from afar")
    assert window.page is not None
    before = window.page.scene.selected
    click_pin(window, comments(window)[0])
    assert window.commenting.panel.view.root_id == other
    assert window.page.scene.selected == before
    assert window.commenting.unread == 0


def test_a_pin_at_a_place_is_dragged_there(window: ModelWindow) -> None:
    from_bob(window, None, "here")
    assert window.page is not None
    view, root = window.page.view, comments(window)[0]
    view.look_at(view.mapToScene(0, 0) * 0, 1.0)
    start = pin_place(window, root)
    QTest.mousePress(view.viewport(), hands.LEFT, Qt.KeyboardModifier.NoModifier, start)
    for step in (10, 40, 60):
        QTest.mouseMove(view.viewport(), start + QPoint(step, step))
    QTest.mouseRelease(view.viewport(), hands.LEFT, Qt.KeyboardModifier.NoModifier, start + QPoint(60, 60))
    moved = comments(window)[0].position
    assert (round(moved.x), round(moved.y)) == (70, 70)
    window.actions_set.trigger("undo")
    assert comments(window)[0].position.x == 10


def test_a_pin_goes_along_with_its_element_and_leaves_its_corner_free(window: ModelWindow) -> None:
    cell = node(window)
    from_bob(window, cell, "from afar")
    assert window.page is not None
    view, root = window.page.view, comments(window)[0]
    window.page.scene.select([cell.id])
    corner = view.mapFromScene(cell.position.x + cell.size.width, cell.position.y)
    assert layer(window).pin_at(corner.toPointF()) is None
    before = layer(window).box_of(root.id)
    window.page.scene.preview_move([cell.id], 50, 0)
    assert layer(window).box_of(root.id).x() > before.x()
    window.page.scene.clear_preview()
    assert layer(window).box_of(root.id) == before


def test_threads_on_one_element_share_a_pin_that_goes_through_them(window: ModelWindow) -> None:
    cell = node(window)
    ids = [from_bob(window, cell, text) for text in ("<b>one</b>", "two")]
    (pin,) = layer(window).pins
    assert pin.mark == "2"
    place = pin_place(window, comments(window)[0])
    assert window.page is not None
    viewport = window.page.view.viewport()
    asked = QHelpEvent(QEvent.Type.ToolTip, place, viewport.mapToGlobal(place))
    QApplication.sendEvent(viewport, asked)
    assert QToolTip.text() == "<qt>bob: &lt;b&gt;one&lt;/b&gt;<br>bob: two</qt>"
    QToolTip.hideText()
    read = []
    for _ in range(3):
        click_pin(window, comments(window)[0])
        read.append(window.commenting.panel.view.root_id)
    assert read == [*ids, ids[0]]
    assert window.commenting.unread == 0


def test_resolved_threads_have_no_pin_unless_they_are_wanted(window: ModelWindow) -> None:
    root = comment_on(window, node(window), "done")
    QTest.mouseClick(window.commenting.panel.view.resolve_button, hands.LEFT)
    hands.press(hands.focus(), ESC)
    window.commenting.panel.show_list()
    assert layer(window).box_of(root.id).isNull()
    window.actions_set.trigger("resolved_comments")
    assert not layer(window).box_of(root.id).isNull()
    window.actions_set.trigger("resolved_comments")


def test_deleting_the_element_leaves_its_thread_at_the_place(window: ModelWindow) -> None:
    cell = node(window)
    root = comment_on(window, cell, "still here")
    window.document.apply((remove("cell", cell.id),), title="delete")
    kept = comments(window)[0]
    assert (kept.text, kept.cell_id) == ("still here", None)
    assert kept.position.x == cell.position.x + cell.size.width
    assert not layer(window).box_of(root.id).isNull()
    window.actions_set.trigger("undo")
    assert comments(window)[0].cell_id == cell.id


def test_remote_comments_appear_without_touching_what_is_being_typed(window: ModelWindow) -> None:
    root = comment_on(window, node(window), "first")
    hands.type_text("half a sent")
    text = window.commenting.panel.view.composer.text
    place = text.textCursor().position()
    other = from_bob(window, None, "a reply", root.id)
    assert other in window.commenting.panel.view.bubbles
    assert text.toPlainText() == "half a sent"
    assert text.textCursor().position() == place
    assert hands.focus() is text
    window.document.apply((remove("comment", root.id),), Origin.REMOTE)
    assert text.toPlainText() == "half a sent"
    assert window.commenting.panel.view.root_id == other
    write("ence")
    assert comments(window)[0].text == "half a sentence"


def test_unread_survives_a_restart(start: Start, qtbot: QtBot) -> None:
    program = start()
    program.open_sample("tmi.tmi.json")
    window = hands.shown(qtbot, next(iter(program.windows.values())))
    model_id = window.document.model_id
    first = from_bob(window, node(window), "one")
    from_bob(window, None, "two")
    assert window.commenting.unread == 2
    assert window.status.unread.text() == "2 unread comments"
    window.commenting.open_thread(first)
    assert window.commenting.unread == 1
    program = start()
    program.open_model(model_id)
    window = hands.shown(qtbot, next(iter(program.windows.values())))
    assert window.commenting.unread == 1
    assert window.docks["comments"].windowTitle() == "Comments (1)"
    hands.press(window, Qt.Key.Key_F8)
    qtbot.waitUntil(lambda: window.commenting.unread == 0)
    assert window.status.unread.isHidden()


def test_filters_and_search_narrow_the_list(window: ModelWindow) -> None:
    from_bob(window, None, "ask @tester about TLS")
    from_bob(window, node(window), "other")
    window.actions_set.trigger("comments")
    rows = window.commenting.panel.threads
    assert rows.list.count() == 2
    rows.filter.setCurrentText("Mentions of me")
    assert rows.list.count() == 1
    rows.filter.setCurrentText("All")
    rows.search.setText("tls bob")
    assert rows.list.count() == 1
    rows.search.setText("nothing like it")
    assert rows.list.count() == 0


def test_a_threat_has_comments_too(window: ModelWindow) -> None:
    window.actions_set.trigger("new_threat")
    (threat_id,) = window.inspector.ids
    window.actions_set.trigger("comment_selection")
    write("Is it real?")
    assert comments(window)[-1].threat_id == threat_id
    assert "Threat" in window.commenting.panel.view.title.text()
    assert window.inspector.comment_button.text() == "1"
    hands.press(hands.focus(), ESC)
    window.docks["inspector"].raise_()
    QTest.mouseClick(window.inspector.comment_button, hands.LEFT)
    assert window.commenting.panel.view.root_id == comments(window)[-1].id


def test_no_markup_gets_through() -> None:
    rich = marked_up("<b>x</b> <img src=file:///x> https://a.example/?a=1&b=2", (), link="#1", mention="#2")
    assert "<b>" not in rich
    assert "<img" not in rich
    assert 'href="https://a.example/?a=1&amp;b=2"' in rich
