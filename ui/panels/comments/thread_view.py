"""One thread: its comments, a reply below them, or a new thread that is about to begin."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.changes import ChangeSet
from app.domain.errors import TmiError
from app.domain.patch import Patch
from app.domain.records import Comment
from app.services import comments as threads
from app.services.comments import Anchor, Thread
from app.services.document import Document
from app.services.seen import Seen
from ui.panels.comments.bubble import Bubble
from ui.panels.comments.composer import Composer, People
from ui.panels.comments.words import where
from ui.panels.names import refusal
from ui.theme import ThemeManager


class ThreadView(QWidget):
    """Shows a thread and takes replies. What is being typed is never touched by what others do."""

    back = Signal()
    started = Signal(str)
    jump = Signal(object)  # Anchor
    deleted = Signal(str)
    problem = Signal(str)

    def __init__(
        self, document: Document, theme: ThemeManager, seen: Seen, people: People, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._document, self._theme, self._seen, self._people = document, theme, seen, people
        self.root_id = ""
        self.anchor = Anchor()
        self._fresh: frozenset[str] = frozenset()
        self.bubbles: dict[str, Bubble] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        top = QHBoxLayout()
        self.back_button = QToolButton(self)
        self.back_button.setToolTip("All threads (Esc)")
        self.back_button.setAccessibleName("All threads")
        theme.bind_icon(self.back_button, "chevron-left")
        self.back_button.clicked.connect(self.back)
        self.title = QLabel(self)
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setWordWrap(True)
        self.title.setProperty("role", "heading")
        self.show_button = QPushButton("Show", self)
        self.show_button.setToolTip("Go to what this is on")
        self.show_button.clicked.connect(lambda: self.jump.emit(self.anchor))
        self.resolve_button = QPushButton("Resolve", self)
        self.resolve_button.clicked.connect(self.toggle_resolved)
        top.addWidget(self.back_button)
        top.addWidget(self.title, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.show_button)
        buttons.addWidget(self.resolve_button)
        buttons.addStretch(1)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        body = QWidget()
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(0, 0, theme.px(4), 0)
        self._column.setSpacing(theme.px(6))
        self._column.addStretch(1)
        self._scroll.setWidget(body)
        self._body = body
        self.composer = Composer(theme, people, "Reply", self)
        self.composer.sent.connect(self._send)
        self.composer.typed.connect(self._keep)
        self.composer.left.connect(self.back)
        column.addLayout(top)
        column.addLayout(buttons)
        column.addWidget(self._scroll, 1)
        column.addWidget(self.composer)

    # --- what is shown ---------------------------------------------------------------------------
    def show_thread(self, root_id: str) -> None:
        """Show a thread, with an unfinished reply if there is one."""
        thread = threads.thread_of(self._document.state, root_id)
        if thread is None:
            return
        if thread.root.id != self.root_id:
            self._clear()
            self._fresh = frozenset(c.id for c in thread.comments if self._seen.is_unread(c))
            self.root_id = thread.root.id
            self._name("Reply")
            self.composer.put(self._document.drafts.get(self._draft_key, ""))
        self._show(thread)
        QTimer.singleShot(0, self, self._to_end)

    def show_new(self, anchor: Anchor) -> None:
        """Show an empty thread on something, ready for its first comment."""
        self._clear()
        self.root_id, self.anchor = "", anchor
        self._name("Comment")
        self.composer.put(self._document.drafts.get(self._draft_key, ""))
        self._head()

    def _name(self, name: str) -> None:
        self.composer.text.setAccessibleName(name)
        self.composer.text.setPlaceholderText(f"{name}. @ names somebody, Ctrl+Enter sends")

    @property
    def _draft_key(self) -> str:
        return f"{self.root_id}.reply" if self.root_id else self.anchor.draft_key

    def _clear(self) -> None:
        for bubble in self.bubbles.values():
            self._column.removeWidget(bubble)
            bubble.deleteLater()
        self.bubbles = {}
        self._fresh = frozenset()

    def _show(self, thread: Thread) -> None:
        self.anchor = thread.anchor
        me = self._document.author
        for place, comment in enumerate(thread.comments):
            bubble = self.bubbles.get(comment.id)
            if bubble is None:
                own = threads.same_person(comment.author, me) and not self._document.read_only
                bubble = Bubble(self._theme, self._people, comment, own=own, parent=self._body)
                bubble.edited.connect(self._edit)
                bubble.typed.connect(self._keep_edit)
                bubble.deleted.connect(self._delete)
                self.bubbles[comment.id] = bubble
                draft = self._document.drafts.get(f"{comment.id}.text", "")
                if draft and own:
                    bubble.begin(draft)
            bubble.show_comment(comment, fresh=comment.id in self._fresh)
            if self._column.indexOf(bubble) != place:
                self._column.removeWidget(bubble)
                self._column.insertWidget(place, bubble)
        for comment_id in self.bubbles.keys() - {c.id for c in thread.comments}:
            bubble = self.bubbles.pop(comment_id)
            self._column.removeWidget(bubble)
            bubble.deleteLater()
        self._head(thread)
        if self.isVisible():
            self._seen.mark(self._document.state, thread.comments)

    def _head(self, thread: Thread | None = None) -> None:
        state = self._document.state
        self.title.setText(where(state, self.anchor))
        resolved = thread is not None and thread.root.resolved
        self.resolve_button.setVisible(thread is not None)
        self.resolve_button.setText("Reopen" if resolved else "Resolve")
        fixed = bool(self._document.read_only)
        self.resolve_button.setEnabled(not fixed)
        self.composer.setVisible(not fixed)
        self.show_button.setVisible(
            bool(threads.diagram_of(state, self.anchor)) or state.get(self.anchor.threat_id) is not None
        )

    def _to_end(self) -> None:
        bar = self._scroll.verticalScrollBar()
        bar.setValue(bar.maximum())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back to the list; what is written stays as a draft."""
        if event.key() == Qt.Key.Key_Escape:
            self.back.emit()
        else:
            super().keyPressEvent(event)

    def update_from(self, changes: ChangeSet) -> bool:
        """Keep up with the model. False when the thread is gone."""
        if not self.root_id:
            if any(c.after is None for c in changes.changes):
                self._head()
            return True
        thread = threads.thread_of(self._document.state, self.root_id)
        if thread is None:
            return self._follow_heir(changes)
        if thread.root.id != self.root_id:
            self._rename(thread.root.id)
        arrived = {c.id for c in changes.of_kind("comment") if c.before is None}
        self._fresh |= {c.id for c in thread.comments if c.id in arrived and self._seen.is_unread(c)}
        at_end = self._scroll.verticalScrollBar().value() >= self._scroll.verticalScrollBar().maximum() - 4
        self._show(thread)
        if at_end and arrived:
            QTimer.singleShot(0, self, self._to_end)
        return True

    def _follow_heir(self, changes: ChangeSet) -> bool:
        """The first comment is gone: the thread goes on under the reply that took its place."""
        left = (threads.thread_of(self._document.state, i) for i in self.bubbles)
        thread = next((found for found in left if found is not None), None)
        if thread is None:
            text = self.composer.text.toPlainText()
            if text:
                QGuiApplication.clipboard().setText(text)
                self._document.keep_draft(self._draft_key, "")
                self.problem.emit("The thread was deleted; your unfinished text is in the clipboard.")
            self.root_id = ""
            return False
        self._rename(thread.root.id)
        self._show(thread)
        return True

    def _rename(self, root_id: str) -> None:
        text = self._document.drafts.get(self._draft_key, "")
        if text:
            self._document.keep_draft(self._draft_key, "")
        self.root_id = root_id
        if text:
            self._document.keep_draft(self._draft_key, text)

    # --- changes ---------------------------------------------------------------------------------
    def _apply(self, patch: Patch, title: str) -> str:
        """Apply a patch; "" when it was taken, or the reason."""
        try:
            self._document.apply(patch, title=title)
        except TmiError as error:
            return refusal(error, "The comment")
        return ""

    def _send(self, text: str) -> None:
        document, key = self._document, self._draft_key
        root = document.state.find(Comment, self.root_id)
        author, at = document.author, document.now()
        if root is not None:
            new_id, patch = threads.reply(root, text, author, at)
            reason = self._apply(patch, "reply")
        else:
            new_id, patch = threads.start_thread(self.anchor, text, author, at)
            reason = self._apply(patch, "new comment")
        if reason:
            self.composer.say(reason)
            return
        self.composer.put("")
        document.keep_draft(key, "")
        if root is None:
            self.started.emit(new_id)
        QTimer.singleShot(0, self, self._to_end)

    def _keep(self, text: str) -> None:
        self._document.keep_draft(self._draft_key, text)

    def _keep_edit(self, comment_id: str, text: str) -> None:
        self._document.keep_draft(f"{comment_id}.text", text)

    def _edit(self, comment_id: str, text: str) -> None:
        comment = self._document.state.find(Comment, comment_id)
        bubble = self.bubbles.get(comment_id)
        if comment is None or bubble is None:
            return
        reason = self._apply(threads.edit(comment, text, self._document.now()), "edit comment")
        if reason and bubble.editor is not None:
            bubble.editor.say(reason)
            return
        self._document.keep_draft(f"{comment_id}.text", "")
        bubble.end()

    def _delete(self, comment_id: str) -> None:
        comment = self._document.state.find(Comment, comment_id)
        if comment is None:
            return
        reason = self._apply(threads.delete(comment), "delete comment")
        if reason:
            self.problem.emit(reason)
        else:
            self.deleted.emit("Deleted a comment.")

    def toggle_resolved(self) -> None:
        """Resolve the thread, or open it again."""
        root = self._document.state.find(Comment, self.root_id)
        if root is not None:
            title = "reopen thread" if root.resolved else "resolve thread"
            reason = self._apply(threads.set_resolved(root, not root.resolved), title)
            if reason:
                self.problem.emit(reason)
