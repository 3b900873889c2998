"""Certificates that nobody vouches for: shown for comparing, trusted only by an explicit step."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from app.ports_network import FoundServer, KnownServer
from ui.servers.labels import label

HOW = (
    "Ask whoever runs the server for the fingerprint of its certificate, not over this connection: by "
    "telephone, or in the room. Compare all of it."
)
COMPARED = "I have compared it: it is the same"


class CertificatePanel(QFrame):
    """What a server shows, what was remembered of it, and the step by which it is trusted."""

    trusted = Signal()

    def __init__(self, title: str, text: str, marks: list[tuple[str, str]], button: str) -> None:
        """`marks` are fingerprints with what each is."""
        super().__init__()
        self.setProperty("banner", "danger" if len(marks) > 1 else "warning")
        layout = QVBoxLayout(self)
        heading = label(title)
        heading.setProperty("role", "error" if len(marks) > 1 else "warning")
        layout.addWidget(heading)
        layout.addWidget(label(text))
        self.marks: list[QLabel] = []
        for what, mark in marks:
            layout.addWidget(label(what, "muted"))
            self.marks.append(_mark(mark))
            layout.addWidget(self.marks[-1])
        layout.addWidget(label(HOW))
        self.compared = QCheckBox(COMPARED)
        self.trust = QPushButton(button)
        self.trust.setEnabled(False)
        self.compared.toggled.connect(self.trust.setEnabled)
        self.trust.clicked.connect(self.trusted)
        layout.addWidget(self.compared)
        row = QHBoxLayout()
        row.addWidget(self.trust)
        row.addStretch(1)
        layout.addLayout(row)


def stranger_panel(found: FoundServer) -> CertificatePanel:
    """Of a server that is met for the first time."""
    return CertificatePanel(
        "Nobody vouches for this server's certificate",
        "That is usual for a server that somebody runs in the local network, and also what you would see if "
        "somebody pretended to be it. Only the certificate itself can tell.",
        [("SHA-256 of the certificate that it shows", found.shown_fingerprint)],
        "Trust this certificate and add the server",
    )


def changed_panel(known: KnownServer, found: FoundServer) -> CertificatePanel:
    """Of a server that shows another certificate than before."""
    before = FoundServer(address=known.address, fingerprint=known.fingerprint).shown_fingerprint
    if found.vouched:
        text = (
            "The authorities that this system trusts vouch for the new one. Nothing is sent to the server "
            "until you trust it."
        )
    else:
        text = (
            "Either the server was given a new certificate, or somebody between you and it pretends to be "
            "it. Nothing is sent to it, and your sign-ins are safe, until you trust the new one."
        )
    return CertificatePanel(
        f"{known.name} shows another certificate than before",
        text,
        [
            ("You trusted", before or "none of its own: an authority vouched for it"),
            ("It shows now", found.shown_fingerprint),
        ],
        "Trust the new certificate",
    )


def _mark(text: str) -> QLabel:
    made = label(text)
    made.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    made.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    made.setAccessibleName(f"Fingerprint {text}")
    return made
