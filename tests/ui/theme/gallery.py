"""Draws every styled widget and every icon into one picture, to look at a theme.

Usage: python -m tests.ui.theme.gallery OUT.png [--dark] [--scale 1.5]
"""

import argparse
import os
import sys

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDialogButtonBox,
    QDockWidget,
    QFormLayout,
    QFrame,
    QGridLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QMainWindow,
    QMenu,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QSlider,
    QSpinBox,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QToolBar,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.theme import ThemeManager, ThemeMode, application_icon, icon_names

_SEVERITIES = ("critical", "high", "medium", "low", "none")


def build(manager: ThemeManager) -> QMainWindow:
    """Return a window with one of everything."""
    window = QMainWindow()
    window.setWindowTitle("Gallery")
    _menus(window, manager)
    _tool_bar(window, manager)
    window.setCentralWidget(_centre(manager))
    for title, area, content in (
        ("Model", Qt.DockWidgetArea.LeftDockWidgetArea, _tree(manager)),
        ("Inspector", Qt.DockWidgetArea.RightDockWidgetArea, _fields()),
    ):
        dock = QDockWidget(title, window)
        dock.setWidget(content)
        window.addDockWidget(area, dock)
    _status(window)
    return window


def open_menu(manager: ThemeManager) -> QMenu:
    """Return a menu with icons, shortcuts, ticks, a submenu and disabled entries."""
    menu = QMenu()
    for name, shortcut, enabled in (
        ("undo", "Ctrl+Z", True),
        ("redo", "Ctrl+Shift+Z", False),
        ("copy", "Ctrl+C", True),
        ("delete", "Del", True),
    ):
        action = menu.addAction(manager.icon(name), name.title(), QKeySequence(shortcut))
        action.setEnabled(enabled)
    menu.addSeparator()
    for text, checked in (("Snap to grid", True), ("Show grid", False)):
        action = menu.addAction(text)
        action.setCheckable(True)
        action.setChecked(checked)
    group = QActionGroup(menu)
    for text in ("Light", "Dark"):
        action = menu.addAction(text)
        action.setCheckable(True)
        group.addAction(action)
    action.setChecked(True)
    menu.addMenu("Arrange").addAction("Bring to front")
    return menu


def _menus(window: QMainWindow, manager: ThemeManager) -> None:
    for title in ("File", "Edit", "View", "Arrange", "Help"):
        menu = window.menuBar().addMenu(title)
        menu.addAction(manager.icon("new"), "New")


def _tool_bar(window: QMainWindow, manager: ThemeManager) -> None:
    bar = QToolBar("Tools", window)
    for index, name in enumerate(("select", "pan", "process", "store", "external-entity", "flow")):
        action = QAction(name.title(), bar)
        manager.bind_icon(action, name)
        action.setCheckable(True)
        action.setChecked(index == 2)
        bar.addAction(action)
    bar.addSeparator()
    for name in ("undo", "redo", "zoom-in", "zoom-fit"):
        action = QAction(manager.icon(name), name.title(), bar)
        action.setEnabled(name != "redo")
        bar.addAction(action)
    pick = QToolButton()
    pick.setText("100 %")
    pick.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    pick.setMenu(QMenu(pick))
    bar.addWidget(pick)
    split = QToolButton()
    split.setIcon(manager.icon("align-left"))
    split.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
    split.setMenu(QMenu(split))
    bar.addWidget(split)
    labelled = QToolButton()
    labelled.setText("Share")
    labelled.setIcon(manager.icon("share"))
    labelled.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    bar.addWidget(labelled)
    window.addToolBar(bar)


def _centre(manager: ThemeManager) -> QWidget:
    tabs = QTabWidget()
    tabs.setDocumentMode(True)
    tabs.setTabsClosable(True)
    tabs.setMovable(True)
    split = QSplitter(Qt.Orientation.Vertical)
    split.addWidget(_buttons_and_icons(manager))
    lower = QSplitter(Qt.Orientation.Horizontal)
    lower.addWidget(_table(manager))
    lower.addWidget(_cards(manager))
    split.addWidget(lower)
    tabs.addTab(split, manager.icon("diagram"), "Payments, level 1")
    tabs.addTab(QWidget(), manager.icon("diagram"), "Onboarding")
    tabs.addTab(QWidget(), "Threats")
    return tabs


