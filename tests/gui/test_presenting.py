"""Saved views and presenting them: the panel, the whole screen, keys, and what others do meanwhile."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QListWidget, QMenu
from pytestqt.qtbot import QtBot

from app.domain.edits.views import move_view, saved_views
from app.domain.ids import new_id
from app.domain.patch import Origin, add, remove, update
from app.domain.records import Cell, SavedView
from app.domain.values import Point
from canvas.presenting.view import PresentedView
from tests.gui.hands import CTRL, LEFT, SHIFT, click, enter, middle, press, shown, type_text
from ui.model.window import ModelWindow
from ui.presentation.window import PresentationWindow
from ui.program import Program

K = Qt.Key


@pytest.fixture
def window(program: Program, qtbot: QtBot) -> ModelWindow:
    """The sample in its window."""
    program.settings.set("motion", "reduced")
    program.start()
    return shown(qtbot, next(iter(program.windows.values())))


def names(window: ModelWindow) -> list[str]:
    """The views in the panel, which are those of the model."""
    rows = window.around.views.list
    found = [rows.item(row).text() for row in range(rows.count())]
    assert found == [view.name or "Unnamed view" for view in saved_views(window.document.state)]
    return found


def a_view(window: ModelWindow, name: str) -> str:
    """Add a view by its key and type its name."""
    assert window.page is not None
    window.page.view.setFocus()
    press(window.page.view, K.Key_V, CTRL | SHIFT)
    type_text(name)
    enter()
    QApplication.processEvents()
    return saved_views(window.document.state)[-1].id


def nodes(window: ModelWindow) -> list[Cell]:
    """Nodes of the diagram in front, the way they are read."""
    page = window.page
    assert page is not None
    found = [c for c in page.scene.shown_cells() if not c.is_line and not c.is_boundary and c.label]
    return sorted(found, key=lambda c: (c.position.y, c.position.x))


def begin(
    window: ModelWindow, key: Qt.Key = K.Key_F5, held: Qt.KeyboardModifier | None = None
) -> PresentationWindow:
    """Present by key."""
    assert window.page is not None
    press(window.page.view, key, held or Qt.KeyboardModifier.NoModifier)
    found = window.presenting.window
    assert found is not None
    QApplication.processEvents()
    return found


def front(presentation: PresentationWindow) -> PresentedView:
    """The view in front."""
    assert presentation.view is not None
    return presentation.view


def glide(presentation: PresentationWindow, x: int, y: int) -> None:
    """Move the pointer over the presentation, which lies over other windows."""
    handle = presentation.windowHandle()
    assert handle is not None
    QTest.mouseMove(handle, QPoint(x, y))


def lit(view: PresentedView) -> str | None:
    """The element in the spotlight."""
    return view.spotlight.cell_id


def title(presentation: PresentationWindow) -> str:
    """The step on show."""
    assert presentation.step is not None
    return presentation.step.title


# --- the panel -----------------------------------------------------------------------------------
def test_without_views_the_panel_says_what_they_are_for(window: ModelWindow) -> None:
    window.actions_set.trigger("views")
    panel = window.around.views
    assert not panel.list.isVisible()
    assert "Add" in panel._empty.text()
    assert panel._empty.isVisible()


def test_a_view_is_added_named_and_undone(window: ModelWindow) -> None:
    page = window.page
    assert page is not None
    chosen = nodes(window)[0]
    page.scene.select([chosen.id])
    page.view.look_at(QPointF(120, 80), 1.5)
    view_id = a_view(window, "Front door")
    view = window.document.state.find(SavedView, view_id)
    assert view is not None
    assert (view.name, view.zoom, view.spotlight) == ("Front door", 1.5, chosen.id)
    assert abs(view.centre.x - 120) < 1
    assert view.width is not None
    assert abs(view.width * 1.5 - page.view.viewport().width()) < 2
    assert names(window) == ["Front door"]
    window.actions_set.trigger("undo")
    window.actions_set.trigger("undo")
    assert names(window) == []


def test_views_are_moved_by_keys_and_by_dragging(window: ModelWindow, qtbot: QtBot) -> None:
    for name in ("One", "Two", "Three"):
        a_view(window, name)
    rows = window.around.views.list
    press(rows, K.Key_Up, CTRL)
    assert names(window) == ["One", "Three", "Two"]
    assert window.around.views.current_id == saved_views(window.document.state)[1].id
    press(rows, K.Key_Down, CTRL)
    assert names(window) == ["One", "Two", "Three"]
    rows.setCurrentRow(0)
    _drop_below(rows, 2)
    qtbot.waitUntil(lambda: names(window) == ["Two", "Three", "One"])
    window.actions_set.trigger("undo")
    assert names(window) == ["One", "Two", "Three"]
    assert rows.dragDropMode() is QAbstractItemView.DragDropMode.InternalMove


def _drop_below(rows: QListWidget, row: int) -> None:
    """Let the selected row go below another one."""
    box = rows.visualItemRect(rows.item(row))
    mime = rows.mimeData(rows.selectedItems())
    event = QDropEvent(
        QPointF(box.center().x(), box.bottom() - 1), Qt.DropAction.MoveAction, mime, LEFT,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    rows.dropEvent(event)  # sent, it would need a drag that is going on
    assert event.dropAction() is Qt.DropAction.IgnoreAction  # or Qt would take the row away as well


def test_a_view_is_renamed_deleted_and_brought_back(window: ModelWindow) -> None:
    a_view(window, "One")
    a_view(window, "Two")
    rows = window.around.views.list
    press(rows, K.Key_F2)
    type_text("Second")
    enter()
    QApplication.processEvents()
    assert names(window) == ["One", "Second"]
    press(rows, K.Key_F2)
    type_text("Nothing of this")
    press(QApplication.focusWidget() or rows, K.Key_Escape)
    assert names(window) == ["One", "Second"]
    press(rows, K.Key_Delete)
    assert names(window) == ["One"]
    assert "Second" in window.toast.text
    window.toast.act()
    assert names(window) == ["One", "Second"]


def test_others_add_move_and_remove_views_while_one_is_renamed(window: ModelWindow) -> None:
    ids = [a_view(window, name) for name in ("One", "Two", "Three")]
    panel, document = window.around.views, window.document
    panel.rename(ids[1])
    type_text("Typed")
    document.apply((add("saved_view", new_id(), {"name": "Theirs", "order": "1", **_here(window)}),),
                   origin=Origin.REMOTE)  # fmt: skip
    document.apply(move_view(document.state, ids[2], 0), origin=Origin.REMOTE)
    document.apply((update("saved_view", ids[1], name="Meanwhile"),), origin=Origin.REMOTE)
    document.apply((remove("saved_view", ids[0]),), origin=Origin.REMOTE)
    enter()
    QApplication.processEvents()
    assert names(window) == ["Three", "Theirs", "Typed"]


def _here(window: ModelWindow) -> dict[str, object]:
    assert window.page is not None
    return {"diagram_id": window.page.diagram_id}


def test_a_view_is_shown_and_shows_something_else_when_asked_to(window: ModelWindow) -> None:
    page = window.page
    assert page is not None
    page.view.look_at(QPointF(100, 100), 1.5)
    view_id = a_view(window, "Place")
    page.view.look_at(QPointF(900, 400), 0.5)
    rows, panel = window.around.views.list, window.around.views
    enter()
    assert abs(page.view.visible_area().center().x() - 100) < 2
    assert abs(page.view.zoom - 1.5) < 0.05
    page.view.look_at(QPointF(300, 200), 0.8)
    QTest.mouseClick(panel.update_button, LEFT)
    view = window.document.state.find(SavedView, view_id)
    assert view is not None
    assert (round(view.centre.x / 10), view.zoom) == (30, 0.8)
    assert rows.count() == 1


def test_the_spotlight_of_a_view_is_put_and_taken(window: ModelWindow) -> None:
    page = window.page
    assert page is not None
    page.scene.select([])
    view_id = a_view(window, "Place")
    panel = window.around.views
    QTest.mouseClick(panel.spotlight_button, LEFT)
    assert "Select one element" in window.toast.text
    chosen = nodes(window)[1]
    page.scene.select([chosen.id])
    for wanted in (chosen.id, None):
        QTest.mouseClick(panel.spotlight_button, LEFT)
        view = window.document.state.find(SavedView, view_id)
        assert view is not None
        assert view.spotlight == wanted


def test_the_menu_of_a_view_presents_from_there(window: ModelWindow, qtbot: QtBot) -> None:
    a_view(window, "One")
    a_view(window, "Two")
    rows = window.around.views.list
    at = rows.visualItemRect(rows.item(1)).center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, rows.viewport().mapToGlobal(at))
    QApplication.sendEvent(rows.viewport(), event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    next(a for a in menu.actions() if a.text() == "Present from here").trigger()
    menu.close()
    assert window.presenting.window is not None
    assert title(window.presenting.window) == "Two"


# --- the presentation ----------------------------------------------------------------------------
def test_a_remote_goes_through_the_views(window: ModelWindow) -> None:
    for name in ("One", "Two", "Three"):
        a_view(window, name)
    presentation = begin(window)
    assert presentation.isFullScreen()
    seen = []
    for key in (K.Key_PageDown, K.Key_Space, K.Key_Right, K.Key_PageUp, K.Key_Left, K.Key_End, K.Key_Home):
        press(presentation, key)
        seen.append(title(presentation))
    assert seen == ["Two", "Three", "Three", "Two", "One", "Three", "One"]
    assert presentation.caption.text().startswith("1 / 3")
    press(presentation, K.Key_Escape)
    assert window.presenting.window is None


def test_a_step_shows_what_was_seen_when_it_was_saved(window: ModelWindow) -> None:
    page = window.page
    assert page is not None
    chosen = nodes(window)[0]
    page.scene.select([chosen.id])
    page.view.look_at(QPointF(*middle(chosen)), 1.3)
    area = page.view.visible_area()
    a_view(window, "One")
    presentation = begin(window)
    view = front(presentation)
    assert view.visible_area().adjusted(-1, -1, 1, 1).contains(area)
    assert lit(view) == chosen.id
    view.scroll_pixels(300, 0)
    press(presentation, K.Key_0)
    assert view.visible_area().adjusted(-1, -1, 1, 1).contains(area)


def test_without_views_every_diagram_is_a_step(window: ModelWindow) -> None:
    presentation = begin(window)
    diagrams = [d.name for d in window.document.state.diagrams()]
    seen = [title(presentation)]
    for _ in diagrams[1:]:
        press(presentation, K.Key_Space)
        seen.append(title(presentation))
        content = front(presentation).diagram_scene.content_rect()
        assert front(presentation).visible_area().adjusted(-2, -2, 2, 2).contains(content)
    assert seen == diagrams


def test_shift_f5_begins_with_the_diagram_in_front(window: ModelWindow) -> None:
    window.tabs.setCurrentIndex(1)
    presentation = begin(window, K.Key_F5, SHIFT)
    assert title(presentation) == window.document.state.diagrams()[1].name


def test_letters_are_larger_than_in_the_window(window: ModelWindow) -> None:
    presentation = begin(window)
    view, page = front(presentation), window.page
    assert page is not None
    view.zoom_to(0.9)
    view.suit_letters()
    assert view.diagram_scene.theme.text_scale > 1
    assert view.diagram_scene.theme.line_scale > 1
    assert page.scene.theme.text_scale == 1
    view.zoom_to(4.0)
    view.suit_letters()
    assert view.diagram_scene.theme.text_scale == 1


def test_a_click_lights_an_element_and_tab_goes_on(window: ModelWindow) -> None:
    presentation = begin(window)
    view = front(presentation)
    first = nodes(window)[0]
    at = view.mapFromScene(*middle(first))
    QTest.mouseClick(view.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, at)
    assert lit(view) == first.id
    assert not view.spotlight.lit().isEmpty()
    press(presentation, K.Key_Tab)
    assert lit(view) not in (None, first.id)
    press(presentation, K.Key_Tab, SHIFT)
    assert lit(view) == first.id
    at = view.mapFromScene(*middle(first))
    QTest.mouseClick(view.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, at)
    assert lit(view) is None
    assert view.diagram_scene.selected == frozenset()


def test_what_is_outside_the_light_is_dimmed(window: ModelWindow) -> None:
    presentation = begin(window)
    view = front(presentation)
    bright, other = nodes(window)[:2]
    spots = [
        view.mapFromScene(c.position.x + c.size.width / 2, c.position.y + c.size.height - 6)
        for c in (bright, other)
    ]
    before = view.viewport().grab().toImage()
    view.light(bright.id)
    after = view.viewport().grab().toImage()
    assert after.pixelColor(spots[0]) == before.pixelColor(spots[0])
    assert after.pixelColor(spots[1]) != before.pixelColor(spots[1])


def test_dragging_moves_the_diagram_and_changes_nothing(window: ModelWindow) -> None:
    presentation = begin(window)
    view, first = front(presentation), nodes(window)[0]
    before, sequence = view.visible_area(), window.document.sequence_number
    at = view.mapFromScene(*middle(first))
    QTest.mousePress(view.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, at)
    for step in range(1, 6):
        QTest.mouseMove(view.viewport(), at + QPoint(step * 12, 0))
    QTest.mouseRelease(view.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, at + QPoint(60, 0))
    assert abs((before.left() - view.visible_area().left()) * view.zoom - 60) <= 2
    assert window.document.sequence_number == sequence
    assert lit(view) is None


def test_black_white_and_back(window: ModelWindow) -> None:
    for name in ("One", "Two"):
        a_view(window, name)
    presentation = begin(window)
    for key, other in ((K.Key_B, K.Key_B), (K.Key_Period, K.Key_Period), (K.Key_W, K.Key_Space)):
        press(presentation, key)
        assert presentation.blank.isVisible()
        assert presentation.blank.size() == presentation.size()
        press(presentation, other)
        assert not presentation.blank.isVisible()
        assert title(presentation) == "One"


def test_help_is_a_line_that_comes_and_goes(window: ModelWindow) -> None:
    presentation = begin(window)
    QTest.keyClicks(presentation, "?")
    assert not presentation.help.isHidden()
    QTest.keyClicks(presentation, "?")
    assert presentation.help.isHidden()
    assert "Esc" in presentation.help.text()


def test_the_laser_of_a_presentation_is_told_to_others(window: ModelWindow, qtbot: QtBot) -> None:
    presentation = begin(window)
    view, told = front(presentation), list[tuple[object, bool]]()
    view.sharing.pointer.connect(lambda at, laser: told.append((at, laser)))
    glide(presentation, 200, 200)
    QTest.keyPress(presentation, K.Key_L)
    glide(presentation, 260, 220)
    place = view.scene_point(QPointF(260, 220))
    wanted = Point(round(place.x(), 2), round(place.y(), 2))
    qtbot.waitUntil(lambda: bool(told) and told[-1] == (wanted, True))
    assert view.laser.marks()
    QTest.keyRelease(presentation, K.Key_L)
    view.laser.turn(False)
    qtbot.waitUntil(lambda: not told[-1][1])


def test_a_still_pointer_is_hidden(window: ModelWindow, qtbot: QtBot) -> None:
    presentation = begin(window)
    view = front(presentation)
    view._rest.setInterval(1)
    glide(presentation, 200, 210)
    qtbot.waitUntil(lambda: view.viewport().cursor().shape() is Qt.CursorShape.BlankCursor)
    view._rest.setInterval(5000)
    glide(presentation, 230, 210)
    assert view.viewport().cursor().shape() is Qt.CursorShape.ArrowCursor


# --- what others do meanwhile --------------------------------------------------------------------
def test_a_view_that_is_removed_makes_way_for_the_next(window: ModelWindow) -> None:
    ids = [a_view(window, name) for name in ("One", "Two", "Three")]
    presentation = begin(window)
    press(presentation, K.Key_Space)
    window.document.apply((remove("saved_view", ids[1]),), origin=Origin.REMOTE)
    assert title(presentation) == "Three"
    window.document.apply((update("saved_view", ids[2], name="Last"),), origin=Origin.REMOTE)
    assert title(presentation) == "Last"
    diagrams = [d.id for d in window.document.state.diagrams()]
    window.document.apply(tuple(remove("diagram", i) for i in diagrams), origin=Origin.REMOTE)
    assert window.presenting.window is None


def test_others_edit_what_is_presented(window: ModelWindow) -> None:
    presentation = begin(window)
    view, first = front(presentation), nodes(window)[0]
    view.light(first.id)
    window.document.apply((update("cell", first.id, label="Renamed"),), origin=Origin.REMOTE)
    shown_cell = view.diagram_scene.shown(first.id)
    assert shown_cell is not None
    assert shown_cell.label == "Renamed"
    window.document.apply((remove("cell", first.id),), origin=Origin.REMOTE)
    assert view.spotlight.lit().isEmpty()


def test_closing_the_model_ends_its_presentation(window: ModelWindow, program: Program) -> None:
    presentation = begin(window)
    other = program.new_model()
    window.close()
    assert not presentation.isVisible()
    assert other is not None


def test_nothing_to_present_is_said(program: Program, qtbot: QtBot) -> None:
    window = program.new_model()
    assert window is not None
    ids = [d.id for d in window.document.state.diagrams()]
    window.document.apply(tuple(remove("diagram", i) for i in ids))
    assert not window.actions_set.actions["present"].isEnabled()
    window.presenting.start()
    assert window.presenting.window is None
    assert "no diagram" in window.toast.text


# --- motion --------------------------------------------------------------------------------------
def test_reduced_motion_reaches_every_view(window: ModelWindow, program: Program) -> None:
    page = window.page
    assert page is not None
    presentation = begin(window)
    for wanted, calm in (("full", False), ("reduced", True)):
        program.set_motion(wanted)
        assert page.view.company.reduced_motion is calm
        assert front(presentation).company.reduced_motion is calm
    menu = QMenu()
    program.fill_settings_menu(menu)
    sub = next(a.menu() for a in menu.actions() if a.text() == "Reduce motion")
    assert isinstance(sub, QMenu)
    assert [a.text() for a in sub.actions() if a.isChecked()] == ["Always"]
    sub.actions()[2].trigger()
    assert not program.calm
    menu.deleteLater()


def test_a_click_in_the_diagram_means_nothing_while_pointing(window: ModelWindow) -> None:
    page = window.page
    assert page is not None
    window.actions_set.trigger("laser")
    assert window.actions_set.actions["laser"].isChecked()
    click(page.view, *middle(nodes(window)[0]))
    assert page.scene.selected == frozenset()
    press(page.view, K.Key_Escape)
    assert not window.actions_set.actions["laser"].isChecked()


def test_files_from_before_hold_views_without_a_place(window: ModelWindow) -> None:
    window.document.apply((add("saved_view", new_id(), {"zoom": 2, "layers": ["a"]}),))
    assert names(window) == []
