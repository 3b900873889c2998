"""Everything that a model's window can do, in one table."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from app.domain import vocabulary as v
from app.domain.edits.arrange import Edge
from canvas import clipboard, commands
from canvas.tools import keys
from ui.actions import Action
from ui.model import doing
from ui.model.people_actions import PEOPLE_ACTIONS

if TYPE_CHECKING:
    from canvas.view import DiagramView
    from ui.model.window import ModelWindow

MENUS: Final = ("&File", "&Edit", "&View", "&Insert", "&Arrange", "&Share", "&Help")
TOOL_BAR: Final = (
    "home", "", "undo", "redo", "", "tool_select", "tool_hand", "tool_comment", "", "align_left",
    "align_center", "align_right", "align_top", "align_middle", "align_bottom", "distribute_h",
    "distribute_v", "", "to_front", "to_back", "", "toggle_grid", "toggle_snap", "", "zoom_out",
    "zoom_fit", "zoom_in", "", "laser", "present", "", "find", "command_palette",
)  # fmt: skip

Run = Callable[["ModelWindow"], object]


def _no_diagram(window: "ModelWindow") -> str:
    return "" if window.page is not None else "Open a diagram first"


def _nothing_to_present(window: "ModelWindow") -> str:
    return "" if window.document.state.diagrams() else "There is no diagram to present"


def _fixed(window: "ModelWindow") -> str:
    return window.document.read_only or _no_diagram(window)


def _unchosen(count: int) -> Callable[["ModelWindow"], str]:
    def blocked(window: "ModelWindow") -> str:
        reason = _fixed(window)
        if reason or window.page is None:
            return reason
        if len(window.page.scene.selected) >= count:
            return ""
        return "Select an element first" if count == 1 else f"Select at least {count} elements first"

    return blocked


def _nothing_chosen(window: "ModelWindow") -> str:
    page = window.page
    return "" if page is not None and page.scene.selected else "Select an element first"


def _nothing_undecided(window: "ModelWindow") -> str:
    return "" if window.document.conflicts else "There is nothing to decide"


def _mine_blocked(window: "ModelWindow") -> str:
    return window.document.read_only or _nothing_undecided(window)


def _theirs_blocked(window: "ModelWindow") -> str:
    return window.document.frozen or _nothing_undecided(window)


def _on_view(act: Callable[["DiagramView"], object]) -> Run:
    def run(window: "ModelWindow") -> None:
        if window.page is not None:
            act(window.page.view)

    return run


def _canvas(
    id: str, title: str, menu: str, act: Callable[["DiagramView"], object], *keys: str,
    icon: str = "", shown: str = "", count: int = 1, group: bool = False,
) -> Action["ModelWindow"]:  # fmt: skip
    """An action that changes chosen elements of the diagram in front."""
    return Action(
        id, title, menu, _on_view(act), keys, shown, icon,
        blocked=_unchosen(count) if count else _fixed, on_canvas=True, starts_group=group,
    )  # fmt: skip


def _viewing(
    id: str, title: str, act: Callable[["DiagramView"], object], *keys: str, icon: str = "",
    shown: str = "", group: bool = False,
) -> Action["ModelWindow"]:  # fmt: skip
    return Action(
        id, title, "View", _on_view(act), keys, shown, icon, blocked=_no_diagram,
        starts_group=group, changes=False,
    )  # fmt: skip


def _tool(tool: str, title: str, key: str, icon: str, group: bool = False) -> Action["ModelWindow"]:
    return Action(
        f"tool_{tool}", title, "Insert", _on_view(lambda view: view.choose_tool(tool)), (), key, icon,
        blocked=_fixed if tool not in ("select", "hand") else _no_diagram,
        checked=lambda window: window.page is not None and window.page.view.desk.tool == tool,
        starts_group=group,
    )  # fmt: skip


def _aligning(edge: Edge) -> Callable[["DiagramView"], object]:
    return lambda view: commands.align(view, edge)


def _routing(way: str, title: str) -> Action["ModelWindow"]:
    return Action(
        f"route_{way}", title, "Arrange", _on_view(lambda view: commands.set_routing(view, way)),
        blocked=_unchosen(1), on_canvas=True,
        checked=lambda w: w.page is not None and commands.routing_of(w.page.view) == way,
    )  # fmt: skip


def _opening(sample: str) -> Run:
    return lambda window: window.shell.open_sample(sample)


def _undo_blocked(window: "ModelWindow") -> str:
    if window.document.read_only:
        return window.document.read_only
    return "" if window.document.undo_title is not None else "There is nothing to undo"


def _redo_blocked(window: "ModelWindow") -> str:
    if window.document.read_only:
        return window.document.read_only
    return "" if window.document.redo_title is not None else "There is nothing to redo"


_FILE: tuple[Action["ModelWindow"], ...] = (
    Action("new", "&New model", "File", lambda w: w.shell.new_model(), ("Ctrl+N",), icon="new"),
    Action("open", "&Open or import…", "File", lambda w: w.shell.choose_files(w), ("Ctrl+O",), icon="open"),
    Action("home", "&Library", "File", lambda w: w.shell.show_home(), ("Ctrl+Shift+L",), icon="home"),
    Action("share", "S&hare…", "File", lambda w: w.shell.share(w), icon="share", starts_group=True,
           blocked=lambda w: w.shell.no_servers, changes=False),
    Action("join", "&Join a shared model…", "File", lambda w: w.shell.join_shared("", w), ("Ctrl+J",),
           icon="link", changes=False),
    Action("servers", "Ser&vers…", "File", lambda w: w.shell.show_servers(),
           blocked=lambda w: w.shell.no_servers, changes=False),
    Action("save", "&Save file", "File", doing.save, ("Ctrl+S",), icon="save", starts_group=True),
    Action("save_as", "Save file &as…", "File", doing.save_as, ("Ctrl+Shift+S",)),
    Action("export_picture", "&Export picture…", "File", doing.export_picture, ("Ctrl+E",),
           icon="export", blocked=_no_diagram),
    Action("import_report", "Import &report", "File", lambda w: w.open_report(),
           blocked=lambda w: "" if w.last_report is not None else "Nothing has been imported here",
           changes=False),
    Action("close", "&Close window", "File", lambda w: w.close(), ("Ctrl+Shift+W",), starts_group=True),
    Action("quit", "&Quit", "File", lambda w: w.shell.quit(), ("Ctrl+Q",)),
)  # fmt: skip

_EDIT: tuple[Action["ModelWindow"], ...] = (
    Action("undo", "&Undo", "Edit", doing.undo, ("Ctrl+Z",), icon="undo", blocked=_undo_blocked),
    Action("redo", "&Redo", "Edit", doing.redo, ("Ctrl+Shift+Z", "Ctrl+Y"), icon="redo",
           blocked=_redo_blocked),
    _canvas("cut", "Cu&t", "Edit", clipboard.cut, "Ctrl+X", icon="cut", group=True),
    Action("copy", "&Copy", "Edit", _on_view(clipboard.copy), ("Ctrl+C",), icon="copy",
           blocked=_nothing_chosen, on_canvas=True),
    _canvas("paste", "&Paste", "Edit", clipboard.paste, "Ctrl+V", icon="paste", count=0),
    _canvas("duplicate", "&Duplicate", "Edit", commands.duplicate_selection, "Ctrl+D", icon="duplicate"),
    Action("copy_style", "Copy st&yle", "Edit", _on_view(commands.copy_style), ("Ctrl+Alt+C",),
           blocked=_nothing_chosen, on_canvas=True),
    _canvas("paste_style", "Paste styl&e", "Edit", commands.paste_style, "Ctrl+Alt+V"),
    _canvas("delete", "De&lete", "Edit", commands.delete_selection, icon="delete", shown="Del"),
    Action("select_all", "Select &all", "Edit", _on_view(commands.select_all), ("Ctrl+A",),
           blocked=_no_diagram, on_canvas=True, starts_group=True),
    _canvas("select_kind", "Select all of this &kind", "Edit", commands.select_kind),
    _canvas("select_connected", "Select c&onnected", "Edit", commands.select_connected),
    Action("select_inverse", "&Invert selection", "Edit", _on_view(commands.select_inverse),
           ("Ctrl+Shift+I",), blocked=_no_diagram, on_canvas=True),
    Action("keep_places", "Undecided places: keep theirs", "Edit",
           lambda w: w.reviewing.keep("theirs", places_only=True), blocked=_theirs_blocked,
           starts_group=True),
    Action("keep_theirs", "Everything undecided: keep theirs", "Edit", lambda w: w.reviewing.keep("theirs"),
           blocked=_theirs_blocked),
    Action("keep_mine", "Everything undecided: keep mine", "Edit", lambda w: w.reviewing.keep("mine"),
           blocked=_mine_blocked),
    Action("find", "&Find…", "Edit", doing.find, ("Ctrl+F",), icon="search", starts_group=True),
    _canvas("edit_label", "Re&name element", "Edit", doing.edit_label, icon="edit",
            shown="F2"),
    Action("command_palette", "Co&mmands…", "Edit", doing.command_palette,
           ("Ctrl+K", "Ctrl+Shift+P"), icon="keyboard"),
)  # fmt: skip

_VIEW: tuple[Action["ModelWindow"], ...] = (
    _viewing("zoom_in", "Zoom &in", lambda view: view.zoom_in(), "Ctrl++", "Ctrl+=", icon="zoom-in"),
    _viewing("zoom_out", "Zoom &out", lambda view: view.zoom_out(), "Ctrl+-", icon="zoom-out"),
    _viewing("zoom_100", "&Actual size", lambda view: view.zoom_to(1.0), "Ctrl+0", icon="zoom-100"),
    _viewing("zoom_fit", "&Fit diagram", lambda view: view.fit_all(), "Ctrl+Shift+H", icon="zoom-fit",
             shown="Shift+1"),
    _viewing("zoom_selection", "Fit &selection", lambda view: view.fit_selection(), shown="Shift+2"),
    Action("toggle_grid", "Show &grid", "View", doing.toggle_grid, ("Ctrl+'",), icon="grid",
           blocked=_no_diagram, checked=lambda w: w.page is not None and w.page.view.grid_shown,
           starts_group=True),
    Action("toggle_snap", "S&nap", "View", doing.toggle_snap, ("Ctrl+Shift+'",), icon="snap",
           blocked=_no_diagram, checked=lambda w: w.page is not None and w.page.view.grid_snap),
    Action("overview", "O&verview", "View", _on_view(lambda view: view.toggle_overview()), (), "M",
           blocked=_no_diagram, checked=lambda w: w.page is not None and w.page.view.overview_shown,
           changes=False),
    Action("new_diagram", "New &diagram", "View", doing.new_diagram, ("Ctrl+T",), icon="diagram",
           blocked=lambda w: w.document.read_only, starts_group=True),
    Action("close_tab", "&Close diagram", "View", lambda w: w.close_current_tab(), ("Ctrl+W",),
           blocked=_no_diagram),
    Action("next_tab", "Ne&xt diagram", "View", lambda w: doing.turn_tab(w, 1), ("Ctrl+PgDown",),
           blocked=_no_diagram),
    Action("previous_tab", "&Previous diagram", "View", lambda w: doing.turn_tab(w, -1),
           ("Ctrl+PgUp",), blocked=_no_diagram),
    Action("threats", "&Threats", "View", lambda w: w.show_register("threat"), ("Ctrl+Shift+T",),
           icon="threat", starts_group=True),
    Action("comments", "Comments", "View", lambda w: w.commenting.show(), ("Ctrl+Shift+M",),
           icon="comment", changes=False),
    Action("next_unread", "Next unread comment", "View", lambda w: w.commenting.next_unread(), ("F8",),
           changes=False),
    Action("read_comments", "Mark all comments as read", "View",
           lambda w: w.commenting.mark_all_read(), changes=False),
    Action("resolved_comments", "Show resolved comments", "View",
           lambda w: w.commenting.toggle_resolved_pins(), changes=False,
           checked=lambda w: w.commenting.resolved_shown),
    Action("review", "What happened while &you were away", "View", lambda w: w.reviewing.show(),
           ("Ctrl+Shift+Y",), icon="clock", changes=False),
    Action("next_conflict", "Next thing to decide", "View", lambda w: w.reviewing.next(), ("F9",),
           changes=False),
    Action("all_ghosts", "Show all of mine that is undecided", "View", lambda w: w.reviewing.toggle_all(),
           blocked=_nothing_undecided, checked=lambda w: w.reviewing.all_shown, changes=False),
    Action("present", "P&resent", "View", lambda w: w.presenting.start(), ("F5",), icon="present",
           blocked=_nothing_to_present, starts_group=True, changes=False),
    Action("present_here", "Present from &here", "View", lambda w: w.presenting.start_here(), ("Shift+F5",),
           blocked=_nothing_to_present, changes=False),
    Action("add_view", "Add to vie&ws", "View", lambda w: w.presenting.add(), ("Ctrl+Shift+V",), icon="plus",
           blocked=_fixed),
    Action("views", "Show views", "View", lambda w: w.around.show("views"), changes=False),
    Action("laser", "&Laser pointer", "View", doing.toggle_laser, (), "X", icon="laser", blocked=_no_diagram,
           checked=lambda w: w.page is not None and w.page.view.laser.is_on, changes=False),
    Action("full_screen", "F&ull screen", "View", doing.toggle_full_screen, ("F11",),
           checked=lambda w: w.isFullScreen()),
)  # fmt: skip

_INSERT: tuple[Action["ModelWindow"], ...] = (
    _tool("select", "&Select", "V", "select"),
    _tool("hand", "&Hand", "H", "hand"),
    _tool(v.PROCESS, "&Process", "P", "process", group=True),
    _tool(v.DATASTORE, "S&tore", "S", "store"),
    _tool(v.EXTERNAL_ENTITY, "&External entity", "E", "external-entity"),
    _tool(v.TRUST_BOUNDARY, "Trust &boundary", "B", "boundary-box"),
    _tool("boundary_line", "Boundary &line", "L", "boundary-line"),
    _tool(v.DATA_FLOW, "Data &flow", "F", "flow"),
    _tool(v.TEXT, "Te&xt", "T", "text"),
    _tool("comment", "Co&mment", "K", "comment", group=True),
    Action("comment_selection", "Comment on selection", "Insert",
           lambda w: w.commenting.comment_on_selection(), ("Ctrl+Alt+M",), icon="comment",
           blocked=lambda w: w.document.read_only),
    Action("new_threat", "&New threat", "Insert", doing.new_threat, ("Ctrl+Shift+N",), icon="threat",
           blocked=lambda w: w.document.read_only, starts_group=True),
    Action("quick_menu", "Element b&y name…", "Insert", _on_view(lambda view: keys.offer(view.desk)), (),
           "N", blocked=_fixed),
)  # fmt: skip

_EDGES: tuple[tuple[Edge, str], ...] = (
    ("left", "Ctrl+Shift+Left"), ("center", "Alt+Shift+H"), ("right", "Ctrl+Shift+Right"),
    ("top", "Ctrl+Shift+Up"), ("middle", "Alt+Shift+V"), ("bottom", "Ctrl+Shift+Down"),
)  # fmt: skip

_ARRANGE: tuple[Action["ModelWindow"], ...] = (
    *(
        _canvas(f"align_{edge}", f"Align {edge}", "Arrange",
                _aligning(edge), key, icon=f"align-{edge}", count=2)
        for edge, key in _EDGES
    ),
    _canvas("distribute_h", "Distribute &horizontally", "Arrange",
            lambda view: commands.distribute(view, "horizontal"), "Ctrl+Alt+Shift+H", icon="distribute-h",
            count=3, group=True),
    _canvas("distribute_v", "Distribute &vertically", "Arrange",
            lambda view: commands.distribute(view, "vertical"), "Ctrl+Alt+Shift+V",
            icon="distribute-v", count=3),
    _canvas("same_size", "Same &size", "Arrange", commands.same_size, count=2),
    _canvas("to_front", "Bring to &front", "Arrange", lambda view: commands.restack(view, "front"),
            "Ctrl+Shift+]", icon="bring-front", group=True),
    _canvas("forward", "Bring for&ward", "Arrange", lambda view: commands.restack(view, "forward"),
            "Ctrl+]", icon="bring-forward"),
    _canvas("backward", "Send bac&kward", "Arrange", lambda view: commands.restack(view, "backward"),
            "Ctrl+[", icon="send-backward"),
    _canvas("to_back", "Send to &back", "Arrange", lambda view: commands.restack(view, "back"),
            "Ctrl+Shift+[", icon="send-back"),
    _canvas("wrap", "Boundary aro&und selection", "Arrange", commands.wrap_selection, "Ctrl+B",
            icon="boundary-box", group=True),
    _canvas("straighten", "Straight&en flow", "Arrange", commands.straighten, group=True),
    _routing("smooth", "Route s&moothly"),
    _routing("straight", "Route s&traight"),
    _routing("orthogonal", "Route at ri&ght angles"),
    _canvas("heal", "Take &out of its flow", "Arrange", commands.delete_healing, shown="Shift+Del"),
    _canvas("reverse_flow", "&Reverse flow", "Arrange", commands.reverse_flows, icon="swap"),
    _canvas("connect", "&Connect", "Arrange", lambda view: keys.connect_selected(view.desk), shown="C"),
    _canvas("lock", "&Lock or unlock", "Arrange", commands.toggle_lock, "Ctrl+Shift+K", icon="lock"),
    Action("change_kind", "Change k&ind…", "Arrange", doing.change_kind, blocked=_unchosen(1)),
)  # fmt: skip

_HELP: tuple[Action["ModelWindow"], ...] = (
    Action("shortcuts", "&Keyboard shortcuts", "Help", doing.shortcuts, ("F1",), "?", icon="keyboard",
           changes=False),
    *(
        Action(f"sample_{key}", f"Sample: {title}", "Help",
               _opening(file), starts_group=key == "tmi", changes=False)
        for key, title, file in doing.sample_entries()
    ),
    Action("about", "&About TMI Desktop", "Help", doing.about, starts_group=True, changes=False),
)  # fmt: skip

TABLE: Final[tuple[Action["ModelWindow"], ...]] = (
    *_FILE, *_EDIT, *_VIEW, *_INSERT, *_ARRANGE, *PEOPLE_ACTIONS, *_HELP,
)  # fmt: skip