def _buttons_and_icons(manager: ThemeManager) -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    top = QHBoxLayout()
    badge = QLabel()
    badge.setPixmap(application_icon().pixmap(QSize(64, 64)))
    top.addWidget(badge)
    words = QVBoxLayout()
    for text, role in (("Ordering gyms", "title"), ("Last changed 3 minutes ago", "muted")):
        label = QLabel(text)
        label.setProperty("role", role)
        words.addWidget(label)
    top.addLayout(words)
    for severity in _SEVERITIES:
        label = QLabel(severity.title())
        label.setProperty("badge", severity)
        top.addWidget(label, 0, Qt.AlignmentFlag.AlignVCenter)
    top.addStretch()
    layout.addLayout(top)
    layout.addLayout(_push_buttons(manager))
    layout.addWidget(_toast())
    layout.addLayout(_icon_grid(manager))
    layout.addStretch()
    return page


def _push_buttons(manager: ThemeManager) -> QHBoxLayout:
    row = QHBoxLayout()
    for kind in ("", "primary", "danger", "quiet"):
        for enabled in (True, False):
            button = QPushButton(kind.title() or "Default")
            button.setProperty("kind", kind)
            button.setEnabled(enabled)
            row.addWidget(button)
    chosen = QPushButton("With icon")
    chosen.setIcon(manager.icon("import"))
    row.addWidget(chosen)
    focused = QPushButton("Focused")
    focused.setObjectName("focused")
    row.addWidget(focused)
    row.addStretch()
    return row


def _toast() -> QFrame:
    toast = QFrame()
    toast.setProperty("toast", "true")
    row = QHBoxLayout(toast)
    row.addWidget(QLabel("3 elements deleted"))
    row.addStretch()
    row.addWidget(QPushButton("Undo"))
    return toast


