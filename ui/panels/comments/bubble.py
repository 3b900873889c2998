"""One comment of a thread: who, when, what, and what its author can do with it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.domain.records import Comment
from app.services.comments import edited_at
from ui.home.times import ago
from ui.panels.comments.composer import Composer, People
from ui.panels.comments.words import first_line, local_time, marked_up, open_link
from ui.theme import ThemeManager


class Bubble(QFrame):
    """Shows a comment; its author edits it in place or deletes it."""

    edited = Signal(str, str)
    typed = Signal(str, str)
    deleted = Signal(str)

    def __init__(
        self, theme: ThemeManager, people: People, comment: Comment, *, own: bool, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._theme, self._people = theme, people
        self.comment = comment
        self.editor: Composer | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.px(4), 0, theme.px(4))
        column.setSpacing(theme.px(2))
        top = QHBoxLayout()
        top.setSpacing(theme.px(4))
        self.who = QLabel(self)
        font = self.who.font()
        font.setBold(True)
        self.who.setFont(font)
        self.who.setTextFormat(Qt.TextFormat.PlainText)
        self.when = QLabel(self)
        self.when.setTextFormat(Qt.TextFormat.PlainText)
        self.when.setProperty("role", "muted")
        top.addWidget(self.who)
        top.addWidget(self.when, 1)
        self.edit_button = self._button("edit", "Edit comment", lambda: self.begin())
        self.delete_button = self._button(
            "delete", "Delete comment", lambda: self.deleted.emit(self.comment.id)
        )
        for button in (self.edit_button, self.delete_button):
            button.setVisible(own)
            top.addWidget(button)
        self.text = QLabel(self)
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.RichText)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.text.linkActivated.connect(open_link)
        column.addLayout(top)
        column.addWidget(self.text)
        self._column = column
        self.show_comment(comment)

    def _button(self, icon: str, name: str, act: object) -> QToolButton:
        button = QToolButton(self)
        button.setAutoRaise(True)
        button.setToolTip(name)
        button.setAccessibleName(name)
        self._theme.bind_icon(button, icon)
        button.clicked.connect(act)
        return button

    def show_comment(self, comment: Comment, *, fresh: bool = False) -> None:
        """Show a comment as it is now. An edit in progress is left alone."""
        self.comment = comment
        self.who.setText(comment.author or "Somebody")
        changed = edited_at(comment)
        words = ago(comment.written_at) + (", edited" if changed else "") + (", new" if fresh else "")
        self.when.setText(words)
        tip = f"Written {local_time(comment.written_at)}"
        self.when.setToolTip(tip + (f"\nEdited {local_time(changed)}" if changed else ""))
        tokens = self._theme.theme.palette
        rich = marked_up(comment.text, self._people(), link=tokens.link, mention=tokens.accent)
        if rich != self.text.text():
            self.text.setText(rich)
        self.setAccessibleName(f"{comment.author}, {words}: {first_line(comment.text, 200)}")
        linked = "<a href=" in rich
        self.text.setFocusPolicy(Qt.FocusPolicy.StrongFocus if linked else Qt.FocusPolicy.ClickFocus)

    def begin(self, draft: str = "") -> None:
        """Edit the text in place, going on with an unfinished one if there is one."""
        if self.editor is None:
            self.editor = Composer(self._theme, self._people, "Edit your comment", self)
            self.editor.send.setText("Save")
            self.editor.sent.connect(lambda text: self.edited.emit(self.comment.id, text))
            self.editor.typed.connect(lambda text: self.typed.emit(self.comment.id, text))
            self.editor.left.connect(self.end)
            self.editor.discarded.connect(self.end)
            self._column.addWidget(self.editor)
            self.editor.hide()
        if self.editor.isHidden():
            self.editor.put(draft or self.comment.text)
        self.text.hide()
        self.editor.show()
        self.editor.text.setFocus()

    def end(self) -> None:
        """Show the comment again."""
        if self.editor is not None:
            self.editor.hide()
        self.text.show()
        self.edit_button.setFocus()
