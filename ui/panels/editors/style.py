"""How a cell is drawn where it differs from the theme: colours, line, size of text."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import (
    QColorDialog,
    QFrame,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.fields import Field
from ui.panels.editors.base import Editor, repolish
from ui.panels.editors.choices import CalmCombo
from ui.panels.names import MIXED
from ui.theme import ThemeManager

FILL: Final = "fill"
STROKE: Final = "stroke"
DASH: Final = "dash"
TEXT_COLOUR: Final = "text_color"
FONT_SIZE: Final = "font_size"
WIDTH: Final = "stroke_width"
WIDTHS: Final = ("1", "1.6", "2", "3", "4", "6")
DASHES: Final = {"solid": "Solid", "dashed": "Dashed", "dotted": "Dotted"}
FONT_SIZES: Final = ("9", "10", "11", "12", "13", "14", "16", "18", "20", "24", "32")
# Colours that a diagram keeps whatever the theme: what the user's own pictures are made of.
SWATCHES: Final = (
    "#ffffff", "#d9dde4", "#8a93a0", "#3a4351", "#1b2028", "#000000",
    "#fde2e0", "#fcf2e0", "#fff8cc", "#e3f5e9", "#e0f0ff", "#ece6fd",
    "#d93a2f", "#e0841a", "#c9a400", "#1f8a4c", "#2271d3", "#7446d6",
)  # fmt: skip
_HEX: Final = re.compile(r"#?([0-9a-fA-F]{6})\Z")


def swatch(colour: str, size: int, edge: str) -> QIcon:
    """A square of a colour; an empty one with a stroke through it for none."""
    pixmap = QPixmap(QSize(size, size) * 2)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(edge), 1))
    if colour:
        painter.setBrush(QColor(colour))
    painter.drawRoundedRect(1, 1, size - 2, size - 2, 3, 3)
    if not colour:
        painter.drawLine(3, size - 3, size - 3, 3)
    painter.end()
    return QIcon(pixmap)


class SwatchPopup(QFrame):
    """A few colours, any colour as #rrggbb, and the system's colour dialog."""

    def __init__(self, theme: ThemeManager, choose: Callable[[str], None], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("card", True)
        self._choose = choose
        column = QVBoxLayout(self)
        grid = QGridLayout()
        grid.setSpacing(2)
        edge = theme.theme.palette.border_strong
        side = theme.px(18)
        for place, colour in enumerate(SWATCHES):
            button = QToolButton(self)
            button.setIcon(swatch(colour, side, edge))
            button.setIconSize(QSize(side, side))
            button.setToolTip(colour)
            button.setAccessibleName(colour)
            button.clicked.connect(lambda _=False, c=colour: self._done(c))
            grid.addWidget(button, place // 6, place % 6)
        column.addLayout(grid)
        self.line = QLineEdit(self)
        self.line.setPlaceholderText("#rrggbb")
        self.line.setAccessibleName("Colour as #rrggbb")
        self.line.returnPressed.connect(self._typed)
        column.addWidget(self.line)
        more = QPushButton("More colours…", self)
        more.setProperty("kind", "quiet")
        more.clicked.connect(self._ask)
        column.addWidget(more)

    def _done(self, colour: str) -> None:
        choose = self._choose
        self.close()
        choose(colour)

    def _typed(self) -> None:
        match = _HEX.match(self.line.text().strip())
        if match:
            self._done("#" + match.group(1).lower())
        else:
            self.line.setProperty("invalid", True)
            repolish(self.line)

    def _ask(self) -> None:
        choose, owner = self._choose, self.parentWidget()
        self.close()
        dialog = QColorDialog(owner)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(lambda colour: choose(colour.name()))
        dialog.open()


class ColourButton(QPushButton):
    """Shows a colour and lets one choose another."""

    def __init__(
        self, name: str, theme: ThemeManager, choose: Callable[[str], None], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._theme, self._choose = theme, choose
        self.setAccessibleName(name)
        self.setToolTip(f"Choose the {name.lower()}")
        self.setIconSize(QSize(theme.px(16), theme.px(16)))
        self.setStyleSheet("QPushButton { text-align: left; }")
        self.clicked.connect(self.open_popup)
        self.colour = ""

    def show_colour(self, colour: str, *, mixed: bool = False) -> None:
        """Show a colour by swatch and number, or that it is the theme's, or that there are several."""
        self.colour = colour
        self.setIcon(swatch(colour, self._theme.px(16), self._theme.theme.palette.border_strong))
        self.setText(f" {MIXED if mixed else colour or 'Theme'}")

    def open_popup(self) -> None:
        """Open the choice below the button."""
        popup = SwatchPopup(self._theme, self._choose, self)
        popup.move(self.mapToGlobal(QPoint(0, self.height())))
        popup.show()
        popup.line.setFocus()


class StyleEditor(Editor):
    """Each line of it is a key of the style, with a button that goes back to the theme."""

    def __init__(
        self, field: Field, theme: ThemeManager, *, filled: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(field, parent)
        self._theme = theme
        self._values: Sequence[Mapping[str, str]] = ({},)
        self._resets: dict[str, QToolButton] = {}
        body = QWidget(self)
        self._grid = QGridLayout(body)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(2)
        self._grid.setColumnStretch(1, 1)
        self.colours: dict[str, ColourButton] = {}
        names = ([(FILL, "Fill")] if filled else []) + [(STROKE, "Line"), (TEXT_COLOUR, "Text")]
        for key, name in names:
            button = ColourButton(f"{name} colour", theme, partial(self._set, key), body)
            self.colours[key] = button
            self._row(key, name, button)
        self.dash = self._combo("Line style", DASHES.items())
        self._row(DASH, "Dashes", self.dash)
        self.size_choice = self._combo("Text size", ((s, s) for s in FONT_SIZES))
        self._row(FONT_SIZE, "Text size", self.size_choice)
        self.width_choice = self._combo("Line width", ((w, w) for w in WIDTHS))
        self._row(WIDTH, "Width", self.width_choice)
        self._combos: dict[str, CalmCombo] = {
            DASH: self.dash,
            FONT_SIZE: self.size_choice,
            WIDTH: self.width_choice,
        }
        for key, combo in self._combos.items():
            combo.activated.connect(partial(self._chosen, key))
        first = next(iter(self.colours.values()))
        name_of_first = first.accessibleName()
        self.put(body, focus=first)
        first.setAccessibleName(name_of_first)

    def _combo(self, name: str, items: Any) -> CalmCombo:
        combo = CalmCombo(self)
        combo.setAccessibleName(name)
        combo.setPlaceholderText(MIXED)
        combo.addItem("Theme", None)
        for value, text in items:
            combo.addItem(text, value)
        return combo

    def _row(self, key: str, name: str, widget: QWidget) -> None:
        row = self._grid.rowCount()
        label = QLabel(name, self)
        label.setProperty("role", "muted")
        label.setBuddy(widget)
        reset = QToolButton(self)
        reset.setToolTip("Back to the theme's own")
        reset.setAccessibleName(f"Reset {name.lower()}")
        self._theme.bind_icon(reset, "undo")
        reset.clicked.connect(lambda: self._set(key, None))
        policy = reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        reset.setSizePolicy(policy)
        label.setMinimumWidth(self._theme.px(60))
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(widget, row, 1)
        self._grid.addWidget(reset, row, 2)
        self._resets[key] = reset

    def show_values(self, values: Sequence[Any]) -> None:
        """Show each key that is the same everywhere."""
        self._values = values
        for key, reset in self._resets.items():
            found = {value.get(key) for value in values}
            mixed = len(found) > 1
            value = None if mixed else next(iter(found))
            reset.setVisible(mixed or value is not None)
            if key in self.colours:
                known = value if value and _HEX.match(value) else ""
                self.colours[key].show_colour(known, mixed=mixed)
            else:
                combo = self._combos[key]
                if value is not None and combo.findData(value) < 0:
                    combo.addItem(value, value)
                combo.setCurrentIndex(-1 if mixed else combo.findData(value))

    def retint(self) -> None:
        """The theme has changed: draw the swatches anew."""
        self.show_values(self._values)

    def _chosen(self, key: str, index: int) -> None:
        self._set(key, self._combos[key].itemData(index))

    def _set(self, key: str, value: str | None) -> None:
        self.committed.emit({key: value})