def _icon_grid(manager: ThemeManager) -> QGridLayout:
    grid = QGridLayout()
    for index, name in enumerate(icon_names()):
        picture = QToolButton()
        picture.setIcon(manager.icon(name))
        picture.setIconSize(QSize(manager.px(24), manager.px(24)))
        picture.setToolTip(name)
        picture.setCheckable(True)
        picture.setChecked(index % 11 == 5)
        picture.setEnabled(index % 7 != 3)
        grid.addWidget(picture, index // 20, index % 20)
    grid.setColumnStretch(20, 1)
    return grid


def _table(manager: ThemeManager) -> QTableWidget:
    table = QTableWidget(8, 4)
    table.setHorizontalHeaderLabels(["Threat", "Severity", "Status", "Mitigated"])
    table.setAlternatingRowColors(True)
    table.setShowGrid(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(manager.px(30))
    table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
    for row in range(8):
        for column, text in enumerate((f"Token replay {row}", _SEVERITIES[row % 5], "Open")):
            table.setItem(row, column, QTableWidgetItem(text))
        tick = QTableWidgetItem()
        tick.setCheckState(Qt.CheckState.Checked if row % 2 else Qt.CheckState.Unchecked)
        table.setItem(row, 3, tick)
    table.setSortingEnabled(True)
    table.selectRow(2)
    table.resizeColumnsToContents()
    return table


def _cards(manager: ThemeManager) -> QListWidget:
    cards = QListWidget()
    cards.setProperty("cards", "true")
    for name in ("Payments", "Onboarding", "Hospital records"):
        cards.addItem(name)
        cards.item(cards.count() - 1).setIcon(manager.icon("threat-model"))
    cards.setCurrentRow(1)
    return cards


def _tree(manager: ThemeManager) -> QTreeWidget:
    tree = QTreeWidget()
    tree.ensurePolished()  # row heights are taken from the style when the first row is selected
    tree.setHeaderHidden(True)
    branches: list[QTreeWidgetItem] = []
    for title, name, children in (
        ("Diagrams", "diagram", ("Context", "Payments, level 1")),
        ("Threats", "threat", ("Token replay", "Tampered order")),
        ("Assets", "asset", ()),
        ("Notes", "note", ()),
    ):
        branch = QTreeWidgetItem(tree, [title])
        branches.append(branch)
        branch.setIcon(0, manager.icon(name, accent_on=False))
        for child in children:
            QTreeWidgetItem(branch, [child]).setIcon(0, manager.icon(name, accent_on=False))
    tree.expandItem(branches[0])
    tree.setCurrentItem(branches[1])
    return tree


def _fields() -> QWidget:
    panel = QWidget()
    form = QFormLayout(panel)
    form.addRow("Name", QLineEdit("Order service"))
    empty = QLineEdit()
    empty.setPlaceholderText("Add an alias")
    form.addRow("Alias", empty)
    off = QLineEdit("Not editable")
    off.setEnabled(False)
    form.addRow("Id", off)
    wrong = QLineEdit("no such host")
    wrong.setProperty("invalid", "true")
    form.addRow("Address", wrong)
    combo = QComboBox()
    combo.addItems(["Process", "Store", "External entity"])
    form.addRow("Kind", combo)
    editable = QComboBox()
    editable.setEditable(True)
    editable.addItems(["TLS 1.3", "mTLS"])
    form.addRow("Protocol", editable)
    form.addRow("Port", QSpinBox(value=43, maximum=99))
    form.addRow("Note", QPlainTextEdit("Runs in the\nsecond zone."))
    form.addRow(_ticks())
    for thin in (False, True):
        bar = QProgressBar(value=60)
        bar.setProperty("thin", "true" if thin else "false")
        bar.setTextVisible(not thin)
        form.addRow("Import", bar)
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setValue(40)
    form.addRow("Zoom", slider)
    form.addRow(QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel))
    return panel


def _ticks() -> QGroupBox:
    group = QGroupBox("Properties")
    layout = QGridLayout(group)
    for index, (state, enabled) in enumerate(
        (
            (Qt.CheckState.Unchecked, True),
            (Qt.CheckState.Checked, True),
            (Qt.CheckState.PartiallyChecked, True),
            (Qt.CheckState.Checked, False),
        )
    ):
        box = QCheckBox("Encrypted")
        box.setTristate(state is Qt.CheckState.PartiallyChecked)
        box.setCheckState(state)
        box.setEnabled(enabled)
        layout.addWidget(box, index, 0)
        radio = QRadioButton("Public")
        radio.setAutoExclusive(False)
        radio.setChecked(index % 2 == 1)
        radio.setEnabled(enabled)
        layout.addWidget(radio, index, 1)
    return group


def _status(window: QMainWindow) -> None:
    bar = window.statusBar()
    bar.addWidget(QLabel("Saved"))
    for text, role in (("2 warnings", "warning"), ("100 %", "")):
        label = QLabel(text)
        label.setProperty("role", role)
        bar.addPermanentWidget(label)


def main(arguments: list[str]) -> int:
    """Grab the gallery, with an open menu pasted into its corner, into a PNG file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--scale", type=float, default=1.0)
    options = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication(sys.argv[:1])
    mode = ThemeMode.DARK if options.dark else ThemeMode.LIGHT
    manager = ThemeManager(application, mode, options.scale)
    window = build(manager)
    window.resize(1360, 900)
    window.show()
    window.activateWindow()
    focused = window.findChild(QPushButton, "focused")
    assert focused is not None
    focused.setFocus(Qt.FocusReason.TabFocusReason)
    menu = open_menu(manager)
    menu.setParent(window, Qt.WindowType.Widget)
    menu.setGeometry(QRect(QPoint(12, window.height() // 3), menu.sizeHint()))
    menu.setActiveAction(menu.actions()[2])
    menu.show()
    application.processEvents()
    return 0 if window.grab().save(options.out) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
