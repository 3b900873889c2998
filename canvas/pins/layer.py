"""The pins over one view: painted in pixels of the screen, pressed and dragged before any tool."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QToolTip

from app.domain.changes import ChangeSet
from app.domain.patch import Origin
from app.domain.records import Threat
from canvas.overlays.inks import inks_of
from canvas.pins.painting import CLEAR, SIZE, PinPictures
from canvas.pins.spots import Pin, ThreadsOf, gathered, plain_tip, spot_of
from canvas.view import DiagramView

DRAG: Final = 5.0


class PinLayer(QObject):
    """Shows the threads of one diagram. A press on a pin is the pin's; all else goes to the tools."""

    opened = Signal(object)  # Pin
    moved = Signal(object, QPointF)  # Pin, where it was put

    def __init__(self, view: DiagramView, threads_of: ThreadsOf) -> None:
        super().__init__(view)
        self._view = view
        self._scene = view.diagram_scene
        self._threads_of = threads_of
        self._pins: list[Pin] = []
        self._spots: list[QPointF | None] = []
        self.chosen: str = ""
        self.resolved_shown = False
        self._hot: Pin | None = None
        self._pressed: Pin | None = None
        self._start = QPointF()
        self._drag: QPointF | None = None
        self._pictures = PinPictures(inks_of(self._scene.theme))
        self._unlisten = self._scene.editor.listen(self._heard)
        self._scene.content_changed.connect(self._settle)
        self._scene.preview_changed.connect(self._settle)
        self._scene.theme_changed.connect(self._retheme)
        view.layers.append(self)
        view.viewport().installEventFilter(self)
        self.refresh()

    def close(self) -> None:
        """Stop listening to the model. Safe to call twice."""
        self._unlisten()
        self._pins, self._spots = [], []

    @property
    def pins(self) -> tuple[Pin, ...]:
        """What is on show."""
        return tuple(self._pins)

    def place_of(self, root_id: str) -> QPointF | None:
        """Where in the diagram a thread shows; None while it does not."""
        pin = self._pin_of(root_id)
        return spot_of(self._scene, pin) if pin is not None else None

    def _pin_of(self, root_id: str) -> Pin | None:
        return next((pin for pin in self._pins if root_id in pin.ids), None)

    def box_of(self, root_id: str) -> QRectF:
        """Where in the viewport the pin of a thread is painted; null for none."""
        pin, spot = self._pin_of(root_id), self.place_of(root_id)
        return self._box(pin, spot) if pin is not None and spot is not None else QRectF()

    def show_resolved(self, shown: bool) -> None:
        """Show the pins of resolved threads too, or not."""
        self.resolved_shown = shown
        self.refresh()

    def choose(self, root_id: str) -> None:
        """Point out the thread that is being read; "" for none."""
        if root_id != self.chosen:
            self.chosen = root_id
            self.refresh()

    # --- keeping up ------------------------------------------------------------------------------
    def _heard(self, changes: ChangeSet, _origin: Origin) -> None:
        for change in changes.changes:
            of_threat = isinstance(change.record, Threat) and "cell_id" in change.groups
            if change.record.kind == "comment" or of_threat:
                self.refresh()
                return

    def refresh(self) -> None:
        """Show the threads as they are now."""
        self._update()
        found = self._threads_of(self._scene.editor.state, self._scene.diagram_id)
        self._pins = gathered(
            thread for thread in found
            if self.resolved_shown or not thread.resolved or thread.root_id == self.chosen
        )  # fmt: skip
        self._spots = [spot_of(self._scene, pin) for pin in self._pins]
        self._hot = None
        if self._pressed in self._pins:
            self._pressed = self._pins[self._pins.index(self._pressed)]
        else:
            self._pressed = self._drag = None
        self._update()

    def _settle(self) -> None:
        for place, pin in enumerate(self._pins):
            spot = spot_of(self._scene, pin)
            if spot != self._spots[place]:
                self._update_at(self._spots[place])
                self._spots[place] = spot
                self._update_at(spot)

    def _retheme(self) -> None:
        self._pictures = PinPictures(inks_of(self._scene.theme))
        self._update()

    def _update(self) -> None:
        for spot in self._spots:
            self._update_at(spot)

    def _update_at(self, spot: QPointF | None) -> None:
        if spot is not None:
            at, most = self._view.viewportTransform().map(spot), SIZE + CLEAR + 6
            self._view.viewport().update(
                QRectF(at.x() - 6, at.y() - most, most + 6, most + 6).toAlignedRect()
            )

    # --- painting --------------------------------------------------------------------------------
    def _box(self, pin: Pin, spot: QPointF) -> QRectF:
        at = self._view.viewportTransform().map(spot)
        cell = self._scene.shown(pin.cell_id)
        off = CLEAR if cell is not None and not cell.is_line else 0.0
        return QRectF(at.x() + off, at.y() - SIZE - off, SIZE, SIZE)

    def paint(self, painter: QPainter, exposed: QRectF) -> None:
        """Paint what is in the exposed part, in scene units."""
        if not self._pins:
            return
        area = self._view.viewportTransform().mapRect(exposed).adjusted(-6, -6, 6, 6)
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for pin, spot in zip(self._pins, self._spots, strict=True):
            if pin is self._pressed and self._drag is not None:
                spot = self._drag
            if spot is None:
                continue
            box = self._box(pin, spot)
            if box.intersects(area):
                chosen = self.chosen in pin.ids
                self._pictures.paint(painter, box, pin, chosen=chosen or pin is self._hot)
        painter.restore()

    # --- mouse -----------------------------------------------------------------------------------
    def pin_at(self, place: QPointF) -> Pin | None:
        """The topmost pin at a place of the viewport."""
        for pin, spot in zip(reversed(self._pins), reversed(self._spots), strict=True):
            if spot is not None and self._box(pin, spot).contains(place):
                return pin
        return None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Presses, moves and tool tips on a pin; nothing while a gesture of a tool goes on."""
        kind = event.type()
        if kind is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            pin = self.pin_at(QPointF(event.pos()))
            if pin is not None:
                QToolTip.showText(event.globalPos(), plain_tip(pin.tip), self._view.viewport())
            return pin is not None
        if not isinstance(event, QMouseEvent):
            return False
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            return self._press(event)
        if kind is QEvent.Type.MouseMove:
            return self._move(event)
        if kind is QEvent.Type.MouseButtonRelease:
            return self._release(event)
        return False

    def _press(self, event: QMouseEvent) -> bool:
        desk = self._view.desk
        if event.button() is not Qt.MouseButton.LeftButton or desk.state.is_gesture or desk.tool != "select":
            return False
        self._pressed = self.pin_at(event.position())
        self._start, self._drag = event.position(), None
        return self._pressed is not None

    def _move(self, event: QMouseEvent) -> bool:
        if self._pressed is None:
            free = event.buttons() is Qt.MouseButton.NoButton and not self._view.desk.state.is_gesture
            self._hover(self.pin_at(event.position()) if free else None)
            return self._hot is not None
        if not event.buttons() & Qt.MouseButton.LeftButton:
            self._end_drag()
            return False
        way = (event.position() - self._start).manhattanLength()
        movable = self._pressed.cell_id is None and not self._scene.editor.read_only
        if movable and (self._drag is not None or way > DRAG):
            self._update_at(self._drag)
            origin = spot_of(self._scene, self._pressed) or QPointF()
            self._drag = (
                origin + self._view.scene_point(event.position()) - self._view.scene_point(self._start)
            )
            self._update_at(origin)
            self._update_at(self._drag)
        return True

    def _hover(self, pin: Pin | None) -> None:
        if pin is not self._hot:
            for one in (self._hot, pin):
                self._update_at(spot_of(self._scene, one) if one is not None else None)
            self._hot = pin
            if pin is not None:
                self._scene.set_hovered(None)
                self._view.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
            else:
                self._view.viewport().setCursor(self._view.desk.state.cursor)

    def _end_drag(self) -> None:
        self._update_at(self._drag)
        self._pressed = self._drag = None
        self._update()

    def _release(self, event: QMouseEvent) -> bool:
        pin, put = self._pressed, self._drag
        if pin is None or event.button() is not Qt.MouseButton.LeftButton:
            return False
        self._end_drag()
        if put is not None:
            self.moved.emit(pin, put)
        elif self.pin_at(event.position()) is pin:
            self.opened.emit(pin)
        return True
